"""Receipts: hashes by which an answer can be proved against the article and the policy.

A receipt proves integrity, not authorship: that the words shown are the article's, at the places
given, and that nothing of the answer was changed since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from assistant.answer import Citation, Receipt
from assistant.corpus import Corpus
from assistant.sentences import without_citations

_NOT_HASHED = ("receipt", "id", "hits", "timings")


def digest(text: str) -> str:
    """sha256 of `text` as UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def answer_digest(answer: dict[str, Any]) -> str:
    """sha256 over the canonical JSON of an answer object, without receipt, id, hits and timings."""
    kept = {key: value for key, value in answer.items() if key not in _NOT_HASHED}
    return digest(json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def make_receipt(
    corpus: Corpus, policy: str, citations: Sequence[Citation], answer: dict[str, Any]
) -> Receipt:
    """The receipt of an answer object."""
    return Receipt(
        {article.id: article.sha256 for article in corpus.articles},
        policy,
        tuple(digest(citation.quote) for citation in citations),
        answer_digest(answer),
    )


def problems(answer: Any, corpus: Corpus, policy: str) -> list[str]:
    """What does not hold of an answer object; empty when all of it is proved."""
    try:
        return [*_hashes(answer, corpus, policy), *_quotes(answer, corpus), *_statements(answer)]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return [f"not a whole answer object ({type(error).__name__}: {error})"]


def _hashes(answer: dict[str, Any], corpus: Corpus, policy: str) -> list[str]:
    receipt, found = answer["receipt"], []
    if receipt["answer_sha256"] != answer_digest(answer):
        found.append("the answer was changed")
    if receipt["articles"] != {a.id: a.sha256 for a in corpus.articles}:
        found.append("the article is not the one that was answered from")
    if receipt["policy"] != policy:
        found.append("the policy is not the one that ruled")
    if list(receipt["spans"]) != [digest(c["quote"]) for c in answer["citations"]]:
        found.append("a quote was changed")
    return found


def _quotes(answer: dict[str, Any], corpus: Corpus) -> list[str]:
    found = []
    for citation in answer["citations"]:
        article = next((a for a in corpus.articles if a.id == citation["article"]), None)
        if article is None or article.text[citation["start"] : citation["end"]] != citation["quote"]:
            found.append(f"citation {citation['number']} is not in the article at its place")
    return found


def _statements(answer: dict[str, Any]) -> list[str]:
    found = []
    by_number = {c["number"]: c["quote"] for c in answer["citations"]}
    for statement in answer["statements"]:
        quotes = [by_number[n] for n in statement["citations"]]
        if not quotes:
            found.append(f"without citation: {statement['text'][:40]!r}")
        elif statement["support"] == "verbatim" and not any(
            _within(statement["text"], quote) for quote in quotes
        ):
            found.append(f"not in its span: {statement['text'][:40]!r}")
    return found


def _within(text: str, quote: str) -> bool:
    """Whether `text` is `quote`, or `quote` with nothing left out but in-text citations."""
    return text in (quote, without_citations(quote))
