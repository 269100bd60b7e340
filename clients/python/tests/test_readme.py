"""The examples of README.md, one after the other, with a real cluster."""

import contextlib
import io
import os
import pathlib
import re
import unittest.mock

from tests import program
from tests.test_pytorch import torch

EXAMPLES = re.findall(r"^```python\n(.*?)^```", (pathlib.Path(__file__).parents[1] / "README.md").read_text(), re.MULTILINE | re.DOTALL)


class ReadmeTests(program.ProgramTestCase):
    def test_examples_run(self):
        port = program.free_port()
        coordinator = self.start("coordinator", "--no-run", "--runs", self.folder / "runs", "--port", port, "--http-port", 0)
        self.enterContext(unittest.mock.patch.dict(os.environ, METAMAP_URL=coordinator.url))
        self.start("worker", "--coordinator", f"127.0.0.1:{port}", "--threads", 1)
        self.enterContext(contextlib.chdir(self.folder))
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            known = {}
            for example in EXAMPLES:
                if torch or "import torch" not in example:
                    exec(compile(example, "README.md", "exec"), known)
        self.assertIn("\nfinished\nbar {", said.getvalue())
        self.assertIn("\ndash {", said.getvalue())
        self.assertTrue(said.getvalue().endswith("\nfinished\n"), said.getvalue())
