"""A baseline without any model: the sentence that shares most of the question's words.

Also the example of what ``--target module:callable`` needs: a function of a question and the
earlier messages that returns an answer object.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from assistant import Settings
from eval.article import Article, Unit, read_articles
from eval.folding import words

FLOOR = 0.3  # share of the question's word weight that the best sentence must hold
HITS = 10


def answer(question: str, earlier: Sequence[str]) -> Mapping[str, Any]:
    """The best sentence as an answer object; ``not_covered`` below the floor."""
    ranked = _ranked(question)
    score, article, unit = ranked[0]
    covered = score >= FLOOR
    quote = article.text[unit.start : unit.end]
    citation = {
        "number": 1, "article": article.id, "passage": _name(article, unit), "heading": [],
        "quote": quote, "start": unit.start, "end": unit.end,
        "references": [{"id": name, "label": name, "kind": "study"} for name in sorted(unit.references)],
    }  # fmt: skip
    statement = {"text": quote, "citations": [1], "support": "verbatim", "group": None}
    return {
        "question": question, "earlier": list(earlier), "understood_as": question,
        "language": "en", "outcome": "answered" if covered else "not_covered", "level": None,
        "statements": [statement] if covered else [], "citations": [citation] if covered else [],
        "notices": [], "removed": [], "nearest": [_name(a, u) for _, a, u in ranked[:3]],
        "writer": "overlap", "text": quote if covered else "", "receipt": {},
        "hits": [
            {"passage": _name(a, u), "start": u.start, "end": u.end, "score": round(s, 6)}
            for s, a, u in ranked[:HITS]
        ],
    }  # fmt: skip


def _ranked(question: str) -> list[tuple[float, Article, Unit]]:
    """Every sentence with the share of the question's word weight that it holds, best first."""
    units, rarity = _units()
    asked = set(words(question))
    weight = sum(rarity(word) for word in sorted(asked)) or 1.0
    scored = [
        (sum(rarity(word) for word in sorted(asked & held)) / weight, article, unit)
        for article, unit, held in units
    ]
    return sorted(scored, key=lambda item: (-item[0], item[1].id, item[2].start))


@cache
def _units() -> tuple[list[tuple[Article, Unit, frozenset[str]]], Any]:
    articles = read_articles(Path(Settings.from_environment().corpus))
    units = [
        (article, unit, frozenset(words(article.text[unit.start : unit.end])))
        for article in articles.values()
        for unit in article.units
        if not unit.is_heading
    ]
    seen = Counter(word for *_, held in units for word in held)
    return units, lambda word: math.log((1 + len(units)) / (0.5 + seen[word]))


def _name(article: Article, unit: Unit) -> str:
    return f"{article.id}/{unit.start}"
