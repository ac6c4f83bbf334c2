"""An answer as a piece of the chat page: statements with marks, sources, cards for emergencies.

Only this module lays an answer out for the page; every text in it is escaped. Urgent and crisis
answers hold their card and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from assistant.answer import Answer, Citation, Notice, Statement
from assistant.corpus import Corpus
from assistant.pages.article_html import linked
from assistant.pages.voice import Voice

_PHONE = re.compile(r"\b(?:1-)?\d{3}-\d{3}-\d{4}\b|\b(?:911|988)\b")
_FIRST = re.compile(r"^.*?[.!?](?=\s|$)", re.DOTALL)
_OWN_PLACE = ("scope", "says", "nearest")  # notices that the layout shows in its own way


def answer_html(answer: Answer, corpus: Corpus, say: Voice) -> str:
    """The answer as an HTML fragment; `say` speaks the answer's language."""
    if answer.outcome in ("urgent", "crisis"):
        body = _card(answer, say)
    else:
        body = "".join(_parts(answer, corpus, say))
    kind = answer.level or answer.outcome
    return f'<div class="body {escape(kind)}" lang="{say.language}">{body}</div>'


def _parts(answer: Answer, corpus: Corpus, say: Voice) -> Iterator[str]:
    first = [n for n in answer.notices if n.order < 0 and n.id not in _OWN_PLACE]
    last = [n for n in answer.notices if n.order >= 0 and n.id not in _OWN_PLACE]
    yield _notices(first)
    if answer.statements:
        said = next((n.text for n in answer.notices if n.id == "says"), "")
        yield f'<p class="says">{escape(said)}</p>' if said else ""
        yield "".join(_statements(answer, corpus))
    yield _choices(answer.choices, say("page_choices"))
    yield _nearest(answer, corpus, say)
    yield _notices(last)
    yield _sources(answer.citations, corpus, say)
    scope = [n for n in answer.notices if n.id == "scope"]
    yield "".join(_scope(notice, say) for notice in scope)
    yield _suggestions(answer.suggestions, say("page_next"))


def _notices(notices: Iterable[Notice]) -> str:
    ordered = sorted(notices, key=lambda n: (n.order, n.id))
    return "".join(
        f'<p class="own {escape(n.id)}">{_with_phones(n.text)}</p>' for n in ordered
    )


def _scope(notice: Notice, say: Voice) -> str:
    return (
        f'<p class="scope">{escape(notice.text)} '
        f'<button type="button" class="link" data-do="notice">{escape(say("page_notice"))}</button></p>'
    )


def _statements(answer: Answer, corpus: Corpus) -> Iterator[str]:
    """The statements; those of one group stand under its name, several of them as a list."""
    places = {c.number: c for c in answer.citations}
    for group, members in _groups(answer.statements):
        language = corpus.articles[0].language
        if members[0].citations:
            language = corpus.article(places[members[0].citations[0]].article).language
        lines = [f"{escape(s.text)}{''.join(_mark(places[n]) for n in s.citations)}" for s in members]
        yield f'<div class="says-group" lang="{escape(language)}">'
        yield f"<h3>{escape(group)}</h3>" if group else ""
        if len(lines) == 1:
            yield f'<p class="statement">{lines[0]}</p>'
        else:
            items = "".join(f'<li class="statement">{line}</li>' for line in lines)
            yield f"<ul>{items}</ul>"
        yield "</div>"


def _groups(statements: Iterable[Statement]) -> list[tuple[str | None, list[Statement]]]:
    found: list[tuple[str | None, list[Statement]]] = []
    for statement in statements:
        if not found or found[-1][0] != statement.group:
            found.append((statement.group, []))
        found[-1][1].append(statement)
    return found


def _mark(citation: Citation) -> str:
    """The number of a citation as a button that shows its words in the article."""
    return (
        f' <button type="button" class="mark" data-do="cite" data-number="{citation.number}" '
        f'{_target(citation.article, citation.start, citation.end)} '
        f'data-place="{escape(_place(citation.heading))}">{citation.number}</button>'
    )


def _target(article: str, start: int, end: int) -> str:
    return f'data-of="{escape(article)}" data-from="{start}" data-to="{end}"'


def _place(heading: tuple[str, ...]) -> str:
    """The last two headings over a place, without what stands in parentheses."""
    return " > ".join(re.sub(r"\s*\(.*\)$|:$", "", part) for part in heading[-2:])


