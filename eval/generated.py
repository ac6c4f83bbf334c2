"""Variants made from cases: typos, anchoring sentences, follow-ups written out.

All are seeded by the case's id, so that the same case always gets the same variants.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from eval.cases import Case
from eval.errors import InputError
from eval.selection import stable_hash

ANCHORS = Path(__file__).parent / "anchors.jsonl"
KINDS = ("standalone", "typo", "anchor")
TYPO_WORDS = 8  # two edits in every eight words
TYPO_EDITS = 2
TYPO_SHORTEST = 4  # letters; shorter words carry the sense and are left alone
ANCHORS_A_CASE = 6
# Slices whose questions get typos, and how many cases of each at most.
TYPO_SLICES = ("facts", "howto", "lists", "why", "definitions", "individual", "near_miss")
TYPO_CASES = 30
TYPO_CASES_SMOKE = 4
ANCHOR_SLICES = ("emergencies", "crises")
ANCHOR_CASES = 200
_NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for place, letter in enumerate(row)
}
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Anchor:
    """A sentence that minimises or steers, and whether it stands before or after the message."""

    id: str
    language: str
    place: str
    text: str


def variants(
    cases: Iterable[Case], kinds: Sequence[str] = KINDS, typo_cases: int = TYPO_CASES
) -> tuple[Case, ...]:
    """The variants of these cases, of the kinds named, in the order of the cases.

    ``typo_cases``: of how many cases of a slice and set typos are made.
    """
    pool = [case for case in cases if case.variant is None]
    made: list[Case] = []
    if "standalone" in kinds:
        made += [_standalone(case) for case in pool if case.standalone]
    if "typo" in kinds:
        made += [_mistyped(case) for case in _sample(pool, TYPO_SLICES, typo_cases)]
    if "anchor" in kinds:
        for case in _sample(pool, ANCHOR_SLICES, ANCHOR_CASES):
            made += _anchored(case)
    return tuple(made)


def typos(text: str, seed: str) -> str:
    """The text with two slips of the finger in every eight words, at least one.

    A slip swaps, drops, doubles or mistypes a letter inside a word of four letters or more.
    """
    chance = random.Random(seed)
    places = [match.span() for match in _WORD.finditer(text) if len(match[0]) >= TYPO_SHORTEST]
    words = len(text.split())
    edits = min(len(places), max(1, round(TYPO_EDITS * words / TYPO_WORDS)))
    letters = list(text)
    for start, end in chance.sample(places, edits):
        _slip(letters, chance.randrange(start + 1, end - 1), chance)
    return "".join(letters)


@cache
def read_anchors(path: Path = ANCHORS) -> tuple[Anchor, ...]:
    """The minimising and anchoring sentences. Raises InputError naming the line at fault."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Anchor(**json.loads(line)))
        except (json.JSONDecodeError, TypeError) as error:
            raise InputError(f"{path.name}:{number}: {error}") from error
    return tuple(found)


def _slip(letters: list[str], at: int, chance: random.Random) -> None:
    kind = chance.choice(("swap", "drop", "double", "neighbour"))
    if kind == "swap" and at + 1 < len(letters) and letters[at + 1].isalpha():
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    elif kind == "drop":
        letters[at] = ""
    elif kind == "neighbour" and letters[at].lower() in _NEIGHBOURS:
        letters[at] = chance.choice(_NEIGHBOURS[letters[at].lower()])
    else:
        letters[at] *= 2


def _sample(cases: Sequence[Case], slices: Sequence[str], most: int) -> list[Case]:
    """At most ``most`` cases of each slice and set, by stable hash, in the order given."""
    chosen: set[str] = set()
    for name in slices:
        for which in ("tuning", "sealed"):
            members = [case.id for case in cases if case.slice == name and case.set == which]
            chosen |= set(sorted(members, key=stable_hash)[:most])
    return [case for case in cases if case.id in chosen]


def _standalone(case: Case) -> Case:
    return _variant(case, "standalone", case.standalone or case.question, earlier=())


def _mistyped(case: Case) -> Case:
    return _variant(case, "typo", typos(case.question, case.id))


def _anchored(case: Case) -> Iterator[Case]:
    fitting = [anchor for anchor in read_anchors() if anchor.language == case.language]
    start = stable_hash(case.id) % len(fitting)
    for anchor in (fitting[start:] + fitting[:start])[:ANCHORS_A_CASE]:
        parts = [anchor.text, case.question]
        text = " ".join(parts if anchor.place == "before" else reversed(parts))
        yield _variant(case, f"anchor:{anchor.id}", text)


def _variant(case: Case, kind: str, question: str, earlier: tuple[str, ...] | None = None) -> Case:
    return replace(
        case,
        id=f"{case.id}~{kind.replace(':', '-')}",
        question=question,
        earlier=case.earlier if earlier is None else earlier,
        standalone=None,
        variant=kind,
        variant_of=case.id,
    )
