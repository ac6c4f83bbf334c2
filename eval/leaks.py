"""Near-copies: cases that stand, word for word or nearly, in what the assistant learnt from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.cases import Case
from eval.errors import InputError
from eval.folding import words

ALIKE = 0.85  # Jaccard similarity of the sets of words
LEAST = 5  # words; shorter questions are alike by nature and only an exact copy counts


@dataclass(frozen=True)
class Learnt:
    """A sentence that the assistant's index or policy holds, and where."""

    place: str
    text: str


@dataclass(frozen=True)
class Leak:
    """A case's question and the learnt sentence that it is too much like."""

    case: Case
    learnt: Learnt
    likeness: float


def read_learnt(corpus: Path) -> tuple[Learnt, ...]:
    """Question variants and policy examples of a corpus. Raises InputError naming a broken line."""
    found: list[Learnt] = []
    for path in sorted(corpus.glob("*/questions*.jsonl")):
        found += _read(path, "question")
    for path in sorted((corpus / "policy").rglob("*.jsonl")):
        found += _read(path, "text")
    return tuple(found)


def leaks(cases: Iterable[Case], learnt: Sequence[Learnt]) -> tuple[Leak, ...]:
    """Every case whose question, or written-out form, is too like a learnt sentence."""
    known = [(item, frozenset(words(item.text))) for item in learnt]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, (_, tokens) in enumerate(known):
        for token in tokens:
            holders[token].append(number)
    found = (_closest(case, known, holders) for case in cases)
    return tuple(leak for leak in found if leak)


def as_text(found: Sequence[Leak]) -> str:
    """One line for each near-copy of a tuning case; sealed ones are only counted."""
    lines = [
        f"{leak.case.id}: {leak.likeness:.2f} like {leak.learnt.place}: {leak.learnt.text[:80]!r}"
        for leak in found
        if not leak.case.sealed
    ]
    sealed = sum(leak.case.sealed for leak in found)
    return "\n".join([*lines, f"{len(lines)} tuning and {sealed} sealed near-copies"])


def _read(path: Path, key: str) -> Iterator[Learnt]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)[key]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path.name}:{number}: no {key!r}: {error}") from error
        yield Learnt(f"{path.name}:{number}", str(text))


def _closest(
    case: Case,
    known: Sequence[tuple[Learnt, frozenset[str]]],
    holders: dict[str, list[int]],
) -> Leak | None:
    best: Leak | None = None
    for question in filter(None, (case.question, case.standalone)):
        listed = words(question)
        if case.earlier and question == case.question and len(listed) < LEAST:
            continue  # "and sets?" is anybody's; what it leans on makes it a question
        tokens = frozenset(listed)
        for number in _candidates(tokens, holders):
            item, other = known[number]
            likeness = len(tokens & other) / len(tokens | other)
            same = likeness == 1 and listed == words(item.text)
            alike = same or (likeness >= ALIKE and len(tokens) >= LEAST)
            if alike and (best is None or likeness > best.likeness):
                best = Leak(case, item, likeness)
    return best


def _candidates(tokens: frozenset[str], holders: dict[str, list[int]]) -> set[int]:
    """Sentences that share a rare word: alike ones must share one of the rarest few."""
    # With likeness >= 0.85 at most 15 % of the words may be missing from the other sentence.
    missing = int(len(tokens) * (1 - ALIKE)) + 1
    rarest = sorted(tokens, key=lambda token: len(holders.get(token, ())))[:missing]
    return {number for token in rarest for number in holders.get(token, ())}
