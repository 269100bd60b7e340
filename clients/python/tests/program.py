"""The ``metamap`` program, for tests that need a real one: that of METAMAP_PROGRAM (a .dll), or of this repository."""

import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

_DLL = os.environ.get("METAMAP_PROGRAM")
PROGRAM = ["dotnet", _DLL] if _DLL else [str(pathlib.Path(__file__).parents[3] / "metamap")]


def run(*arguments):
    """Runs a command to its end and returns what it has written to standard output."""
    done = subprocess.run([*PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"metamap {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def train(folder, *options, iterations=2):
    """Trains for a moment and returns the model file."""
    run("train", "--iterations", iterations, "--meta-batch", 2, "--eval-episodes", 0, "--http-port", 0, "--out", folder, *options)
    return pathlib.Path(folder, "model.safetensors")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Node:
    """A process that is ended with the test; ``url`` is its HTTP address, once it has said so."""

    def __init__(self, *arguments):
        self._process = subprocess.Popen([*PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    @property
    def url(self):
        said = ""
        for line in self._process.stderr:
            said += line
            if found := re.search(r"https?://[\d.:]+", line):
                return found[0].rstrip(":")
        raise AssertionError(f"the process ended:\n{said}")

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._process.stderr.close()


class ProgramTestCase(unittest.TestCase):
    """Tests with a folder, and processes that end with them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))

    @classmethod
    def start(cls, *arguments):
        node = Node(*arguments)
        cls.addClassCleanup(node.stop)
        return node
