"""Histograms of oriented gradients: those of the network ``hog-conv4``, and of MetaMap's baseline for images."""

from __future__ import annotations

import numpy as np

_DIRECTIONS = 9
_MOST_CELLS = 8
_CUT = np.float32(0.2)


def histograms(images: np.ndarray) -> np.ndarray:
    """For images [images, channels, height, width]: [images, features], blocks of two by two cells of nine directions."""
    count, _, height, width = images.shape
    rows, columns = (min(max(size // 3, 1), _MOST_CELLS) for size in (height, width))
    dx, dy = _strongest(images)
    magnitude = np.sqrt(dx * dx + dy * dy)
    direction = np.arctan2(dy, dx) / np.float32(np.pi)
    place = np.where(direction < 0, direction + 1, direction) * np.float32(_DIRECTIONS) - np.float32(0.5)
    lower = np.floor(place)
    share = place - lower  # between the two nearest directions, 20 degrees apart
    cell = (np.arange(height) * rows // height * columns)[:, None] + np.arange(width) * columns // width
    start = ((np.arange(count) * rows * columns)[:, None, None] + cell) * _DIRECTIONS
    cells = np.zeros(count * rows * columns * _DIRECTIONS, np.float32)
    for nearest, part in ((lower, 1 - share), (lower + 1, share)):
        np.add.at(cells, (start + nearest.astype(np.int64) % _DIRECTIONS).ravel(), (magnitude * part).ravel())
    cells = cells.reshape(count, rows, columns, _DIRECTIONS)
    corners = [
        cells[:, np.minimum(np.arange(max(1, rows - 1)) + down, rows - 1)][:, :, np.minimum(np.arange(max(1, columns - 1)) + right, columns - 1)]
        for down in (0, 1) for right in (0, 1)
    ]
    blocks = _normalised(np.concatenate(corners, -1))
    return _normalised(np.minimum(blocks, _CUT)).reshape(count, -1)


def _strongest(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each pixel the differences of its neighbours, in the channel where they are greatest; the first of equals."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), "edge")
    dx, dy = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2], padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
    best = (dx * dx + dy * dy).argmax(1)[:, None]
    return np.take_along_axis(dx, best, 1)[:, 0], np.take_along_axis(dy, best, 1)[:, 0]


def _normalised(blocks: np.ndarray) -> np.ndarray:
    return blocks / np.sqrt(np.square(blocks).sum(-1, keepdims=True) + np.float32(1e-6))
