"""The file format, and files that are damaged."""

import hashlib
import json
import pathlib
import struct
import tempfile
import unittest

import numpy as np

import metamap
from metamap import safetensors


def file_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


class SafetensorsTests(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_what_is_written_is_read(self):
        tensors = {"b": np.arange(6, dtype=np.float64).reshape(2, 3).T, "a": np.float32(3), "none": np.zeros((0, 2))}
        safetensors.write(self.folder / "file", tensors, {"key": "value"})
        read, metadata = safetensors.read(self.folder / "file")
        self.assertEqual((set(read), metadata), (set(tensors), {"key": "value"}))
        for name, values in read.items():
            self.assertEqual(values.dtype, np.float32)
            np.testing.assert_array_equal(values, tensors[name])

    def test_types_are_read(self):
        data = struct.pack("<H", 0xBF80) + struct.pack("<e", 0.5) + struct.pack("<q", -3) + b"\x01"
        offsets = {"BF16": [0, 2], "F16": [2, 4], "I64": [4, 12], "BOOL": [12, 13]}
        tensors, _ = safetensors.read(file_of({kind: {"dtype": kind, "shape": [1], "data_offsets": place} for kind, place in offsets.items()}, data))
        self.assertEqual({kind: values.item() for kind, values in tensors.items()}, {"BF16": -1.0, "F16": 0.5, "I64": -3, "BOOL": True})

    def test_damaged_files_are_refused(self):
        one = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
        for file in (
            b"", b"{}", file_of(b"{"), file_of(b"[1]"), file_of({"a": 3}), struct.pack("<Q", 1 << 63) + b"{}",
            file_of({"a": one}, bytes(7)), file_of({"a": {**one, "shape": [3]}}, bytes(8)), file_of({"a": {**one, "dtype": "F8"}}, bytes(8)),
            file_of({"a": {**one, "data_offsets": [0]}}, bytes(8)), file_of({"a": {**one, "shape": [-1]}}, bytes(8)), file_of({"a": {"dtype": "F32"}}, bytes(8)),
        ):
            with self.subTest(file), self.assertRaisesRegex(metamap.MetaMapError, "is not a usable safetensors file"):
                safetensors.read(file)
        with self.assertRaisesRegex(metamap.MetaMapError, "cannot be read: No such file"):
            metamap.load(self.folder / "nowhere")
        with self.assertRaisesRegex(metamap.MetaMapError, "no model that metamap has written"):
            metamap.load(file_of({"a": one}, bytes(8)))
        with self.assertRaisesRegex(metamap.MetaMapError, "do not have the SHA-256"):
            metamap.load(file_of({"a": one, "__metadata__": {"format": "metamap-model", "model_sha256": "0"}}, bytes(8)))
        with self.assertRaisesRegex(metamap.MetaMapError, "its metadata lacks 'options'"):
            metamap.load(file_of({"a": one, "__metadata__": {"format": "metamap-model", "model_sha256": hashlib.sha256(bytes(8)).hexdigest()}}, bytes(8)))
