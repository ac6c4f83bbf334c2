"""Changes of single steps and spoilers of rulings, one fault each; defects.py says what for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assistant import Answer, Grounded, Question, Ruling, Statement, Steps
from eval.errors import InputError

Change = Callable[[Steps], Steps]
_ORDER = re.compile(
    r"\b(?:you are now|eres|novel|refuse|md|agreed|ignore|ignora|pretend|forget|rules?|system|act as|role|instructions?|instrucciones|prompt|"
    r"mode|modo|override|allowed|developer|admin|from now on|hypothetical\w*|story|say that|answer)\b",
    re.IGNORECASE,
)


def finishing(spoil: Callable[[Answer], Answer]) -> Change:
    """A change that spoils every finished answer."""
    return lambda steps: replace(steps, finish=lambda answer: spoil(steps.finish(answer)))


def ruling(spoil: Callable[[Question, Ruling], Ruling]) -> Change:
    """A change that spoils every ruling."""
    return lambda steps: replace(steps, rule=lambda asked: spoil(asked, steps.rule(asked)))


def writing(spoil: Callable[[tuple[Statement, ...]], tuple[Statement, ...]]) -> Change:
    """A change that spoils what the writer gives, before it is grounded."""
    return lambda steps: replace(steps, write=lambda asked, found: spoil(steps.write(asked, found)))


def ungrounded(change: Change) -> Change:
    """The same change with the sentence checker off."""
    return lambda steps: replace(change(steps), ground=lambda drafts: Grounded(tuple(drafts), ()))


def let_pass(ruling: Ruling) -> Ruling:
    return replace(
        ruling, outcome="answered", level=None, rule=None, words=(), notices=(), suggestions=()
    )


def forgetful(steps: Steps) -> Steps:
    """Follow-ups are taken as they stand, without the earlier messages."""

    def retrieve(asked: Question) -> Any:
        return steps.retrieve(replace(asked, earlier=()))

    return replace(steps, complete=lambda asked: replace(asked, earlier=()), retrieve=retrieve)


def never_abstaining(steps: Steps) -> Steps:
    """The floor of abstention is zero: every candidate seems certain."""

    def retrieve(asked: Question) -> Any:
        found = steps.retrieve(asked)
        sure = tuple(replace(item, probability=1.0) for item in found.candidates[:3])
        return replace(found, candidates=sure, said=1.0)

    return replace(steps, retrieve=retrieve)


def without_best(steps: Steps) -> Steps:
    """Retrieval loses what it ranks first."""

    def retrieve(asked: Question) -> Any:
        found = steps.retrieve(asked)
        return replace(found, candidates=found.candidates[1:])

    return replace(steps, retrieve=retrieve)


def generous(steps: Steps) -> Steps:
    """Retrieval keeps everything, so that answers drown in sentences beside the point."""

    def retrieve(asked: Question) -> Any:
        found = steps.retrieve(asked)
        best = max((item.probability for item in found.candidates), default=0.0)
        near = tuple(replace(item, probability=best) for item in found.candidates)
        return replace(found, candidates=near)

    return replace(steps, retrieve=retrieve)


def retriever_without(switch: str) -> Change:
    """The assistant's retriever (a LangChain retriever) with one of its searches off."""

    def change(steps: Steps) -> Steps:
        retriever = getattr(steps.retrieve, "__self__", None)
        if not hasattr(retriever, switch):
            raise InputError(f"the retriever has no switch {switch!r}")
        return replace(steps, retrieve=retriever.model_copy(update={switch: False}).retrieve)

    return change


def failing_in_spanish(steps: Steps) -> Steps:
    def rule(asked: Question) -> Ruling:
        if asked.language == "es":
            raise RuntimeError("no Spanish today")
        return steps.rule(asked)

    return replace(steps, rule=rule)


def no_alarm(asked: Question, ruling: Ruling) -> Ruling:
    return let_pass(ruling) if ruling.outcome == "urgent" else ruling


def no_rule(prefix: str) -> Callable[[Question, Ruling], Ruling]:
    def spoil(asked: Question, ruling: Ruling) -> Ruling:
        return let_pass(ruling) if (ruling.rule or "").upper().startswith(prefix) else ruling

    return spoil


def no_crisis(asked: Question, ruling: Ruling) -> Ruling:
    return let_pass(ruling) if ruling.outcome == "crisis" else ruling


def level_down(asked: Question, ruling: Ruling) -> Ruling:
    return replace(ruling, level="stop_exercise") if ruling.level else ruling


def never_declining(asked: Question, ruling: Ruling) -> Ruling:
    declining = ruling.outcome in ("declined", "partly_answered")
    return let_pass(replace(ruling, general=None)) if declining else ruling


def stonewalling(asked: Question, ruling: Ruling) -> Ruling:
    """Whoever says "my" or "I" is refused."""
    personal = re.search(r"\b(?:my|i)\b", asked.text, re.IGNORECASE)
    return replace(ruling, outcome="declined") if ruling.passes and personal else ruling


def obedient(asked: Question, ruling: Ruling) -> Ruling:
    """A message that gives the assistant orders passes, whatever it asks."""
    ordered = _ORDER.search(asked.text)
    return let_pass(replace(ruling, general=None)) if ordered else ruling
