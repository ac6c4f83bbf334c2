"""Greetings, thanks and questions about the assistant itself, told clause by clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from assistant.phrases import tokens

_LONGEST = 16  # words
_REMEMBERED = 256  # messages
_TELLING = ("hello", "wellbeing", "bye", "thanks", "abilities", "identity")  # the later, the more


class Courtesies:
    """Tells courtesies, by patterns for each kind and language."""

    def __init__(self, patterns: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        kinds = {n: "|".join(p for many in row.values() for p in many) for n, row in patterns.items()}
        self._kinds = re.compile("|".join(f"(?P<{n}>{either})" for n, either in kinds.items()))
        self._told = lru_cache(_REMEMBERED)(self._of)

    def of(self, text: str) -> str | None:
        """The courtesy that a message is, whole or clause by clause; the most telling names it."""
        return self._told(text)

    def _of(self, text: str) -> str | None:
        words = tokens(text)
        whole = " ".join(w for w in words if w not in ".,")
        clauses = [c.strip() for c in re.split(r"[.,]", " ".join(words)) if c.strip()]
        found = [self._in_a_row(whole)] if whole else []
        if found == [None]:
            found = [self._in_a_row(clause) for clause in clauses]
        if not found or None in found:
            return None
        return max((n for n in found if n), key=lambda n: (_TELLING.index(n) if n in _TELLING else 9))

    def _in_a_row(self, said: str) -> str | None:
        """The courtesy that some words are, or the second of two courtesies in a row."""
        words = said.split()
        if len(words) > 2 * _LONGEST:
            return None
        for cut in range(min(len(words), _LONGEST)):
            if cut and self._one(" ".join(words[:cut])) is None:
                continue
            name = self._one(" ".join(words[cut:]))
            if name:
                return name
        return None

    def _one(self, said: str) -> str | None:
        match = self._kinds.fullmatch(said)
        return next(n for n, v in match.groupdict().items() if v is not None) if match else None
