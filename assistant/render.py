"""Answer -> JSON object, plain text, Markdown, HTML. The only place that formats."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from assistant.answer import Answer, Citation, Notice, Statement

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&])")


@dataclass(frozen=True)
class Labels:
    """Words of the layout, in the answer's language (from the policy's notices)."""

    sources: str = "Sources"
    no_source: str = "The article gives no source here."


def to_dict(answer: Answer) -> dict[str, Any]:
    """The JSON object of answer.schema.json."""
    data: dict[str, Any] = {
        "question": answer.question,
        "earlier": list(answer.earlier),
        "understood_as": answer.understood_as,
        "language": answer.language,
        "outcome": answer.outcome,
        "level": answer.level,
        "rule": answer.rule,
        "decided_by": {"rule": answer.rule, "words": list(answer.words)} if answer.rule else None,
        "statements": [_statement(s) for s in answer.statements],
        "citations": [_citation(c) for c in answer.citations],
        "notices": [{"id": n.id, "text": n.text, "order": n.order} for n in answer.notices],
        "removed": [{"text": r.text, "because": r.because} for r in answer.removed],
        "nearest": list(answer.nearest),
        "suggestions": list(answer.suggestions),
        "choices": list(answer.choices),
        "writer": answer.writer,
        "text": answer.text,
    }
    if answer.receipt:
        data["receipt"] = {
            "articles": dict(answer.receipt.articles),
            "policy": answer.receipt.policy,
            "spans": list(answer.receipt.spans),
            "answer_sha256": answer.receipt.answer_sha256,
        }
    if answer.hits is not None:
        data["hits"] = list(answer.hits)
    if answer.timings is not None:
        data["timings"] = dict(answer.timings)
    return data


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "text": statement.text,
        "citations": list(statement.citations),
        "support": statement.support,
        "group": statement.group,
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "article": citation.article,
        "passage": citation.passage,
        "heading": list(citation.heading),
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "references": [
            {"id": r.id, "label": r.label, "kind": r.kind, "url": r.url}
            for r in citation.references
        ],
    }


def to_text(answer: Answer, labels: Labels | None = None) -> str:
    """The whole answer as plain text, as a person reads it."""
    labels = labels or Labels()
    blocks = [n.text for n in _before(answer)]
    blocks += _grouped(answer.statements, lambda s: f"{s.text} {_marks(s)}".rstrip(), str)
    blocks += [f"- {choice}" for choice in answer.choices]
    blocks += [n.text for n in _after(answer)]
    if answer.citations:
        blocks.append(labels.sources)
        blocks += [f"  [{c.number}] {_source(c, labels, False)}" for c in answer.citations]
    blocks += [f"> {suggestion}" for suggestion in answer.suggestions]
    return "\n".join(blocks)


def to_markdown(answer: Answer, labels: Labels | None = None) -> str:
    """The whole answer as Markdown; every character of the text is escaped."""
    labels = labels or Labels()
    blocks = [escape_markdown(n.text) for n in _before(answer)]
    line: Callable[[Statement], str] = lambda s: f"- {escape_markdown(s.text)} {_marks(s)}"  # noqa: E731
    blocks += _grouped(answer.statements, line, lambda g: f"\n**{escape_markdown(g)}**\n")
    blocks += [f"- {escape_markdown(choice)}" for choice in answer.choices]
    blocks += [f"\n{escape_markdown(n.text)}" for n in _after(answer)]
    if answer.citations:
        blocks.append(f"\n**{labels.sources}**\n")
        blocks += [f"{c.number}. {_source(c, labels, True)}" for c in answer.citations]
    return "\n".join(blocks)


def to_html(answer: Answer, labels: Labels | None = None) -> str:
    """The whole answer as HTML without scripts; every text is escaped."""
    labels = labels or Labels()
    parts = [f'<p class="notice">{_phones(n.text)}</p>' for n in _before(answer)]
    group: str | None = None
    if answer.statements:
        parts.append('<div class="statements">')
        for statement in answer.statements:
            if statement.group and statement.group != group:
                parts.append(f"<h3>{html.escape(statement.group)}</h3>")
            group = statement.group
            marks = "".join(
                f'<a class="mark" href="#source-{n}" data-citation="{n}">[{n}]</a>'
                for n in statement.citations
            )
            parts.append(f"<p>{html.escape(statement.text)} {marks}</p>")
        parts.append("</div>")
    if answer.choices:
        items = "".join(f"<li>{html.escape(choice)}</li>" for choice in answer.choices)
        parts.append(f"<ul>{items}</ul>")
    parts += [f'<p class="notice">{_phones(n.text)}</p>' for n in _after(answer)]
    if answer.citations:
        items = "".join(
            f'<li id="source-{c.number}" value="{c.number}">{_source_html(c, labels)}</li>'
            for c in answer.citations
        )
        parts.append(f"<h3>{html.escape(labels.sources)}</h3><ol>{items}</ol>")
    return "\n".join(parts)


def escape_markdown(text: str) -> str:
    """`text` with everything escaped that Markdown or HTML could read as mark-up."""
    return _MARKDOWN.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;")).replace(
        "\\&amp;", "&amp;"
    ).replace("\\&lt;", "&lt;").replace("&amp\\;", "&amp;")


def _before(answer: Answer) -> list[Notice]:
    return sorted((n for n in answer.notices if n.order < 0), key=lambda n: (n.order, n.id))


def _after(answer: Answer) -> list[Notice]:
    return sorted((n for n in answer.notices if n.order >= 0), key=lambda n: (n.order, n.id))


def _grouped(
    statements: Iterable[Statement], line: Callable[[Statement], str], head: Callable[[str], str]
) -> list[str]:
    blocks: list[str] = []
    group: str | None = None
    for statement in statements:
        if statement.group and statement.group != group:
            blocks.append(head(statement.group))
        group = statement.group
        blocks.append(line(statement))
    return blocks


def _marks(statement: Statement) -> str:
    return "".join(f"[{n}]" for n in statement.citations)


def _source(citation: Citation, labels: Labels, markdown: bool) -> str:
    escape = escape_markdown if markdown else str
    place = escape(" > ".join(citation.heading) or citation.article)
    quote = escape(f"“{citation.quote}”")
    given = "; ".join(
        escape(f"{r.label} ({r.kind})") + (f" <{r.url}>" if markdown and r.url else f" {r.url or ''}")
        for r in citation.references
    ) or escape(labels.no_source)  # fmt: skip
    return f"{place}: {quote} {given.strip()}"


def _source_html(citation: Citation, labels: Labels) -> str:
    place = html.escape(" > ".join(citation.heading) or citation.article)
    given = "; ".join(
        f'<a href="{html.escape(r.url, quote=True)}" rel="noopener noreferrer" target="_blank">'
        f"{html.escape(r.label)}</a> ({html.escape(r.kind)})"
        if r.url else f"{html.escape(r.label)} ({html.escape(r.kind)})"
        for r in citation.references
    )  # fmt: skip
    return f"{place}: <q>{html.escape(citation.quote)}</q> {given or html.escape(labels.no_source)}"


def _phones(text: str) -> str:
    """Escaped text with its telephone numbers as links."""
    link = r'<a href="tel:\g<0>">\g<0></a>'
    return re.sub(r"\b(?:1-)?\d{3}-\d{3}-\d{4}\b|\b(?:911|988)\b", link, html.escape(text))
