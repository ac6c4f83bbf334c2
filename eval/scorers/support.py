"""Does a quote carry a sentence? The suite's own check, without a judge model.

It is written apart from the assistant's checker on purpose. Quotes are held to containment,
computed and rewritten sentences to their numbers, negations, hedges and content words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from eval.answers import Statement
from eval.article import without_citations
from eval.folding import fold, words
from eval.wording import Wording

CONTENT = 0.8  # share of a rewritten sentence's content words that its quotes must hold
COUNTED = 0.8  # the same for computed lines
_NUMBER = re.compile(r"\d+(?:[-.,/]\d+)*")
_TOKEN = re.compile(r"\d+(?:[-.,/]\d+)*|[^\W\d_]+")
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "do",
        "does",
        "each",
        "for",
        "from",
        "has",
        "have",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "than",
        "that",
        "the",
        "their",
        "them",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "were",
        "which",
        "who",
        "with",
        "you",
        "your",
        "all",
        "not",
        "no",
    ]
)


def supports(statement: Statement, quotes: Sequence[str], wording: Wording) -> bool:
    """Whether the quotes together carry the statement."""
    source = "\n".join(without_citations(quote) for quote in quotes)
    if _compact(without_citations(statement.text)).rstrip(".") in _compact(source):
        return True
    if statement.support == "computed":
        return _carries_computed(statement.text, source, len(quotes))
    return statement.support in ("paraphrase", "translation") and _carries_rewritten(
        statement.text, source, wording
    )


def critical_words(text: str, wording: Wording) -> Counter[tuple[str, str]]:
    """The numbers (with their unit), sides, negations and hedges of a text, counted."""
    tokens = _TOKEN.findall(fold(text))
    found: Counter[tuple[str, str]] = Counter()
    for place, token in enumerate(tokens):
        if _NUMBER.fullmatch(token):
            after = tokens[place + 1] if place + 1 < len(tokens) else ""
            found["number", f"{token} {after}" if after in wording.units else token] += 1
        for kind, known in (
            ("negation", wording.negations),
            ("hedge", wording.hedges),
            ("side", wording.sides),
        ):
            if token in known:
                found[kind, token] += 1
    return found


def _compact(text: str) -> str:
    return " ".join(fold(text).split())


def _carries_computed(text: str, source: str, items: int) -> bool:
    """Whether each piece of a joined line ("name; line") stands in a quote; of a plain line, its
    numbers (or they count the citations) and words."""
    pieces = text.split("; ")
    if len(pieces) > 1:
        compact = _compact(source)
        return all(_compact(piece).rstrip(".") in compact for piece in pieces)
    allowed = {*_NUMBER.findall(fold(source)), str(items)}
    numbers = set(_NUMBER.findall(fold(text)))
    return numbers <= allowed and _held(text, source) >= COUNTED


def _carries_rewritten(text: str, source: str, wording: Wording) -> bool:
    said, given = critical_words(text, wording), critical_words(source, wording)
    kinds = ("number", "side")
    if any(item not in given for item in said if item[0] in kinds):
        return False
    if _polarity(said) != _polarity(given) or (_hedged(given) and not _hedged(said)):
        return False
    return _held(text, source) >= CONTENT


def _polarity(found: Counter[tuple[str, str]]) -> bool:
    return sum(n for (kind, _), n in found.items() if kind == "negation") % 2 == 1


def _hedged(found: Counter[tuple[str, str]]) -> bool:
    return any(kind == "hedge" for kind, _ in found)


def _held(text: str, source: str) -> float:
    """Share of the content words of a text that stand in the source, by their stems."""
    known = {_stem(word) for word in words(source)}
    said = [word for word in words(text) if word not in _SMALL and not word.isdigit()]
    return sum(_stem(word) in known for word in said) / len(said) if said else 1.0


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
