"""Layers of networks in numpy, as PyTorch defines them. Images are [images, channels, height, width]."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

EPSILON = 1e-5  # of batch norm, as in PyTorch
SHORTEST = 1e-6  # vectors below this length are as good as zero


class BatchNorm:
    """Batch norm by the statistics of the batch, or by given ones; remembers those of the batch.

    ``given`` has a mean and a (biased) variance [channels] for each batch norm, in the order in which the network comes to them.
    """

    def __init__(self, parameters: dict, given: list | None = None):
        self._parameters, self._given = parameters, given
        self.seen: list[tuple[np.ndarray, np.ndarray]] = []

    def __call__(self, name: str, x: np.ndarray) -> np.ndarray:
        if self._given is None:
            mean, variance = x.mean((0, 2, 3), np.float64), x.var((0, 2, 3), np.float64)
        else:
            mean, variance = self._given[len(self.seen)]
        self.seen.append((np.asarray(mean, np.float32), np.asarray(variance, np.float32)))
        scale = self._parameters[f"{name}.weight"] / np.sqrt(variance + EPSILON)
        return (x - _per_channel(mean, x)) * _per_channel(scale, x) + _per_channel(self._parameters[f"{name}.bias"], x)


def conv2d(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Cross-correlation with filters [filters, channels, height, width]."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, weight.shape[2:], (2, 3))[:, :, ::stride, ::stride]  # [images, channels, rows, columns, height, width]
    y = np.stack([np.tensordot(weight, image, ((1, 2, 3), (0, 3, 4))) for image in windows])
    return y if bias is None else y + _per_channel(bias, y)


def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """From [inputs, length] to [inputs, outputs]."""
    return x @ weight.T + bias


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def leaky_relu(x: np.ndarray, slope: float = 0.1) -> np.ndarray:
    return np.where(x > 0, x, np.float32(slope) * x)


def max_pool(x: np.ndarray) -> np.ndarray:
    """The largest of each 2x2 pixels; an odd last row or column is left out."""
    images, channels, height, width = x.shape
    x = x[:, :, : height // 2 * 2, : width // 2 * 2]
    return x.reshape(images, channels, height // 2, 2, width // 2, 2).max((3, 5))


def adaptive_average_pool(x: np.ndarray, side: int) -> np.ndarray:
    """Means over side x side parts of an image that cover it, and overlap where they must."""
    rows, columns = (_parts(size, side) for size in x.shape[2:])
    return rows @ x @ columns.T


def modulate(x: np.ndarray, modulation: np.ndarray | None) -> np.ndarray:
    """Scales and shifts each channel (FiLM): the first half of ``modulation`` are scales minus 1, the second half shifts."""
    if modulation is None:
        return x
    scale, shift = np.split(modulation, 2)
    return x + x * _per_channel(scale, x) + _per_channel(shift, x)


def unit_length(x: np.ndarray) -> np.ndarray:
    """Vectors [..., size] over their lengths."""
    return x / np.maximum(np.sqrt(np.square(x).sum(-1, keepdims=True)), np.float32(SHORTEST))


def softmax(x: np.ndarray) -> np.ndarray:
    """From logits [inputs, classes] to probabilities."""
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _per_channel(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(values, x.dtype).reshape(-1, *[1] * (x.ndim - 2))


def _parts(size: int, parts: int) -> np.ndarray:
    means = np.zeros((parts, size), np.float32)
    for i in range(parts):
        first, end = i * size // parts, -(-(i + 1) * size // parts)
        means[i, first:end] = 1 / (end - first)
    return means
