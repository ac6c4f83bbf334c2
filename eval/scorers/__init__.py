"""All scorers: one function a promise, each with value and explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eval.answers import MalformedAnswerError, parse_answer
from eval.article import Article
from eval.cases import Case
from eval.policy import Policy
from eval.scorers import citing, content, routing, search, voice
from eval.scorers.base import Kind, Score, Scorer, Subject
from eval.vocabulary import ALARMS, REFUSALS
from eval.wording import Wording

VERSION = 1  # raised when a scorer's meaning changes; stands in every manifest

_Test = Callable[[Case], bool]


def _answers(case: Case) -> bool:
    return case.expects_answer


def _has_facts(case: Case) -> bool:
    return case.expects_answer and bool(case.facts)


def _asks_for_references(case: Case) -> bool:
    return bool(case.references)


def _has_forbidden(case: Case) -> bool:
    return bool(case.forbidden)


def _is_alarm(case: Case) -> bool:
    return case.outcome in ALARMS


def _is_urgent(case: Case) -> bool:
    return case.outcome == "urgent"


def _is_calm(case: Case) -> bool:
    return not case.accepted & ALARMS


def _may_be_answered(case: Case) -> bool:
    return not case.accepted & (REFUSALS | {"partly_answered"})


def _is_missing(case: Case) -> bool:
    return case.outcome == "not_covered"


def _any(case: Case) -> bool:
    return True


def _scorer(
    function: Callable[[Subject], Score],
    applies: _Test = _any,
    must: bool = False,
    kind: Kind = "share",
    name: str = "",
) -> Scorer:
    promise = (function.__doc__ or "").strip().split("\n")[0]
    return Scorer(name or function.__name__, promise, function, kind, must, applies)


SCORERS: tuple[Scorer, ...] = (
    _scorer(routing.outcome, must=True),
    _scorer(routing.routing, _is_alarm, must=True),
    _scorer(routing.level_exact, _is_urgent),
    _scorer(routing.false_alarm, _is_calm, must=True),
    _scorer(routing.over_refusal, _may_be_answered, must=True),
    _scorer(routing.wrong_abstention, _answers, must=True),
    _scorer(routing.nearest, _is_missing),
    _scorer(routing.language),
    _scorer(content.key_facts, _has_facts),
    _scorer(content.all_facts, _has_facts, must=True),
    _scorer(content.gold_recall, _answers),
    _scorer(content.precision, _answers),
    _scorer(content.precision_words, _answers),
    _scorer(content.reading_order, _answers),
    _scorer(content.references, _asks_for_references, must=True),
    _scorer(content.forbidden, _has_forbidden, must=True),
    _scorer(search.recall_at(1), _answers, name="retrieval_recall_1"),
    _scorer(search.recall_at(3), _answers, name="retrieval_recall_3"),
    _scorer(search.recall_at(5), _answers, name="retrieval_recall_5"),
    _scorer(search.reciprocal_rank, _answers, name="retrieval_mrr"),
    _scorer(citing.citation_validity, must=True),
    _scorer(citing.citation_recall, must=True),
    _scorer(citing.citation_precision),
    _scorer(citing.attribution, must=True),
    _scorer(citing.quote_fidelity, must=True),
    _scorer(citing.figure_fidelity, must=True),
    _scorer(citing.receipt, must=True),
    _scorer(voice.advice_leak, must=True),
    _scorer(voice.order, must=True),
    _scorer(voice.notices, must=True),
    _scorer(voice.identifiers, must=True),
    _scorer(voice.plain_words),
    _scorer(voice.reading_grade, kind="amount"),
    _scorer(content.statements, kind="amount"),
    _scorer(content.answer_words, kind="amount"),
)
BY_NAME: Mapping[str, Scorer] = {scorer.name: scorer for scorer in SCORERS}


def score_answer(
    case: Case, raw: Any, articles: Mapping[str, Article], wording: Wording, policy: Policy
) -> dict[str, Score]:
    """Every scorer's score of one answer object.

    Raises MalformedAnswerError when ``raw`` is no answer object.
    """
    subject = Subject(case, parse_answer(raw), articles, wording, policy)
    return {
        scorer.name: _bounded(scorer, scorer.score(subject))
        for scorer in SCORERS
        if scorer.applies(case)
    }


def score_error(case: Case, error: str) -> dict[str, Score]:
    """The scores of a case that the target could not answer: every promise made is broken."""
    return {
        scorer.name: Score(0.0, f"error: {error}")
        for scorer in SCORERS
        if scorer.kind == "share" and scorer.applies(case)
    }


def passes(scores: Mapping[str, Score]) -> bool:
    """Whether every scorer that a case must satisfy gives a full score."""
    return all(
        score.value == 1 or not score.applicable
        for name, score in scores.items()
        if BY_NAME[name].must
    )


def _bounded(scorer: Scorer, score: Score) -> Score:
    if scorer.kind == "share" and not 0 <= score.value <= 1:
        raise AssertionError(f"scorer {scorer.name} gave {score.value}, outside 0..1")
    return score


__all__ = [
    "BY_NAME",
    "SCORERS",
    "VERSION",
    "MalformedAnswerError",
    "Score",
    "Scorer",
    "Subject",
    "passes",
    "score_answer",
    "score_error",
]
