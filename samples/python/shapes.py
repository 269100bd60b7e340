#!/usr/bin/env python3
"""A model is trained by metamap, and adapted in Python, with numpy alone, to drawings that it never saw. See README.md here.

    samples/python/shapes.py [model.safetensors]
"""
import os, pathlib, shlex, subprocess, sys, tempfile

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "clients" / "python"))
import metamap
import numpy as np

SIDE = 28


def drawing(shape, chance):
    """Bright ink on a dark ground, a little elsewhere each time."""
    x, y = np.meshgrid(np.arange(SIDE) - SIDE / 2 - chance.uniform(-2, 2), np.arange(SIDE) - SIDE / 2 - chance.uniform(-2, 2))
    size = chance.uniform(7, 10)
    near = {
        "ring": np.abs(np.hypot(x, y) - size),
        "cross": np.where(np.maximum(abs(x), abs(y)) < size, np.minimum(abs(x), abs(y)), SIDE),
        "box": np.abs(np.maximum(abs(x), abs(y)) - size),
        "slash": np.where(np.maximum(abs(x), abs(y)) < size, abs(x + y) / 2 ** .5, SIDE),
        "tee": np.where(np.maximum(abs(x), abs(y)) < size, np.minimum(abs(x), abs(y + size - 2)), SIDE),
    }[shape]
    return (near < 1.5).astype(float)


def trained(folder):
    """A small model for five classes, from characters that metamap draws itself."""
    program = shlex.split(os.environ.get("METAMAP", str(root / "metamap")))
    subprocess.run([*program, "train", "--dataset", "glyphs", "--algorithm", "protonet", "--iterations", os.environ.get("ITERATIONS", "300"),
                    "--eval-episodes", "0", "--http-port", "0", "--out", folder], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "model.safetensors")


with tempfile.TemporaryDirectory() as folder:
    model = metamap.load(sys.argv[1] if len(sys.argv) > 1 else trained(os.path.join(folder, "run")))
    chance, shapes = np.random.default_rng(1), ["ring", "cross", "box", "slash", "tee"]
    adapted = model.adapt({shape: [drawing(shape, chance) for _ in range(5)] for shape in shapes})
    right = 0
    for shape in shapes:
        predicted = [prediction["label"] for prediction in adapted.predict([drawing(shape, chance) for _ in range(20)])]
        right += predicted.count(shape)
        print(f"{shape:5} {predicted.count(shape)} of 20 right")
    print(f"{right} of {20 * len(shapes)} right after 5 examples of each")
