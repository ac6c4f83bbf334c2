"""The exercises that a conversation is about: named, shown, described, "the other one"."""

from __future__ import annotations

from collections.abc import Callable

from assistant.answer import Question
from assistant.exercises import Exercise
from assistant.lexical import stem, stems, words
from assistant.understanding import Reader, Reading

_COUNTS = {3: "three", 4: "four", 5: "five"}
LOOKED_BACK = 6  # messages whose answers a follow-up may lean on


class Discussed:
    """Tells the exercises in hand.

    `shown` gives the ids of the sentences shown for a question, `shown_after` those after the last
    of some messages, `understood` the readings of some messages, `content` what a message is about.
    """

    def __init__(
        self, reader: Reader, shown: Callable[[Question], list[str]],
        shown_after: Callable[[tuple[str, ...]], list[str]],
        understood: Callable[[tuple[str, ...]], list[Reading]],
        content: Callable[[Reading], set[str]],
    ) -> None:  # fmt: skip
        self._reader, self._shown, self._shown_after = reader, shown, shown_after
        self._understood, self._content = understood, content

    def under_discussion(
        self, reading: Reading, question: Question, understood: list[Reading] | None = None
    ) -> tuple[Exercise, ...]:
        """The exercise last named, or else shown; for "the other one", its companion."""
        earlier = self._understood(question.earlier) if understood is None else understood
        named = [r.exercises for r in earlier if r.exercises]
        if not named:
            shown = self.shown_last(question.earlier) if reading.fields else ()
            told = self.told(reading, shown)
            if told:
                return told
            return shown if len(shown) == 1 or "plural" in reading.cues else ()
        if "other" in reading.cues:
            return self._other(reading, named, question)
        if earlier[-1].excluded:
            return self.shown_last(question.earlier) or named[-1]
        latest = tuple(dict.fromkeys(e for group in reversed(named) for e in group))
        wanted = next((n for n, word in _COUNTS.items() if word in words(reading.text)), 2)
        if "both" in reading.cues and len(named[-1]) < wanted <= len(latest):
            return latest[wanted - 1 :: -1]
        told = self.told(reading, latest)
        if told:
            return told
        if reading.ordinal and len(named[-1]) >= abs(reading.ordinal) > 0:
            place = reading.ordinal - 1 if reading.ordinal > 0 else -1
            return (named[-1][place],)
        return named[-1]

    def described(self, reading: Reading, question: Question) -> tuple[Exercise, ...]:
        """The one exercise whose lines, and nothing else, answer a message that names none."""
        if not self._content(reading) or "other" in reading.cues or reading.ordinal:
            return ()
        if self.told(reading, self._reader.corpus.exercises):
            return self.told(reading, self._reader.corpus.exercises)
        opening = self._reader.forms.opening.match(reading.text)
        alone = reading.text[opening.end() :].strip(" ,.:") if opening else reading.text
        places = [sid.partition("#")[0] for sid in self._shown(Question(alone))]
        found = {e: places.count(e.id) for e in self._reader.corpus.exercises if e.id in places}
        most = [e for e, count in found.items() if count == max(found.values())]
        return tuple(most) if len(most) == 1 and 2 * found[most[0]] >= len(places) else ()

    def told(self, reading: Reading, among: tuple[Exercise, ...]) -> tuple[Exercise, ...]:
        """The one of several exercises that the message describes: "the stretching one"."""
        if len(among) < 2 or "exercise_word" not in reading.cues or "position" in reading.fields:
            return ()
        said = {s for s in reading.stems if len(s) > 3}
        for words_of in (_name_stems, _kind_stems):
            fitting = [e for e in among if said & words_of(e)]
            if len(fitting) == 1:
                return tuple(fitting)
        return ()

    def so_far(self, earlier: tuple[str, ...]) -> list[Exercise]:
        """The exercises of the conversation in the order in which they came up."""
        readings = self._understood(earlier)
        return list(dict.fromkeys(e for reading in readings for e in reading.exercises))

    def shown_last(self, earlier: tuple[str, ...]) -> tuple[Exercise, ...]:
        """The exercises of the last answer that showed anything, if it showed nothing else."""
        for position in range(len(earlier), max(0, len(earlier) - LOOKED_BACK), -1):
            ids = self._shown_after(earlier[:position])
            places = {sid.partition("#")[0] for sid in ids}
            if places:
                found = [e for e in self._reader.corpus.exercises if e.id in places]
                return tuple(found) if len(found) == len(places) else ()
        return ()

    def told_last(self, question: Question) -> list[Exercise]:
        """The exercises that the sentences shown last name, where these are two or more."""
        corpus = self._reader.corpus
        shown = self._shown_after(question.earlier) if question.earlier else []
        text = " ".join(corpus.sentence(sid).shown for sid in shown)
        named = list(self._reader.read(text).exercises) if text else []
        return named if len(named) > 1 else []

    def _listed_before(self, question: Question) -> tuple[Exercise, ...]:
        """The exercises of the last answer that showed exercises alone, two or more."""
        for end in range(len(question.earlier), max(0, len(question.earlier) - LOOKED_BACK), -1):
            places = {sid.partition("#")[0] for sid in self._shown_after(question.earlier[:end])}
            found = tuple(e for e in self._reader.corpus.exercises if e.id in places)
            if len(found) == len(places) > 1:
                return found
        return ()

    def _other(
        self, reading: Reading, named: list[tuple[Exercise, ...]], question: Question
    ) -> tuple[Exercise, ...]:
        current = named[-1][-1]
        listed = [e for e in self._listed_before(question) if e != current]
        before = [e for group in reversed(named) for e in reversed(group) if e != current]
        words_said = set(reading.stems)
        alike = [
            e for e in self._reader.corpus.exercises
            if e != current and any(stem(o.split()[-1]) in words_said for o in e.equipment_options)
        ]  # fmt: skip
        alike = alike or [
            e for e in self._reader.corpus.exercises
            if e != current and stem(words(e.name)[-1]) in words_said
        ]  # fmt: skip
        same_head = [e for e in self._reader.corpus.exercises
                     if e != current and words(e.name)[-1] == words(current.name)[-1]]
        same_region = [e for e in self._reader.corpus.exercises
                       if e != current and e.region == current.region]
        told = [e for e in self._reader.corpus.exercises
                if e not in (current, *before) and words_said & set(stems(e.region))]
        for group in (alike, told, listed, before[:1], same_head, same_region):
            if len(group) == 1:
                return (group[0],)
        return ()


def _name_stems(exercise: Exercise) -> set[str]:
    return set(stems(exercise.name))


def _kind_stems(exercise: Exercise) -> set[str]:
    """Stems of what an exercise needs, what it is for, and where on the body."""
    purposes = (*exercise.strengthens, *exercise.stretches, *exercise.improves)
    told = (exercise.region, exercise.equipment.text, *exercise.positions, *exercise.purposes)
    return set(stems(" ".join((*told, *(field.text for field in purposes)))))
