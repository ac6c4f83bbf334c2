"""Draws docs/screenshots anew: `python tests/screenshots.py [part of a name]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from browsing import PHONE, WIDE, ask, chromium, opened, served
from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"


def start(page: Page) -> None:
    """The page as it opens."""


def answer(page: Page) -> None:
    """An answer with its sources."""
    ask(page, "What does the article say about forward head posture?")


def cited(page: Page) -> None:
    """A citation clicked: its words in the article."""
    found = ask(page, "How long do I hold a plank?")
    found.locator(".mark").first.click()


def declined(page: Page) -> None:
    """A question about one's own case."""
    ask(page, "Should I do these exercises with my herniated disc?")


def emergency(page: Page) -> None:
    """An emergency."""
    ask(page, "I have chest pain and my arm is numb")


def crisis(page: Page) -> None:
    """A crisis."""
    ask(page, "I want to kill myself")


def missing(page: Page) -> None:
    """What the article does not say."""
    ask(page, "How much does a visit cost?")


def spanish(page: Page) -> None:
    """Spanish throughout."""
    page.click("[data-language=es]")
    ask(page, "¿Qué músculos fortalece el puente de glúteos?")


def finder(page: Page) -> None:
    """The desk with filters."""
    page.check("input[value='upper body']")
    page.check("input[value=none]")


def searched(page: Page) -> None:
    """The desk's search, a card opened."""
    page.fill("#search", "butt")
    page.press("#search", "Enter")
    page.keyboard.press("Enter")


def compared(page: Page) -> None:
    """Two exercises side by side."""
    page.locator("[data-do=pin]").nth(0).click()
    page.locator("[data-do=pin]").nth(2).click()


def basket(page: Page) -> None:
    """The sheet as it will print."""
    page.check("input[value='upper body']")
    page.click("[data-do=add-all]")
    page.click("[data-do=preview]")
    page.frame_locator("#sheet").locator("h1").wait_for()


def signs(page: Page) -> None:
    """The warning signs."""
    page.click("[data-do=flags]")


CHAT: tuple[Callable[[Page], None], ...] = (
    start, answer, cited, declined, emergency, crisis, missing, spanish,
)  # fmt: skip
DESK: tuple[Callable[[Page], None], ...] = (finder, searched, compared, basket, signs)


def main() -> None:
    """All states at both sizes, light and dark."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as server, chromium() as browser:
        for path, states in (("/", CHAT), ("/desk", DESK)):
            for state in states:
                for size in (WIDE, PHONE):
                    for scheme in ("light", "dark"):
                        name = f"{'chat' if path == '/' else 'desk'}-{state.__name__}-{size['width']}-{scheme}.png"
                        if wanted not in name:
                            continue
                        page = opened(browser, server.url, path, size, scheme).page
                        state(page)
                        page.mouse.move(0, 0)
                        page.screenshot(path=FOLDER / name)
                        page.context.close()


if __name__ == "__main__":
    main()
