"""How likely each label is for a message: a word model and a small ONNX encoder, weighed together.

Trained by `assistant.training.words`, `assistant/training/tune.py` and `assistant.training.stack`;
served by numpy, onnxruntime and tokenizers alone. The two miss different messages, so that both
together (stacking.py) are better than either.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import MODELS, TOKENIZER, OnnxEncoder
from assistant.errors import ModelUnavailable
from assistant.stacking import Stack
from assistant.word_model import WordModel

LABELS = (
    "general", "mixed", "declined", "stop_exercise", "same_day", "emergency_department",
    "emergency", "crisis",
)  # fmt: skip
WORDS, ENCODER, STACK = "scope_words.npz", "scope.onnx", "scope_stack.json"
THRESHOLDS = "scope_thresholds.json"
MAX_TOKENS = 160
TAIL = 160
_CACHED = 1024
_AT_ONCE = 4
_ENCODERS_SHARE = 0.6
_URGENT, _CRISIS = slice(3, 7), 7  # of the labels


def as_input(text: str, earlier: Sequence[str]) -> str:
    """What the encoder reads: the message, then the end of the message before it."""
    return f"{text} [SEP] {earlier[-1][-TAIL:]}" if earlier else text


@dataclass(frozen=True)
class Reading:
    """Probability of each label for a message."""

    of: dict[str, float]

    @property
    def urgent(self) -> float:
        """Probability of any red flag that is no crisis."""
        return sum(self.of[label] for label in LABELS[3:7])

    @property
    def crisis(self) -> float:
        """Probability of a crisis."""
        return self.of["crisis"]

    @property
    def individual(self) -> float:
        """Probability that individual advice is asked, alone or beside a general question."""
        return self.of["mixed"] + self.of["declined"]


class ScopeEncoder:
    """Messages -> readings; the last 1,024 are remembered. Safe to call from several threads."""

    def __init__(self, folder: Path) -> None:
        self.thresholds = _thresholds(folder)
        self._words = WordModel(folder / WORDS)
        self._encoder = OnnxEncoder(folder / ENCODER, folder / TOKENIZER, MAX_TOKENS)
        self._stack = Stack(folder / STACK, len(LABELS))
        self._cache: OrderedDict[tuple[str, str], Reading] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="words")

    def read(self, text: str, earlier: Sequence[str] = ()) -> Reading:
        """The reading of one message after the earlier ones."""
        return self.read_all([text], earlier)[0]

    def read_all(self, texts: Sequence[str], earlier: Sequence[str] = ()) -> list[Reading]:
        """The readings of several messages after the same earlier ones, in one batch."""
        tail = earlier[-1][-TAIL:] if earlier else ""
        with self._lock:
            known = {t: self._cache[t, tail] for t in texts if (t, tail) in self._cache}
        missing = [t for t in dict.fromkeys(texts) if t not in known]
        if missing:
            shares = self._shares(missing, earlier)
            new = {t: _reading(row) for t, row in zip(missing, shares, strict=True)}
            known |= new
            self._keep({(t, tail): reading for t, reading in new.items()})
        return [known[t] for t in texts]

    def _shares(self, texts: list[str], earlier: Sequence[str]) -> NDArray[np.float64]:
        counted = self._pool.submit(lambda: np.stack([self._words.shares(t) for t in texts]))
        scores = self._encoder.run([as_input(t, earlier) for t in texts]).astype(np.float64)
        weighed = self._stack.shares(scores, counted.result())
        plain = averaged(scores, counted.result())
        sure = plain[:, _URGENT].sum(axis=1, keepdims=True) >= self.thresholds["average"]
        sure &= weighed[:, [_CRISIS]] < self.thresholds["crisis"]
        return np.asarray(np.where(sure, plain, weighed), dtype=np.float64)

    def _keep(self, readings: dict[tuple[str, str], Reading]) -> None:
        with self._lock:
            self._cache.update(readings)
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)


def averaged(deep: NDArray[np.float64], counted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The plain average of both models: where it is sure of an emergency, it stands."""
    shares = np.exp(deep - deep.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return np.asarray(_ENCODERS_SHARE * shares + (1 - _ENCODERS_SHARE) * counted, dtype=np.float64)


def _reading(row: NDArray[np.float64]) -> Reading:
    """Rounded, so that batching cannot change a decision."""
    return Reading({label: round(float(p), 4) for label, p in zip(LABELS, row, strict=True)})


def _thresholds(folder: Path) -> dict[str, float]:
    """The calibrated thresholds, checked to belong to the weights beside them."""
    path = folder / THRESHOLDS
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        values = {name: float(value) for name, value in data["thresholds"].items()}
        for name, digest in data["files"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                raise ModelUnavailable(f"{folder / name}: not the calibrated file; restore it")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(
            f"{folder}: the scope models are unusable ({type(error).__name__}); restore the folder"
        ) from None
    return values


def experts(
    folder: Path, texts: Sequence[str], earlier: Sequence[Sequence[str]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The encoder's scores and the word model's shares (messages, labels), before they are weighed."""
    encoder, words = OnnxEncoder(folder / ENCODER, folder / TOKENIZER, MAX_TOKENS), WordModel(folder / WORDS)
    deep = [encoder.run([as_input(t, e)])[0] for t, e in zip(texts, earlier, strict=True)]
    return np.stack(deep).astype(np.float64), np.stack([words.shares(t) for t in texts])


def open_encoder(folder: Path = MODELS) -> ScopeEncoder:
    """The scope models in `folder`. Raises ModelUnavailable when missing or not its own."""
    return ScopeEncoder(folder)
