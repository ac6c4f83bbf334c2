"""How the word model and the encoder are weighed against each other: one linear layer over both.

Its inputs are the log probabilities that the two give each label, its weights were fitted on messages of
authors that neither learnt from (`assistant.training.stack`; Wolpert, 1992, "Stacked
generalization"). A label that one of the two rules out needs far more from the other than under
an average.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable

LOWEST = -12.0  # log probability below which nothing is told apart


class Stack:
    """Log probabilities of `inputs` experts -> probabilities of the labels."""

    def __init__(self, path: Path, labels: int) -> None:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            self._weights = np.asarray(data["weights"], dtype=np.float64)
            self._bias = np.asarray(data["bias"], dtype=np.float64)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(
                f"{path}: the weights are unusable ({type(error).__name__}); restore the file"
            ) from None
        if self._weights.shape != (labels, 2 * labels) or self._bias.shape != (labels,):
            raise ModelUnavailable(f"{path}: weights of another shape; restore the file")

    def shares(self, deep: NDArray[np.float64], counted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities (messages, labels) from the encoder's scores and the word model's shares."""
        scores = inputs(deep, counted) @ self._weights.T + self._bias
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


def inputs(deep: NDArray[np.float64], counted: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the layer sees: log probabilities (messages, 2 * labels), the encoder's first."""
    logs = deep - deep.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    with np.errstate(divide="ignore"):
        both = np.concatenate([logs, np.log(counted)], axis=1)
    return np.asarray(np.maximum(both, LOWEST), dtype=np.float64)
