"""A record as the report shows it: the answer as a person sees it, its sources beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eval.answers import Citation, Shown, parse_answer
from eval.article import Article
from eval.cases import Case
from eval.records import Record
from eval.scorers import BY_NAME


@dataclass(frozen=True)
class Line:
    """A statement with its group, support and citation numbers."""

    text: str
    group: str
    support: str
    numbers: tuple[int, ...]
    sound: bool


@dataclass(frozen=True)
class Source:
    """A cited passage: the quote in its surroundings, and the references shown with it."""

    number: int
    place: str
    before: str
    quote: str
    after: str
    references: str


@dataclass(frozen=True)
class CaseView:
    """All that the report shows of one case."""

    record: Record
    before: tuple[str, ...]
    lines: tuple[Line, ...]
    after: tuple[str, ...]
    sources: tuple[Source, ...]
    failed: tuple[tuple[str, str, float], ...]
    fine: tuple[tuple[str, str, float], ...]
    gold: tuple[str, ...]
    ranks: str


def view(record: Record, case: Case | None, articles: Mapping[str, Article]) -> CaseView:
    """The view of a record; ``case`` is None when the case is gone since."""
    shown = parse_answer(record.answer) if record.answer is not None else None
    scored = [
        (name, score.explanation, score.value)
        for name, score in sorted(record.scores.items())
        if score.applicable
    ]
    wrong = [item for item in scored if BY_NAME[item[0]].kind == "share" and item[2] < 1]
    return CaseView(
        record=record,
        before=_notices(shown, before=True),
        lines=_lines(shown, articles),
        after=_notices(shown, before=False),
        sources=_sources(shown, articles),
        failed=tuple(wrong),
        fine=tuple(item for item in scored if item not in wrong),
        gold=case.gold_spans if case else (),
        ranks=_ranks(shown),
    )


def _notices(shown: Shown | None, before: bool) -> tuple[str, ...]:
    if shown is None:
        return ()
    ordered = sorted(shown.notices, key=lambda notice: notice.order)
    return tuple(notice.text for notice in ordered if (notice.order < 0) == before)


def _lines(shown: Shown | None, articles: Mapping[str, Article]) -> tuple[Line, ...]:
    if shown is None:
        return ()
    return tuple(
        Line(
            text=statement.text,
            group=statement.group or "",
            support=statement.support,
            numbers=statement.citations,
            sound=all(_is_sound(item, articles) for item in shown.cited(statement)),
        )
        for statement in shown.statements
    )


def _is_sound(citation: Citation, articles: Mapping[str, Article]) -> bool:
    article = articles.get(citation.article)
    return article is not None and article.text[citation.start : citation.end] == citation.quote


def _sources(shown: Shown | None, articles: Mapping[str, Article]) -> tuple[Source, ...]:
    if shown is None:
        return ()
    return tuple(_source(item, articles, shown) for item in shown.citations.values())


def _source(citation: Citation, articles: Mapping[str, Article], shown: Shown) -> Source:
    before = after = ""
    if (article := articles.get(citation.article)) and _is_sound(citation, articles):
        first = article.text.rfind("\n", 0, citation.start) + 1
        last = article.text.find("\n", citation.end)
        before = article.text[first : citation.start].lstrip("#- ")
        after = article.text[citation.end : last if last >= 0 else len(article.text)]
    raw: Mapping[str, Any] = next(
        item for item in shown.raw["citations"] if item["number"] == citation.number
    )
    labels = [str(item.get("label", item.get("id"))) for item in citation.references]
    return Source(
        number=citation.number,
        place=" > ".join(raw.get("heading", ())) or citation.passage,
        before=before,
        quote=citation.quote,
        after=after,
        references="; ".join(labels) or "the article gives no source here",
    )


def _ranks(shown: Shown | None) -> str:
    if shown is None or not shown.hits:
        return ""
    return ", ".join(f"{rank}. {hit.passage}" for rank, hit in enumerate(shown.hits[:5], 1))
