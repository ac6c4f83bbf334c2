"""Spans of the article: where gold stands, where statements rest, how far they overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eval.answers import Citation, Statement
from eval.article import Article, pieces_without_citations

Span = tuple[int, int]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same area as disjoint spans in order."""
    area: list[Span] = []
    for start, end in sorted(spans):
        if area and start <= area[-1][1]:
            area[-1] = (area[-1][0], max(area[-1][1], end))
        else:
            area.append((start, end))
    return area


def letters(text: str, spans: Iterable[Span]) -> int:
    """How many word characters (letters and digits) disjoint spans hold."""
    return sum(sum(map(str.isalnum, text[start:end])) for start, end in spans)


def common(first: Sequence[Span], second: Sequence[Span]) -> list[Span]:
    """The area that two lists of disjoint spans share."""
    return [
        (max(a[0], b[0]), min(a[1], b[1]))
        for a in first
        for b in second
        if max(a[0], b[0]) < min(a[1], b[1])
    ]


def statement_spans(statement: Statement, citations: Iterable[Citation]) -> list[tuple[str, Span]]:
    """Article id and span of what a statement shows of each citation.

    In-text citations are never shown; where the statement's text stands in the rest of the quote,
    only that is shown, otherwise the whole rest.
    """
    spans = []
    for citation in citations:
        for start, end in _shown_of(citation.quote, statement.text):
            spans.append((citation.article, (citation.start + start, citation.start + end)))
    return spans


def _shown_of(quote: str, text: str) -> list[Span]:
    kept = pieces_without_citations(quote)
    bare = "".join(quote[start:end] for start, end in kept)
    first = bare.find(text)
    if first < 0:
        return kept
    shown, at = [], 0
    for start, end in kept:
        low, high = max(first, at), min(first + len(text), at + end - start)
        if low < high:
            shown.append((start + low - at, start + high - at))
        at += end - start
    return shown


def gold_places(
    gold_spans: Sequence[str], articles: Mapping[str, Article]
) -> tuple[tuple[str, str, tuple[Span, ...]], ...]:
    """Each gold span with its article and the places that count for it.

    A span that stands once has one place. One that stands several times ("Equipment: None") is
    taken at the first place after the gold span before it in the case, else at the last place
    before the one after it; with no neighbour to tell by, every place counts.
    """
    found: list[tuple[str, str, tuple[Span, ...]]] = []
    for span in gold_spans:
        article = next((item for item in articles.values() if span in item.text), None)
        if article is not None:
            found.append((span, article.id, article.occurrences(span)))
    found = _forwards(found)
    return tuple(reversed(_backwards(found[::-1])))


def _forwards(
    found: list[tuple[str, str, tuple[Span, ...]]],
) -> list[tuple[str, str, tuple[Span, ...]]]:
    settled: list[tuple[str, str, tuple[Span, ...]]] = []
    for span, article, places in found:
        before = _single(settled[-1], article) if settled else None
        later = [place for place in places if before and place[0] >= before[1]]
        one = (later[0],) if len(places) > 1 and later else places
        settled.append((span, article, one))
    return settled


def _backwards(
    found: list[tuple[str, str, tuple[Span, ...]]],
) -> list[tuple[str, str, tuple[Span, ...]]]:
    settled: list[tuple[str, str, tuple[Span, ...]]] = []
    for span, article, places in found:
        after = _single(settled[-1], article) if settled else None
        sooner = [place for place in places if after and place[1] <= after[0]]
        one = (sooner[-1],) if len(places) > 1 and sooner else places
        settled.append((span, article, one))
    return settled


def _single(item: tuple[str, str, tuple[Span, ...]], article: str) -> Span | None:
    return item[2][0] if item[1] == article and len(item[2]) == 1 else None
