"""Character n-grams of texts, as buckets of a hash: those of the network ``text-ngrams``."""

from __future__ import annotations

import numpy as np

_MOST = 4
_MOST_OF_IDEOGRAPHS = 2
_FIRST_IDEOGRAPH = 0x2E80 + 1  # the first of the CJK radicals, as a token


def counts(texts: np.ndarray, buckets: int) -> np.ndarray:
    """For tokens [texts, length], 0 after the end: [texts, buckets], 1 + ln of how often a bucket's n-grams occur, or 0."""
    result = np.zeros((len(texts), buckets), np.float32)
    for row, tokens in zip(result, texts):
        found, times = np.unique(buckets_of(tokens, buckets), return_counts=True)
        row[found] = 1 + np.log(times)
    return result


def buckets_of(tokens: np.ndarray, buckets: int) -> np.ndarray:
    """The bucket of each n-gram of a text: two to four characters; one and two where they are ideographs, kana or Hangul."""
    ends = np.flatnonzero(tokens == 0)
    text = tokens[: ends[0] if len(ends) else len(tokens)].astype(np.uint64)
    text = np.where((text >= ord("A") + 1) & (text <= ord("Z") + 1), text + np.uint64(ord("a") - ord("A")), text)
    found = []
    hashes, ideographs = np.zeros(len(text), np.uint64), np.zeros(len(text), bool)
    for size in range(1, min(_MOST, len(text)) + 1):
        starts, last = len(text) - size + 1, text[size - 1 :]
        hashes = _mix(hashes[:starts] + last)
        ideographs = ideographs[:starts] | (last >= _FIRST_IDEOGRAPH)
        counted = np.where(ideographs, size <= _MOST_OF_IDEOGRAPHS, size > 1 or len(text) == 1)
        found.append(hashes[counted] % np.uint64(buckets))
    return np.concatenate(found).astype(np.int64) if found else np.zeros(0, np.int64)


def _mix(z: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64."""
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
