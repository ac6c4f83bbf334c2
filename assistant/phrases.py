"""Words of a message -> concepts ("numb", "between the legs"), from phrases kept as data.

A phrase is words with one space between; `word*` stands for every word that begins so, `a|b` for
either word, `...` for up to three words. Case, accents and apostrophes do not count; a mistyped
cue word is read as the cue (one letter off from five letters, two from eight).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

_GAP = "..."
_GAP_WORDS = 3
_TOKEN = re.compile(r"[a-zñ0-9]+|[.!?;\n]+|,")
_APOSTROPHES = re.compile(r"['’‘`´]")
_CACHED = 20_000
_JOINED = {
    "do not": "dont", "does not": "doesnt", "did not": "didnt", "can not": "cant",
    "cannot": "cant", "could not": "couldnt", "is not": "isnt", "are not": "arent",
    "was not": "wasnt", "will not": "wont", "would not": "wouldnt", "has not": "hasnt",
    "have not": "havent", "had not": "hadnt", "want to": "wanna", "wants to": "wanna",
    "going to": "gonna", "got to": "gotta", "w/o": "without", "i am": "im", "he is": "hes",
    "she is": "shes", "it is": "its", "unable to": "cant", "not able to": "cant",
}  # fmt: skip
_TO_JOIN = re.compile(r"\b(?:" + "|".join(_JOINED) + r")(?![\w*])")
STOP = "."
COMMA = ","


@dataclass(frozen=True)
class Hit:
    """A concept found at the words `start` to `end` (end not included)."""

    concept: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents (ñ stays) and apostrophes; "do not" as "dont" and the like."""
    text = _APOSTROPHES.sub("", text.casefold().replace("ñ", "\0"))
    plain = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in plain if not unicodedata.combining(c)).replace("\0", "ñ")
    return _TO_JOIN.sub(lambda match: _JOINED[match[0]], text)


def tokens(text: str) -> list[str]:
    """Folded words of a text; `.` stands for the end of a sentence, `,` for a comma."""
    return [STOP if t[0] in ".!?;\n" else t for t in _TOKEN.findall(fold(text))]


class Phrases:
    """All phrases of all concepts, ready to be found in one pass over a message's words."""

    def __init__(self, concepts: Mapping[str, Iterable[str]], known: frozenset[str]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._prefix: dict[str, list[int]] = {}
        self._elements: dict[str, int] = {_GAP: -1}
        self._starting: dict[int, list[tuple[tuple[int, ...], str]]] = {}
        words: set[str] = set()
        for concept, phrases in concepts.items():
            for phrase in phrases:
                numbers = tuple(self._element(e, words) for e in fold(phrase).split())
                self._starting.setdefault(numbers[0], []).append((numbers, concept))
        self._known = known | words | set(self._exact)
        self._cues = sorted(w for w in words if len(w) >= 5)
        self._memory: dict[str, frozenset[int]] = {}

    def _element(self, text: str, words: set[str]) -> int:
        if text in self._elements:
            return self._elements[text]
        number = self._elements[text] = len(self._elements)
        for word in text.split("|"):
            if word.endswith("*"):
                self._prefix.setdefault(word[:-1], []).append(number)
            else:
                self._exact.setdefault(word, []).append(number)
            words.add(word.rstrip("*"))
        return number

    def find(self, words: list[str]) -> list[Hit]:
        """Every hit, in reading order; hits may overlap."""
        meant = [self._meanings(word) for word in words]
        found = []
        for at, numbers in enumerate(meant):
            for number in numbers:
                for phrase, concept in self._starting.get(number, ()):
                    end = _match(phrase, 0, meant, at)
                    if end:
                        found.append(Hit(concept, at, end))
        return found

    def _meanings(self, word: str) -> frozenset[int]:
        if word not in self._memory:
            if len(self._memory) > _CACHED:
                self._memory.clear()
            self._memory[word] = frozenset(self._look_up(self._corrected(word)))
        return self._memory[word]

    def _look_up(self, word: str) -> Iterator[int]:
        yield from self._exact.get(word, ())
        for length in range(2, len(word) + 1):
            yield from self._prefix.get(word[:length], ())

    def _corrected(self, word: str) -> str:
        """The cue word that `word` is a misspelling of, else `word`."""
        if len(word) < 5 or word in self._known or any(True for _ in self._look_up(word)):
            return word
        squeezed = re.sub(r"(.)\1{2,}", r"\1", word)
        if squeezed in self._known:
            return squeezed
        best = process.extractOne(
            word, self._cues, scorer=OSA.distance, score_cutoff=2 if len(word) >= 8 else 1
        )
        return best[0] if best and best[0][0] == word[0] else word


def _match(
    phrase: tuple[int, ...], element: int, meant: list[frozenset[int]], at: int
) -> int | None:
    """Where a match of the phrase that begins at word `at` ends; None if there is none."""
    while element < len(phrase):
        if phrase[element] == -1:
            for skip in range(_GAP_WORDS + 1):
                end = _match(phrase, element + 1, meant, at + skip)
                if end:
                    return end
            return None
        if at >= len(meant) or phrase[element] not in meant[at]:
            return None
        element, at = element + 1, at + 1
    return at
