"""Which language a message is in: "en", "es" or another BCP 47 tag.

Short messages are decided by the policy's word lists, longer ones by py3langid, whose list of
languages is cut to those that a clinic in El Paso may meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from assistant.phrases import fold, tokens
from assistant.policy_files import POLICY, read_lists

_LIKELY = ["en", "es", "fr", "de", "pt", "it", "vi", "tl", "zh", "ko", "ja", "ar", "ru", "pl"]
_SCRIPTS = (
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_SPANISH_SIGNS = re.compile(r"[ñ¿¡]")
_FEW_WORDS, _MANY_WORDS = 4, 7


class LanguageReader:
    """Detects the language of messages with a policy's word lists (language.json)."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._words = {
            name: frozenset(fold(word) for word in words) for name, words in lists.items()
        }

    def detect(self, text: str) -> str:
        """The language of a message; English where nothing tells."""
        for tag, pattern in reversed(_SCRIPTS):
            if pattern.search(text):
                return tag
        words = [w for w in tokens(text) if w.isalpha()]
        counts = {tag: sum(w in known for w in words) for tag, known in self._words.items()}
        spanish = counts["es"] + 2 * bool(_SPANISH_SIGNS.search(text.casefold()))
        if spanish or counts["en"]:
            tie = spanish == counts["en"] and len(words) < _FEW_WORDS
            decided = "es" if tie or spanish > counts["en"] else "en"
            if max(spanish, counts["en"]) * 2 >= len(words) or len(words) < _MANY_WORDS:
                return decided
        return self._guess(text, words, counts)

    def _guess(self, text: str, words: list[str], counts: dict[str, int]) -> str:
        if len(words) < _FEW_WORDS:
            return "en"
        tag, share = _identifier().classify(text.casefold())
        if tag not in ("en", "es") and (share < 0.9 or max(counts.values()) * 3 > len(words)):
            return "es" if counts["es"] > counts["en"] else "en"
        return str(tag)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LIKELY)
    return identifier


@cache
def _default() -> LanguageReader:
    return LanguageReader(read_lists(POLICY / "language.json"))


def detect_language(text: str) -> str:
    """The language of a message by the word lists shipped with the project."""
    return _default().detect(text)
