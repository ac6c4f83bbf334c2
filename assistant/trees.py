"""Gradient-boosted trees, as read from a JSON file: features -> probability."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelUnavailable

# A node is [feature, threshold, left, right], a leaf [value].
Node = tuple[float, ...]


@dataclass(frozen=True)
class Trees:
    """A sum of trees over features of the given names."""

    names: tuple[str, ...]
    base: float
    trees: tuple[tuple[Node, ...], ...]

    def probability(self, features: Sequence[float]) -> float:
        """The probability, rounded, so that no machine's last bit decides."""
        total = self.base + sum(_value(tree, features) for tree in self.trees)
        return round(1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total)))), 4)


def _value(tree: tuple[Node, ...], features: Sequence[float]) -> float:
    node = tree[0]
    while len(node) > 1:
        feature, threshold, left, right = node
        node = tree[int(left if features[int(feature)] <= threshold else right)]
    return node[0]


def read_trees(path: Path, names: Sequence[str]) -> Trees:
    """The trees in `path`, made for the features `names`. Raises ModelUnavailable when unusable."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = Trees(
            tuple(data["names"]), float(data["base"]),
            tuple(tuple(tuple(map(float, node)) for node in tree) for tree in data["trees"]),
        )  # fmt: skip
        if found.names != tuple(names):
            raise ValueError("other features")
        found.probability([0.0] * len(names))
        return found
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        what = f"cannot be used ({type(error).__name__}: {error})"
        raise ModelUnavailable(f"{path}: {what}; restore it from the repository") from None
