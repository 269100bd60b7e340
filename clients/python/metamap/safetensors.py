"""The safetensors format: the length of a header, the header as JSON, raw data without gaps."""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Mapping

import numpy as np

from .errors import MetaMapError

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?"}


def read(file: str | os.PathLike | bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Reads a file, or the bytes of one: its tensors in the order of their data, and its metadata.

    bfloat16 becomes float32. Raises MetaMapError where the file is missing or damaged.
    """
    source = "the file" if isinstance(file, bytes) else os.fspath(file)
    try:
        if not isinstance(file, bytes):
            with open(file, "rb") as stream:
                file = stream.read()
        (length,) = struct.unpack_from("<Q", file)
        if length > len(file) - 8:
            raise ValueError(f"its header claims {length} bytes, but only {len(file) - 8} follow")
        header = json.loads(file[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        entries = sorted(header.items(), key=lambda entry: entry[1]["data_offsets"])
        return {name: _tensor(memoryview(file)[8 + length :], **entry) for name, entry in entries}, metadata
    except OSError as error:
        raise MetaMapError(f"{source} cannot be read: {error.strerror}") from error
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MetaMapError(f"{source} is not a usable safetensors file: {error}") from error


def write(path: str | os.PathLike, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> None:
    """Writes tensors as float32 under their names."""
    arrays = {name: np.asarray(tensor, "<f4", order="C") for name, tensor in tensors.items()}
    header: dict = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [end, end + array.nbytes]}
        end += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        stream.writelines(array.tobytes() for array in arrays.values())


def _tensor(data: memoryview, dtype: str, shape: list[int], data_offsets: list[int]) -> np.ndarray:
    begin, end = data_offsets
    raw = data[begin:end]
    if dtype == "BF16":  # the upper half of a float32
        values = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
    elif dtype in _DTYPES:
        values = np.frombuffer(raw, _DTYPES[dtype])
    else:
        raise ValueError(f"it has a tensor of the unknown type {dtype}")
    if values.size != math.prod(shape):
        raise ValueError(f"a tensor of shape {shape} has {len(raw)} bytes")
    return values.reshape(shape)
