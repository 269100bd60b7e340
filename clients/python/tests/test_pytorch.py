"""Parameters to and from PyTorch; without it only what needs none."""

import pathlib
import tempfile
import unittest
from collections import OrderedDict

import numpy as np

import metamap
from metamap import safetensors
from tests import program

try:
    import torch
except ImportError:
    torch = None


class SaveParametersTests(unittest.TestCase):
    def setUp(self):
        self.path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "start.safetensors"

    def test_modules_are_renamed_and_statistics_left_out(self):
        state = {"net.0.weight": np.ones((2, 1)), "net.0.running_mean": np.ones(2), "net.0.num_batches_tracked": np.array(3), "head.bias": np.ones(3)}
        metamap.save_parameters(self.path, state, names={"net.0": "norm1"})
        self.assertEqual({name: values.shape for name, values in safetensors.read(self.path)[0].items()}, {"norm1.weight": (2, 1), "head.bias": (3,)})

    def test_names_that_do_not_fit_are_refused(self):
        with self.assertRaisesRegex(metamap.MetaMapError, "no module net.1 to rename, only net.0"):
            metamap.save_parameters(self.path, {"net.0.weight": np.ones(2)}, names={"net.1": "conv1"})
        with self.assertRaisesRegex(metamap.MetaMapError, "two parameters would be named conv1.weight"):
            metamap.save_parameters(self.path, {"a.weight": np.ones(2), "b.weight": np.ones(2)}, names={"a": "conv1", "b": "conv1"})
        self.assertFalse(self.path.exists())


@unittest.skipUnless(torch, "needs PyTorch")
class StateDictTests(program.ProgramTestCase):
    def test_module_with_the_same_names_has_the_same_logits(self):
        module = conv4(channels=1, filters=4, ways=5)
        start = self.folder / "start.safetensors"
        metamap.save_parameters(start, module.state_dict())
        model = metamap.load(program.train(
            self.folder / "run", "--dataset", "noise", "--size", 16, "--classes", 40, "--model", "conv4", "--filters", 4, "--init", start, iterations=0
        ))
        inputs = np.random.default_rng(1).random((6, 1, 16, 16), np.float32)
        with torch.no_grad():
            expected = module.train()(torch.from_numpy(inputs)).numpy()
            np.testing.assert_allclose(model.logits(inputs), expected, rtol=1e-5, atol=1e-5)
            other = conv4(channels=1, filters=4, ways=5)
            other.load_state_dict(metamap.state_dict(model), strict=False)
            np.testing.assert_allclose(other.train()(torch.from_numpy(inputs)).numpy(), expected, rtol=1e-5, atol=1e-5)


def conv4(channels, filters, ways):
    """The network in PyTorch, in MetaMap's names."""
    layers = {}
    for i in range(1, 5):
        layers[f"conv{i}"] = torch.nn.Conv2d(channels, filters, 3, padding=1)
        layers[f"norm{i}"] = torch.nn.BatchNorm2d(filters)
        layers[f"relu{i}"] = torch.nn.ReLU()
        layers[f"pool{i}"] = torch.nn.MaxPool2d(2)
        channels = filters
    layers["mean"] = torch.nn.AdaptiveAvgPool2d(1)
    layers["flat"] = torch.nn.Flatten()
    layers["head"] = torch.nn.Linear(filters, ways)
    return torch.nn.Sequential(OrderedDict(layers))
