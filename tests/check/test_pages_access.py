"""Every state of the pages with axe-core, by keyboard, with a thumb and for a screen reader."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from browsing import PHONE, WIDE, Served, ask, highlighted, opened, served
from playwright.sync_api import Browser, Page, expect
from states import CHAT, CHAT_MORE, DESK, DESK_MORE, State, start

pytestmark = [pytest.mark.check, pytest.mark.browser]
AXE = (Path(__file__).resolve().parent.parent / "data" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = list(product((WIDE, PHONE), ("light", "dark")))
STATES = [
    *(("/", state) for state in (*CHAT, *CHAT_MORE)),
    *(("/desk", state) for state in (*DESK, *DESK_MORE)),
    ("/api", start),
    ("/desk/handout?exercise=muscle-imbalance/exercises/plank", start),
]


def name(value: object) -> str:
    """A short name of a parameter."""
    if isinstance(value, dict):
        return str(value["width"])
    return getattr(value, "__name__", str(value).partition("?")[0])


def violations(page: Page) -> str:
    """What axe-core finds against WCAG 2.2 AA and its best practices; "" when all is well."""
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, { runOnly: tags, iframes: false }).then(r => r.violations)", TAGS
    )
    nodes = [(v["id"], node) for v in found for node in v["nodes"]]
    return "\n".join(f"{rule}: {node['html'][:90]} {node['failureSummary']}" for rule, node in nodes)


# Controls that are too small to touch: below 24 by 24 pixels and not a link within a sentence.
SMALL = """() => [...document.querySelectorAll('button, a[href], input, select, textarea, summary')]
  .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert]') && !e.matches('.skip'))
  .filter(e => !(e.matches('a') && getComputedStyle(e).display === 'inline'))
  .map(e => [e.closest('label') || e, e])
  .map(([box, e]) => [box.getBoundingClientRect(), e])
  .filter(([r]) => r.width < 24 || r.height < 24)
  .map(([r, e]) => `${e.outerHTML.slice(0, 120)} ${r.width}x${r.height}`)"""


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=name)
@pytest.mark.parametrize(("path", "state"), STATES, ids=name)
def test_every_state_is_accessible(
    server: Served, browser: Browser, path: str, state: State, size: dict[str, int], scheme: str
) -> None:
    """No axe-core violation, nothing too small to touch, no sideways scrolling, nothing elsewhere."""
    watched = opened(browser, server.url, path, size, scheme)
    page = watched.page
    state(page)
    assert violations(page) == ""
    assert page.evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    watched.clean()
    page.context.close()


@pytest.mark.parametrize(("path", "state"), [s for s in STATES if s[0] in ("/", "/desk")], ids=name)
def test_the_smallest_phone_scrolls_one_way_only(
    server: Served, browser: Browser, path: str, state: State
) -> None:
    """At 320 px, with large text, no state needs sideways scrolling."""
    page = opened(browser, server.url, path, {"width": 320, "height": 568}).page
    page.click("[data-do=larger]")
    state(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_the_log_in_page_is_accessible(browser: Browser) -> None:
    """The page that asks for the password, before and after a wrong one."""
    with served(desk_password="open sesame") as locked:
        page = opened(browser, locked.url, "/desk").page
        assert violations(page) == ""
        page.fill("#word", "wrong")
        page.keyboard.press("Enter")
        expect(page.locator("[role=alert]")).to_have_text("That password is not right.")
        assert violations(page) == ""
        page.fill("#word", "open sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#search")).to_be_focused()


# The element with focus: its outline's width, and whether something else covers its middle.
FOCUSED = """() => {
  const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
  const top = document.elementFromPoint(r.x + r.width / 2, r.y + Math.min(r.height, innerHeight - r.y) / 2);
  return { html: e.outerHTML.slice(0, 120), body: e === document.body, outline: s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth),
           seen: !!top && (e.contains(top) || top.contains(e)), shown: r.bottom > 0 && r.top < innerHeight };
}"""


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=name)
@pytest.mark.parametrize(("path", "least"), [("/", 12), ("/desk", 30)], ids=name)
def test_focus_is_always_seen(
    server: Served, browser: Browser, path: str, least: int, size: dict[str, int]
) -> None:
    """Each stop of the Tab key has a 3 px ring, is on the screen and is not covered."""
    page = opened(browser, server.url, path, size).page
    if path == "/":
        ask(page, "What does the article say about forward head posture?")
    stops = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["body"]:
            continue
        assert stop["outline"] >= 3, stop
        assert stop["shown"], stop
        assert stop["seen"], stop
        stops.add(stop["html"])
    assert len(stops) >= least


HEARD = """() => {
  window.heard = [];
  const live = '[role=log], [role=status], [role=alert], [aria-live]';
  new MutationObserver(changes => {
    for (const change of changes) for (const node of change.addedNodes) {
      const near = change.target.nodeType === 1 ? change.target : change.target.parentElement;
      if (near?.closest(live)) window.heard.push(node.textContent);
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How long do I hold a plank?", "Hold for 20–60 seconds"),
        ("I have chest pain and my arm is numb", "Call 911 now"),
        ("How much does a visit cost?", "The article does not say."),
    ],
)
def test_an_answer_is_announced_once(
    server: Served, browser: Browser, question: str, words: str
) -> None:
    """Over all live regions of the page, the words of an answer are added exactly once."""
    page = opened(browser, server.url).page
    page.evaluate(HEARD)
    ask(page, question)
    page.wait_for_timeout(1000)
    heard: list[str] = page.evaluate("window.heard")
    assert sum(words in text for text in heard) == 1
    assert sum("Looking in the article" in text for text in heard) == 1


def reach(page: Page, selector: str, key: str = "Tab", most: int = 60) -> None:
    """Presses `key` until an element that fits has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{key} does not reach {selector}")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=name)
def test_a_patient_needs_no_mouse(server: Served, browser: Browser, size: dict[str, int]) -> None:
    """Skip link, question, citation, article, back, emergency, safe, new chat: keys alone."""
    watched = opened(browser, server.url, "/", size)
    page = watched.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    send(page, "How long do I hold a plank?")
    reach(page, ".mark", "Shift+Tab")
    page.keyboard.press("Enter")
    quote = server.assistant.ask("How long do I hold a plank?").citations[0].quote
    assert highlighted(page) == quote
    expect(page.locator("#article mark").first).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator(".mark").first).to_be_focused()
    reach(page, "#question")
    send(page, "I have chest pain and my arm is numb")
    reach(page, "[data-do=safe]", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".answer").last).to_contain_text("You can go on")
    reach(page, ".person [data-do=new]", "Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#question")).to_be_focused()
    watched.clean()


def send(page: Page, question: str) -> Any:
    """Types into the element with focus, presses Enter and waits for the answer."""
    count = page.locator(".answer").count()
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.answer').length > n", arg=count)


def test_the_front_desk_needs_no_mouse(server: Served, browser: Browser) -> None:
    """Search, open, compare, read aloud, warning signs, sheet, print: keys alone."""
    watched = opened(browser, server.url, "/desk")
    page = watched.page
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("hunched")
    page.keyboard.press("Enter")
    first = page.locator(".card").first
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(first.locator("ol li").first).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#read-lines")).to_contain_text("A clinician decides that.")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(page.locator("#flag-rows")).to_contain_text("Call 911")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("b")
    expect(page.locator("#basket-count")).to_have_text("On the sheet: 2")
    page.keyboard.press("p")
    expect(page.frame_locator("#sheet").locator(".card h2")).to_have_count(2)
    page.wait_for_function("() => document.getElementById('sheet').contentWindow.printed === 1")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(8)
    watched.clean()


def test_nothing_moves_for_those_who_ask_for_rest(server: Served, browser: Browser) -> None:
    """With reduced motion no transition and no animation is left; nothing exceeds 150 ms without."""
    longest = """() => Math.max(...[...document.querySelectorAll('#page *')].flatMap(e => {
      const s = getComputedStyle(e);
      return [...s.transitionDuration.split(','), ...s.animationDuration.split(',')].map(parseFloat); }))"""
    page = opened(browser, server.url).page
    assert page.evaluate(longest) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert 0 < page.evaluate(longest) <= 0.15
