"""The desk page: the exercise finder of the front desk, as one HTML page without a chat model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from assistant.chain import Assistant
from assistant.exercises import read_exercise_words
from assistant.pages.finder import exercise_rows, facets
from assistant.pages.voice import Voice, dictionary, embed
from assistant.policy import LANGUAGES
from assistant.sheet import capital

MOST_ON_SHEET = 12
_STOP = re.compile(r"^handout_stop_(\d+_\w+)$")
_SAY = re.compile(r"^desk_say_(\d+_\w+)$")


def desk_html(assistant: Assistant, language: str) -> str:
    """The page in the reader's first language; its script can exchange the strings."""
    say = Voice(assistant.policy, language)
    rows = exercise_rows(assistant)
    data = {
        "strings": dictionary(assistant.policy),
        "exercises": rows,
        "facets": facets(rows),
        "flags": {lang: flags(Voice(assistant.policy, lang)) for lang in LANGUAGES},
        "phone": (assistant.phones or ("911",))[0],
        "most": MOST_ON_SHEET,
        "ignored": read_exercise_words(assistant.corpus.path / "exercise_words.json").ignored,
    }
    body = "".join([
        f'<div id="data" hidden>{escape(embed(data))}</div>',
        _tag("a", "desk_skip", say, 'class="skip" href="#results"'),
        *_top(say), '<div class="desk">', *_search(say), *_filters(say), *_results(say), "</div>",
        *_basket(say), *_dialogs(assistant, say), _without_scripts(assistant, say),
    ])  # fmt: skip
    return page_html(say, "desk_title", body, ("common.js", "desk_view.js", "desk.js"))


def _without_scripts(assistant: Assistant, say: Voice) -> str:
    phone = (assistant.phones or ("911",))[0]
    return f'<noscript><p class="own">{escape(say("page_script", phone=phone))}</p></noscript>'


def page_html(say: Voice, title: str, body: str, scripts: tuple[str, ...] = ()) -> str:
    """A whole HTML page around `body`, with the tokens and styles of the pages."""
    loads = "".join(f'<script src="/pages/{name}" defer></script>' for name in scripts)
    return (
        f'<!doctype html><html lang="{say.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(say(title))}</title>'
        '<link rel="icon" href="/pages/icon.svg"><link rel="stylesheet" href="/pages/theme.css">'
        f'<link rel="stylesheet" href="/pages/desk.css">{loads}</head><body>{body}</body></html>'
    )


def flags(say: Voice) -> list[dict[str, str]]:
    """Rows of the warning signs: what a caller reports, what to do, what to say."""
    rows = []
    for name in sorted(n for n in say.policy.notices if _SAY.match(n)):
        row = name.removeprefix("desk_say_")
        stop = f"handout_stop_{row}"
        if stop in say.policy.notices:
            does, _, hears = say(stop).partition(":")
        else:
            does, hears = say(f"desk_do_{row}"), say(f"desk_hears_{row}")
        rows.append({"hears": capital(hears.strip()), "does": does, "says": say(name), "kind": row})
    return rows


def _tag(tag: str, name: str, say: Voice, attributes: str = "", **values: str) -> str:
    return (
        f'<{tag} data-say="{name}"{" " + attributes if attributes else ""}>'
        f"{escape(say(name, **values))}</{tag}>"
    )


def _top(say: Voice) -> Iterator[str]:
    yield '<header class="top"><div class="bar">' + _tag("h1", "desk_title", say)
    yield f'<div class="switches"><div role="group" aria-label="{escape(say("page_language"))}" '
    yield 'data-say-label="page_language">'
    for language, name in (("en", "English"), ("es", "Español")):
        pressed = str(language == say.language).lower()
        yield f'<button type="button" data-do="language" data-language="{language}" lang="{language}" '
        yield f'aria-label="{language.upper()}: {name}" aria-pressed="{pressed}">{language.upper()}</button>'
    yield f'</div><button type="button" data-do="larger" aria-pressed="false" aria-label="{escape(say("page_larger"))}"'
    yield ' data-say-label="page_larger">A+</button></div></div><p class="intro">'
    yield _tag("span", "desk_intro", say) + " " + _tag("a", "desk_chat", say, 'href="/"')
    yield "</p></header>"


def _search(say: Voice) -> Iterator[str]:
    yield '<search class="find"><div>' + _tag("label", "desk_search", say, 'for="search"')
    yield '<input id="search" type="search" autocomplete="off" spellcheck="false" autofocus '
    yield 'aria-describedby="found"></div>'
    yield _tag("button", "desk_flags", say, 'type="button" class="warn" data-do="flags" '
               'aria-keyshortcuts="w"')  # fmt: skip
    yield "</search>"


