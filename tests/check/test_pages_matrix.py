"""The patient's whole journey on both sizes and in both colour schemes, and Spanish throughout."""

from __future__ import annotations

from itertools import product

import pytest
from browsing import PHONE, WIDE, Served, ask, highlighted, opened
from playwright.sync_api import Browser, Locator, Page, expect

from assistant.article import Article

pytestmark = [pytest.mark.check, pytest.mark.browser]
LOOKS = list(product((WIDE, PHONE), ("light", "dark")))
IDS = [f"{size['width']}-{scheme}" for size, scheme in LOOKS]
QUESTIONS = (
    "How long do I hold a plank?", "How do I do a chin tuck?", "Which exercises need no equipment?",
    "What does the article say about forward head posture?", "What causes muscle imbalance?",
)  # fmt: skip


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=IDS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_citation_shows_its_very_words(
    server: Served, browser: Browser, size: dict[str, int], scheme: str, question: str
) -> None:
    """Each mark highlights exactly its quote, in view, in the section that the source names."""
    watched = opened(browser, server.url, "/", size, scheme)
    page = watched.page
    answer = ask(page, question)
    expected = server.assistant.ask(question)
    assert answer.locator(".statement").count() == len(expected.statements)
    article: Article = server.assistant.corpus.articles[0]
    for citation in expected.citations:
        mark = answer.locator(f".mark[data-number='{citation.number}']").first
        mark.click()
        assert highlighted(page) == citation.quote.replace("\n", "")
        assert article.text[citation.start : citation.end] == citation.quote
        expect(page.locator("#article mark").first).to_be_in_viewport(ratio=0.5)
        back(page, size, mark)
    watched.clean()
    page.context.close()


