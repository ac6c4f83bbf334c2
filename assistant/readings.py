"""The ways in which a follow-up may be understood: alone, with what was asked before, with what was shown.

Which of them is meant is decided by what each finds (choosing.py).
"""

from __future__ import annotations

from dataclasses import replace

from assistant.answer import Question
from assistant.conversation import Conversation, flat
from assistant.lexical import fold
from assistant.understanding import Reader

# As completed by the rules of conversation.py; alone; after the last message with a topic, in
# brackets or before it; under the heading of what was shown for that; with the two last topics, or
# the one before the last; with the exercises in hand.
KINDS = ("rule", "alone", "raw", "prev", "heading", "twotop", "older", "exercise")
_FEW = 2  # exercises shown last that "it" may mean


class Readings:
    """Lists the readings of follow-ups over one corpus."""

    def __init__(self, reader: Reader, conversation: Conversation) -> None:
        self._reader, self._conversation = reader, conversation

    def of(self, question: Question) -> list[tuple[frozenset[str], Question]]:
        """Each reading once, with the names of the ways that lead to it; that of the rules first."""
        ways: dict[str, set[str]] = {}
        for kind, text in self._texts(question):
            ways.setdefault(text, set()).add(kind)
        return [
            (frozenset(kinds), replace(question, understood_as=text)) for text, kinds in ways.items()
        ]

    def _texts(self, question: Question) -> list[tuple[str, str]]:
        alone = self._alone(question.text)
        found = [("rule", self._conversation.complete(question).asked), ("alone", alone)]
        topics = self._conversation.topics(question)
        if topics:
            before, raw = flat(topics[0].asked), flat(topics[0].text)
            found += [("prev", f"{raw} {alone}"), ("raw", f"{alone} ({raw})")]
            heading = self._heading(topics[0])
            found += [("heading", f"{alone} ({heading})")] if heading else []
        if len(topics) > 1:
            before, older = (flat(self._reader.read(t.asked).text) for t in topics[:2])
            found += [("older", f"{alone} ({older})"), ("twotop", f"{alone} ({older}; {before})")]
        names = self._names(question, topics)
        return [*found, ("exercise", f"{alone} ({names})")] if names else found

    def _alone(self, text: str) -> str:
        """A message without the "and what about" at its beginning."""
        opening = self._reader.forms.opening.match(fold(text))
        return (text[opening.end() :].strip(" ,.:") if opening else text) or text

    def _heading(self, topic: Question) -> str:
        ids = self._conversation.shown(topic)
        heading = self._reader.corpus.passages[ids[0].partition("#")[0]].heading if ids else ()
        return heading[-1] if heading else ""

    def _names(self, question: Question, topics: list[Question]) -> str:
        """The exercises of the last topic, or of what was shown last where they are few."""
        named = self._reader.read(topics[0].asked).exercises if topics else ()
        if not named:
            shown = self._conversation.exercises_shown(question.earlier)
            named = shown if len(shown) <= _FEW else ()
        return ", ".join(e.name for e in named)
