"""Sentences that only play a matter down or hurry: left out before an alarm is looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from assistant.phrases import fold

# Sentences, and what begins with a capital where a full stop was forgotten.
_PARTS = re.compile(r"(?<=[.!?\n])\s*|(?<=[a-z0-9áéíóúñ])\s+(?=[A-ZÁÉÍÓÚ¿¡][a-zA-Z'’áéíóúñ]* [a-záéíóúñ])")
_LONGEST = 18  # words
_REMEMBERED = 256  # messages: each is asked for several times while it is ruled


class Asides:
    """Leaves minimising sentences out of a message, so that nothing hides behind them.

    `sentences` are known ones; `patterns` describe more, by language, and under `never` the words
    that keep a sentence; `telling` says whether a sentence holds a sign of its own.
    """

    def __init__(
        self, sentences: Iterable[str], patterns: Mapping[str, tuple[re.Pattern[str], ...]],
        telling: Callable[[str], bool],
    ) -> None:  # fmt: skip
        self._sentences = frozenset(fold(s).strip(" .!?") for s in sentences)
        self._patterns = (*patterns["en"], *patterns["es"])
        self._never, self._telling = patterns["never"], telling
        self._kept = lru_cache(_REMEMBERED)(self._without)

    def without(self, text: str) -> str:
        """The message without its asides; the message itself where nothing else would be left."""
        return self._kept(text)

    def _without(self, text: str) -> str:
        kept = [part for part in _PARTS.split(text) if not self.holds(part)]
        return " ".join(part.strip() for part in kept).strip() or text

    def holds(self, part: str) -> bool:
        """Whether a sentence is an aside; a question, or one with a sign of its own, never is."""
        said = fold(part).strip(" .,!?;:\n")
        if part.rstrip().endswith("?") or said.count(" ") >= _LONGEST:
            return False
        if said not in self._sentences and not any(p.fullmatch(said) for p in self._patterns):
            return False
        return not any(p.search(said) for p in self._never) and not self._telling(part)