def _filters(say: Voice) -> Iterator[str]:
    yield f'<section class="side" aria-label="{escape(say("desk_filters"))}" data-say-label="desk_filters">'
    yield '<details id="fold" open>' + _tag("summary", "desk_filters", say)
    yield '<form id="filters"></form></details>' + _tag("button", "desk_clear", say, 'type="button" class="quiet" data-do="clear"')
    yield "<details class='keys'>" + _tag("summary", "desk_keys", say)
    yield _tag("p", "desk_keys_list", say) + "</details></section>"


def _results(say: Voice) -> Iterator[str]:
    yield '<main id="results" tabindex="-1"><div id="compare"></div><div class="line">'
    yield '<p id="found" role="status"></p>'
    yield _tag("button", "desk_add_all", say, 'type="button" class="quiet" data-do="add-all"')
    yield f'</div><div id="cards" role="list" aria-label="{escape(say("desk_results"))}" '
    yield 'data-say-label="desk_results"></div></main>'


def _basket(say: Voice) -> Iterator[str]:
    yield f'<aside id="basket" aria-label="{escape(say("desk_basket"))}" data-say-label="desk_basket">'
    yield '<p id="basket-count" role="status"></p><ul id="basket-list"></ul><div class="row">'
    yield _tag("button", "desk_basket_show", say, 'type="button" class="quiet" data-do="preview"')
    yield _tag("a", "desk_pdf", say, 'class="quiet pdf" download="exercises.pdf"')
    yield _tag("button", "page_print", say, 'type="button" class="main" data-do="print" '
               'aria-keyshortcuts="p"')  # fmt: skip
    yield "</div></aside>"


def _dialogs(assistant: Assistant, say: Voice) -> Iterator[str]:
    close = _tag("button", "page_close", say, 'type="button" class="main" data-do="shut"')
    yield '<dialog id="flags" aria-labelledby="flags-name">'
    yield _tag("h2", "desk_flags_title", say, 'id="flags-name" tabindex="-1"') + '<div id="flag-rows"></div>'
    if not assistant.policy.reviewed:
        yield _tag("p", "unreviewed", say, 'class="own"')
    yield f'<p class="row">{close}</p></dialog><dialog id="read" aria-labelledby="read-name">'
    yield _tag("h2", "desk_read_title", say, 'id="read-name" tabindex="-1"') + '<div id="read-lines"></div>'
    yield f'<p class="row">{close}</p></dialog><dialog id="preview" aria-labelledby="preview-name">'
    yield _tag("h2", "desk_preview", say, 'id="preview-name" tabindex="-1"')
    yield '<p id="lost" role="alert"></p>'
    yield f'<iframe id="sheet" title="{escape(say("desk_preview"))}" data-say-title="desk_preview"></iframe>'
    yield '<p class="row">' + _tag("label", "desk_paper", say, 'for="paper"') + '<select id="paper">'
    yield _tag("option", "desk_letter", say, 'value="letter"') + _tag("option", "desk_a4", say, 'value="a4"')
    yield "</select>" + _tag("button", "page_print", say, 'type="button" class="main" data-do="print"')
    yield _tag("button", "desk_basket_clear", say, 'type="button" class="quiet" data-do="empty"')
    yield _tag("a", "desk_pdf", say, 'class="quiet pdf" download="exercises.pdf"')
    yield close.replace("main", "quiet") + "</p></dialog>"


def login_html(say: Voice, problem: str = "") -> str:
    """The page that asks for the desk's password."""
    told = f'<p class="own" role="alert">{escape(say(problem))}</p>' if problem else ""
    return page_html(say, "desk_title", (
        f'<main class="login"><h1>{escape(say("desk_title"))}</h1>{told}'
        f'<form method="post" action="/desk/enter"><label for="word">{escape(say("desk_password"))}</label>'
        '<input id="word" name="password" type="password" autocomplete="current-password" required>'
        f'<button class="main">{escape(say("desk_enter"))}</button></form></main>'
    ))  # fmt: skip


def known(names: list[str], rows: Any) -> list[Any]:
    """The exercises of `rows` with these ids, each once, in the order asked for."""
    by_id = {row.id: row for row in rows}
    return [by_id[name] for name in dict.fromkeys(names) if name in by_id]
