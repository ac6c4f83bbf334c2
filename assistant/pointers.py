"""What "the third one", "the next" or "the middle one" of an earlier answer points to.

The list is what the default writer shows for the person's earlier message: exercises, headings,
entries, or the steps of one exercise. Cue words are data (corpus/question_forms.json).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answer import Question
from assistant.corpus import Corpus
from assistant.forms import Forms
from assistant.lexical import fold

_NUMBER = re.compile(r"^\d+\.\s*")
_LOOKED_BACK = 6  # messages
_BRIEF = 90  # characters up to which an item is named by its own text


@dataclass(frozen=True)
class Pointer:
    """One step through a list: to place `at` (from 1; from the end if negative; 0: the middle),
    or `by` places on from where the last pointer stood."""

    at: int | None = None
    by: int = 0

    def place(self, before: int | None, count: int) -> int | None:
        """The index from 0 in a list of `count`, after the index `before`; None if outside."""
        if self.at is None:
            found = None if before is None else before + self.by
        elif self.at == 0:
            found = count // 2 if count % 2 else None
        else:
            found = self.at - 1 if self.at > 0 else count + self.at
        return found if found is not None and 0 <= found < count else None


def pointers(forms: Forms, text: str) -> tuple[Pointer, ...]:
    """The pointers in a folded message, in the order of its words."""
    found = []
    for number, pattern in forms.ordinals.items():
        found += [(m.start(), Pointer(at=number)) for m in pattern.finditer(text)]
    for by, pattern in forms.moves.items():
        found += [(m.start(), Pointer(by=by)) for m in pattern.finditer(text)]
    return tuple(dict.fromkeys(p for _, p in sorted(found, key=lambda item: item[0])))


class Pointing:
    """Resolves pointers against the lists that earlier messages of the person brought up."""

    def __init__(
        self, corpus: Corpus, forms: Forms, shown: Callable[[tuple[str, ...]], list[str]]
    ) -> None:
        self._corpus, self._forms, self._shown = corpus, forms, shown

    def items(
        self, wanted: Sequence[Pointer], question: Question, steps: bool = True
    ) -> list[str]:
        """The items that the pointers of a message mean, in words; none where there is no list.

        The steps of one exercise count as a list only where `steps` says so.
        """
        moves: list[Sequence[Pointer]] = []
        oldest = max(0, len(question.earlier) - _LOOKED_BACK)
        for position in range(len(question.earlier) - 1, oldest - 1, -1):
            text = fold(question.earlier[position])
            before = pointers(self._forms, text)
            listed = self._listed(question.earlier[: position + 1], steps)
            if len(listed) > 1 and (not before or not position):
                named = self._named(listed, [*reversed(moves), wanted], question.language)
                if named:  # a place beyond the end of a list narrowed since means one before it
                    return named
            if before:
                moves.append(before)
            elif len(listed) == 1 and not any(p.at is None for p in wanted):
                return []
        return []

    def _named(
        self, listed: list[str], moves: list[Sequence[Pointer]], language: str
    ) -> list[str]:
        place: int | None = None
        for pointers_then in moves[:-1]:
            place = pointers_then[-1].place(place, len(listed))
        places = [p.place(place, len(listed)) for p in moves[-1]]
        return [self._name(listed[p], language) for p in places if p is not None]

    def _listed(self, earlier: tuple[str, ...], steps: bool) -> list[str]:
        """The sentence ids that stand for the items shown after the last of these messages."""
        ids = self._shown(earlier)
        places = list(dict.fromkeys(sid.partition("#")[0] for sid in ids))
        numbered = self._numbered(places)
        if numbered:
            return numbered
        first = list(dict.fromkeys(sid for sid in ids if sid.endswith("#1")))
        if len(first) > 1:
            return first
        if len(places) == 1 and any(e.id == places[0] for e in self._corpus.exercises):
            return ids if steps else []
        return [next(sid for sid in ids if sid.startswith(f"{place}#")) for place in places]

    def _numbered(self, places: Sequence[str]) -> list[str]:
        """The whole numbered list of headings of which several are shown, by number."""
        passages = self._corpus.passages
        paths = dict.fromkeys(passages[place].heading for place in places)
        parents = [p[:-1] for p in paths if p and _NUMBER.match(p[-1])]
        several = [parent for parent in parents if parents.count(parent) > 1]
        if not several:
            return []
        return [
            f"{p.id}#1" for p in passages.values()
            if p.kind == "heading" and p.heading[:-1] == several[0] and _NUMBER.match(p.text)
        ]  # fmt: skip

    def _name(self, sid: str, language: str) -> str:
        place, _, number = sid.partition("#")
        exercise = next((e for e in self._corpus.exercises if e.id == place), None)
        if exercise and number == "1":
            return exercise.name
        text = _NUMBER.sub("", self._corpus.sentence(sid).shown)
        if exercise:
            return f"{exercise.name}: {text}"
        if len(text) >= _BRIEF:
            return text
        ask = self._forms.ask["about"]["es" if language == "es" else "en"]
        return ask.format(name=text)


