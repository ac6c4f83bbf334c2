"""Text made comparable: what two people would call the same words compares equal here."""

from __future__ import annotations

import re
import unicodedata

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u02bc\u00b4`"), "'") | dict.fromkeys(
    map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb"), '"'
)
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
NUMBER_WORDS = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * (place + 2) for place, word in enumerate(_TENS)
}
_COMPOUND = re.compile(rf"\b({'|'.join(_TENS)})[- ]({'|'.join(_UNITS[1:10])})\b")
_NUMBER_WORD = re.compile(rf"\b({'|'.join(NUMBER_WORDS)})\b")
_RANGE = re.compile(r"(?<=\d)\s*(?:-|\bto\b)\s*(?=\d)")
_WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Fold Unicode forms, dashes, quotes and white space; case and words stay."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES).translate(_QUOTES)
    return " ".join(folded.split())


def fold(text: str) -> str:
    """Fold as ``plain`` does, and case, accents, number words and ranges ("10 to 12")."""
    decomposed = unicodedata.normalize("NFKD", plain(text).casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    digits = _COMPOUND.sub(_compound_value, bare)
    digits = _NUMBER_WORD.sub(lambda match: str(NUMBER_WORDS[match[1]]), digits)
    return _RANGE.sub("-", digits)


def words(text: str) -> list[str]:
    """The words and numbers of a text, folded, in order."""
    return _WORD.findall(fold(text))


def contains(haystack: str, needle: str) -> bool:
    """Whether folded ``needle`` occurs in folded ``haystack`` from a word's beginning.

    A needle that ends in a digit must not run on into a longer number ("10" is not in "100").
    """
    if not needle:
        return False
    before = r"(?<![^\W_])" if needle[0].isalnum() else ""
    after = r"(?![\d])(?![.,]\d)" if needle[-1].isdigit() else ""
    return re.search(before + re.escape(needle) + after, haystack) is not None


def _compound_value(match: re.Match[str]) -> str:
    return str(NUMBER_WORDS[match[1]] + NUMBER_WORDS[match[2]])
