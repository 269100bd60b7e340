"""From images, texts, rows and items to the inputs of a model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .errors import MetaMapError

_MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "?", "-", "."}


@dataclass(frozen=True)
class Inputs:
    """Makes a model's inputs of examples, in the units that it was trained in. Call it with a sequence of

    * images: arrays [height, width] or [channels, height, width] of the model's size, uint8 from 0 to 255 or floats from 0 to 1
      (with the built-in characters and digits: bright ink on a dark ground),
    * texts: str,
    * rows of a table: mappings from the names of columns to values; what is missing is filled in as ``metamap adapt`` does,
    * items to rate: their names,
    * vectors, where the data has no names: sequences of numbers.
    """

    shape: str
    """``1x28x28``, ``vector 4`` or ``tokens 128 of 257``."""
    target_length: int
    """Values to predict; 0 for classification."""
    options: Mapping[str, object] = field(repr=False)
    names: Mapping | None = field(default=None, repr=False)
    scales: Mapping | None = field(default=None, repr=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of one input: (channels, height, width), or (length,)."""
        numbers = tuple(map(int, re.findall(r"\d+", self.shape)))
        return numbers[:1] if self.shape.startswith(("vector", "tokens")) else numbers

    def __call__(self, examples: Sequence) -> np.ndarray:
        """Inputs [examples, *sizes], float32; raises MetaMapError where the examples are of another kind or size."""
        if len(examples) == 0:
            raise MetaMapError("there are no examples: give one or more")
        if self.shape.startswith("tokens"):
            # Items by their names, or texts.
            read = self._items if self.options["dataset"] == "ratings" else self._texts
        else:
            read = self._vectors if self.shape.startswith("vector") else self._images
        return self.check(read(examples))

    def check(self, inputs: np.ndarray) -> np.ndarray:
        """Inputs as float32; raises MetaMapError where they do not have the model's sizes."""
        inputs = np.asarray(inputs, np.float32)
        if inputs.ndim == 0 or inputs.shape[1:] != self.sizes:
            raise MetaMapError(f"the inputs are {list(inputs.shape)}, but the model reads [inputs, {', '.join(map(str, self.sizes))}]")
        return inputs

    def target(self, outputs: np.ndarray) -> np.ndarray:
        """Predicted values in the units of the files."""
        if self.scales is None:
            return outputs
        return outputs * np.array(self.scales["target_deviations"]) + np.array(self.scales["target_means"])

    def _images(self, images: Sequence) -> np.ndarray:
        pixels = [_pixels(image) for image in images]
        if different := sorted({image.shape for image in pixels} - {pixels[0].shape}):
            raise MetaMapError(f"the images are {list(pixels[0].shape)} and {list(different[0])}, but the model reads those of {self.shape}: make all of them that size")
        pixels = np.stack([image[None] if image.ndim == 2 else image for image in pixels])
        mean, deviation = (np.float32(self.options.get(key, usual)) for key, usual in (("pixel_mean", 0), ("pixel_std", 1)))
        return (pixels - mean) / deviation

    def _texts(self, texts: Sequence[str]) -> np.ndarray:
        _check_kind(texts, str, "texts")
        length = self.sizes[0]
        result = np.zeros((len(texts), length), np.float32)
        for row, text in zip(result, texts):
            text = text.strip()
            if self.options["text_tokens"] == "bytes":
                tokens = list(text.encode()[:length])
            else:
                tokens = [ord(_lower(character)) for character in text[:length]]
            row[: len(tokens)] = np.array(tokens) + 1
        return result

    def _items(self, items: Sequence[str]) -> np.ndarray:
        _check_kind(items, str, "names of items")
        tokens = {item: i for i, item in enumerate(self._named()["items"], 1)}
        return np.array([[tokens.get(item, 0)] for item in items], np.float32)

    def _vectors(self, rows: Sequence) -> np.ndarray:
        if self.options["dataset"] != "csv":
            return np.array(rows, np.float32).reshape(len(rows), -1)
        _check_kind(rows, Mapping, "rows, by the names of their columns")
        columns = self._named()["columns"]
        values = np.array([[value for column in columns for value in self._cells(row, column)] for row in rows], np.float64).astype(np.float32)
        if self.scales is not None and self.scales["input_means"]:
            # A missing number is the mean of its column.
            means, deviations = np.array(self.scales["input_means"]), np.array(self.scales["input_deviations"])
            values = np.where(np.isnan(values), means.astype(np.float32), values)
            values = (values - means) / deviations
        if np.isnan(values).any():
            raise MetaMapError("a number is missing, and the model does not know the mean of its column: complete the row")
        return values

    def _cells(self, row: Mapping, column: Mapping) -> list[float]:
        name = column["name"]
        if name not in row:
            raise MetaMapError(f"a row has no column {name}, only {', '.join(row)}, and the model was trained on it: add it")
        cell = row[name]
        is_missing = cell is None or str(cell).strip().lower() in _MISSING
        if column["words"]:
            return [float(word == ("" if is_missing else str(cell).strip())) for word in column["words"]]
        try:
            value = np.nan if is_missing else float(cell)
        except ValueError:
            raise MetaMapError(f"a row has '{cell}' in column {name}, expected a number") from None
        return [value, float(is_missing)] if column["has_missing"] else [value]

    def _named(self) -> Mapping:
        if self.names is None:
            raise MetaMapError("the model's file, of an older version, does not name the columns or items that it was trained on: train it again")
        return self.names


def _check_kind(examples: Sequence, kind: type, what: str) -> None:
    if isinstance(examples, (str, bytes, Mapping)) or not all(isinstance(example, kind) for example in examples):
        raise MetaMapError(f"the model reads a list of {what}")


def _pixels(image) -> np.ndarray:
    pixels = np.asarray(image)
    return pixels.astype(np.float32) / (np.float32(255) if pixels.dtype == np.uint8 else np.float32(1))


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character
