"""Train the word model: `python -m assistant.training.words DATA FILE`.

A multinomial logistic regression on hashed words and letter runs, over the messages of the folder
that `assistant.training.prepare` wrote and one other dress of each; takes a minute or two on one
core and gives the same weights each time. Weights are stored as int8 with one scale a label.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from assistant.scope_encoder import LABELS
from assistant.training.tune import SEED, Message, Widener
from assistant.word_model import BUCKETS, features, weighted

STRENGTH = 20.0


def train(examples: Sequence[Message], path: Path) -> None:
    """Fit the model on the messages and write it to `path`."""
    counted = [features(e.text) for e in examples]
    seen = np.zeros(BUCKETS, dtype=np.float64)
    for counts in counted:
        seen[list(counts)] += 1
    rarity = (np.log((1 + len(examples)) / (1 + seen)) + 1).astype(np.float32)
    starts, columns, values = [0], [], []
    for counts in counted:
        at = np.fromiter(counts, dtype=np.int64)
        columns.append(at)
        values.append(weighted(counts, rarity[at]))
        starts.append(starts[-1] + len(at))
    matrix = csr_matrix(
        (np.concatenate(values), np.concatenate(columns), starts), (len(examples), BUCKETS)
    )
    model = LogisticRegression(C=STRENGTH, max_iter=150, class_weight=_costs(examples))
    model.fit(matrix, [LABELS.index(e.label) for e in examples])
    weights = np.asarray(model.coef_.T, dtype=np.float32)
    scale = np.abs(weights).max(axis=0) / 127
    np.savez_compressed(
        path, weights=np.round(weights / scale).astype(np.int8), scale=scale.astype(np.float32),
        bias=model.intercept_.astype(np.float32), rarity=rarity.astype(np.float16),
        labels=np.array([LABELS[i] for i in model.classes_]),
    )  # fmt: skip
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", flush=True)


def _costs(examples: Sequence[Message]) -> dict[int, float]:
    """Rarer labels weigh more, by the square root of how rare they are."""
    counts = {label: sum(e.label == label for e in examples) for label in LABELS}
    most = max(counts.values())
    return {i: float(np.sqrt(most / counts[label])) for i, label in enumerate(LABELS)}


def main(arguments: list[str]) -> int:
    """Train and write; returns the exit status."""
    data = json.loads((Path(arguments[0]) / "scope.json").read_text(encoding="utf-8"))
    messages = [Message(**row) for row in data["messages"]]
    train([*messages, *Widener(messages, data["asides"]).epoch(random.Random(SEED))], Path(arguments[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
