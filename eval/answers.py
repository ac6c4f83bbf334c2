"""An answer object (``answer.schema.json``) as typed records, whoever produced it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eval.vocabulary import LEVELS, OUTCOMES


class MalformedAnswerError(Exception):
    """A target's reply is not an answer object; the message says why."""


@dataclass(frozen=True)
class Citation:
    """Where in which article a statement rests, and the references shown with it."""

    number: int
    article: str
    passage: str
    quote: str
    start: int
    end: int
    references: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Statement:
    """One sentence or list line as shown, with the numbers of its citations."""

    text: str
    citations: tuple[int, ...]
    support: str
    group: str | None


@dataclass(frozen=True)
class Notice:
    """A sentence in the assistant's own voice."""

    id: str
    text: str
    order: int


@dataclass(frozen=True)
class Hit:
    """A retrieved passage, best first, and its score (None when the target gives none)."""

    passage: str
    text: str
    start: int | None
    end: int | None
    score: float | None


@dataclass(frozen=True)
class Shown:
    """What a person was shown, and what a trace adds to it."""

    outcome: str
    level: str | None
    language: str
    understood_as: str
    statements: tuple[Statement, ...]
    citations: Mapping[int, Citation]
    notices: tuple[Notice, ...]
    nearest: tuple[str, ...]
    text: str
    hits: tuple[Hit, ...] | None
    timings: Mapping[str, float]
    raw: Mapping[str, Any]

    def cited(self, statement: Statement) -> tuple[Citation, ...]:
        """The citations of a statement that exist in this answer."""
        return tuple(
            self.citations[number] for number in statement.citations if number in self.citations
        )

    @property
    def substantive(self) -> bool:
        """Whether the answer shows something of the article."""
        return bool(self.statements)


def parse_answer(raw: Any) -> Shown:
    """The typed form of an answer object. Raises MalformedAnswerError when it is none."""
    if not isinstance(raw, Mapping):
        raise MalformedAnswerError(f"the reply is {type(raw).__name__}, not an object")
    if raw.get("outcome") not in OUTCOMES:
        raise MalformedAnswerError(f"outcome {raw.get('outcome')!r} is not in the vocabulary")
    if raw.get("level") is not None and raw["level"] not in LEVELS:
        raise MalformedAnswerError(f"level {raw['level']!r} is not in the vocabulary")
    try:
        return _shown(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedAnswerError(f"{type(error).__name__}: {error}") from error


def _shown(raw: Mapping[str, Any]) -> Shown:
    hits = raw.get("hits")
    citations = tuple(_citation(item) for item in raw.get("citations", ()))
    return Shown(
        outcome=raw["outcome"],
        level=raw.get("level"),
        language=str(raw.get("language", "")),
        understood_as=str(raw.get("understood_as", raw.get("question", ""))),
        statements=tuple(_statement(item) for item in raw.get("statements", ())),
        citations={citation.number: citation for citation in citations},
        notices=tuple(_notice(item) for item in raw.get("notices", ())),
        nearest=tuple(map(str, raw.get("nearest", ()))),
        text=str(raw["text"]),
        hits=None if hits is None else tuple(_hit(item) for item in hits),
        timings={str(step): float(ms) for step, ms in (raw.get("timings") or {}).items()},
        raw=raw,
    )


def _citation(item: Mapping[str, Any]) -> Citation:
    passage = str(item.get("passage", ""))
    return Citation(
        number=int(item["number"]),
        article=str(item.get("article") or passage.split("/")[0]),
        passage=passage,
        quote=str(item["quote"]),
        start=int(item["start"]),
        end=int(item["end"]),
        references=tuple(item.get("references", ())),
    )


def _statement(item: Mapping[str, Any]) -> Statement:
    return Statement(
        text=str(item["text"]),
        citations=tuple(int(number) for number in item.get("citations", ())),
        support=str(item.get("support", "paraphrase")),
        group=item.get("group"),
    )


def _notice(item: Mapping[str, Any]) -> Notice:
    return Notice(str(item["id"]), str(item["text"]), int(item.get("order", 0)))


def _hit(item: Mapping[str, Any]) -> Hit:
    start, end, score = item.get("start"), item.get("end"), item.get("score")
    return Hit(
        passage=str(item.get("passage", item.get("id", ""))),
        text=str(item.get("text", "")),
        start=None if start is None else int(start),
        end=None if end is None else int(end),
        score=None if score is None else float(score),
    )
