"""Weights and cut-offs of the ranking, as read from corpus/calibration.json."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError

FEATURES = ("dense", "variant", "variants", "lexical", "passage", "named", "field", "rerank",
            "rerank_margin", "reference", "notice", "heading", "variant_margin", "unanswered")
FIRST = tuple(name for name in FEATURES if not name.startswith("rerank"))
SAID = ("best", "second", "rerank", "dense", "variant", "unanswered", "lexical")


@dataclass(frozen=True)
class Linear:
    """A logistic regression: features -> probability."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Sequence[float]) -> float:
        """The probability, rounded, so that batching cannot change a decision."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, features, strict=True))
        return round(1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total)))), 4)


@dataclass(frozen=True)
class Calibration:
    """Weights and cut-offs, calibrated on questions that nothing was trained on.

    `first` scores candidates without the reranker, `ranking` with it, `said` the question as a
    whole; the others are the cut-offs.
    """

    first: Linear
    ranking: Linear
    said: Linear
    answer_floor: float
    keep_floor: float
    keep_ratio: float
    most: int


def read_calibration(path: Path, variants: bool) -> Calibration:
    """The calibration in the JSON file `path`, for a corpus with question variants or without.

    Raises CorpusError when it cannot be used.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        part = data["variants" if variants else "plain"]
        return Calibration(
            _linear(part["first"], FIRST), _linear(part["ranking"], FEATURES),
            _linear(part["said"], SAID), float(part["answer_floor"]), float(part["keep_floor"]),
            float(part["keep_ratio"]), int(part["most"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"cannot be used ({type(error).__name__}: {error})"
        raise CorpusError(path, what, "restore it; see corpus/README.md") from None


def _linear(row: dict[str, Any], names: Sequence[str]) -> Linear:
    return Linear(float(row["bias"]), tuple(float(row["weights"][name]) for name in names))
