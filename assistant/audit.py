"""What is odd in an article: what an editor should settle before patients rely on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.article import Article, Passage
from assistant.exercises import Exercise


@dataclass(frozen=True)
class Finding:
    """One oddity: its kind, where (passage or reference ids), and a line that explains it."""

    kind: str
    where: tuple[str, ...]
    text: str


def audit(article: Article, exercises: tuple[Exercise, ...]) -> list[Finding]:
    """All oddities of `article`, grouped by kind, in reading order."""
    mine = tuple(e for e in exercises if e.passage.article == article.id)
    return [
        *_uncited(article),
        *_unresolved(article),
        *_undated(article),
        *_conflicts(article),
        *_empty_headings(article),
        *_incomplete(mine),
        *_without_source(article),
    ]


def _running(article: Article) -> list[Passage]:
    return [p for p in article.passages if p.kind not in ("reference", "heading")]


def _uncited(article: Article) -> Iterator[Finding]:
    cited = {name for p in _running(article) for name in p.references}
    for reference in article.references:
        if reference.id not in cited:
            text = f"{reference.label} is listed but never cited"
            yield Finding("uncited reference", (reference.id,), text)


def _unresolved(article: Article) -> Iterator[Finding]:
    for passage in _running(article):
        for sentence in passage.sentences:
            for label in sentence.unresolved:
                text = f"({label}) has no entry in the references"
                yield Finding("citation without entry", (passage.id,), text)


def _undated(article: Article) -> Iterator[Finding]:
    for reference in article.references:
        if reference.undated:
            count = sum(
                name == reference.id
                for p in _running(article) for s in p.sentences for name in s.references
            )  # fmt: skip
            text = f"{reference.label} gives no year; cited {count} times"
            yield Finding("undated source", (reference.id,), text)


_FACTS = {
    "telephone numbers": re.compile(r"\b\d{3}-\d{3}-\d{4}\b"),
    "numbers of states": re.compile(r"\b\d+(?= States\b)"),
}
_CREDENTIAL = re.compile(r"\b(?P<stem>[A-Z]{2,5})-(?P<suffix>[A-Z]{1,3})\b(?!\d)")


def _conflicts(article: Article) -> Iterator[Finding]:
    """Facts that the article states in more than one way."""
    for name, pattern in _FACTS.items():
        yield from _conflict(name, _places(article, pattern))
    by_stem: dict[str, dict[str, list[str]]] = {}
    for value, places in _places(article, _CREDENTIAL).items():
        by_stem.setdefault(value.split("-")[0], {})[value] = places
    for stem, places_by_value in by_stem.items():
        if _names_a_person(article, places_by_value):
            yield from _conflict(f"forms of {stem}", places_by_value)


def _names_a_person(article: Article, values: dict[str, list[str]]) -> bool:
    """Whether more than one of the forms follows the same title or name, as in "DC, FNP-C"."""
    named = [v for v in values if re.search(rf"DC, (?:\w+, )*{re.escape(v)}|\({v}\)", article.text)]
    return len(named) > 1


def _places(article: Article, pattern: re.Pattern[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for passage in _running(article):
        for match in pattern.finditer(passage.text):
            places = found.setdefault(match.group(), [])
            if passage.id not in places:
                places.append(passage.id)
    return found


def _conflict(name: str, places: dict[str, list[str]]) -> Iterator[Finding]:
    if len(places) > 1:
        where = tuple(dict.fromkeys(place for ids in places.values() for place in ids))
        yield Finding("conflicting fact", where, f"{name}: {' and '.join(places)}")


def _empty_headings(article: Article) -> Iterator[Finding]:
    for heading in article.passages:
        if heading.kind == "heading" and not article.children(heading):
            text = f"nothing stands under the heading {heading.text!r}"
            yield Finding("empty heading", (heading.id,), text)


def _incomplete(exercises: tuple[Exercise, ...]) -> Iterator[Finding]:
    for name in ("hold", "sets", "repetitions"):
        for exercise in exercises:
            if getattr(exercise, name) is None:
                what = "hold time" if name == "hold" else name
                yield Finding(f"no {what}", (exercise.id,), f"{exercise.name} names no {what}")
    for exercise in exercises:
        words = " ".join(step.text.lower() for step in exercise.steps)
        for option in exercise.equipment_options:
            if option != "none" and not re.search(rf"\b{re.escape(option.split()[-1])}", words):
                text = f"{exercise.name}: the steps never mention the {option}"
                yield Finding("equipment without steps", (exercise.id,), text)
        band = len(exercise.equipment_options) > 1 and "none" in exercise.equipment_options
        if band and any(o.split()[-1] in words for o in exercise.equipment_options if o != "none"):
            text = f"{exercise.name}: no equipment is allowed, but the only steps use some"
            yield Finding("equipment without steps", (exercise.id,), text)


def _without_source(article: Article) -> Iterator[Finding]:
    """Sections of running text in which no sentence cites anything."""
    sections: dict[tuple[str, ...], list[Passage]] = {}
    for passage in _running(article):
        if passage.kind == "paragraph" and passage.heading:
            sections.setdefault(passage.heading, []).append(passage)
    for heading, passages in sections.items():
        under = [p for p in _running(article) if p.heading[: len(heading)] == heading]
        if not any(p.references for p in under):
            text = f"no source is given in {' > '.join(heading)!r}"
            yield Finding("section without source", (passages[0].id,), text)
