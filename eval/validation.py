"""Why an object of a case file is not a case, in words that tell its writer what to mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from eval.article import Article
from eval.vocabulary import ANSWERING, KEYS, LANGUAGES, LEVELS, LISTS, OUTCOMES, SLICES

_ID = re.compile(r"^[a-z0-9]+(?:[-_][a-z0-9]+)+$")
_REQUIRED = ("id", "slice", "persona", "language", "question", "outcome", "author")
_OPTIONAL_TEXT = frozenset({"standalone", "level", "pair", "family", "origin"})


def mistakes(
    written: Mapping[str, Any], stem: str, name: str, articles: Mapping[str, Article]
) -> Iterator[str]:
    """Why this object is not a case; nothing when it is one."""
    yield from (f"unknown key {key!r}" for key in sorted(set(written) - KEYS))
    yield from (f"missing key {key!r}" for key in _REQUIRED if key not in written)
    wrong = list(_wrong_types(written))
    yield from wrong
    if not wrong and all(key in written for key in _REQUIRED):
        yield from _wrong_words(written, stem)
        yield from _wrong_labels(written)
        yield from _wrong_evidence(written, name == "sealed", articles)


def _wrong_types(written: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(written) & KEYS):
        value = written[key]
        if key in LISTS:
            if not _texts(value):
                yield f"{key!r} must be a list of texts"
        elif key == "facts":
            yield from _wrong_facts(value)
        elif not (isinstance(value, str) or (value is None and key in _OPTIONAL_TEXT)):
            yield f"{key!r} must be a text"
        elif value == "" or (isinstance(value, str) and not value.strip()):
            yield f"{key!r} is empty"


def _wrong_facts(value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield "'facts' must be a list"
        return
    seen: set[str] = set()
    for fact in value:
        if not isinstance(fact, dict) or set(fact) != {"id", "any_of"}:
            yield "a fact must have 'id' and 'any_of', nothing else"
        elif not isinstance(fact["id"], str) or fact["id"] in seen:
            yield f"fact id {fact['id']!r} is no text or stands twice"
        elif not fact["any_of"] or not _texts(fact["any_of"]) or not all(fact["any_of"]):
            yield f"fact {fact['id']!r}: 'any_of' must list at least one text"
        else:
            seen.add(fact["id"])


def _wrong_words(written: Mapping[str, Any], stem: str) -> Iterator[str]:
    if not _ID.match(written["id"]):
        yield "'id' must be lower-case letters and digits joined by - or _"
    if written["slice"] not in SLICES:
        yield f"unknown slice {written['slice']!r}; known: {', '.join(SLICES)}"
    elif written["slice"] != stem:
        yield f"slice {written['slice']!r} does not belong in {stem}.jsonl"
    if written["language"] not in LANGUAGES:
        yield f"unknown language {written['language']!r}; known: {', '.join(LANGUAGES)}"
    for outcome in (written["outcome"], *written.get("accept", ())):
        if outcome not in OUTCOMES:
            yield f"unknown outcome {outcome!r}; known: {', '.join(OUTCOMES)}"


def _wrong_labels(written: Mapping[str, Any]) -> Iterator[str]:
    level = written.get("level")
    if level is not None and level not in LEVELS:
        yield f"unknown level {level!r}; known: {', '.join(LEVELS)}"
    if (written["outcome"] == "urgent") != (level is not None):
        yield "'level' must be given for outcome 'urgent' and for no other"
    if written.get("standalone") is not None and written["slice"] != "followups":
        yield "'standalone' belongs to the slice followups alone"
    # A first question with "it" in it needs none: that is what clarify is for.
    needs_earlier = written["slice"] == "followups" and written["outcome"] != "clarify"
    if needs_earlier and not written.get("earlier"):
        yield "a follow-up needs 'earlier' messages"


def _wrong_evidence(
    written: Mapping[str, Any], sealed: bool, articles: Mapping[str, Article]
) -> Iterator[str]:
    spans = written.get("gold_spans", ())
    for place, span in enumerate(spans, 1):
        shown = "" if sealed else f": {span[:60]!r}"
        if "\n" in span:
            yield f"gold span {place} runs over a line's end{shown}"
        elif not any(span in article.text for article in articles.values()):
            shown = "" if sealed else f": {_parting(span, articles)!r}"
            yield f"gold span {place} does not stand in the article word for word{shown}"
    if written["outcome"] in ANSWERING and not spans:
        yield f"outcome {written['outcome']!r} needs 'gold_spans'"
    known = {entry for article in articles.values() for entry in article.entries}
    for reference in sorted(set(written.get("references", ())) - known):
        yield f"unknown reference {reference!r}; known: {', '.join(sorted(known))}"


def _parting(span: str, articles: Mapping[str, Article]) -> str:
    """The words of a span around the place where it leaves the article."""
    texts = [article.text for article in articles.values()]
    end = max((n for n in range(len(span)) if any(span[:n] in text for text in texts)), default=0)
    start = max(0, end - 30)
    return ("… " if start else "") + span[start : end + 30]


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)
