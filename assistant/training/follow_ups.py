"""Fit what chooses among the readings of a follow-up: `python -m assistant.training.follow_ups`.

`... CASES.jsonl [...] [--also AUTHOR ...] [--report FILE ...]` learns from the follow-ups among the
tuning cases given, among the corpus's held-out questions, and among the question variants of the
authors `--also`; it prints figures author by author, each by weights that never saw that author,
then for the conversations in `--report`, which are only measured; and writes follow_ups.json.
Sealed cases may never be given.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from assistant.answer import Question
from assistant.choosing import LIKELY, NAMES, WEIGHTS, Chooser, Table, chosen
from assistant.corpus import Corpus, read_lines
from assistant.embedding import MODELS
from assistant.language import detect_language
from assistant.parts import open_parts
from assistant.settings import Settings
from assistant.training.calibrate import HELD_OUT, Groups, facts
from assistant.trees import Node, Trees

SEED = 0


@dataclass(frozen=True)
class Turn:
    """A follow-up with its author, its readings, and the facts that answer it (none: not said)."""

    author: str
    table: Table
    facts: Groups


def _question(row: dict[str, Any]) -> Question:
    text, language = row["question"], detect_language(row["question"])
    return Question(text, tuple(row["earlier"]), language if language == "es" else "en", text)


def _rows(corpus: Corpus, cases: Sequence[str], also: Sequence[str]) -> Iterator[tuple[str, dict[str, Any], Groups]]:
    for path in map(Path, cases):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            found = facts(corpus, row.get("gold_spans", []))
            asked = row.get("earlier") and row["outcome"] in ("answered", "not_covered")
            if asked and (found or row["outcome"] == "not_covered"):
                yield "tuning", row, found
    for path in sorted(corpus.path.glob(f"*/{HELD_OUT}")):
        yield from _answered(row for _, row in read_lines(path))
    for v in corpus.variants:
        if v.author in also:
            row = {"question": v.question, "earlier": v.earlier, "answers": v.answers, "author": v.author}
            yield from _answered([row])


def _answered(rows: Any) -> Iterator[tuple[str, dict[str, Any], Groups]]:
    for row in rows:
        if row.get("earlier"):
            yield row.get("author", ""), row, tuple(frozenset({sid}) for sid in row["answers"])


def turns(chooser: Chooser, rows: Any) -> list[Turn]:
    """The follow-ups, each with what its readings find."""
    found = []
    for author, row, right in rows:
        found.append(Turn(author, chooser.table(_question(row)), right))
        if len(found) % 100 == 0:
            print(f"  {len(found)} follow-ups searched", flush=True)
    return found


def fit(learnt: Sequence[Turn]) -> Trees:
    """Boosted trees of "this sentence is part of the answer"."""
    rows, right = [], []
    for turn in learnt:
        gold = {sid for fact in turn.facts for sid in fact}
        rows += list(turn.table.rows.values())
        right += [sid in gold for sid in turn.table.rows]
    model = HistGradientBoostingClassifier(
        max_iter=160, learning_rate=0.05, max_leaf_nodes=12, min_samples_leaf=20,
        l2_regularization=3.0, early_stopping=False, random_state=SEED,
    ).fit(np.array(rows), np.array(right))  # fmt: skip
    base = float(np.ravel(model._baseline_prediction)[0])
    return Trees(NAMES, base, tuple(_tree(stage[0].nodes) for stage in model._predictors))


def _tree(nodes: Any) -> tuple[Node, ...]:
    return tuple(
        (round(float(n["value"]), 6),) if n["is_leaf"] else
        (float(n["feature_idx"]), float(n["num_threshold"]), float(n["left"]), float(n["right"]))
        for n in nodes
    )  # fmt: skip


def shown(turn: Turn, trees: Trees | None) -> set[str]:
    """What is shown for a follow-up; without trees, what the rules alone would show."""
    if trees is None:
        return set(turn.table.found[0].shown)
    likely = {sid: trees.probability(row) for sid, row in turn.table.rows.items()}
    if max(likely.values(), default=0.0) < LIKELY:
        return set()
    return set(chosen(turn.table.found, likely).shown)


def figures(turns: Sequence[Turn], found: Sequence[set[str]]) -> str:
    """Shares: all facts shown, facts shown, precision, wrong and right silence."""
    whole, recall, precision, silent, unsaid = [], [], [], [], []
    for turn, ids in zip(turns, found, strict=True):
        if not turn.facts:
            unsaid.append(not ids)
            continue
        got = [bool(fact & ids) for fact in turn.facts]
        whole.append(all(got))
        recall.append(float(np.mean(got)))
        silent.append(not ids)
        if ids:
            precision.append(len(ids & {s for fact in turn.facts for s in fact}) / len(ids))
    parts = [f"n {len(whole)}"]
    for name, values in (("all facts", whole), ("recall", recall), ("precision", precision), ("wrong silence", silent)):
        parts.append(f"{name} {np.mean(values):.3f}" if values else f"{name} -")
    parts.append(f"right silence {np.mean(unsaid):.3f} of {len(unsaid)}" if unsaid else "")
    return " ".join(parts)


def main(arguments: list[str]) -> int:
    """Fit, report and write; returns the exit status."""
    parser = argparse.ArgumentParser(prog="assistant.training.follow_ups", description=__doc__)
    parser.add_argument("cases", nargs="*", help="files of tuning cases")
    parser.add_argument("--also", nargs="*", default=[], metavar="AUTHOR")
    parser.add_argument("--report", nargs="*", default=[], metavar="FILE")
    given = parser.parse_args(arguments)
    if any("sealed" in path for path in (*given.cases, *given.report)):
        raise SystemExit("sealed cases are for measuring alone; give tuning cases")
    chooser = open_parts(Settings.from_environment()).chooser
    if chooser is None:
        raise SystemExit("assistant/models/talk.onnx is missing; restore it")
    corpus = chooser.corpus
    learnt = turns(chooser, _rows(corpus, given.cases, given.also))
    by_author = sorted({turn.author for turn in learnt})
    crossed: list[set[str]] = []
    order: list[Turn] = []
    for author in by_author:
        mine = [turn for turn in learnt if turn.author == author]
        trees = fit([turn for turn in learnt if turn.author != author])
        found = [shown(turn, trees) for turn in mine]
        print(f"{author}: {figures(mine, found)}")
        print(f"{author}, rules alone: {figures(mine, [shown(turn, None) for turn in mine])}")
        order, crossed = order + mine, crossed + found
    print(f"all: {figures(order, crossed)}")
    print(f"all, rules alone: {figures(order, [shown(turn, None) for turn in order])}")
    trees = fit(learnt)
    for path in given.report:
        mine = turns(chooser, _answered(row for _, row in read_lines(Path(path))))
        print(f"{Path(path).name}: {figures(mine, [shown(turn, trees) for turn in mine])}")
        print(f"{Path(path).name}, rules alone: {figures(mine, [shown(turn, None) for turn in mine])}")
    data = {"names": trees.names, "base": round(trees.base, 6), "trees": trees.trees}
    (MODELS / WEIGHTS).write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
