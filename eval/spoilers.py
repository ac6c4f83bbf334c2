"""Spoilers of what is written and of finished answers, one fault each; defects.py says what for."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace

from assistant import Answer, Statement

_NUMBER = re.compile(r"\d+")
_HEDGE = re.compile(r"\b(?:may|can|could|might) ")
_SIDES = {"upper": "lower", "lower": "upper", "left": "right", "right": "left"}
_SIDE = re.compile(rf"\b(?:{'|'.join(_SIDES)})\b")


def worded(
    alter: Callable[[str], str],
) -> Callable[[tuple[Statement, ...]], tuple[Statement, ...]]:
    def altered(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(replace(item, text=alter(item.text)) for item in statements)

    return altered


def other_number(text: str) -> str:
    return _NUMBER.sub(lambda match: str(int(match[0]) + 1), text, count=1)


def other_side(text: str) -> str:
    return _SIDE.sub(lambda match: _SIDES[match[0]], text)


def unhedged(text: str) -> str:
    return _HEDGE.sub("", text)


def invented(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    text = "Most people feel better within two weeks."
    made_up = [replace(item, text=text, support="paraphrase") for item in statements[:1]]
    return (*statements, *made_up)


def without_notice(answer: Answer, name: str) -> Answer:
    kept = tuple(notice for notice in answer.notices if notice.id != name)
    return replace(answer, notices=kept)


def reworded_notices(answer: Answer) -> Answer:
    changed = tuple(
        replace(notice, text=notice.text.replace("not ", "")) if notice.id == "scope" else notice
        for notice in answer.notices
    )
    return replace(answer, notices=changed)


def shifted_numbers(answer: Answer) -> Answer:
    shifted = tuple(
        replace(item, citations=tuple(number + 1 for number in item.citations))
        for item in answer.statements
    )
    return replace(answer, statements=shifted)


def altered_quotes(answer: Answer) -> Answer:
    changed = tuple(replace(item, quote=other_number(item.quote)) for item in answer.citations)
    return replace(answer, citations=changed)


def altered_numbers(answer: Answer) -> Answer:
    changed = tuple(replace(item, text=other_number(item.text)) for item in answer.statements)
    return replace(answer, statements=changed)


def swapped_references(answer: Answer) -> Answer:
    """Each citation gets the references of the one after it."""
    given = [item.references for item in answer.citations]
    turned = given[1:] + given[:1]
    swapped = tuple(
        replace(item, references=other)
        for item, other in zip(answer.citations, turned, strict=True)
    )
    return replace(answer, citations=swapped)


def no_references(answer: Answer) -> Answer:
    bare = tuple(replace(item, references=()) for item in answer.citations)
    return replace(answer, citations=bare)


def advising(answer: Answer) -> Answer:
    if answer.outcome != "declined":
        return answer
    advice = "You should do the plank twice a day. It is safe for you."
    changed = tuple(
        replace(notice, text=advice) if notice.order < 0 else notice for notice in answer.notices
    )
    return replace(answer, notices=changed)


def urgent_last(answer: Answer) -> Answer:
    """A long greeting before the action."""
    if answer.outcome not in ("urgent", "crisis") or not answer.notices:
        return answer
    greeting = "Thank you for writing. I am an automated assistant for one article. " * 5
    first = replace(answer.notices[0], id="greeting", text=greeting.strip(), order=-99)
    return replace(answer, notices=(first, *answer.notices))


def echoing(answer: Answer) -> Answer:
    return replace(answer, understood_as=answer.question)


def restless(answer: Answer) -> Answer:
    return replace(answer, suggestions=(*answer.suggestions, secrets.token_hex(4)))


def in_english(answer: Answer) -> Answer:
    return replace(answer, language="en")


def unhelpful(answer: Answer) -> Answer:
    return replace(answer, nearest=())


def backwards(answer: Answer) -> Answer:
    return replace(answer, statements=tuple(reversed(answer.statements)))


def cut_short(answer: Answer) -> Answer:
    return replace(answer, statements=answer.statements[:1])
