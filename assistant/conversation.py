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
from assistant.asking_again import ASKED, EXERCISE_FIELDS, AskedAgain
from assistant.discussed import LOOKED_BACK, Discussed
from assistant.exercises import Exercise
from assistant.lexical import fold, stem, words
from assistant.pointers import Pointing, pointers
from assistant.understanding import Reader, Reading

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_REMEMBERED = 512
_FEW = 3  # references that a question about the source of an answer may mean
_BRIEF = 6  # words up to which a message asks for no other source than that of the last answer
_OWN_QUESTION = 5  # words from which a message asks something of its own


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
        self._vocabulary -= reader.forms.plain | reader.forms.light
        # Each message leans on those before it: without a memory the work would double with each.
        self._at = lru_cache(_REMEMBERED)(self._last_of)
        self._shown_after = lru_cache(_REMEMBERED)(lambda messages: self._shown(self._at(messages)))
        self._reading_after = lru_cache(_REMEMBERED)(
            lambda messages: self._reader.read(self._at(messages).asked)
        )
        self._discussed = Discussed(
            reader, shown, self._shown_after, self._understood, self._content
        )
        self._again = AskedAgain(
            reader, self._discussed, self._understood, self._content, self._opens_with_and
        )
        self._pointing = Pointing(corpus, reader.forms, self._shown_after)

    def complete(self, question: Question) -> Question:
        """`question` with `understood_as` set: the message, and what it refers to in brackets."""
        if not question.earlier:
            return replace(question, understood_as=question.asked)
        reading = self._reader.read(question.asked)
        alone = self._stands_alone(reading)
        renewed = {"measured", "follow_up"} <= reading.cues or "corrects" in reading.cues
        if alone and not renewed:
            return replace(question, understood_as=question.asked)
        described = self._again.of(reading, question)
        if described:
            return replace(question, understood_as=described)
        if alone:
            return replace(question, understood_as=question.asked)
        if dated := self.dated(reading):
            return replace(question, understood_as=f"{question.asked} ({dated})")
        topic = (
            self._step(reading, question) or self._pointed(reading, question)
            or self._cited(reading, question) or self._topic(reading, question)
        )  # fmt: skip
        asked = f"{question.asked} ({self._renewed(topic, reading)})" if topic else question.asked
        return replace(question, understood_as=asked)

    def _renewed(self, topic: str, reading: Reading) -> str:
        """A topic without what the message puts in its place: another year, the other extreme."""
        if _YEAR.search(reading.text):
            topic = _YEAR.sub("", topic)
        for said, other in (("most", "least"), ("least", "most")):
            if said in reading.cues and other not in reading.cues:
                topic = self._reader.forms.cues[other].sub("", topic)
        return topic

    def asks_for_all(self, reading: Reading) -> bool:
        """Whether a message asks for every exercise there is, whatever was spoken of before."""
        leans = "among" in reading.cues or self._opens_with_and(reading)
        return "all_exercises" in reading.cues and not leans

    def dated(self, reading: Reading) -> str:
        """The references of the year that a message of few words names: "so what's from 2013"."""
        years = _YEAR.findall(reading.text)
        printed = {r.year for r in self._reader.corpus.references.values()}
        own = self._content(reading) - set(years)
        brief = len(words(reading.text)) <= _BRIEF and not own and not reading.references
        return f"references of {years[0]}" if brief and len(years) == 1 and years[0] in printed else ""

    def _step(self, reading: Reading, question: Question) -> str:
        """The step of the exercise in hand that "the second step" means."""
        wanted = pointers(self._reader.forms, reading.text)
        stepwise = "step_word" in reading.cues | self._reader.read(question.earlier[-1]).cues
        if not wanted or not stepwise:
            return ""
        exercises = reading.exercises or self._discussed.under_discussion(reading, question)
        if len(exercises) != 1:
            return ""
        steps = exercises[0].steps
        places = [p.place(None, len(steps)) for p in wanted]
        return "; ".join(f"{exercises[0].name}: {steps[p].text}" for p in places if p is not None)

    def topics(self, question: Question) -> list[Question]:
        """The messages before that have a topic, made complete, the last first."""
        found = []
        oldest = max(0, len(question.earlier) - LOOKED_BACK)
        for position in range(len(question.earlier) - 1, oldest - 1, -1):
            said = self._at(question.earlier[: position + 1])
            reading = self._reader.read(said.asked)
            if self._content(reading) or reading.exercises or reading.references:
                found.append(said)
        return found

    def shown(self, question: Question) -> list[str]:
        """Ids of the sentences shown for a question."""
        return self._shown(question)

    def shown_after(self, messages: tuple[str, ...]) -> list[str]:
        """Ids of the sentences shown after the last of some messages."""
        return self._shown_after(messages) if messages else []

    def exercises_shown(self, earlier: tuple[str, ...]) -> tuple[Exercise, ...]:
        """The exercises of the last answer that showed anything, if it showed nothing else."""
        return self._discussed.shown_last(earlier)

    def content(self, reading: Reading) -> set[str]:
        """Stems of a message that say what it is about."""
        return self._content(reading)

    def _last_of(self, messages: tuple[str, ...]) -> Question:
        """The last of some messages, made complete from those before it."""
        return self.complete(Question(messages[-1], messages[:-1]))

    def _pointed(self, reading: Reading, question: Question) -> str:
        """The items of a list shown before that "the third" or "the next one" points to."""
        wanted = pointers(self._reader.forms, reading.text)
        if not wanted or reading.exercises:
            return ""
        named = self._discussed.so_far(question.earlier) or self._discussed.told_last(question)
        of_exercise = bool(set(EXERCISE_FIELDS) & reading.fields) or len(named) > 1
        items = self._pointing.items(wanted, question, steps=not of_exercise)
        if not items and len(named) > 1:
            places = [p.place(None, len(named)) for p in wanted]
            items = [named[place].name for place in places if place is not None]
        return "; ".join(items)

    def _cited(self, reading: Reading, question: Question) -> str:
        """The references that the answer shown last cites, where the message asks whose words they are."""
        asks = {"sources", "entry"} & reading.cues and not {"same_year", "other", "kin"} & reading.cues
        if not asks or reading.references or reading.exercises or reading.fields:
            return ""
        cues = self._reader.forms.cues
        named = [w for w in words(reading.text) if stem(w) in self._content(reading)]
        if any(not (cues["sources"].search(w) or cues["entry"].search(w)) for w in named):
            return ""
        corpus = self._reader.corpus
        shown = self._shown_after(question.earlier)
        entries = [sid.partition("#")[0] for sid in shown]
        keys = [(e.partition("/")[0], e.rpartition("/")[2]) for e in entries if "/references/" in e]
        whole = len(keys) == len(shown)  # entries alone were shown: "published when?" means these
        if "follow_up" not in reading.cues and not (whole and len(words(reading.text)) <= _BRIEF):
            return ""
        if not whole:
            keys = [(s.partition("/")[0], r) for s in shown for r in corpus.sentence(s).references]
        cited = dict.fromkeys(keys)
        if not 0 < len(cited) <= _FEW:
            return ""
        return "; ".join(corpus.references[key].label for key in cited)

    def choices(self, question: Question) -> tuple[str, ...]:
        """The questions that an ambiguous message may have meant; empty where it is clear."""
        reading = self._reader.read(question.asked)
        fields = [f for f in EXERCISE_FIELDS if f in reading.fields]
        if not fields or self._content(reading) or reading.exercises or reading.references:
            return ()
        if self._regions(reading):
            return ()
        broad = {"sources", "entry", "catalogue", "most", "least", "compare", "count", "per", "contact"}
        if ((broad | {"no_equipment", "whole_group"}) - {"catalogue"}) & reading.cues or re.search(r"\d", reading.text):
            return ()
        if "catalogue" in reading.cues and not re.search(r"\b(it|this|that)\b", reading.text):
            return ()
        if reading.unexplained(()):
            return ()
        if question.earlier and self._discussed.under_discussion(reading, question):
            return ()
        if len(words(reading.text)) > 12 or re.search(r"\b(exercises|ejercicios)\b", reading.text):
            return ()
        ask = self._reader.forms.ask[fields[0]][question.language if question.language == "es" else "en"]
        if question.earlier and self._pointed(reading, question):
            return ()
        shown = self._discussed.shown_last(question.earlier) if question.earlier else ()
        if question.earlier and not shown and self._shown_after(question.earlier):
            return ()  # it is about what was shown last, which is no exercise
        return tuple(ask.format(name=e.name) for e in shown or self._reader.corpus.exercises)

    def _regions(self, reading: Reading) -> set[str]:
        """The parts of the body, as the article groups its exercises, that a message names."""
        regions = {fold(e.region) for e in self._reader.corpus.exercises if e.region}
        return {
            r for r in regions
            if r in map(fold, reading.meant) or re.search(rf"\b{re.escape(r)}\b", reading.text)
        }  # fmt: skip

    def _understood(self, earlier: tuple[str, ...]) -> list[Reading]:
        """The earlier messages, each made complete from those before it."""
        return [self._reading_after(earlier[: position + 1]) for position in range(len(earlier))]

    def _content(self, reading: Reading) -> set[str]:
        """Stems of the message that say what it is about."""
        return {s for s in reading.stems if s in self._vocabulary}

    def _stands_alone(self, reading: Reading) -> bool:
        content = self._content(reading)
        leans = "follow_up" in reading.cues or self._opens_with_and(reading)
        if "back_to" in reading.cues and (content or reading.exercises) and not reading.ordinal:
            return True
        if "fresh" in reading.cues and len(words(reading.text)) >= _OWN_QUESTION:
            return True
        if self.asks_for_all(reading):
            return True
        conditional = "no_equipment" in reading.cues or "position" in reading.fields
        if "catalogue" in reading.cues and conditional and not {"among", "definite"} & reading.cues:
            return True
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
        exercises = self._discussed.under_discussion(reading, question, earlier)
        with_topics = [r for r in reversed(earlier) if self._content(r) or r.references] or [last]
        with_topic = with_topics[0]
        if "same_year" in reading.cues and with_topic.references:
            return f"references of {with_topic.references[0][1].year}"
        if "both" in reading.cues and not exercises and len(with_topics) > 1:
            return "; ".join(flat(topic.text) for topic in reversed(with_topics[:2]))
        if exercises and (
            reading.fields or {"sources", "entry", "other"} & reading.cues or with_topic.exercises
        ):
            names = ", ".join(e.name for e in exercises)
            if reading.fields or {"sources", "entry"} & reading.cues:
                return names
            if "other" in reading.cues:
                return self._ask_again(names, last)
            own = self._content(reading) or len(words(reading.text)) >= _OWN_QUESTION
            own = own or (len(exercises) > 1 and self._opens_with_and(reading))
            return names if own else with_topic.text
        about_sources = {"sources", "entry", "reference_list"} & with_topic.cues
        if "kin" in reading.cues and (with_topic.references or about_sources):
            return self._reader.forms.ask["reference"]["en"]
        if with_topic.references and not reading.references and not self._content(reading):
            return with_topic.references[0][1].label
        return flat(with_topic.text)

    def _carried(self, reading: Reading, earlier: list[Reading]) -> str:
        """The kind of question asked before, where the message names only an exercise."""
        if reading.fields:
            return ""
        for before in reversed(earlier):
            fields = [
                f for f in (*ASKED, "purpose") if f in before.fields
            ]
            if fields:
                names = ", ".join(e.name for e in reading.exercises)
                return self._reader.forms.ask[fields[0]]["en"].format(name=names)
            if "sources" in before.cues:
                names = ", ".join(e.name for e in reading.exercises)
                return self._reader.forms.ask["sources"]["en"].format(name=names)
        return ""

    def _ask_again(self, names: str, last: Reading) -> str:
        fields = [f for f in EXERCISE_FIELDS if f in last.fields] or ["steps"]
        return self._reader.forms.ask[fields[0]]["en"].format(name=names)

def flat(text: str) -> str:
    """A completed message without its brackets, to stand in brackets itself."""
    return text.replace(" (", "; ").replace(")", "")
