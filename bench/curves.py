#!/usr/bin/env python3
"""Draws training curves from metrics.jsonl (needs matplotlib: apt-get install python3-matplotlib).

usage: curves.py OUT.svg TITLE NAME=RUN_DIRECTORY [NAME=RUN_DIRECTORY ...]
"""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "metamap"  # the same file from the same figures
from matplotlib import pyplot

POINTS = 150


def series(directory, key):
    lines = [json.loads(line) for line in (pathlib.Path(directory) / "metrics.jsonl").read_text().splitlines()]
    lines = [line for line in lines if line.get(key) is not None]
    window = max(1, len(lines) // POINTS)
    chunks = [lines[i:i + window] for i in range(0, len(lines) - window + 1, window)]
    return [c[-1]["iteration"] for c in chunks], [sum(x[key] for x in c) / len(c) for c in chunks]


def main(out, title, *runs):
    pairs = [run.split("=", 1) for run in runs]
    classification = all(series(d, "query_accuracy_fraction")[0] for _, d in pairs)
    figure, axis = pyplot.subplots(figsize=(7, 3.5))
    for name, directory in pairs:
        x, y = series(directory, "query_accuracy_fraction" if classification else "query_loss")
        axis.plot(x, [1 - value for value in y] if classification else y, label=name, linewidth=1)
    axis.set(title=title, xlabel="meta-iteration", yscale="log",
             ylabel="query error on training classes" if classification else "query loss")
    axis.legend()
    axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
