"""Did retrieval bring the gold, and how high? Needs a traced answer (``hits``)."""

from __future__ import annotations

from collections.abc import Callable

from eval.answers import Hit
from eval.folding import plain
from eval.scorers.base import Score, Subject, not_applicable
from eval.scorers.content import COVERED
from eval.scorers.spans import Span, common, letters


def recall_at(k: int) -> Callable[[Subject], Score]:
    """A scorer: share of gold spans held by one of the first ``k`` retrieved passages."""

    def recall(subject: Subject) -> Score:
        hits = subject.shown.hits
        if hits is None or not subject.gold:
            return not_applicable("no trace of retrieval" if hits is None else "no gold")
        held = sum(any(_holds(subject, hit, gold) for hit in hits[:k]) for gold in subject.gold)
        total = len(subject.gold)
        return Score(held / total, f"{held} of {total} gold spans in the first {k} passages")

    recall.__doc__ = f"Share of gold spans held by one of the first {k} retrieved passages."
    return recall


def reciprocal_rank(subject: Subject) -> Score:
    """1 / rank of the first retrieved passage that holds a gold span; 0 when none does."""
    hits = subject.shown.hits
    if hits is None or not subject.gold:
        return not_applicable("no trace of retrieval" if hits is None else "no gold")
    for rank, hit in enumerate(hits, 1):
        if any(_holds(subject, hit, gold) for gold in subject.gold):
            return Score(1 / rank, f"first gold at rank {rank}")
    return Score(0.0, f"no gold among {len(hits)} passages")


def _holds(subject: Subject, hit: Hit, gold: tuple[str, str, tuple[Span, ...]]) -> bool:
    span, article, places = gold
    if hit.start is None or hit.end is None:
        return plain(span) in plain(hit.text)
    text = subject.articles[article].text
    return any(
        letters(text, common([(hit.start, hit.end)], [place])) >= COVERED * letters(text, [place])
        for place in places
    )
