"""Picks, and the lines of an exercise that carry each of its facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.article import Sentence
from assistant.corpus import sentence_ids
from assistant.exercises import Exercise, Field
from assistant.lexical import stem, words


@dataclass(frozen=True)
class Pick:
    """Sentences to show under the heading `group`; `computed` is shown in their place if set."""

    sentences: tuple[str, ...]
    group: str | None = None
    computed: str | None = None


def title(exercise: Exercise) -> list[Sentence]:
    """The line with the exercise's name, and what it is for."""
    return [exercise.passage.sentences[0]]


def equipment_line(exercise: Exercise) -> list[Sentence]:
    """The line that names what is needed."""
    return [exercise.sentence(exercise.equipment)]


def benefits(exercise: Exercise) -> list[Sentence]:
    """The line that names what it is good for."""
    return [exercise.sentence(exercise.benefits)]


def first_step(exercise: Exercise) -> list[Sentence]:
    """The first step, which tells the position."""
    return [exercise.sentence(exercise.steps[0])]


def field_line(exercise: Exercise, name: str) -> list[Sentence]:
    """The lines that carry the field `name`; none where the article does not state it."""
    if name == "steps":
        return [exercise.sentence(step) for step in exercise.steps]
    if name in ("purpose", "region"):
        return title(exercise)
    if name == "position":
        return first_step(exercise)
    field: Field | None = getattr(exercise, name)
    if field is None and name == "sets":
        field = exercise.repetitions  # "repeat 3 times" is what is said of them
    return [exercise.sentence(field)] if field else []


def line_ids(exercise: Exercise, fields: Iterable[str]) -> tuple[str, ...]:
    """Ids of the lines that carry `fields`, in reading order, each once."""
    ids = sentence_ids(exercise.passage)
    wanted = [line for name in fields for line in field_line(exercise, name)]
    order = sorted({exercise.passage.sentences.index(line) for line in wanted})
    return tuple(ids[i] for i in order)


def stems(text: str) -> tuple[str, ...]:
    """Stems of the words of `text`, and of the parts of hyphenated ones."""
    return tuple(stem(part) for w in words(text) for part in (w, *w.split("-")))