def back(page: Page, size: dict[str, int], mark: Locator) -> None:
    """On a phone the article covers the chat: closes it; focus returns to the mark."""
    if size == PHONE:
        expect(page.locator("#article")).to_be_visible()
        page.click("[data-do=close]")
        expect(page.locator("#article")).not_to_be_visible()
        expect(mark).to_be_focused()


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=IDS)
def test_a_patients_conversation(
    server: Served, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """Follow-up, refusal, not covered, emergency, crisis, safe again, print, new chat."""
    watched = opened(browser, server.url, "/", size, scheme)
    page = watched.page
    ask(page, "How do I do the glute bridge?")
    follow = ask(page, "how long do i hold it")
    expect(follow.locator(".understood")).to_contain_text("Glute Bridge")
    expect(follow.locator(".statement").first).to_contain_text("2 seconds")
    declined = ask(page, "Should I do these exercises with my herniated disc?")
    expect(declined.locator(".body.declined")).to_contain_text("I cannot give advice on your own case.")
    expect(declined.locator(".body.declined a[href^='tel:']").first).to_be_visible()
    assert declined.locator(".statement").count() == 0
    missing = ask(page, "How much does a visit cost?")
    expect(missing.locator(".own").first).to_have_text("The article does not say.")
    danger(page)
    after = ask(page, "What does a plank strengthen?")
    printed(page, after)
    page.click(".person [data-do=new]")
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#start")).to_be_visible()
    again = ask(page, "how long do i hold it")
    expect(again.locator(".choices .chip").first).to_be_visible()
    watched.clean()


def danger(page: Page) -> None:
    """An emergency holds until the person is safe; a crisis shows its numbers; each can be left."""
    urgent = ask(page, "I have chest pain and my arm is numb")
    card(urgent, ".emergency", ["tel:911"])
    card(ask(page, "ok, and how do I do a plank?"), ".emergency", ["tel:911"])
    safe(page)
    crisis = ask(page, "I want to kill myself")
    card(crisis, ".crisis", ["tel:988", "sms:988", "tel:911"])
    safe(page)


def card(answer: Locator, kind: str, calls: list[str]) -> None:
    """The card alone: action, big buttons of at least 44 px, a reason; no statement, no source."""
    box = answer.locator(kind)
    expect(box.locator(".action")).to_be_in_viewport()
    links = box.locator("a.call")
    assert [link.get_attribute("href") for link in links.all()] == calls
    expect(links.first).to_be_in_viewport()
    assert all((link.bounding_box() or {"height": 0})["height"] >= 44 for link in links.all())
    assert answer.locator(".statement, .sources, .next, .tools").count() == 0


def safe(page: Page) -> None:
    """Presses "I am safe, continue"."""
    count = page.locator(".answer").count()
    page.locator("[data-do=safe]").last.click()
    page.wait_for_function("n => document.querySelectorAll('.answer').length > n", arg=count)
    expect(page.locator(".answer").last).to_contain_text("You can go on")


def printed(page: Page, answer: Locator) -> None:
    """Print opens the print view of that one turn: no article, no box, its sources in full."""
    answer.locator("[data-do=print]").click()
    assert page.evaluate("window.printed") == 1
    page.emulate_media(media="print")
    assert page.locator(".turn:visible").count() == 1
    expect(page.locator(".turn:visible")).to_contain_text("What does a plank strengthen?")
    for hidden in ("#article", "#ask", ".tools >> nth=-1"):
        expect(page.locator(hidden)).not_to_be_visible()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".turn:visible").count() > 1


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=IDS)
def test_a_conversation_in_spanish(
    server: Served, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """A Spanish browser: every string of the page, the answer's own voice, a crisis, the switch."""
    watched = opened(browser, server.url, "/", size, scheme, language="es-MX")
    page = watched.page
    strings = server.assistant.policy.notices
    for element in page.locator("[data-say]").all():
        name = element.get_attribute("data-say") or ""
        assert (element.text_content() or "") == strings[name]["es"]
    answer = ask(page, "¿Cuánto tiempo se mantiene la plancha?")
    expect(answer.locator(".says")).to_contain_text("El artículo dice")
    expect(answer.locator(".statement").first).to_have_text("Hold for 20–60 seconds, depending on ability, repeat 3 times. 1")
    expect(answer.locator(".says-group").first).to_have_attribute("lang", "en")
    crisis = ask(page, "Quiero quitarme la vida")
    expect(crisis.locator(".crisis a.call").first).to_have_attribute("href", "tel:988")
    page.click("[data-language=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("JSON.stringify(localStorage)") == '{"language":"en"}'
    page.reload()
    expect(page.locator("#ask label")).to_have_text("Ask about the article")
    watched.clean()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_nothing_shifts_while_an_answer_comes(
    server: Served, browser: Browser, size: dict[str, int]
) -> None:
    """The browser's own measure of layout shift stays "good" (below 0.1) up to the second answer."""
    page = opened(browser, server.url, "/", size).page
    page.evaluate("""() => { window.shift = 0; new PerformanceObserver(list => {
      for (const entry of list.getEntries()) window.shift += entry.value; }).observe({ type: 'layout-shift', buffered: true }); }""")
    ask(page, "How long do I hold a plank?")
    ask(page, "What does it strengthen?")
    page.wait_for_timeout(300)
    shift = page.evaluate("window.shift")
    assert shift < 0.1


def test_a_vote_keeps_no_word(server: Served, browser: Browser) -> None:
    """What the thumbs send holds the fact, the rule and passages, and not the question."""
    page = opened(browser, server.url).page
    answer = ask(page, "How long do I hold a plank?")
    with page.expect_request("**/pages/feedback") as sent:
        answer.locator("[data-helpful=true]").click()
    body = sent.value.post_data_json
    assert set(body) == {"helpful", "rule", "passages"}
    assert "hold a plank" not in (sent.value.post_data or "")
    expect(answer.locator("[role=status]")).to_contain_text("No words of yours were kept.")
    answer.locator("[data-do=copy]").click()
    expect(answer.locator("[role=status]")).to_have_text("Copied")
