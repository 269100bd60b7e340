#!/usr/bin/env python3
"""Writes THIRD-PARTY-NOTICES.md: what MetaMap is shipped with, by the restored packages of the program. Call it after a package was added or changed, once all is built."""
import glob, json, os, re

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# Packages that are there while building only, and what is no package of the program's own.
building = {"Akka.Analyzers", "Grpc.Tools", "Microsoft.CodeAnalysis.BannedApiAnalyzers"}
unnamed = {"Hyperion": "Apache-2.0", "LightningDB": "MIT, and OLDAP-2.8 of LMDB"}
others = [
    ("libtorch (libtorch-cpu-linux-x64 and its like; TorchSharp-cuda-linux)", "2.x", "BSD-3-Clause", "https://github.com/pytorch/pytorch"),
    ("uPlot, the charts of the dashboard", "1.6", "MIT", "https://github.com/leeoniya/uPlot"),
    ("onnx.proto, the format of ONNX models", "", "Apache-2.0", "https://github.com/onnx/onnx"),
]


def find(pattern, text):
    found = re.search(pattern, text)
    return found and found.group(1)


def rows():
    with open(os.path.join(root, "src/Cli/obj/project.assets.json")) as file:
        assets = json.load(file)
    folder = next(iter(assets["packageFolders"]))
    for key, library in assets["libraries"].items():
        name, version = key.split("/")
        if library["type"] == "package" and name not in building:
            with open(glob.glob(os.path.join(folder, library["path"], "*.nuspec"))[0], encoding="utf-8-sig") as file:
                text = file.read()
            licence = find(r'<license[^>]*type="expression"[^>]*>([^<]+)', text) or unnamed[name]
            yield name, version, licence, find(r'<repository[^>]*url="([^"]+)"', text) or find(r"<projectUrl>([^<]+)", text) or ""
    yield from others


with open(os.path.join(root, "THIRD-PARTY-NOTICES.md"), "w") as file:
    file.write("# Third-party notices\n\nMetaMap (Apache-2.0, see LICENSE) is shipped with these, each under its own licence, whose text is in its package and at its address. Made by `eng/notices.py`.\n\n"
               "| | version | licence | |\n| --- | --- | --- | --- |\n")
    for row in sorted(rows(), key=lambda row: row[0].lower()):
        file.write("| {} | {} | {} | {} |\n".format(*row))
