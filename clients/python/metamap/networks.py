"""The feature maps of MetaMap's networks: what their heads read. ``docs/LEARNING.md`` describes them.

Each takes parameters by name, inputs in the model's own form, batch norm, and what modulates the hidden layer that the network offers
for it; it returns [inputs, features].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .gradients import histograms
from .layers import BatchNorm, adaptive_average_pool, conv2d, leaky_relu, linear, max_pool, modulate, relu, unit_length
from .ngrams import counts

Parameters = Mapping[str, np.ndarray]
Features = Callable[[Parameters, np.ndarray, BatchNorm, "np.ndarray | None"], np.ndarray]


def conv4(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None, stride: int = 1) -> np.ndarray:
    """Four times convolution, batch norm, ReLU, 2x2 max-pooling; spatial mean."""
    for i in range(1, 5):
        x = norm(f"norm{i}", conv2d(x, p[f"conv{i}.weight"], p[f"conv{i}.bias"], stride, padding=1))
        x = relu(modulate(x, modulation) if i == 3 else x)
        x = max_pool(x) if stride == 1 else x
    return x.mean((2, 3))


def conv4_stride(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """The same with stride 2 instead of pooling."""
    return conv4(p, x, norm, modulation, stride=2)


def hog_conv4(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """Weighed gradient histograms, a linear map of them, and the features of ``conv4`` (of small images, of ``conv4-stride``)."""
    weighed = histograms(x) * np.exp(p["histogram.log-weight"])
    convolved = conv4(p, x, norm, modulation, stride=1 if min(x.shape[2:]) >= 16 else 2)
    return np.concatenate([weighed, weighed @ p["embedding.weight"], convolved * np.exp(p["convolutions.log-scale"])], 1)


def cnn(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """One convolution, pooled to 7x7, a hidden layer."""
    x = adaptive_average_pool(relu(conv2d(x, p["conv.weight"], p["conv.bias"])), 7)
    return relu(modulate(linear(x.reshape(len(x), -1), p["hidden.weight"], p["hidden.bias"]), modulation))


def resnet12(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """Four residual blocks of three convolutions, each with 2x2 max-pooling; spatial mean."""
    for block in range(1, 5):
        y = x
        for layer in range(1, 4):
            y = y if layer == 1 else leaky_relu(y)
            y = norm(f"norm{block}.{layer}", conv2d(y, p[f"conv{block}.{layer}.weight"], padding=1))
        y = y + norm(f"norm{block}.shortcut", conv2d(x, p[f"conv{block}.shortcut.weight"]))
        x = max_pool(leaky_relu(modulate(y, modulation) if block == 3 else y))
    return x.mean((2, 3))


def mlp(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """Fully connected layers with ReLU; none at all is a linear map."""
    x = x.reshape(len(x), -1)
    for i in range(1, 1 + sum(name.startswith("hidden") and name.endswith(".weight") for name in p)):
        x = linear(x, p[f"hidden{i}.weight"], p[f"hidden{i}.bias"])
        x = relu(modulate(x, modulation) if i == 1 else x)
    return x


def ratings_mlp(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """The embedding of an item, fully connected layers with ReLU."""
    return mlp(p, embedded(p, x), norm, modulation)


def text_cnn(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """Convolutions over 3, 4 and 5 embedded tokens, the largest value of each filter over the text, ReLU; token 0 is the zero vector."""
    tokens = x.astype(np.int64)
    table = p["embedding.weight"]
    y = (table[tokens % len(table)] * (tokens > 0)[..., None]).transpose(0, 2, 1)[:, :, None]  # [texts, size, 1, length]
    greatest = [conv2d(y, p[f"conv{width}.weight"][:, :, None], p[f"conv{width}.bias"]).max((2, 3)) for width in (3, 4, 5)]
    return relu(modulate(np.concatenate(greatest, 1), modulation))


def text_ngrams(p: Parameters, x: np.ndarray, norm: BatchNorm, modulation: np.ndarray | None) -> np.ndarray:
    """Weighed counts of character n-grams as vectors of length one, beside a linear map of them."""
    weighed = unit_length(counts(x, len(p["ngrams.log-weight"])) * np.exp(p["ngrams.log-weight"]))
    return np.concatenate([weighed, modulate(weighed @ p["embedding.weight"], modulation)], 1)


def embedded(p: Parameters, x: np.ndarray) -> np.ndarray:
    """The embeddings of items [inputs, 1]."""
    return p["embedding.weight"][x.astype(np.int64)].reshape(len(x), -1)


FEATURES: dict[str, Features] = {
    "conv4": conv4,
    "conv4-stride": conv4_stride,
    "hog-conv4": hog_conv4,
    "cnn": cnn,
    "resnet12": resnet12,
    "mlp": mlp,
    "ratings-mlp": ratings_mlp,
    "text-cnn": text_cnn,
    "text-ngrams": text_ngrams,
}


def skip(network: str, p: Parameters, x: np.ndarray) -> np.ndarray:
    """What hidden layers read, for heads that look past them."""
    return embedded(p, x) if network == "ratings-mlp" else x.reshape(len(x), -1)
