"""Cases as data: one JSON Lines file a slice, validated on load, permanent ids.

A case says who asks what, after which earlier messages, and what a right answer holds. Every
mistake in a file is reported with file, line, id and reason; of a sealed case no text is shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.article import Article
from eval.errors import CaseErrors, InputError
from eval.validation import mistakes
from eval.vocabulary import ANSWERING, KEYS, LISTS, SETS

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Fact:
    """A key fact: one of the alternatives must be shown."""

    id: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One question with everything that its right answer must and must not hold."""

    id: str
    slice: str
    persona: str
    language: str
    question: str
    outcome: str
    author: str
    earlier: tuple[str, ...] = ()
    standalone: str | None = None
    level: str | None = None
    accept: tuple[str, ...] = ()
    gold_spans: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    forbidden: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    pair: str | None = None
    family: str | None = None
    tags: tuple[str, ...] = ()
    origin: str | None = None
    set: str = "tuning"
    cluster: str = ""
    variant: str | None = None
    variant_of: str | None = None

    @property
    def sealed(self) -> bool:
        """Whether no text of this case may be shown."""
        return self.set == "sealed"

    @property
    def accepted(self) -> frozenset[str]:
        """The outcomes that count as right."""
        return frozenset({self.outcome, *self.accept})

    @property
    def expects_answer(self) -> bool:
        """Whether the article's own sentences are expected."""
        return self.outcome in ANSWERING

    @property
    def sha256(self) -> str:
        """Fingerprint of all that was written in the file."""
        written = {name: _plain(getattr(self, name)) for name in sorted(KEYS)}
        return hashlib.sha256(
            json.dumps(written, sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest()


def load_cases(
    articles: Mapping[str, Article], folder: Path = CASES, sets: Sequence[str] = SETS
) -> tuple[Case, ...]:
    """The cases of the named sets, in order of set, file and line.

    Raises CaseErrors with every mistake, InputError when there is no case at all.
    """
    problems: list[str] = []
    cases: list[Case] = []
    for name in sets:
        for path in sorted((folder / name).glob("*.jsonl")):
            cases += _read(path, name, articles, problems)
    problems += _duplicates(cases) + _lost_pairs(cases)
    if problems:
        raise CaseErrors(problems)
    if not cases:
        raise InputError(f"{folder}: no case files in {' or '.join(sets)}")
    return tuple(_clustered(cases))


def _read(
    path: Path, name: str, articles: Mapping[str, Article], problems: list[str]
) -> Iterator[Case]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path.parent.name}/{path.name}: cannot be read as UTF-8: {error}")
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{path.parent.name}/{path.name}:{number}"
        written, reasons = _parse(line)
        reasons = reasons or list(mistakes(written, path.stem, name, articles))
        label = f"{place} {written.get('id', '(no id)')}"
        problems += [f"{label}: {reason}" for reason in reasons]
        if not reasons:
            yield _case(written, name)


def _parse(line: str) -> tuple[dict[str, Any], list[str]]:
    try:
        written = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, [f"not JSON: {error.msg} at column {error.colno}"]
    if not isinstance(written, dict):
        return {}, ["not a JSON object"]
    return written, []


def _case(written: Mapping[str, Any], name: str) -> Case:
    values: dict[str, Any] = {
        key: tuple(value) if key in LISTS else value for key, value in written.items()
    }
    values["facts"] = tuple(
        Fact(fact["id"], tuple(fact["any_of"])) for fact in written.get("facts", ())
    )
    return Case(**values, set=name)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {"id": value.id, "any_of": list(value.any_of)} if isinstance(value, Fact) else value


def _duplicates(cases: Iterable[Case]) -> list[str]:
    seen: dict[str, str] = {}
    problems = []
    for case in cases:
        place = f"{case.set}/{case.slice}.jsonl"
        if case.id in seen:
            problems.append(f"{place} {case.id}: this id is already used in {seen[case.id]}")
        seen.setdefault(case.id, place)
    return problems


def _lost_pairs(cases: Sequence[Case]) -> list[str]:
    known = {case.id: case.set for case in cases}
    return [
        f"{case.set}/{case.slice}.jsonl {case.id}: 'pair' {case.pair!r} is no case of this set"
        for case in cases
        if case.pair and known.get(case.pair) != case.set
    ]


def _clustered(cases: Sequence[Case]) -> Iterator[Case]:
    """Each case with its cluster: cases joined by pair or family are not independent."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for case in cases:
        for other in (case.pair, case.family and f"family:{case.family}"):
            if other:
                first, second = sorted((root(case.id), root(other)))
                parent[second] = first
    for case in cases:
        yield replace(case, cluster=root(case.id))
