"""Calibrate retrieval: weights of the features, and the cut-offs, on questions never trained on.

`python -m assistant.training.calibrate CASES.jsonl ... [--only variants|plain]` fits three logistic
regressions (candidates without the reranker, candidates with it, the question as a whole), chooses
the cut-offs by five-fold cross-validation, and writes calibration.json of the corpus: `variants`,
for corpora with question variants, on tuning cases of the answer-quality suite and the corpus's
own `questions_held_out.jsonl`; `plain`, for those without, on the held-out companion articles.
Sealed cases may never be given.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from assistant.answer import Question
from assistant.calibration import FEATURES, FIRST, SAID, Linear
from assistant.corpus import Corpus, read_lines
from assistant.parts import Parts, open_parts
from assistant.retrieval import Candidate, Retrieval, said_features
from assistant.settings import Settings
from assistant.training.companions import companions

FOLDS = 5
HELD_OUT = "questions_held_out.jsonl"
MOST = 8
Groups = tuple[frozenset[str], ...]
Test = tuple[Parts, list[tuple[Question, Groups]]]


@dataclass(frozen=True)
class Judged:
    """A question that the ranking decides: its candidates, and the facts that answer it.

    A fact is the set of the sentences that state it word for word; any of them will do. `possible`
    are the candidates that hold the kind of fact asked for.
    """

    candidates: tuple[Candidate, ...]
    facts: Groups
    possible: frozenset[str]

    @property
    def answered(self) -> bool:
        """Whether the article answers."""
        return bool(self.facts)


def right_sentences(corpus: Corpus, spans: list[str]) -> frozenset[str]:
    """Ids of the sentences of which a gold span covers at least half, or that hold one whole."""
    return frozenset(s for fact in facts(corpus, spans) for s in fact)


def facts(corpus: Corpus, spans: list[str]) -> Groups:
    """For each sentence of the gold spans, the ids of all sentences with the same words."""
    found: dict[str, set[str]] = {}
    for article in corpus.articles:
        for passage in article.passages:
            for number, sentence in enumerate(passage.sentences, 1):
                shown = sentence.shown.rstrip(".")
                for span in spans:
                    whole = span in sentence.text and len(span) > 0.3 * len(sentence.text)
                    if whole or shown in span:
                        key = span if whole and span != sentence.text else shown
                        found.setdefault(key, set()).add(f"{passage.id}#{number}")
    return tuple(frozenset(ids) for ids in found.values())


def read_questions(corpus: Corpus, paths: list[str]) -> Iterator[tuple[Question, Groups]]:
    """Questions that are answered or not covered, with their facts (none: not covered)."""
    lines = [line for p in paths for line in Path(p).read_text(encoding="utf-8").splitlines()]
    for case in (json.loads(line) for line in lines if line.strip()):
        if case["outcome"] in ("answered", "not_covered"):
            text, earlier = case["question"], tuple(case.get("earlier") or ())
            asked = Question(text, earlier, case.get("language", "en"), text)
            found = facts(corpus, case.get("gold_spans", []))
            if found or case["outcome"] == "not_covered":
                yield asked, found
    for path in sorted(corpus.path.glob(f"*/{HELD_OUT}")):
        for _, row in read_lines(path):
            text = row["question"]
            asked = Question(text, tuple(row.get("earlier") or ()), row["language"], text)
            yield asked, tuple(frozenset({sid}) for sid in row["answers"])


def judge(parts: Parts, asked: Sequence[tuple[Question, Groups]]) -> list[Judged]:
    """The questions whose answer is ranked, not computed."""
    found = []
    for question, right in asked:
        if len(parts.reader.pieces(question.text)) > 1:
            continue
        retrieval: Retrieval = parts.retriever.retrieve(parts.conversation.complete(question))
        if parts.quotes.computed(retrieval.reading) is None and retrieval.candidates:
            possible = frozenset(c.sentence for c in parts.quotes.possible(retrieval))
            found.append(Judged(retrieval.candidates, right, possible))
    return found


def labels(judged: Judged) -> tuple[list[bool], list[float]]:
    """Whether each candidate is right, and its weight: other places of a fact found weigh nothing."""
    right: dict[str, float] = {}
    for fact in judged.facts:
        inside = [c.sentence for c in judged.candidates if c.sentence in fact]
        for place, sid in enumerate(inside):
            right[sid] = max(right.get(sid, 0.0), float(place == 0))
    return (
        [right.get(c.sentence, 0.0) > 0 for c in judged.candidates],
        [1.0 if right.get(c.sentence, 1.0) > 0 else 0.0 for c in judged.candidates],
    )


def fit_candidates(judged: Sequence[Judged], names: Sequence[str]) -> Linear:
    """A logistic regression over all candidates, on the features `names`."""
    columns = [FEATURES.index(name) for name in names]
    rows = [[c.features[n] for n in columns] for j in judged for c in j.candidates]
    marked = [labels(j) for j in judged]
    return _fit(np.array(rows), [y for m in marked for y in m[0]], [w for m in marked for w in m[1]])


def _fit(rows: NDArray[Any], right: list[bool], weights: list[float] | None = None) -> Linear:
    model = LogisticRegression(C=0.5, max_iter=5000).fit(rows, np.array(right), weights)
    return Linear(
        round(float(model.intercept_[0]), 4), tuple(round(float(w), 4) for w in model.coef_[0])
    )


def rescored(judged: Judged, ranking: Linear) -> Judged:
    """A question with its candidates' probabilities under other weights."""
    scored = [replace(c, probability=ranking.probability(c.features)) for c in judged.candidates]
    return replace(judged, candidates=tuple(sorted(scored, key=lambda c: -c.probability)))


