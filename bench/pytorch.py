#!/usr/bin/env python3
"""The works of `metamap bench train` in PyTorch: second-order MAML, 5-way 1-shot, float32, on random images.

    bench/pytorch.py [--work A,B,M] [--device cpu|cuda] [--threads N] [--tasks N] [--seconds S] [--repeats N] [--json]

One episode after the other (loop), and side by side by torch.func.vmap, in turns; a line for each with the median of the
repeats. The networks are those of MetaMap: 3x3 convolutions with padding 1, batch norm by the batch, ReLU, pooling or
strides, spatial mean, linear head. Episodes lie on the device already; nothing is read, sampled or stepped.
"""
import argparse
import json
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as F
    from torch.func import grad, vmap
except ImportError as missing:
    sys.exit(f"pytorch.py needs PyTorch 2, but this Python has none ({missing}); install it: https://pytorch.org/get-started/locally")

WAYS, LAYERS = 5, 4

# Filters, channels, side, whether images are halved by pooling, inner steps, queries a class, inner rate, episodes side by side on a GPU.
WORKS = {
    "A": (64, 1, 28, True, 5, 15, 0.1, 128),
    "B": (64, 1, 28, False, 1, 1, 0.4, 512),
    "M": (32, 3, 84, True, 5, 15, 0.1, 16),
}


def initial(filters, channels, device):
    parameters = []
    for layer in range(LAYERS):
        fan_in = 9 * (filters if layer else channels)
        parameters += [torch.randn(filters, fan_in // 9, 3, 3) * (2 / fan_in) ** 0.5, torch.zeros(filters), torch.ones(filters), torch.zeros(filters)]
    parameters += [torch.randn(WAYS, filters) * 0.01, torch.zeros(WAYS)]
    return [p.to(device) for p in parameters]


class Work:
    def __init__(self, name, device, tasks):
        filters, channels, side, self.pools, self.steps, queries, self.rate, _ = WORKS[name]
        self.theta = initial(filters, channels, device)
        self.support, self.query = (torch.rand(tasks, WAYS * n, channels, side, side, device=device) for n in (1, queries))
        self.support_labels, self.query_labels = (torch.arange(WAYS, device=device).repeat_interleave(n) for n in (1, queries))

    def logits(self, parameters, x):
        for layer in range(LAYERS):
            weight, bias, scale, shift = parameters[4 * layer:4 * layer + 4]
            x = F.conv2d(x, weight, bias, stride=1 if self.pools else 2, padding=1)
            x = F.relu(F.batch_norm(x, None, None, scale, shift, training=True))
            x = F.max_pool2d(x, 2) if self.pools else x
        return F.linear(x.mean((2, 3)), *parameters[4 * LAYERS:])

    def loop(self):
        """The sum of the meta-gradients, one episode after the other."""
        theta = [p.detach().requires_grad_() for p in self.theta]
        for support, query in zip(self.support, self.query):
            fast = theta
            for _ in range(self.steps):
                loss = F.cross_entropy(self.logits(fast, support), self.support_labels)
                fast = [p - self.rate * g for p, g in zip(fast, torch.autograd.grad(loss, fast, create_graph=True))]
            F.cross_entropy(self.logits(fast, query), self.query_labels).backward()
        return [p.grad for p in theta]

    def vmap(self):
        """The same of all episodes side by side. The gradient of the sum of vmap's losses is off by up to 1e-3 with batch norm in PyTorch 2.6."""
        def episode(theta, support, query):
            inner = grad(lambda parameters: F.cross_entropy(self.logits(parameters, support), self.support_labels))
            fast = theta
            for _ in range(self.steps):
                fast = [p - self.rate * g for p, g in zip(fast, inner(fast))]
            return F.cross_entropy(self.logits(fast, query), self.query_labels)

        return [p.sum(0) for p in vmap(grad(episode), (None, 0, 0))(self.theta, self.support, self.query)]


def rate(compute, tasks, device, seconds):
    """Episodes a second, after one call that warms up."""
    def finish():
        compute()
        if device.type == "cuda":
            torch.cuda.synchronize()

    finish()
    start, calls = time.perf_counter(), 0
    while calls == 0 or time.perf_counter() - start < seconds:
        finish()
        calls += 1
    return tasks * calls / (time.perf_counter() - start)


def measure(name, device, tasks, seconds, repeats):
    ways = {"loop": Work(name, device, 4), "vmap": Work(name, device, tasks)}
    rates, peaks = {way: [] for way in ways}, {}
    for turn in range(repeats):
        for way, work in ways.items():
            print(f"{name}, {way}, {turn + 1} of {repeats} ...", file=sys.stderr, flush=True)
            if device.type == "cuda":
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            rates[way].append(rate(getattr(work, way), len(work.support), device, seconds))
            peaks[way] = torch.cuda.max_memory_allocated() >> 20 if device.type == "cuda" else None
    for way, work in ways.items():
        yield {"work": name, "way": way, "tasks": len(work.support), "episodes_per_second": round(statistics.median(rates[way]), 2),
               "least": round(min(rates[way]), 2), "most": round(max(rates[way]), 2), "gpu_mib": peaks[way]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default="A,B", help="works, such as A,M (default A,B)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1, help="of the processor (default 1, as a lane of MetaMap has)")
    parser.add_argument("--tasks", type=int, help="episodes side by side (default 4; on a GPU " + ", ".join(f"{w[-1]} for {name}" for name, w in WORKS.items()) + ")")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement (default 10)")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each way (default 3)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args()
    works = given.work.split(",")
    if unknown := [name for name in works if name not in WORKS]:
        parser.error(f"there is no work {unknown[0]}; choose among {', '.join(WORKS)}")
    if min(given.threads, given.repeats, given.tasks or 1) < 1:
        parser.error("--threads, --repeats and --tasks must be 1 or more")
    if given.device == "cuda" and not torch.cuda.is_available():
        sys.exit("pytorch.py: this PyTorch finds no GPU; leave out --device to compute on the processor")
    torch.set_num_threads(given.threads)
    # float32 as MetaMap computes it, not TF32.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    device = torch.device(given.device)
    place = torch.cuda.get_device_name() if device.type == "cuda" else f"cpu, {given.threads} thread{'s' * (given.threads > 1)}"
    for name in works:
        for row in measure(name, device, given.tasks or (WORKS[name][-1] if device.type == "cuda" else 4), given.seconds, given.repeats):
            row |= {"device": place, "torch": torch.__version__}
            print(json.dumps(row) if given.json else "{work}\t{way}, {tasks} episodes\t{episodes_per_second} episodes/s ({least} to {most})\t{device}, PyTorch {torch}".format(**row)
                  + ("" if row["gpu_mib"] is None else f"\t{row['gpu_mib']} MiB on the GPU"), flush=True)


if __name__ == "__main__":
    main()
