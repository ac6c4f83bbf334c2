"""A linear model over word and letter sequences of a message: label probabilities in half a ms.

Features are hashed (no vocabulary to store): words, pairs and triples of words, and runs of two to
five letters inside a word. Trained by `assistant.training.words`; weights are a plain `.npz`
without pickled objects.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.phrases import tokens

BUCKETS = 1 << 17
_RUNS = range(2, 6)
_WORDS_IN_A_ROW = 3
_LONGEST = 400


def features(text: str) -> Counter[int]:
    """How often each hashed feature stands in the text."""
    words = tokens(text)[:_LONGEST]
    found: list[str] = []
    for size in range(1, _WORDS_IN_A_ROW + 1):
        found += ["_".join(words[i : i + size]) for i in range(len(words) - size + 1)]
    for word in words:
        edged = f"<{word}>"
        for size in _RUNS:
            found += [edged[i : i + size] for i in range(len(edged) - size + 1)]
    return Counter(crc32(f.encode()) % BUCKETS for f in found)


class WordModel:
    """Messages -> probabilities of the labels."""

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as stored:
                self.labels = tuple(str(label) for label in stored["labels"])
                self._rarity = stored["rarity"].astype(np.float32)
                self._weights = stored["weights"].astype(np.float32) * stored["scale"]
                self._bias = stored["bias"].astype(np.float32)
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnavailable(
                f"{path}: the word model is unusable ({type(error).__name__}); restore it"
            ) from None

    def shares(self, text: str) -> NDArray[np.float64]:
        """The probability of each label, in the order of `labels`."""
        counts = features(text)
        at = np.fromiter(counts, dtype=np.int64, count=len(counts))
        values = weighted(counts, self._rarity[at])
        scores = (values @ self._weights[at] + self._bias).astype(np.float64)
        shares = np.exp(scores - scores.max())
        return np.asarray(shares / shares.sum(), dtype=np.float64)


def weighted(counts: Counter[int], rarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Counts on a log scale times rarity, to length 1."""
    values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32))) * rarity
    length = float(np.sqrt((values * values).sum())) or 1.0
    return np.asarray(values / length, dtype=np.float32)
