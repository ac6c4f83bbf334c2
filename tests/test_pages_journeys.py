"""One journey a page in a real browser, as a patient and as a receptionist take it."""

from __future__ import annotations

import httpx
import pytest
from browsing import Served, ask, highlighted, opened
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


def test_a_patient_asks_checks_the_words_and_meets_the_limits(server: Served, browser: Browser) -> None:
    """Ask, click citation 1, follow up, be declined, be sent to 911, say safe, print, start anew."""
    watched = opened(browser, server.url)
    page = watched.page
    answer = ask(page, "How long do I hold a plank?")
    quote = server.assistant.ask("How long do I hold a plank?").citations[0].quote
    answer.locator(".mark").first.click()
    assert highlighted(page) == quote
    expect(page.locator("#article mark").first).to_be_in_viewport()

    follow = ask(page, "What does it strengthen?")
    expect(follow.locator(".understood")).to_contain_text("Plank")
    declined = ask(page, "Should I do these exercises with my herniated disc?")
    expect(declined.locator(".body.declined")).to_be_visible()

    urgent = ask(page, "I have chest pain and my arm is numb")
    expect(urgent.locator("a.call")).to_have_attribute("href", "tel:911")
    assert urgent.locator(".statement, .sources").count() == 0
    urgent.locator("[data-do=safe]").click()
    expect(page.locator(".answer").last).to_contain_text("You can go on")
    after = ask(page, "Which exercises need no equipment?")
    expect(after.locator(".statement").first).to_be_visible()

    after.locator("[data-do=print]").click()
    assert page.evaluate("window.printed") == 1
    page.click(".person [data-do=new]")
    expect(page.locator(".turn")).to_have_count(0)
    watched.clean()


def test_a_patient_reads_the_page_in_spanish(server: Served, browser: Browser) -> None:
    """A Spanish browser gets a Spanish page; the answer's own voice is Spanish too."""
    watched = opened(browser, server.url, language="es-MX")
    page = watched.page
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("#ask label")).to_have_text("Pregunte al artículo")
    answer = ask(page, "¿Cuánto tiempo se mantiene la plancha?")
    expect(answer.locator(".says")).to_contain_text("El artículo dice")
    answer.locator(".mark").first.click()
    assert highlighted(page) == "Hold for 20–60 seconds, depending on ability, repeat 3 times."
    watched.clean()


def test_a_receptionist_prints_a_sheet_in_four_steps(server: Served, browser: Browser) -> None:
    """Upper body, no equipment, add all, print: the sheet is the article's exercises."""
    watched = opened(browser, server.url, "/desk")
    page = watched.page
    page.check("input[value='upper body']")
    page.check("input[value=none]")
    page.click("[data-do=add-all]")
    page.click("#basket [data-do=print]")
    sheet = page.frame_locator("#sheet")
    expect(sheet.locator(".card h2")).to_have_count(2)
    expect(sheet.locator(".card h2").last).to_contain_text("Chin Tuck")
    page.wait_for_function("() => document.getElementById('sheet').contentWindow.printed === 1")
    address = page.locator("#basket .pdf").get_attribute("href") or ""
    assert httpx.get(server.url + address).content.startswith(b"%PDF")
    page.keyboard.press("Escape")
    page.click("[data-do=clear]")
    page.fill("#search", "butt")
    expect(page.locator(".card h2").first).to_have_text("Glute Bridge")
    watched.clean()
