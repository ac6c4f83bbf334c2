"""The article as the suite reads it: text, sentences and who is cited where.

Read straight from ``corpus/<article>/article.md`` and parsed here a second time, so that a fault
in the assistant's own parsing cannot hide itself from the scorers.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eval.errors import InputError

_PARENTHESIS = re.compile(r"\s*\(([^()]*)\)")
_CITATION = re.compile(r"^\s*(?P<names>\S.*?),\s*(?P<year>\d{4}|n\.d\.)(?P<letter>[a-z]?)\s*$")
_ENTRY = re.compile(r"^(?:- )?(?P<names>[^()]+)\((?P<year>\d{4}|n\.d\.)(?P<letter>[a-z]?)\)")
_LINK = re.compile(r"https?://\S+")
_SENTENCE_END = re.compile(
    r"(?<!\bDr)(?<!\bal)(?<!\bn\.d)[.!?][\"\u201d')]*\s+(?=[\"\u201c(]?[A-Z])"
)
_MARKUP = re.compile(r"^(?:#{1,6} |\s*- )")


@dataclass(frozen=True)
class Unit:
    """A sentence, list line or heading: ``text[start:end]``, and the reference ids it cites."""

    start: int
    end: int
    references: frozenset[str]
    is_heading: bool = False


@dataclass(frozen=True)
class Article:
    """One article of the corpus; spans count characters of the whole file."""

    id: str
    text: str

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Every sentence, list line and heading, in order."""
        return tuple(_units(self.text))

    @cached_property
    def entries(self) -> Mapping[str, str]:
        """Reference id -> the line of the printed list of references."""
        found: dict[str, str] = {}
        for unit in self.units:
            line = self.text[unit.start : unit.end]
            if (match := _ENTRY.match(line)) and _LINK.search(line):
                found[_reference_id(match)] = line
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [unit.start for unit in self.units]

    def units_of(self, start: int, end: int) -> tuple[Unit, ...]:
        """The units that ``[start, end)`` touches."""
        first = max(0, bisect_right(self._starts, start) - 1)
        touched = []
        for unit in self.units[first:]:
            if unit.start >= end:
                break
            if unit.end > start:
                touched.append(unit)
        return tuple(touched)

    def occurrences(self, piece: str) -> tuple[tuple[int, int], ...]:
        """Where ``piece`` stands, word for word, as spans in order."""
        spans, start = [], self.text.find(piece)
        while start >= 0:
            spans.append((start, start + len(piece)))
            start = self.text.find(piece, start + 1)
        return tuple(spans)

    def holds(self, start: int, end: int) -> bool:
        """Whether ``[start, end)`` is a span of this article with something in it."""
        return 0 <= start < end <= len(self.text)


def read_articles(corpus: Path) -> dict[str, Article]:
    """The articles of a corpus folder by id. Raises InputError when there are none."""
    articles = {
        path.parent.name: Article(path.parent.name, path.read_bytes().decode("utf-8"))
        for path in sorted(corpus.glob("*/article.md"))
    }
    if not articles:
        raise InputError(f"{corpus}: no <article>/article.md in it; give --corpus a corpus folder")
    return articles


def without_citations(text: str) -> str:
    """The text without its in-text citations, e.g. "(Grace et al., 1984)"."""
    return "".join(text[start:end] for start, end in pieces_without_citations(text))


def pieces_without_citations(text: str) -> list[tuple[int, int]]:
    """The spans of a text that remain when its in-text citations are left out."""
    pieces, at = [], 0
    for match in _PARENTHESIS.finditer(text):
        if _cited(match[1]):
            pieces.append((at, match.start()))
            at = match.end()
    return [piece for piece in (*pieces, (at, len(text))) if piece[0] < piece[1]]


def _cited(inside: str) -> list[str]:
    matches = [_CITATION.match(part) for part in inside.split(";")]
    return [_reference_id(match) for match in matches if match] if all(matches) else []


def _reference_id(match: re.Match[str]) -> str:
    """First author's surname and year, e.g. "silvers-granelli-2021", "jimenez-nd"."""
    surname = re.split(r",| et al\.| & | and ", match["names"].strip())[0]
    folded = unicodedata.normalize("NFKD", surname)
    bare = "".join(letter for letter in folded if letter.isascii()).lower()
    year = "nd" if match["year"] == "n.d." else match["year"]
    return f"{re.sub('[^a-z]+', '-', bare).strip('-')}-{year}{match['letter']}"


def _units(text: str) -> list[Unit]:
    units: list[Unit] = []
    for line in re.finditer(r"[^\n]+", _without_front_matter(text)):
        markup = _MARKUP.match(line[0])
        start = line.start() + (markup.end() if markup else 0)
        if start < line.end() and line[0].strip():
            units += _units_of_line(text, start, line.end(), markup[0] if markup else "")
    return units


def _units_of_line(text: str, start: int, end: int, markup: str) -> list[Unit]:
    if markup:
        line = text[start:end]
        entry = _ENTRY.match(line) if _LINK.search(line) else None
        own = {_reference_id(entry)} if entry else set()
        return [Unit(start, end, frozenset(own | _references(line)), markup.startswith("#"))]
    ends = [start + match.end() for match in _SENTENCE_END.finditer(text[start:end])] + [end]
    starts = [start, *ends[:-1]]
    return [
        Unit(
            first, first + len(text[first:last].rstrip()), frozenset(_references(text[first:last]))
        )
        for first, last in zip(starts, ends, strict=True)
    ]


def _references(text: str) -> set[str]:
    return {cited for inside in _PARENTHESIS.findall(text) for cited in _cited(inside)}


def _without_front_matter(text: str) -> str:
    """The same text with front matter blanked, so that spans stay what they are."""
    if not text.startswith("---\n") or (end := text.find("\n---\n", 3)) < 0:
        return text
    return "\n" * (end + 5) + text[end + 5 :]
