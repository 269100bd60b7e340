#!/usr/bin/env python3
"""Meta-gradients in float32 against float64, through `metamap gradient`: 20-way 1-shot and 5-way 5-shot glyph episodes.

    bench/float32.py [episodes]          a line per network: least, median and greatest |g32 - g64| / |g64| over the episodes

The episodes of a run's first meta-batch are exported, and differentiated at the model that its only iteration left.
"""
import array, json, os, struct, subprocess, sys, tempfile

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
episodes = int(sys.argv[1]) if len(sys.argv) > 1 else 5


def metamap(*arguments):
    subprocess.run([os.path.join(root, "metamap"), *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def read(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {name: (entry["dtype"], entry["shape"], data[8 + length + entry["data_offsets"][0]:8 + length + entry["data_offsets"][1]]) for name, entry in header.items()}
    return tensors, metadata


def doubled(source, target):
    tensors, metadata = read(source)
    header, body = {"__metadata__": metadata}, b""
    for name, (dtype, shape, content) in tensors.items():
        if dtype == "F32":
            dtype, content = "F64", array.array("d", array.array("f", content)).tobytes()
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(content)]}
        body += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(target, "wb").write(struct.pack("<Q", len(text)) + text + body)


def values(path):
    kinds = {"F32": "f", "F64": "d"}
    return [value for _, (dtype, _, content) in sorted(read(path)[0].items()) for value in array.array(kinds[dtype], content)]


print("| episodes | network | filters | least | median | greatest |\n| --- | --- | --- | --- | --- | --- |")
for ways, shots in ((20, 1), (5, 5)):
    for model in ("conv4-stride", "conv4"):
        for filters in (8, 20, 48, 64):
            with tempfile.TemporaryDirectory() as folder:
                run = os.path.join(folder, "run")
                metamap("train", "--ways", str(ways), "--shots", str(shots), "--model", model, "--filters", str(filters), "--iterations", "1",
                        "--meta-batch", str(episodes), "--block", "1", "--eval-episodes", "0", "--out", run)
                errors = []
                for episode in range(episodes):
                    e, e64, g, g64 = (os.path.join(folder, f"{name}.safetensors") for name in ("e", "e64", "g", "g64"))
                    metamap("gradient", "--run", run, "--iteration", "1", "--episode", str(episode), "--export", e)
                    doubled(e, e64)
                    model_file = os.path.join(run, "model.safetensors")
                    metamap("gradient", "--model", model_file, "--episode", e, "--out", g)
                    metamap("gradient", "--model", model_file, "--episode", e64, "--out", g64)
                    single, double = values(g), values(g64)
                    errors.append((sum((a - b) ** 2 for a, b in zip(single, double)) / sum(b * b for b in double)) ** 0.5)
                errors.sort()
                print(f"| {ways}-way {shots}-shot | {model} | {filters} | {errors[0]:.1e} | {errors[len(errors) // 2]:.1e} | {errors[-1]:.1e} |", flush=True)
