"""The chat page: a Gradio application whose one event answers a question through Gradio's queue.

The page's elements are our own escaped HTML in a Markdown component (gr.HTML would need a policy
that allows evaluated scripts); `static/chat.js` sets them up and speaks to the event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from assistant.article import Article
from assistant.chain import Assistant
from assistant.pages.answer_html import answer_html
from assistant.pages.article_html import article_html, contents, linked
from assistant.pages.asking import Reply, ask, failure
from assistant.pages.voice import Voice, dictionary, embed

AT_ONCE, WAITING = 8, 64
_HEAD = (
    '<link rel="icon" href="/pages/icon.svg"><meta name="robots" content="noindex">'
    '<link rel="stylesheet" href="/pages/theme.css"><link rel="stylesheet" href="/pages/chat.css">'
    '<script src="/pages/common.js" defer></script><script src="/pages/article.js" defer></script><script src="/pages/chat.js" defer></script>'
)


class Chat:
    """Answers messages of the page; never raises, so that the page is never left waiting."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def ask(self, question: str, earlier: list[str], language: str) -> dict[str, Any]:
        """What the page shows for a message after the person's own `earlier` messages."""
        try:
            return self._shown(ask(self._assistant, question, earlier, language))
        except Exception as error:
            say = Voice(self._assistant.policy, "en")
            return _problem(failure(self._assistant, error, say))

    def _shown(self, reply: Reply) -> dict[str, Any]:
        answer = reply.answer
        if answer is None:
            return _problem(reply.problem)
        say = Voice(self._assistant.policy, answer.language)
        return {
            "html": answer_html(answer, self._assistant.corpus, say),
            "text": answer.text,
            "outcome": answer.outcome,
            "level": answer.level,
            "rule": answer.rule,
            "passages": list(dict.fromkeys([*(c.passage for c in answer.citations), *answer.nearest])),
        }


def _problem(sentence: str) -> dict[str, Any]:
    return {
        "html": f'<div class="body problem"><p class="own">{linked(sentence)}</p></div>',
        "text": sentence, "outcome": "problem", "level": None, "rule": None, "passages": [],
    }  # fmt: skip


def build_chat(assistant: Assistant) -> gr.Blocks:
    """The chat page as Gradio blocks."""
    say = Voice(assistant.policy, "en")
    with gr.Blocks(title=say("page_title"), analytics_enabled=False) as page:
        gr.Markdown(
            chat_html(assistant), sanitize_html=False, latex_delimiters=[], container=False
        )
        gr.api(Chat(assistant).ask, api_name="ask", concurrency_limit=AT_ONCE)
    page.queue(max_size=WAITING)
    return page  # type: ignore[no-any-return]  # gradio is untyped


def head(assistant: Assistant) -> str:
    """What the chat page loads, all of it from this server, and what it says without scripts."""
    phone = (assistant.phones or ("911",))[0]
    said = escape(Voice(assistant.policy, "en")("page_script", phone=phone))
    return f"{_HEAD}<noscript>{said}</noscript>"


def chat_html(assistant: Assistant) -> str:
    """The page's elements; no blank line in them, at which Markdown would take over."""
    say = Voice(assistant.policy, "en")
    data = {
        "strings": dictionary(assistant.policy),
        "limit": assistant.settings.question_limit,
        "turns": assistant.settings.turns_kept,
    }
    parts = [
        '<div id="page" hidden>',
        f'<div id="data" hidden>{escape(embed(data))}</div>',
        _said("a", "page_skip", say, 'class="skip" href="#question"'),
        '<div class="columns"><main id="chat">',
        *_header(assistant, say), *_conversation(assistant, say), *_composer(say), "</main>",
        *_article(assistant, say), "</div>", *_notice(assistant, say), "</div>",
    ]  # fmt: skip
    return re.sub(r"\n\s*\n", "\n", "".join(parts))


def _said(tag: str, name: str, say: Voice, attributes: str = "", **values: str) -> str:
    """An element whose text the script can exchange for another language's."""
    return (
        f'<{tag} data-say="{name}"{" " + attributes if attributes else ""}>'
        f"{escape(say(name, **values))}</{tag}>"
    )


def _header(assistant: Assistant, say: Voice) -> Iterator[str]:
    yield '<header class="top"><div class="bar">'
    yield _said("h1", "page_title", say)
    yield f'<div class="switches"><div role="group" aria-label="{escape(say("page_language"))}" '
    yield 'data-say-label="page_language"><button type="button" data-do="language" data-language="en"'
    yield ' aria-pressed="true" lang="en" aria-label="EN: English">EN</button><button type="button" '
    yield 'data-do="language" data-language="es" aria-pressed="false" lang="es" '
    yield 'aria-label="ES: Español">ES</button></div><button type="button" data-do="larger" '
    yield f'aria-pressed="false" aria-label="{escape(say("page_larger"))}" '
    yield 'data-say-label="page_larger">A+</button></div></div><p class="intro">'
    yield _said("span", "page_intro", say)
    yield " " + _said("button", "page_notice", say, 'type="button" class="link" data-do="notice"')
    yield "</p></header>"


