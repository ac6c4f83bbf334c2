"""What a scorer takes and gives: a subject (case, answer, article) and a score that explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from eval.answers import Citation, Shown, Statement
from eval.article import Article
from eval.cases import Case
from eval.policy import Policy
from eval.scorers.spans import Span, gold_places, merged, statement_spans
from eval.wording import Wording

Kind = Literal["share", "amount"]


@dataclass(frozen=True)
class Score:
    """A value with its reason; ``applicable`` is False when the promise says nothing here.

    ``value`` lies in 0..1 for shares (1 is best) and is a plain number for amounts.
    """

    value: float
    explanation: str
    applicable: bool = True


def not_applicable(reason: str) -> Score:
    """A score that counts nowhere; the reason says why."""
    return Score(0.0, reason, applicable=False)


def verdict(right: bool, wrong: str, fine: str = "as it should be") -> Score:
    """1 with ``fine`` or 0 with ``wrong``."""
    return Score(1.0, fine) if right else Score(0.0, wrong)


def share(right: int, n: int, wrong: list[str], what: str) -> Score:
    """``right`` of ``n``, naming what was wrong."""
    if n == 0:
        return not_applicable(f"no {what}")
    listed = "" if not wrong else ": " + "; ".join(wrong)
    return Score(right / n, f"{right} of {n} {what}{listed}")


@dataclass(frozen=True)
class Subject:
    """One case with the answer that it got; derived views are computed once."""

    case: Case
    shown: Shown
    articles: Mapping[str, Article]
    wording: Wording
    policy: Policy

    @cached_property
    def gold(self) -> tuple[tuple[str, str, tuple[Span, ...]], ...]:
        """Each gold span with its article's id and the places where it may be shown."""
        return gold_places(self.case.gold_spans, self.articles)

    @cached_property
    def gold_area(self) -> dict[str, list[Span]]:
        """All places of all gold spans by article."""
        area: dict[str, list[Span]] = {}
        for _, article, places in self.gold:
            area.setdefault(article, []).extend(places)
        return {article: merged(spans) for article, spans in area.items()}

    def spans(self, statement: Statement) -> list[tuple[str, Span]]:
        """Where in the articles a statement rests, cut to what it shows."""
        return statement_spans(statement, self.sound(statement))

    def sound(self, statement: Statement) -> tuple[Citation, ...]:
        """The citations of a statement whose span holds the quote that they show."""
        return tuple(item for item in self.shown.cited(statement) if self.is_sound(item))

    def is_sound(self, citation: Citation) -> bool:
        """Whether the article holds the quote where the citation says."""
        article = self.articles.get(citation.article)
        return (
            article is not None
            and article.holds(citation.start, citation.end)
            and article.text[citation.start : citation.end] == citation.quote
        )

    @cached_property
    def evidence(self) -> str:
        """What a person reads of the article here: statements with their group labels."""
        parts = []
        for statement in self.shown.statements:
            parts += [statement.group or "", statement.text]
        return "\n".join(parts)


@dataclass(frozen=True)
class Scorer:
    """A promise, how it is counted, and the function that judges one answer by it.

    ``applies`` decides by the case alone, so that an error counts as a broken promise;
    ``must`` says that a case passes only with a full score here.
    """

    name: str
    promise: str
    score: Callable[[Subject], Score]
    kind: Kind = "share"
    must: bool = False
    applies: Callable[[Case], bool] = lambda case: True
