"""Do the citations hold, support, and name the right source; are quotes and figures exact?"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from eval.answers import Citation, Statement
from eval.article import without_citations
from eval.scorers.base import Score, Subject, not_applicable, share, verdict
from eval.scorers.support import critical_words, supports
from eval.vocabulary import QUOTED

_OUTSIDE_HASH = frozenset({"receipt", "id", "hits", "timings"})


def citation_validity(subject: Subject) -> Score:
    """Share of citation marks that lead to a span of the article holding just that quote."""
    wrong, total = [], 0
    for statement in subject.shown.statements:
        for number in statement.citations:
            total += 1
            citation = subject.shown.citations.get(number)
            if citation is None or not subject.is_sound(citation):
                wrong.append(f"[{number}] {'leads nowhere' if citation is None else 'misquotes'}")
    return share(total - len(wrong), total, wrong, "citation marks")


def citation_recall(subject: Subject) -> Score:
    """ALCE's recall: share of statements that their citations together support."""
    wrong = [
        statement.text[:50]
        for statement in subject.shown.statements
        if not _supported(subject, statement, subject.shown.cited(statement))
    ]
    total = len(subject.shown.statements)
    return share(
        total - len(wrong), total, wrong and ["unsupported: " + " | ".join(wrong)], "statements"
    )


def citation_precision(subject: Subject) -> Score:
    """ALCE's precision: share of citations that their statement needs.

    A citation counts when its statement is supported and it is not idle: idle means that it does
    not support the statement alone and that the others support it without it.
    """
    wrong, total = [], 0
    for statement in subject.shown.statements:
        cited = subject.shown.cited(statement)
        total += len(statement.citations)
        needed = _needed(subject, statement, cited)
        wrong += [f"[{number}]" for number in statement.citations if number not in needed]
    return share(
        total - len(wrong), total, wrong and ["not needed: " + ", ".join(wrong)], "citations"
    )


def attribution(subject: Subject) -> Score:
    """Share of citations that show just the references which the article gives at that place."""
    wrong, sound = [], [item for item in subject.shown.citations.values() if subject.is_sound(item)]
    for citation in sound:
        article = subject.articles[citation.article]
        units = article.units_of(citation.start, citation.end)
        expected = {name for unit in units for name in unit.references}
        given = {str(reference.get("id")) for reference in citation.references}
        if given != expected:
            wrong.append(f"[{citation.number}] shows {_named(given)}, has {_named(expected)}")
    return share(len(sound) - len(wrong), len(sound), wrong, "citations")


def quote_fidelity(subject: Subject) -> Score:
    """Share of quoted statements that stand letter for letter in what they cite.

    In-text citations may be left out; a trimmed statement must be one unbroken piece.
    """
    quoted = [item for item in subject.shown.statements if item.support in QUOTED]
    wrong = [item.text[:50] for item in quoted if not _letter_for_letter(subject, item)]
    return share(
        len(quoted) - len(wrong), len(quoted), wrong and ["altered: " + " | ".join(wrong)], "quotes"
    )


def figure_fidelity(subject: Subject) -> Score:
    """Share of statements whose numbers, units, sides, negations and hedges are the source's."""
    wrong = []
    for statement in subject.shown.statements:
        if altered := _altered(subject, statement):
            wrong.append(f"{statement.text[:40]!r} alters {', '.join(altered)}")
    total = len(subject.shown.statements)
    return share(total - len(wrong), total, wrong, "statements")


def receipt(subject: Subject) -> Score:
    """1 when the receipt's hashes are those of the quotes, the articles and the answer."""
    given: Mapping[str, Any] = subject.shown.raw.get("receipt") or {}
    if not given:
        return not_applicable("no receipt")
    quotes = [_sha256(item.quote) for item in subject.shown.citations.values()]
    content = {key: val for key, val in subject.shown.raw.items() if key not in _OUTSIDE_HASH}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    wrong = [
        name
        for name, right in (
            ("spans", list(given.get("spans", ())) == quotes),
            ("answer_sha256", given.get("answer_sha256") == _sha256(canonical)),
            ("articles", _articles_match(subject, given.get("articles", {}))),
        )
        if not right
    ]
    return verdict(not wrong, f"hashes differ: {', '.join(wrong)}", "all hashes agree")


def _articles_match(subject: Subject, given: Mapping[str, str]) -> bool:
    return bool(given) and all(
        name in subject.articles and _sha256(subject.articles[name].text) == digest
        for name, digest in given.items()
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _supported(subject: Subject, statement: Statement, cited: Iterable[Citation]) -> bool:
    sound = [item.quote for item in cited if subject.is_sound(item)]
    return bool(sound) and supports(statement, sound, subject.wording)


def _needed(subject: Subject, statement: Statement, cited: tuple[Citation, ...]) -> set[int]:
    """The numbers of the citations that a supported statement rests on; none otherwise."""
    if not _supported(subject, statement, cited):
        return set()
    return {item.number for item in cited if not _idle(subject, statement, item, cited)}


def _idle(
    subject: Subject, statement: Statement, one: Citation, cited: tuple[Citation, ...]
) -> bool:
    others = [item for item in cited if item is not one]
    alone = _supported(subject, statement, [one])
    return not alone and bool(others) and _supported(subject, statement, others)


def _letter_for_letter(subject: Subject, statement: Statement) -> bool:
    """Whether the text is its quote less in-text citations (or a piece of it, when trimmed)."""
    text = _squeezed(without_citations(statement.text))
    for citation in subject.sound(statement):
        quote = _squeezed(without_citations(citation.quote))
        if text == quote or (statement.support == "trimmed" and text.rstrip(".") in quote):
            return True
    return False


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _altered(subject: Subject, statement: Statement) -> list[str]:
    quotes = [without_citations(item.quote) for item in subject.sound(statement)]
    said = critical_words(without_citations(statement.text), subject.wording)
    source = critical_words("\n".join(quotes), subject.wording)
    extra = said - source
    if statement.support == "computed":
        counts = {str(len(quotes)), str(len(set(statement.citations)))}
        extra = Counter(
            {item: n for item, n in extra.items() if item[0] == "number" and item[1] not in counts}
        )
    elif statement.support == "verbatim":
        extra += source - said
    return sorted(f"{kind} {word!r}" for kind, word in extra)


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