def _sources(citations: Iterable[Citation], corpus: Corpus, say: Voice) -> str:
    items = "".join(_source(c, corpus, say) for c in citations)
    if not items:
        return ""
    return (
        f'<section class="sources"><h3>{escape(say("sources"))}</h3><ol>{items}</ol></section>'
    )


def _source(citation: Citation, corpus: Corpus, say: Voice) -> str:
    article = corpus.article(citation.article)
    place = _place(citation.heading) or article.title
    given = "; ".join(
        (f'<a href="{escape(r.url)}" target="_blank" rel="noopener noreferrer">{escape(r.label)}</a>'
         if r.url else escape(r.label)) + f" ({escape(kind(r.kind, say))})"
        for r in citation.references
    )  # fmt: skip
    return (
        f'<li value="{citation.number}"><button type="button" class="link place" data-do="cite" '
        f'data-number="{citation.number}" data-place="{escape(place)}" '
        f"{_target(citation.article, citation.start, citation.end)}>"
        f'<span lang="{escape(article.language)}">{escape(place)}</span></button> '
        f'<span class="given">{given or escape(say("no_source"))}</span></li>'
    )


def kind(name: str, say: Voice) -> str:
    """A kind of source in the reader's words."""
    return say.find("page_kind_" + re.sub(r"\W+", "_", name), name)


def _choices(choices: Iterable[str], label: str) -> str:
    return _questions(choices, label, "choices")


def _suggestions(suggestions: Iterable[str], label: str) -> str:
    return _questions(suggestions, label, "next")


def _questions(questions: Iterable[str], label: str, kind_: str) -> str:
    items = "".join(
        f'<li><button type="button" class="chip" data-do="ask">{escape(q)}</button></li>'
        for q in questions
    )
    return f'<div class="{kind_}"><h3>{escape(label)}</h3><ul>{items}</ul></div>' if items else ""


def _nearest(answer: Answer, corpus: Corpus, say: Voice) -> str:
    """The passages that come nearest, once for each place, as quiet links into the article."""
    found: dict[str, str] = {}
    for passage_id in answer.nearest:
        passage = corpus.passages[passage_id]
        place = _place(passage.heading) or corpus.article(passage.article).title
        first = passage.sentences[0]
        found.setdefault(
            place,
            f'<li><button type="button" class="link" data-do="cite" data-place="{escape(place)}" '
            f"{_target(passage.article, first.start, first.end)}>{escape(place)}</button></li>",
        )
    if not found:
        return ""
    items = "".join(found.values())
    return f'<div class="nearest"><h3>{escape(say("page_nearest"))}</h3><ul>{items}</ul></div>'


def _card(answer: Answer, say: Voice) -> str:
    """The card of an urgent or crisis answer: the action, big buttons, then the reason."""
    text = " ".join(n.text for n in sorted(answer.notices, key=lambda n: (n.order, n.id))
                    if n.id != "urgent_in_force")  # fmt: skip
    match = _FIRST.match(text)
    action = match[0] if match else text
    calls = "".join(_call(phone, text, say) for phone in dict.fromkeys(_PHONE.findall(text)))
    return (
        f'<p class="action">{escape(action)}</p><p class="calls">{calls}</p>'
        f'<p class="why">{_with_phones(text[len(action):].strip())}</p>'
        f'<p class="safe"><button type="button" data-do="safe">{escape(say("page_safe"))}</button> '
        f'<button type="button" data-do="new">{escape(say("page_new"))}</button></p>'
    )


def _call(phone: str, text: str, say: Voice) -> str:
    links = f'<a class="call" href="tel:{phone}">{escape(say("page_call", phone=phone))}</a>'
    if re.search(rf"\btext {phone}\b", text):
        links += f'<a class="call" href="sms:{phone}">{escape(say("page_text", phone=phone))}</a>'
    return links


def _with_phones(text: str) -> str:
    """`text` escaped, every telephone number a link, 911 and 988 too."""
    parts, position = [], 0
    for match in re.finditer(r"\b(?:911|988)\b", text):
        parts.append(linked(text[position : match.start()]))
        parts.append(f'<a href="tel:{match[0]}">{match[0]}</a>')
        position = match.end()
    return "".join([*parts, linked(text[position:])])
