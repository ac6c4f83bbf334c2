"""The pages' building blocks: article and answers as HTML, strings, feedback, the desk's password."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assistant import Settings, read_corpus
from assistant.answer import Answer, Notice
from assistant.pages.answer_html import answer_html
from assistant.pages.article_html import article_html, linked
from assistant.pages.entry import Entry
from assistant.pages.feedback import Feedback
from assistant.pages.finder import facets
from assistant.pages.voice import Voice, accepted, dictionary, embed
from assistant.policy import POLICY, read_policy

CORPUS = read_corpus(Settings.from_environment().corpus)
POLICIES = read_policy(POLICY)


class _Spans(HTMLParser):
    """Collects the text of every element with data-start and data-end."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, int, int, list[str]]] = []
        self.found: list[tuple[int, int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        start, end = given.get("data-start"), given.get("data-end")
        place = (int(start), int(end)) if start and end else (-1, -1)
        if tag not in ("hr",):
            self.open.append((tag, *place, []))

    def handle_data(self, data: str) -> None:
        for *_, texts in self.open:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        opened, start, end, texts = self.open.pop()
        assert opened == tag
        if start >= 0:
            self.found.append((start, end, "".join(texts)))


@pytest.mark.parametrize("article", CORPUS.articles, ids=lambda a: a.id)
def test_every_element_of_the_article_holds_exactly_its_characters(article: object) -> None:
    """Each element with a place is byte-equal to it; every sentence of the article has one."""
    parser = _Spans()
    parser.feed(article_html(article))  # type: ignore[arg-type]  # a parametrised article
    text = article.text  # type: ignore[attr-defined]
    assert all(shown == text[start:end] for start, end, shown in parser.found)
    places = {(start, end) for start, end, _ in parser.found}
    sentences = {(s.start, s.end) for p in article.passages for s in p.sentences}  # type: ignore[attr-defined]
    assert sentences <= places


def test_links_keep_the_text_as_it_stands() -> None:
    """Addresses and telephone numbers become links; the visible text does not change."""
    text = 'Call 915-412-6677 & see https://doi.org/10.1/a_b<script>"x"'
    shown = linked(text)
    assert unescape(re.sub(r"<[^>]*>", "", shown)) == text
    assert '<a href="tel:915-412-6677">' in shown
    assert "<script>" not in shown


def test_urgent_answers_show_the_action_first_and_nothing_else() -> None:
    """An emergency is a card: the action, the call, the reason, the two ways on."""
    notice = Notice("urgent_emergency", POLICIES.notice("urgent_emergency", "en").text, -10)
    answer = Answer("q", (), "q", "en", "urgent", "emergency", notices=(notice,))
    shown = answer_html(answer, CORPUS, Voice(POLICIES, "en"))
    assert shown.index("action") < shown.index("tel:911") < shown.index("why")
    assert 'data-do="safe"' in shown
    assert "sources" not in shown


def test_what_a_person_typed_is_escaped_in_an_answer() -> None:
    """A notice that quotes the question shows its characters, never as mark-up."""
    notice = Notice("understood", "I took this to mean: <img src=x onerror=alert(1)>", -8)
    answer = Answer("q", (), "q", "en", "answered", notices=(notice,))
    assert "<img" not in answer_html(answer, CORPUS, Voice(POLICIES, "en"))


def test_strings_of_both_languages_have_the_same_names_and_embed_safely() -> None:
    """No string is missing in a language, and none can end a script element."""
    strings = dictionary(POLICIES)
    assert set(strings["en"]) == set(strings["es"])
    assert json.loads(embed({"a": "</script>\u2028"})) == {"a": "</script>\u2028"}
    assert "<" not in embed({"a": "</script>"})


def test_every_string_that_a_page_names_exists() -> None:
    """The names that scripts and modules of the pages use are in the policy."""
    folder = Path(__file__).resolve().parent.parent / "assistant" / "pages"
    files = [*folder.glob("*.py"), *folder.glob("static/*.js")]
    named = {n for f in files for n in re.findall(r'["\'](?:page|desk)_[a-z0-9_]+["\']', f.read_text())}
    assert {n.strip("\"'") for n in named if not n.strip("\"'").endswith("_")} <= set(POLICIES.notices)


@pytest.mark.parametrize(
    ("header", "language"),
    [("es-MX,es;q=0.9,en;q=0.8", "es"), ("de,en;q=0.5", "en"), ("", "en"), ("fr", "en"), (";;,", "en")],
)
def test_the_first_known_language_of_a_browser_is_taken(header: str, language: str) -> None:
    """Accept-Language decides between English and Spanish."""
    assert accepted(header) == language


def test_feedback_keeps_the_fact_and_known_ids_alone(tmp_path: Path) -> None:
    """A vote is one line; unknown ids, texts and wrong types are not kept."""
    path = tmp_path / "votes.jsonl"
    feedback = Feedback(path, {"a/b"}, {"CRD"})
    assert feedback.add({"helpful": True, "rule": "my name is Ann", "passages": ["a/b", "my back hurts", 3]})
    assert not feedback.add({"helpful": "yes"})
    assert not feedback.add(["x"])
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"helpful": True, "rule": None, "passages": ["a/b"]}
    ]


def test_the_desk_opens_for_the_right_password_only() -> None:
    """A token comes with the right password; too many tries in a minute are turned away."""
    entry = Entry("s\u00e9same")
    assert not entry.allows("")
    assert entry.try_password("wrong", "a") == ""
    token = entry.try_password("s\u00e9same", "a")
    assert token
    assert entry.allows(token)
    assert [entry.try_password("x", "b") for _ in range(6)][-1] is None
    assert Entry("").allows("")


def test_filters_list_each_value_once_in_order() -> None:
    """The values of a filter come in the order of the rows."""
    rows = [
        {"region": "core", "purposes": ["stretch"], "options": ["none"], "positions": []},
        {"region": "core", "purposes": ["stretch", "strengthen"], "options": [], "positions": ["sitting"]},
    ]
    assert facets(rows) == {
        "region": ["core"], "purpose": ["stretch", "strengthen"], "equipment": ["none"],
        "position": ["sitting"],
    }  # fmt: skip
