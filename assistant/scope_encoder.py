"""The scope encoder: how likely each label is for a message, from a small ONNX model.

Trained and exported by `assistant.training.scope`; served by onnxruntime alone.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.embedding import OnnxEncoder
from assistant.errors import ModelUnavailable

LABELS = (
    "general", "mixed", "declined", "stop_exercise", "same_day", "emergency_department",
    "emergency", "crisis",
)  # fmt: skip
MAX_TOKENS = 96
_TAIL = 160
_CACHED = 1024


def as_input(text: str, earlier: Sequence[str]) -> str:
    """What the encoder reads: the message, then the end of the message before it."""
    return f"{text} [SEP] {earlier[-1][-_TAIL:]}" if earlier else text


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
        self._encoder = OnnxEncoder(folder / "encoder.onnx", folder / "tokenizer.json", MAX_TOKENS)
        self._cache: OrderedDict[str, Reading] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, text: str, earlier: Sequence[str] = ()) -> Reading:
        """The reading of one message after the earlier ones."""
        return self.read_all([as_input(text, earlier)])[0]

    def read_all(self, inputs: Sequence[str]) -> list[Reading]:
        """The readings of several inputs, worked out in one batch."""
        with self._lock:
            known = {i: self._cache[i] for i in inputs if i in self._cache}
        missing = [i for i in dict.fromkeys(inputs) if i not in known]
        if missing:
            scores = self._encoder.run(missing).astype(np.float64)
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
            for name, row in zip(missing, shares, strict=True):
                known[name] = Reading(
                    {label: round(float(p), 4) for label, p in zip(LABELS, row, strict=True)}
                )
            self._keep({name: known[name] for name in missing})
        return [known[i] for i in inputs]

    def _keep(self, readings: dict[str, Reading]) -> None:
        with self._lock:
            self._cache.update(readings)
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)


def _thresholds(folder: Path) -> dict[str, float]:
    """The calibrated thresholds, checked to belong to the weights beside them."""
    path = folder / "thresholds.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        digest = hashlib.sha256((folder / "encoder.onnx").read_bytes()).hexdigest()
        values = {name: float(value) for name, value in data["thresholds"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(
            f"{folder}: the scope encoder is unusable ({type(error).__name__}); restore the folder"
        ) from None
    if data["encoder_sha256"] != digest:
        raise ModelUnavailable(f"{path}: belongs to other weights; restore or calibrate again")
    return values


FOLDER = Path(__file__).resolve().parent / "models" / "scope"


def open_encoder(folder: Path = FOLDER) -> ScopeEncoder | None:
    """The scope encoder in `folder`; None where none is installed (the rules then stand alone).

    Raises ModelUnavailable when files are missing or do not belong together.
    """
    return ScopeEncoder(folder) if (folder / "encoder.onnx").exists() else None
