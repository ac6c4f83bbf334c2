"""Numbers the spans of an answer and looks up what the article rests each of them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Citation, CitedReference, Span, Statement
from assistant.corpus import Corpus


def number(
    corpus: Corpus, statements: Sequence[Statement]
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """The statements with their citation marks, and the citations: each span once, as it appears."""
    numbers: dict[Span, int] = {}
    numbered = []
    for statement in statements:
        for span in statement.spans:
            numbers.setdefault(span, len(numbers) + 1)
        marks = tuple(numbers[span] for span in statement.spans)
        numbered.append(replace(statement, citations=marks))
    return tuple(numbered), tuple(_citation(corpus, s, n) for s, n in numbers.items())


def _citation(corpus: Corpus, span: Span, mark: int) -> Citation:
    article = corpus.article(span.article)
    passage = corpus.passages[span.passage]
    sentence = next((s for s in passage.sentences if s.start == span.start), None)
    ids = passage.references if passage.kind == "reference" else (
        sentence.references if sentence else ())
    return Citation(
        mark, article.id, passage.id, passage.heading, article.text[span.start : span.end],
        span.start, span.end, tuple(_cited(corpus, article.id, rid) for rid in ids),
    )  # fmt: skip


def _cited(corpus: Corpus, article: str, reference: str) -> CitedReference:
    found = corpus.references[article, reference]
    return CitedReference(found.id, found.label, found.kind, found.url)


def only_uncited(corpus: Corpus, citations: Sequence[Citation]) -> bool:
    """Whether the answer shows one or two references, one of them never cited in the text."""
    shown = {
        (c.article, c.passage.rpartition("/")[2]) for c in citations if "/references/" in c.passage
    }
    cited = {
        (p.article, rid) for p in corpus.passages.values()
        if p.kind != "reference" for rid in p.references
    }  # fmt: skip
    return bool(shown - cited) and len(shown) <= 2