def fit_said(judged: Sequence[Judged]) -> Linear:
    """A logistic regression of "the article answers"."""
    rows = np.array([said_features(j.candidates) for j in judged])
    return _fit(rows, [j.answered for j in judged])


def cross_scored(judged: Sequence[Judged]) -> list[tuple[Judged, float]]:
    """Each question as scored by weights that never saw it, with its probability of an answer."""
    fold = np.random.default_rng(0).integers(0, FOLDS, len(judged))
    found: list[tuple[Judged, float] | None] = [None] * len(judged)
    for n in range(FOLDS):
        rest = [j for j, f in zip(judged, fold, strict=True) if f != n]
        ranking = fit_candidates(rest, FEATURES)
        said = fit_said([rescored(j, ranking) for j in rest])
        for i in np.flatnonzero(fold == n):
            mine = rescored(judged[i], ranking)
            found[i] = (mine, said.probability(said_features(mine.candidates)))
    return [f for f in found if f is not None]


def shown(judged: Judged, said: float, cuts: tuple[float, float, float]) -> set[str]:
    """The sentences that the writer would show under the cut-offs."""
    answer, keep, ratio = cuts
    possible = [c for c in judged.candidates if c.sentence in judged.possible]
    if said < answer or not possible:
        return set()
    best = max(c.probability for c in possible)
    floor = max(min(keep, best), ratio * best)
    return {c.sentence for c in possible if c.probability >= floor}


def outcome(scored: Sequence[tuple[Judged, float]], cuts: tuple[float, float, float]) -> dict[str, float]:
    """Shares: all facts shown, facts shown, precision, wrong and right abstentions."""
    whole, recall, precision, silent, unsaid = [], [], [], [], []
    for judged, said in scored:
        found = shown(judged, said, cuts)
        if not judged.answered:
            unsaid.append(not found)
            continue
        got = [bool(fact & found) for fact in judged.facts]
        silent.append(not found)
        whole.append(all(got))
        recall.append(float(np.mean(got)))
        if found:
            right = {s for fact in judged.facts for s in fact}
            precision.append(len(found & right) / len(found))
    return {
        "all": float(np.mean(whole)), "recall": float(np.mean(recall)),
        "precision": float(np.mean(precision)), "wrong_silence": float(np.mean(silent)),
        "right_silence": float(np.mean(unsaid)),
    }  # fmt: skip


