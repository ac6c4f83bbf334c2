"""The desk page against a table written by hand from the article, and against the clock."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from itertools import combinations
from pathlib import Path
from statistics import quantiles

import pytest
from browsing import PHONE, WIDE, Served, opened, unfolded
from playwright.sync_api import Browser, Page, expect

from assistant import read_corpus
from assistant.figures import read_figures
from assistant.handout_pdf import plan_pages
from assistant.paper import Page as Paper
from assistant.policy import POLICY
from assistant.sheet import make_sheet

pytestmark = [pytest.mark.check, pytest.mark.browser]
GOLD = json.loads((Path(__file__).parent.parent / "data" / "desk.json").read_text(encoding="utf-8"))
FACETS = ("region", "purpose", "equipment", "position")

# Ticks one box at a time along a Gray code, so that every combination of all boxes comes up once;
# notes the boxes ticked, the names shown and the count beside every box.
EVERY = """() => {
  const boxes = () => [...document.querySelectorAll('#filters input')];
  const seen = [];
  const note = () => seen.push([
    boxes().map(b => b.checked ? 1 : 0).join(''),
    [...document.querySelectorAll('.card h2')].map(e => e.textContent).join('|'),
    [...document.querySelectorAll('#filters .count')].map(e => e.textContent).join(),
  ]);
  note();
  const total = boxes().length;
  for (let i = 1; i < 2 ** total; i += 1) {
    let bit = 0;
    while (!((i >> bit) & 1)) bit += 1;
    boxes()[bit].click();
    note();
  }
  return [boxes().map(b => [b.name, b.value]), seen];
}"""


def test_every_combination_of_filters_is_that_of_the_table(server: Served, browser: Browser) -> None:
    """All subsets of all filter boxes: the exercises shown and the count beside each box."""
    page = opened(browser, server.url, "/desk").page
    page.set_default_timeout(0)
    boxes, seen = page.evaluate(EVERY)
    values = [(name, value) for name, value in boxes]
    assert {v for v in values} == {(f, v) for row in GOLD["exercises"] for f in FACETS for v in row[f]}
    assert len({ticked for ticked, _, _ in seen}) == 2 ** len(values) == len(seen)
    for ticked, names, counts in seen:
        chosen = [pair for pair, on in zip(values, ticked, strict=True) if on == "1"]
        assert names == "|".join(row["name"] for row in GOLD["exercises"] if fits(row, chosen)), chosen
        beside = [str(count(value, chosen)) for value in values]
        assert counts == ",".join(beside), chosen


def fits(row: dict[str, list[str]], chosen: list[tuple[str, str]], but: str = "") -> bool:
    """Within a filter any ticked value will do; all filters must agree."""
    wanted = {facet: [v for f, v in chosen if f == facet] for facet in FACETS if facet != but}
    return all(not values or set(values) & set(row[facet]) for facet, values in wanted.items())


def count(box: tuple[str, str], chosen: list[tuple[str, str]]) -> int:
    """How many would be shown if this box alone were ticked in its filter."""
    facet, value = box
    return sum(value in row[facet] and fits(row, chosen, facet) for row in GOLD["exercises"])


@pytest.mark.parametrize("said", GOLD["searches"])
def test_everyday_words_find_the_exercises(server: Served, browser: Browser, said: str) -> None:
    """Names, muscles, problems and body words, as callers say them, in the table's order."""
    page = opened(browser, server.url, "/desk").page
    page.keyboard.type(said)
    assert page.locator(".card h2").all_text_contents() == GOLD["searches"][said]
    page.context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_a_sheet_takes_at_most_five_interactions(
    server: Served, browser: Browser, size: dict[str, int]
) -> None:
    """Upper body, no equipment, print the sheet: four clicks, five on a phone."""
    page = opened(browser, server.url, "/desk", size).page
    took = unfolded(page)
    for selector in ("input[value='upper body']", "input[value=none]", "[data-do=add-all]",
                     "#basket [data-do=print]"):  # fmt: skip
        page.click(selector)
        took += 1
    expect(page.frame_locator("#sheet").locator(".card h2")).to_have_count(2)
    page.wait_for_function("() => document.getElementById('sheet').contentWindow.printed === 1")
    assert took <= 5


# From the time stamp of a key press to the first moment after the frame that shows its result.
TIMED = """() => {
  window.took = [];
  let pressed = 0;
  addEventListener('keydown', e => { pressed = e.timeStamp; }, true);
  document.getElementById('search').addEventListener('input', () => {
    const from = pressed;
    requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - from)));
  });
}"""


def test_a_result_follows_each_key(
    server: Served, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every key of ten searches draws its result; how long that takes is printed, not judged."""
    page = opened(browser, server.url, "/desk").page
    page.evaluate(TIMED)
    words = ["hunched", "butt", "neck pain", "hamstring", "core", "chest", "band", "hip", "plank", "lower back"]
    for word in words:
        type_slowly(page, word)
        assert page.locator("#found").text_content() != "8 of 8 exercises"
        page.fill("#search", "")
    took = page.evaluate("window.took")
    assert len(took) >= sum(len(word) for word in words)
    p95 = quantiles(took, n=20)[-1]
    with capsys.disabled():
        print(f"\nkey press to shown result, {len(took)} keys: median {quantiles(took, n=2)[0]:.0f} ms, "
              f"p95 {p95:.0f} ms (bar: 150 ms)")  # fmt: skip


def type_slowly(page: Page, word: str) -> None:
    """One key after another, each after the last result."""
    for letter in word:
        page.keyboard.press(letter if letter != " " else "Space")
        page.wait_for_timeout(20)


def test_four_exercises_never_need_a_third_page() -> None:
    """All 70 choices of four, both languages, both papers."""
    corpus = read_corpus(POLICY.parent)
    figures = read_figures(corpus)
    notices = json.loads((POLICY / "notices" / "handout.json").read_text(encoding="utf-8"))
    for four in combinations(corpus.exercises, 4):
        for language in ("en", "es"):
            sheet = make_sheet(four, corpus, notices=notices, today=date(2026, 11, 23), language=language)
            for paper in ("letter", "a4"):
                with closing(Paper(paper, sheet)) as page:
                    assert len(plan_pages(page, figures)) <= 2, [e.name for e in four]
