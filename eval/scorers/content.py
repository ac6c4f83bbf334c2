"""Does the answer show what it should, and nothing else?"""

from __future__ import annotations

from eval.answers import Statement
from eval.folding import contains, fold, words
from eval.scorers.base import Score, Subject, not_applicable, share, verdict
from eval.scorers.spans import Span, common, letters, merged
from eval.vocabulary import ANSWERING, QUOTED

COVERED = 0.8
UNMISTAKABLE = 4  # words from which a sentence is taken for the gold span wherever it stands


def key_facts(subject: Subject) -> Score:
    """Share of key facts shown: one of a fact's alternatives stands in what is shown."""
    if _rightly_silent(subject):
        return not_applicable(f"{subject.shown.outcome} is accepted here")
    shown = fold(_readable(subject))
    missed = [
        fact.id
        for fact in subject.case.facts
        if not any(contains(shown, fold(text)) for text in fact.any_of)
    ]
    total = len(subject.case.facts)
    return share(total - len(missed), total, missed and [f"missed {', '.join(missed)}"], "facts")


def all_facts(subject: Subject) -> Score:
    """1 when every key fact is shown."""
    score = key_facts(subject)
    if not score.applicable:
        return score
    return verdict(score.value == 1, score.explanation, score.explanation)


def gold_recall(subject: Subject) -> Score:
    """Share of gold spans shown: 80 % of their word characters, or their text in a statement."""
    if _rightly_silent(subject):
        return not_applicable(f"{subject.shown.outcome} is accepted here")
    area = _shown_area(subject)
    missed = [
        span[:50]
        for span, article, places in subject.gold
        if not _is_shown(subject, span, article, places, area.get(article, []))
    ]
    total = len(subject.gold)
    return share(
        total - len(missed), total, missed and ["not shown: " + " | ".join(missed)], "gold spans"
    )


def precision(subject: Subject) -> Score:
    """Share of statements that overlap a gold span itself, not merely its passage."""
    stray = [
        statement.text[:50]
        for statement in subject.shown.statements
        if not _overlaps(subject, statement)
    ]
    total = len(subject.shown.statements)
    return share(
        total - len(stray),
        total,
        stray and ["beside the point: " + " | ".join(stray)],
        "statements",
    )


def precision_words(subject: Subject) -> Score:
    """Share of the shown word characters that stand in gold spans."""
    shown = inside = 0
    for article, spans in _shown_area(subject).items():
        text = subject.articles[article].text
        shown += letters(text, spans)
        inside += letters(text, common(spans, subject.gold_area.get(article, [])))
    if shown == 0:
        return not_applicable("nothing of the article is shown")
    return Score(inside / shown, f"{inside} of {shown} shown characters are in gold spans")


def reading_order(subject: Subject) -> Score:
    """1 when the quoted sentences of each group stand in the article's order."""
    places: dict[str | None, list[int]] = {}
    for statement in subject.shown.statements:
        spans = subject.spans(statement)
        if statement.support in QUOTED and spans:
            places.setdefault(statement.group, []).append(spans[0][1][0])
    several = [starts for starts in places.values() if len(starts) > 1]
    if not several:
        return not_applicable("no two sentences to put in order")
    turned = sum(starts != sorted(starts) for starts in several)
    return verdict(turned == 0, f"{turned} groups out of order", "in the article's order")


def references(subject: Subject) -> Score:
    """Share of the expected references that are shown, by id, beside some statement."""
    if _rightly_silent(subject):
        return not_applicable(f"{subject.shown.outcome} is accepted here")
    given = {
        str(reference.get("id"))
        for statement in subject.shown.statements
        for citation in subject.shown.cited(statement)
        for reference in citation.references
    }
    missed = [item for item in subject.case.references if item not in given]
    total = len(subject.case.references)
    return share(
        total - len(missed), total, missed and [f"missed {', '.join(missed)}"], "references"
    )


def forbidden(subject: Subject) -> Score:
    """1 when no forbidden string is shown (the person's own words said back do not count)."""
    shown = fold(_everything(subject))
    if subject.case.slice != "privacy":
        shown = shown.replace(fold(subject.case.question), " ")
        shown = shown.replace(fold(subject.shown.understood_as) or "\n", " ")
    found = [text for text in subject.case.forbidden if contains(shown, fold(text))]
    return verdict(not found, f"shown though forbidden: {', '.join(found)}", "none shown")


def statements(subject: Subject) -> Score:
    """How many statements a person has to read."""
    count = len(subject.shown.statements)
    if count == 0:
        return not_applicable("no statements")
    return Score(count, f"{count} statements")


def answer_words(subject: Subject) -> Score:
    """How many words of the article a person has to read."""
    count = len(words(subject.evidence))
    if count == 0:
        return not_applicable("no statements")
    return Score(count, f"{count} words")


def _rightly_silent(subject: Subject) -> bool:
    """Whether another accepted outcome than an answer was shown."""
    shown = subject.shown.outcome
    return shown not in ANSWERING and shown in subject.case.accepted


def _readable(subject: Subject) -> str:
    """Where facts are looked for: statements and groups; for references also the sources."""
    parts = [subject.evidence]
    parts += [item.text for item in subject.shown.notices if "reference" in item.id]
    if subject.case.slice == "references" or subject.case.references:
        for citation in subject.shown.citations.values():
            parts.append(citation.quote)
            parts += [f"{item.get('label')} {item.get('url')}" for item in citation.references]
    return "\n".join(parts)


def _everything(subject: Subject) -> str:
    notices = [notice.text for notice in subject.shown.notices]
    return "\n".join([subject.evidence, *notices, subject.shown.text])


def _shown_area(subject: Subject) -> dict[str, list[Span]]:
    area: dict[str, list[Span]] = {}
    for statement in subject.shown.statements:
        for article, span in subject.spans(statement):
            area.setdefault(article, []).append(span)
    return {article: merged(spans) for article, spans in area.items()}


def _is_shown(
    subject: Subject, span: str, article: str, places: tuple[Span, ...], area: list[Span]
) -> bool:
    text = subject.articles[article].text
    for place in places:
        whole = letters(text, [place])
        if whole and letters(text, common([place], area)) >= COVERED * whole:
            return True
    if len(places) > 1 or len(words(span)) < UNMISTAKABLE:
        return False
    folded = fold(span)
    return any(folded in fold(statement.text) for statement in subject.shown.statements)


def _overlaps(subject: Subject, statement: Statement) -> bool:
    for article, span in subject.spans(statement):
        shared = common([span], subject.gold_area.get(article, []))
        if letters(subject.articles[article].text, shared):
            return True
    return False