def choose(
    scored: Sequence[tuple[Judged, float]],
) -> tuple[tuple[float, float, float], dict[str, float]]:
    """The cut-offs that serve best: whole answers first, then abstention and precision."""
    best: tuple[float, tuple[float, float, float], dict[str, float]] | None = None
    for cuts in product(
        np.arange(0.2, 0.8, 0.05), np.arange(0.08, 0.32, 0.04), (0.2, 0.3, 0.4, 0.5, 0.6)
    ):
        rounded = (round(float(cuts[0]), 3), round(float(cuts[1]), 3), float(cuts[2]))
        figures = outcome(scored, rounded)
        value = (
            2 * figures["all"] + figures["recall"] + 1.5 * figures["precision"]
            + 2 * figures["right_silence"] - 2 * figures["wrong_silence"]
        )  # fmt: skip
        if best is None or value > best[0] + 1e-9:
            best = (value, rounded, figures)
    assert best is not None
    return best[1], best[2]


def calibrate(judged: Sequence[Judged]) -> tuple[dict[str, Any], dict[str, float]]:
    """One part of calibration.json, and its cross-validated figures."""
    cuts, figures = choose(cross_scored(judged))
    ranking = fit_candidates(judged, FEATURES)
    said = fit_said([rescored(j, ranking) for j in judged])
    first = fit_candidates(judged, FIRST)
    part = {
        "first": _row(first, FIRST), "ranking": _row(ranking, FEATURES), "said": _row(said, SAID),
        "answer_floor": cuts[0], "keep_floor": cuts[1], "keep_ratio": cuts[2], "most": MOST,
    }  # fmt: skip
    return part, figures


def _row(linear: Linear, names: Sequence[str]) -> dict[str, Any]:
    return {"bias": linear.bias, "weights": dict(zip(names, linear.weights, strict=True))}


def _open(settings: Settings, variants: bool) -> Parts:
    """The parts with or without variants, the first look led by the nearest vectors."""
    parts = open_parts(settings, variants=variants)
    start = Linear(-3.0, tuple(6.0 * (n == "dense") + 2.0 * (n == "variant") for n in FIRST))
    parts.retriever.calibration = replace(parts.retriever.calibration, first=start)
    return parts


def _without_reranker(parts: Parts) -> Parts:
    retriever = parts.retriever.model_copy(update={"reranker": None})
    return replace(parts, retriever=retriever)


def _judged(tests: Sequence[Test]) -> list[Judged]:
    """All questions judged; the first look, which chooses what is reranked, is fitted before."""
    looked = [j for parts, asked in tests for j in judge(_without_reranker(parts), asked)]
    first = fit_candidates(looked, FIRST)
    for parts, _ in tests:
        parts.retriever.calibration = replace(parts.retriever.calibration, first=first)
    return [j for parts, asked in tests for j in judge(parts, asked)]


def _own(settings: Settings, cases: list[str]) -> list[Test]:
    parts = _open(settings, True)
    return [(parts, list(read_questions(parts.corpus, cases)))]


def _others(settings: Settings, folder: Path) -> Iterator[Test]:
    """The held-out companion articles, each as a corpus without variants, and their questions."""
    for corpus in companions(settings.corpus, "held_out"):
        index = folder / corpus.articles[0].id
        parts = _open(settings.model_copy(update={"corpus": corpus.path, "index": index}), False)
        yield parts, [
            (Question(v.question, v.earlier, v.language, v.question), tuple(frozenset({a}) for a in v.answers))
            for v in corpus.variants
        ]  # fmt: skip


def main(arguments: list[str]) -> int:
    """Calibrate and write; returns the exit status."""
    parser = argparse.ArgumentParser(prog="assistant.training.calibrate", description=__doc__)
    parser.add_argument("cases", nargs="*", help="files of tuning cases")
    parser.add_argument("--only", choices=("variants", "plain"), help="the other stays as it is")
    given = parser.parse_args(arguments)
    if any("sealed" in path for path in given.cases):
        raise SystemExit("sealed cases are for measuring alone; give tuning cases")
    settings = Settings.from_environment()
    target = settings.corpus / "calibration.json"
    made: dict[str, Any] = json.loads(target.read_text(encoding="utf-8")) if given.only else {}
    with tempfile.TemporaryDirectory() as folder:
        for name in (given.only,) if given.only else ("variants", "plain"):
            tests = (
                _own(settings, given.cases) if name == "variants"
                else list(_others(settings, Path(folder)))
            )  # fmt: skip
            judged = _judged(tests)
            made[name], figures = calibrate(judged)
            print(name, len(judged), "questions", {k: round(v, 3) for k, v in figures.items()})
    target.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
