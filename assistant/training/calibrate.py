"""Calibrate retrieval on tuning cases: weights of the features, and the cut-offs.

`python -m assistant.training.calibrate CASES.jsonl ...` fits a logistic regression on the
candidates of every case that the ranking decides, then chooses the cut-offs on the same cases, and
writes calibration.json of the corpus. Only tuning cases may be given, never sealed ones.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.answer import Question
from assistant.chain import Assistant
from assistant.retrieval import FEATURES, Candidate, Retrieval

_ANSWERED = ("answered", "not_covered")


@dataclass(frozen=True)
class Judged:
    """A case that the ranking decides: its candidates, and which sentences are right."""

    slice: str
    candidates: tuple[Candidate, ...]
    right: frozenset[str]
    answered: bool


def read_cases(paths: list[str]) -> list[dict[str, Any]]:
    """The cases of the JSON Lines files `paths` that are answered or not covered."""
    lines = [line for p in paths for line in Path(p).read_text(encoding="utf-8").splitlines()]
    cases = [json.loads(line) for line in lines if line.strip()]
    return [c for c in cases if c["outcome"] in _ANSWERED]


def right_sentences(assistant: Assistant, spans: list[str]) -> frozenset[str]:
    """Ids of the sentences of which a gold span covers at least half, or that hold one whole."""
    found = set()
    for article in assistant.corpus.articles:
        for passage in article.passages:
            for number, sentence in enumerate(passage.sentences, 1):
                for span in spans:
                    whole = span in sentence.text and len(span) > 0.3 * len(sentence.text)
                    if whole or sentence.shown.rstrip(".") in span:
                        found.add(f"{passage.id}#{number}")
    return frozenset(found)


def judge(assistant: Assistant, cases: list[dict[str, Any]]) -> Iterator[Judged]:
    """The cases whose answer is ranked, not computed."""
    quotes = assistant.parts.quotes
    for case in cases:
        text = case["question"]
        asked = Question(text, tuple(case.get("earlier") or ()), case.get("language", "en"), text)
        if len(assistant.parts.reader.pieces(text)) > 1:
            continue
        found: Retrieval = assistant.steps.retrieve(assistant.steps.complete(asked))
        if quotes.computed(found.reading) is not None:
            continue
        right = right_sentences(assistant, case.get("gold_spans", []))
        yield Judged(case["slice"], found.candidates, right, case["outcome"] == "answered")


def fit(judged: list[Judged]) -> tuple[float, list[float]]:
    """Bias and weights of a logistic regression over all candidates."""
    rows = [c.features for j in judged for c in j.candidates]
    labels = [c.sentence in j.right for j in judged for c in j.candidates]
    model = LogisticRegression(C=0.5, max_iter=5000).fit(np.array(rows), np.array(labels))
    return float(model.intercept_[0]), [float(w) for w in model.coef_[0]]


def rescored(judged: list[Judged], bias: float, weights: list[float]) -> list[Judged]:
    """The cases with their candidates' probabilities under new weights."""
    found = []
    for j in judged:
        scored = []
        for c in j.candidates:
            total = bias + float(np.dot(weights, c.features))
            scored.append(replace(c, probability=float(1 / (1 + np.exp(-total)))))
        scored.sort(key=lambda c: -c.probability)
        found.append(replace(j, candidates=tuple(scored)))
    return found


def outcome(judged: list[Judged], answer: float, keep: float, ratio: float) -> dict[str, float]:
    """Recall, precision, wrong abstentions and right abstentions under the cut-offs."""
    recall, precision, silent, right_silent, asked, unsaid = 0.0, [], 0, 0, 0, 0
    for j in judged:
        best = j.candidates[0].probability if j.candidates else 0.0
        shown = {
            c.sentence for c in j.candidates if c.probability >= max(keep, ratio * best)
        } if best >= answer else set()  # fmt: skip
        if not j.answered:
            unsaid += 1
            right_silent += not shown
            continue
        asked += 1
        silent += not shown
        recall += len(shown & j.right) / max(1, len(j.right))
        if shown:
            precision.append(len(shown & j.right) / len(shown))
    return {
        "recall": recall / max(1, asked),
        "precision": float(np.mean(precision)) if precision else 0.0,
        "wrong_silence": silent / max(1, asked),
        "right_silence": right_silent / max(1, unsaid),
    }


def choose(judged: list[Judged]) -> tuple[float, float, float, dict[str, float]]:
    """The cut-offs that serve best: recall first, then abstention and precision."""
    best: tuple[float, tuple[float, float, float], dict[str, float]] | None = None
    grid = product(np.arange(0.1, 0.75, 0.025), np.arange(0.1, 0.6, 0.05), np.arange(0.3, 0.95, 0.1))
    for answer, keep, ratio in grid:
        figures = outcome(judged, answer, keep, ratio)
        value = (
            2 * figures["recall"] + figures["precision"] + 1.5 * figures["right_silence"]
            - figures["wrong_silence"]
        )  # fmt: skip
        if best is None or value > best[0] + 1e-9:
            best = (value, (float(answer), float(keep), float(ratio)), figures)
    assert best is not None
    return (*best[1], best[2])


def main(paths: list[str]) -> int:
    """Calibrate and write; returns the exit status."""
    assistant = Assistant.open()
    judged = list(judge(assistant, read_cases(paths)))
    bias, weights = fit(judged)
    judged = rescored(judged, bias, weights)
    answer, keep, ratio, figures = choose(judged)
    target = assistant.settings.corpus / "calibration.json"
    data = {
        "bias": round(bias, 4),
        "weights": {n: round(w, 4) for n, w in zip(FEATURES, weights, strict=True)},
        "answer_floor": round(answer, 3), "keep_floor": round(keep, 3),
        "keep_ratio": round(ratio, 3), "most": 8,
    }  # fmt: skip
    target.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(len(judged), "cases", {k: round(v, 3) for k, v in figures.items()}, data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
