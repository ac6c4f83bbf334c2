"""A question asked before, asked again of something else: "and the curl?", "no, I meant the bridge".

The message names or describes what is meant now; the question itself stands in an earlier message.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.answer import Question
from assistant.discussed import Discussed
from assistant.lexical import fold, stems, words
from assistant.understanding import Reader, Reading

_BODY = frozenset(("body", "extrem"))
_AMOUNTS = ("hold", "sets", "repetitions", "equipment")
EXERCISE_FIELDS = ("hold", "sets", "repetitions", "equipment", "steps", "benefits")
ASKED = (*_AMOUNTS, "position", *EXERCISE_FIELDS)


class AskedAgain:
    """Finds the question before that a message asks again of something else.

    `understood` gives the earlier messages, each made complete; `content` the stems of a message
    that say what it is about; `opens` whether it opens with "and" or the like.
    """

    def __init__(
        self, reader: Reader, discussed: Discussed,
        understood: Callable[[tuple[str, ...]], list[Reading]],
        content: Callable[[Reading], set[str]], opens: Callable[[Reading], bool],
    ) -> None:  # fmt: skip
        self._reader, self._discussed, self._understood = reader, discussed, understood
        self._content, self._opens_with_and = content, opens

    def of(self, reading: Reading, question: Question) -> str:
        """The question asked again, written out; empty where the message does not ask one again."""
        return self._elsewhere(reading, question) or self._asked_again(reading, question)

    def _elsewhere(self, reading: Reading, question: Question) -> str:
        """The question before with another part of the body: "and lower?"."""
        regions = dict.fromkeys(fold(e.region) for e in self._reader.corpus.exercises if e.region)
        said = self._content(reading)
        mine = [r for r in regions if said & set(stems(r)) and said <= set(stems(r)) | _BODY]
        last = self._understood(question.earlier)[-1].text
        told = [r for r in regions if re.search(rf"\b{re.escape(r)}\b", last)]
        if len(mine) != 1 or len(told) != 1 or mine == told or reading.fields:
            return ""
        return last.replace(told[0], mine[0])

    def _asked_again(self, reading: Reading, question: Question) -> str:
        """The question asked before, of an exercise that the message describes or compares.

        "And the one where you lift your hips?"; "is that more than the curl?" asks it of both.
        """
        if "corrects" in reading.cues:
            return self._corrected(reading, question)
        compares = "measured" in reading.cues
        if compares and reading.fields and not reading.exercises and not self._content(reading):
            return self._of_both(reading, question)
        if reading.references or (reading.fields and not (compares and reading.exercises)):
            return ""
        points = self._opens_with_and(reading) and {"exercise_word", "kin"} & reading.cues
        if not (compares or points) or {"sources", "entry"} & reading.cues:
            return ""
        named = reading.exercises or self._discussed.described(reading, question)
        if not named or (reading.exercises and not compares):
            return ""
        for before in reversed(self._understood(question.earlier)):
            asked = (reading.fields & before.fields) or before.fields
            fields = [f for f in ASKED if f in asked]
            if fields and before.exercises:
                others = [e for e in before.exercises if e not in named] if compares else []
                names = " and ".join(e.name for e in (*others[-1:], *named))
                return self._reader.forms.ask[fields[0]]["en"].format(name=names)
        return ""

    def _corrected(self, reading: Reading, question: Question) -> str:
        """The question asked before, of the exercise meant: "sorry, I meant the bridge"."""
        meant = self._reader.forms.cues["corrects"].split(reading.text)[-1] or reading.text
        meant = self._reader.read(meant if len(words(meant)) > 1 else reading.text)
        named = meant.exercises or self._discussed.described(meant, question)
        for before in reversed(self._understood(question.earlier)):
            fields = [f for f in ASKED if f in before.fields]
            if fields and before.exercises and named:
                return self._reader.forms.ask[fields[0]]["en"].format(name=named[-1].name)
        return ""

    def _of_both(self, reading: Reading, question: Question) -> str:
        """What a message asks, of the two exercises discussed last: "are the reps the same?"."""
        named = self._discussed.so_far(question.earlier)[-2:]
        fields = [f for f in ASKED if f in reading.fields]
        if len(named) < 2 or not fields:
            return ""
        names = " and ".join(e.name for e in named)
        return self._reader.forms.ask[fields[0]]["en"].format(name=names)
