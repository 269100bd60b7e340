"""Examples as the service takes them: images in base64, texts, rows."""

from __future__ import annotations

import base64
import os
import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from .errors import MetaMapError


def support_body(support: Mapping[str, Sequence] | Sequence[Mapping]) -> list[dict]:
    """Labelled examples, or rows with the value to predict."""
    if isinstance(support, Mapping):
        return [{"label": label, **_body(example)} for label, examples in support.items() for example in examples]
    return [_body(row) for row in support]


def query_body(examples: Sequence) -> dict:
    """Examples to label, all of one kind."""
    bodies = [_body(example) for example in examples]
    kinds = sorted({kind for body in bodies for kind in body})
    if len(kinds) != 1:
        raise MetaMapError(f"the examples are {' and '.join(kind + 's' for kind in kinds) or 'none'}: give one or more of one kind")
    return {f"{kinds[0]}s": [body[kinds[0]] for body in bodies]}


def png(image: np.ndarray) -> bytes:
    """An image as a PNG file: [height, width] or [1 or 3, height, width], uint8 from 0 to 255 or floats from 0 to 1."""
    pixels = np.asarray(image)
    pixels = pixels if pixels.dtype == np.uint8 else np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3 or len(pixels) not in (1, 3) or not pixels.size:
        raise MetaMapError(f"an image is an array {list(pixels.shape)}, expected [height, width] or [1 or 3 channels, height, width]")
    channels, height, width = pixels.shape
    rows = pixels.transpose(1, 2, 0).reshape(height, width * channels)
    filtered = np.pad(rows, ((0, 0), (1, 0)))  # each row begins with its filter, 0 for none
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(filtered.tobytes())) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _body(example) -> dict:
    if isinstance(example, str):
        return {"text": example}
    if isinstance(example, Mapping):
        return {"row": dict(example)}
    if isinstance(example, os.PathLike):
        with open(example, "rb") as file:
            example = file.read()
    file = example if isinstance(example, bytes) else png(example)
    return {"image": base64.b64encode(file).decode()}
