"""How many years of school a text asks of its reader."""

from __future__ import annotations

import re

_LINK = re.compile(r"https?://\S+|\[[^\]]*\]\([^)]*\)|[\w.+-]+@[\w.-]+")
_NUMBER = re.compile(r"\d[\d\-\u2013./ ]*\d|\d")
_SENTENCE_END = re.compile(r"[.!?:]+(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
_SPANISH_VOWELS = re.compile("[aeiou\u00e1\u00e9\u00ed\u00f3\u00fa\u00fc]+")
_STRONG = re.compile("[aeo\u00e1\u00e9\u00ed\u00f3\u00fa]")


def grade(text: str, language: str) -> float | None:
    """School grade of a text; None without a word.

    English: Flesch-Kincaid (Kincaid 1975). Spanish: Crawford (1989, El método de Fry adaptado).
    Links and numbers are left out: they are read at a glance.
    """
    bare = _NUMBER.sub(" ", _LINK.sub(" ", text))
    sentences = [part for part in _SENTENCE_END.split(bare) if part and _WORD.search(part)]
    words = _WORD.findall(bare)
    if not words:
        return None
    if language.startswith("es"):
        syllables = sum(map(spanish_syllables, words))
        per_100 = 100 / len(words)
        return -0.205 * len(sentences) * per_100 + 0.049 * syllables * per_100 - 3.407
    syllables = sum(map(english_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def english_syllables(word: str) -> int:
    """Vowel groups, less a silent final e."""
    lower = word.lower()
    count = len(_ENGLISH_VOWELS.findall(lower))
    if (lower.endswith("e") and not lower.endswith(("le", "ee", "ye")) and count > 1) or (
        lower.endswith("ed") and not lower.endswith(("ted", "ded")) and count > 1
    ):
        count -= 1
    return max(1, count)


def spanish_syllables(word: str) -> int:
    """One for each strong or accented vowel, and for each group of weak ones alone."""
    groups = _SPANISH_VOWELS.findall(word.lower())
    return max(1, sum(max(1, len(_STRONG.findall(group))) for group in groups))
