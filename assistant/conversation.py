"""A follow-up question made complete from the person's own earlier messages; and ambiguity.

Only the messages themselves are used, so that a conversation gives the same answers when it is
asked again. What a question was understood as is shown to the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from assistant.answer import Question
from assistant.exercises import Exercise
from assistant.lexical import fold, stem, stems, words
from assistant.pointers import Pointing, pointers
from assistant.understanding import Reader, Reading

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LOOKED_BACK = 6  # messages whose answers a follow-up may lean on
_REMEMBERED = 512
_FEW = 3  # references that a question about the source of an answer may mean
_OWN_QUESTION = 5  # words from which a message asks something of its own
_EXERCISE_FIELDS = ("hold", "sets", "repetitions", "equipment", "steps", "benefits")


class Conversation:
    """Completes follow-up questions over one corpus.

    `shown` gives the ids of the sentences that the default writer shows for a question: what
    "the second one" or "it" of an earlier answer refers to is looked up with it.
    """

    def __init__(self, reader: Reader, shown: Callable[[Question], list[str]]) -> None:
        self._reader, self._shown = reader, shown
        corpus = reader.corpus
        texts = [p.text for p in corpus.passages.values()]
        self._vocabulary = {stem(w) for text in texts for w in words(text) if len(w) > 3}
        self._vocabulary -= reader.forms.plain
        # Each message leans on those before it: without a memory the work would double with each.
        self._at = lru_cache(_REMEMBERED)(self._last_of)
        self._shown_after = lru_cache(_REMEMBERED)(lambda messages: self._shown(self._at(messages)))
        self._reading_after = lru_cache(_REMEMBERED)(
            lambda messages: self._reader.read(self._at(messages).asked)
        )
        self._pointing = Pointing(corpus, reader.forms, self._shown_after)

    def complete(self, question: Question) -> Question:
        """`question` with `understood_as` set: the message, and what it refers to in brackets."""
        if not question.earlier:
            return replace(question, understood_as=question.asked)
        reading = self._reader.read(question.asked)
        if self._stands_alone(reading):
            return replace(question, understood_as=question.asked)
        topic = (
            self._pointed(reading, question) or self._cited(reading, question)
            or self._topic(reading, question)
        )  # fmt: skip
        if _YEAR.search(reading.text) and self._opens_with_and(reading):
            topic = _YEAR.sub("", topic)  # "and the one of 2020?": that year, not the one before
        asked = f"{question.asked} ({topic})" if topic else question.asked
        return replace(question, understood_as=asked)

    def others(self, question: Question) -> tuple[Question, ...]:
        """Other ways to understand a completed follow-up, for when the first finds no answer.

        The message on its own; after the last message that had a topic; after the heading of what
        that message's answer showed.
        """
        if not question.earlier:
            return ()
        reading = self._reader.read(question.text)
        if reading.exercises or (reading.fields and self._under_discussion(reading, question)):
            return ()
        opening = self._reader.forms.opening.match(fold(question.text))
        alone = question.text[opening.end() :].strip(" ,.:") if opening else question.text
        found = [alone]
        oldest = max(0, len(question.earlier) - _LOOKED_BACK)
        for position in range(len(question.earlier) - 1, oldest - 1, -1):
            said = self._at(question.earlier[: position + 1])
            reading = self._reader.read(said.asked)
            if not (self._content(reading) or reading.exercises or reading.references):
                continue
            found.append(f"{alone} ({_flat(said.asked)})")
            ids = self._shown(said)
            heading = self._reader.corpus.passages[ids[0].partition("#")[0]].heading if ids else ()
            found += [f"{alone} ({heading[-1]})"] if heading else []
            break
        return tuple(
            replace(question, understood_as=text)
            for text in dict.fromkeys(found) if text != question.asked
        )

    def _last_of(self, messages: tuple[str, ...]) -> Question:
        """The last of some messages, made complete from those before it."""
        return self.complete(Question(messages[-1], messages[:-1]))

    def _pointed(self, reading: Reading, question: Question) -> str:
        """The items of a list shown before that "the third" or "the next one" points to."""
        wanted = pointers(self._reader.forms, reading.text)
        if not wanted or reading.exercises:
            return ""
        named = self._named_so_far(question.earlier)
        of_exercise = bool(set(_EXERCISE_FIELDS) & reading.fields) or len(named) > 1
        items = self._pointing.items(wanted, question, steps=not of_exercise)
        if not items and len(named) > 1:
            places = [p.place(None, len(named)) for p in wanted]
            items = [named[place].name for place in places if place is not None]
        return "; ".join(items)

    def _cited(self, reading: Reading, question: Question) -> str:
        """The references that the answer shown last cites, where the message asks whose words they are."""
        asks = {"sources", "entry"} & reading.cues and "follow_up" in reading.cues
        if not asks or reading.references or reading.exercises or reading.fields:
            return ""
        cues = self._reader.forms.cues
        named = [w for w in words(reading.text) if stem(w) in self._content(reading)]
        if any(not (cues["sources"].search(w) or cues["entry"].search(w)) for w in named):
            return ""
        corpus = self._reader.corpus
        cited = {
            (sid.partition("/")[0], rid): None
            for sid in self._shown_after(question.earlier) for rid in corpus.sentence(sid).references
        }
        if not 0 < len(cited) <= _FEW:
            return ""
        return "; ".join(corpus.references[key].label for key in cited)

    def _named_so_far(self, earlier: tuple[str, ...]) -> list[Exercise]:
        """The exercises of the conversation in the order in which they came up."""
        readings = self._understood(earlier)
        return list(dict.fromkeys(e for reading in readings for e in reading.exercises))

    def choices(self, question: Question) -> tuple[str, ...]:
        """The questions that an ambiguous message may have meant; empty where it is clear."""
        reading = self._reader.read(question.asked)
        fields = [f for f in _EXERCISE_FIELDS if f in reading.fields]
        if not fields or self._content(reading) or reading.exercises or reading.references:
            return ()
        broad = {"sources", "entry", "catalogue", "most", "least", "compare", "count", "per"}
        if (broad - {"catalogue"}) & reading.cues or re.search(r"\d", reading.text):
            return ()
        if "catalogue" in reading.cues and not re.search(r"\b(it|this|that)\b", reading.text):
            return ()
        if reading.unexplained(()):
            return ()
        if question.earlier and self._under_discussion(reading, question):
            return ()
        if len(words(reading.text)) > 12 or re.search(r"\b(exercises|ejercicios)\b", reading.text):
            return ()
        ask = self._reader.forms.ask[fields[0]][question.language if question.language == "es" else "en"]
        shown = self._exercises_shown(question.earlier) if question.earlier else ()
        return tuple(ask.format(name=e.name) for e in shown or self._reader.corpus.exercises)

    def _understood(self, earlier: tuple[str, ...]) -> list[Reading]:
        """The earlier messages, each made complete from those before it."""
        return [self._reading_after(earlier[: position + 1]) for position in range(len(earlier))]

    def _content(self, reading: Reading) -> set[str]:
        """Stems of the message that say what it is about."""
        return {s for s in reading.stems if s in self._vocabulary}

    def _stands_alone(self, reading: Reading) -> bool:
        content = self._content(reading)
        leans = "follow_up" in reading.cues
        if reading.exercises:
            return bool(reading.fields or len(content) > 3) and not self._opens_with_and(reading)
        if reading.references and "sources" in reading.cues | {"entry"} & reading.cues:
            return True
        if leans:
            return len(content) >= 4 and not self._opens_with_and(reading)
        return len(content) >= 2 or ("catalogue" in reading.cues and bool(content))

    def _opens_with_and(self, reading: Reading) -> bool:
        return self._reader.forms.opening.match(reading.text) is not None

    def _topic(self, reading: Reading, question: Question) -> str:
        """What the message refers to, in words that can be read like a question."""
        earlier = self._understood(question.earlier)
        last = earlier[-1]
        if reading.exercises:
            return self._carried(reading, earlier)
        exercises = self._under_discussion(reading, question, earlier)
        with_topics = [r for r in reversed(earlier) if self._content(r) or r.references] or [last]
        with_topic = with_topics[0]
        if "same_year" in reading.cues and with_topic.references:
            return f"references of {with_topic.references[0][1].year}"
        if "both" in reading.cues and not exercises and len(with_topics) > 1:
            return "; ".join(_flat(topic.text) for topic in reversed(with_topics[:2]))
        if exercises and (
            reading.fields or {"sources", "entry", "other"} & reading.cues or with_topic.exercises
        ):
            names = ", ".join(e.name for e in exercises)
            if reading.fields or {"sources", "entry"} & reading.cues:
                return names
            if "other" in reading.cues:
                return self._ask_again(names, last)
            own = self._content(reading) or len(words(reading.text)) >= _OWN_QUESTION
            return names if own else with_topic.text
        if with_topic.references and not reading.references and not self._content(reading):
            return with_topic.references[0][1].label
        return _flat(with_topic.text)

    def _carried(self, reading: Reading, earlier: list[Reading]) -> str:
        """The kind of question asked before, where the message names only an exercise."""
        if reading.fields:
            return ""
        for before in reversed(earlier):
            fields = [f for f in ("position", *_EXERCISE_FIELDS, "purpose") if f in before.fields]
            if fields:
                names = ", ".join(e.name for e in reading.exercises)
                return self._reader.forms.ask[fields[0]]["en"].format(name=names)
            if "sources" in before.cues:
                names = ", ".join(e.name for e in reading.exercises)
                return self._reader.forms.ask["sources"]["en"].format(name=names)
        return ""

    def _ask_again(self, names: str, last: Reading) -> str:
        fields = [f for f in _EXERCISE_FIELDS if f in last.fields] or ["steps"]
        return self._reader.forms.ask[fields[0]]["en"].format(name=names)

    def _under_discussion(
        self, reading: Reading, question: Question, understood: list[Reading] | None = None
    ) -> tuple[Exercise, ...]:
        """The exercise last named, or else shown; for "the other one", its companion."""
        earlier = self._understood(question.earlier) if understood is None else understood
        named = [r.exercises for r in earlier if r.exercises]
        if not named:
            shown = self._exercises_shown(question.earlier) if reading.fields else ()
            told = self._told(reading, shown)
            if told:
                return told
            return shown if len(shown) == 1 or "plural" in reading.cues else ()
        if "other" in reading.cues:
            return self._other(reading, named)
        latest = tuple(dict.fromkeys(e for group in reversed(named) for e in group))
        if "both" in reading.cues and len(named[-1]) < 2 <= len(latest):
            return latest[1::-1]
        told = self._told(reading, latest)
        if told:
            return told
        if reading.ordinal and len(named[-1]) >= abs(reading.ordinal) > 0:
            place = reading.ordinal - 1 if reading.ordinal > 0 else -1
            return (named[-1][place],)
        return named[-1]

    def _told(self, reading: Reading, among: tuple[Exercise, ...]) -> tuple[Exercise, ...]:
        """The one of several exercises that the message describes: "the stretching one"."""
        if len(among) < 2 or "exercise_word" not in reading.cues:
            return ()
        said = {s for s in reading.stems if len(s) > 3}
        for words_of in (_name_stems, _kind_stems):
            fitting = [e for e in among if said & words_of(e)]
            if len(fitting) == 1:
                return tuple(fitting)
        return ()

    def _exercises_shown(self, earlier: tuple[str, ...]) -> tuple[Exercise, ...]:
        """The exercises of the last answer that showed anything, if it showed nothing else."""
        for position in range(len(earlier), max(0, len(earlier) - _LOOKED_BACK), -1):
            ids = self._shown_after(earlier[:position])
            places = {sid.partition("#")[0] for sid in ids}
            if places:
                found = [e for e in self._reader.corpus.exercises if e.id in places]
                return tuple(found) if len(found) == len(places) else ()
        return ()

    def _other(self, reading: Reading, named: list[tuple[Exercise, ...]]) -> tuple[Exercise, ...]:
        current = named[-1][-1]
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
        for group in (alike, told, before[:1], same_head, same_region):
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


def _flat(text: str) -> str:
    """A completed message without its brackets, to stand in brackets itself."""
    return text.replace(" (", "; ").replace(")", "")