def _conversation(assistant: Assistant, say: Voice) -> Iterator[str]:
    yield '<div class="scroll" id="scroll" tabindex="0" role="region" '
    yield f'aria-label="{escape(say("page_log"))}" data-say-label="page_log">'
    yield '<section id="start">' + _said("h2", "page_start", say) + "<ul>"
    starters = sorted(n for n in assistant.policy.notices if n.startswith("page_starter_"))
    for name in starters:
        said = _said("button", name, say, 'type="button" class="chip" data-do="ask"')
        yield f"<li>{said}</li>"
    yield '</ul></section><div id="log" role="log" aria-live="polite" aria-relevant="additions" '
    yield f'aria-label="{escape(say("page_log"))}" data-say-label="page_log"></div>'
    yield '<p id="wait" role="status"></p></div>'
    phone = (assistant.phones or ("",))[0]
    yield '<div class="foot"><p id="banner" role="alert"></p><p class="person">'
    if phone:
        yield _said("span", "page_person", say, 'class="broad"')
        yield _said("span", "page_clinic", say, 'class="narrow"')
        yield f'<a href="tel:{phone}">{phone}</a> '
    yield _said("button", "page_new", say, 'type="button" class="quiet" data-do="new"')
    yield _said("button", "page_article_open", say,
                'type="button" class="quiet narrow" data-do="article"')  # fmt: skip
    yield "</p>"


def _composer(say: Voice) -> Iterator[str]:
    yield '<form id="ask"><div class="asking">' + _said("label", "page_ask", say, 'for="question"')
    yield '<p id="count"></p></div><div class="field"><textarea id="question" rows="1" autocomplete="off" '
    yield 'aria-describedby="count" enterkeyhint="send"></textarea>'
    yield _said("button", "page_send", say, 'type="submit" class="main"')
    yield "</div></form></div>"


def _article(assistant: Assistant, say: Voice) -> Iterator[str]:
    yield '<div id="article" role="complementary" aria-labelledby="article-name"><div class="article-bar">'
    yield _said("h2", "page_article", say, 'id="article-name" tabindex="-1"')
    yield '<details id="contents">' + _said("summary", "page_contents", say)
    yield f'<nav aria-label="{escape(say("page_contents"))}" data-say-label="page_contents"><ul>'
    for article in assistant.corpus.articles:
        yield from _entries(article)
    yield "</ul></nav></details>"
    yield _said("button", "page_close", say, 'type="button" class="quiet narrow" data-do="close"')
    yield '</div><div class="article-scroll" id="article-scroll" tabindex="0" role="region" '
    yield f'aria-label="{escape(say("page_article"))}" data-say-label="page_article">'
    for article in assistant.corpus.articles:
        yield f'<p class="article-title" lang="{escape(article.language)}">{escape(article.title)}</p>'
        yield article_html(article)
    yield '</div></div><p id="shown" role="status" class="unseen"></p>'


def _entries(article: Article) -> Iterator[str]:
    for target, text in contents(article):
        yield f'<li lang="{escape(article.language)}"><a href="#{target}" data-do="goto">{escape(text)}</a></li>'


def _notice(assistant: Assistant, say: Voice) -> Iterator[str]:
    yield '<dialog id="notice" aria-labelledby="notice-name">'
    yield _said("h2", "page_notice_title", say, 'id="notice-name" tabindex="-1"')
    for article in assistant.corpus.articles:
        notices = [p for p in article.passages if p.kind == "notice"]
        shown = [p for p in notices if p.heading[0] == notices[0].heading[0]]
        yield f'<div lang="{escape(article.language)}">'
        yield "".join(f"<p>{linked(p.text)}</p>" for p in shown) + "</div>"
        if shown:
            target = f'data-of="{escape(article.id)}" data-from="{shown[0].start}"'
            yield _said("button", "page_notice_where", say, f'type="button" class="link" '
                        f'data-do="cite" {target} data-to="{shown[0].end}" data-place=""')  # fmt: skip
    if not assistant.policy.reviewed:
        yield _said("p", "unreviewed", say, 'class="own"')
    yield '<p class="row">' + _said("button", "page_close", say,
                                    'type="button" class="main" data-do="shut"')  # fmt: skip
    yield "</p></dialog>"
