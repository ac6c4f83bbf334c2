"""Fit how the word model and the encoder are weighed: `python -m assistant.training.stack FOLDER`.

Learns from the messages of `corpus/policy/held_out` and, as general ones, from the held-out
questions; neither model learnt from their authors. Writes `scope_stack.json` into the folder of the models. Prints, for each author in turn, what the
layer fitted on the others makes of that author, beside the plain average of the two models.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from assistant.asides import Asides
from assistant.corpus import read_lines
from assistant.decoding import revealed
from assistant.lexical import common_words
from assistant.policy import read_policy
from assistant.scope_encoder import LABELS, STACK, experts
from assistant.settings import Settings
from assistant.stacking import inputs
from assistant.training.calibrate import HELD_OUT

STRENGTH = 0.1  # inverse of the penalty; 0.03 to 1 gave the same within a few messages
_MERGED = {"lookalike": "general", "lookalike_declined": "declined"}


def main(arguments: list[str]) -> int:
    """Fit, print and write; returns the exit status."""
    folder, corpus = Path(arguments[0]), Settings().corpus
    policy = read_policy(corpus / "policy")
    asides = Asides(policy.asides, policy.minimisers, lambda part: False)
    told = list(_messages(corpus))
    texts = [asides.without(revealed(text, common_words())) for text, *_ in told]
    earlier = [before for _, before, *_ in told]
    labels, authors = [LABELS.index(t[2]) for t in told], [t[3] for t in told]
    deep, counted = experts(folder, texts, earlier)
    seen, right, wrote = inputs(deep, counted), np.array(labels), np.array(authors)
    for author in dict.fromkeys(authors):
        model = _fitted(seen[wrote != author], right[wrote != author])
        own = wrote == author
        average = (np.exp(inputs(deep, counted)[:, : len(LABELS)]) + counted)[own].argmax(axis=1)
        weighed = model.predict(seen[own])
        print(f"{author}: {_right(weighed, right[own])}, average {_right(average, right[own])}")
    model = _fitted(seen, right)
    rounded = {"weights": model.coef_.round(4).tolist(), "bias": model.intercept_.round(4).tolist()}
    (folder / STACK).write_text(json.dumps(rounded) + "\n", encoding="utf-8")
    return 0


def _messages(corpus: Path) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    """Text, earlier messages, label and author of what was held out; questions are general."""
    for path in sorted((corpus / "policy" / "held_out").glob("*.jsonl")):
        for _, row in read_lines(path):
            label = row.get("then", "general") if row["label"] == "injection" else row["label"]
            yield row["text"], tuple(row.get("earlier") or ()), _MERGED.get(label, label), path.stem
    for path in sorted(corpus.glob(f"*/{HELD_OUT}")):
        for _, row in read_lines(path):
            yield row["question"], tuple(row.get("earlier") or ()), "general", row["author"]


def _fitted(seen: NDArray[np.float64], right: NDArray[np.int64]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=3000).fit(seen, right)


def _right(told: Sequence[int] | NDArray[np.int64], right: NDArray[np.int64]) -> str:
    return f"{int((np.asarray(told) == right).sum())} of {len(right)} labels right"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
