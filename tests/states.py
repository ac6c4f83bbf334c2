"""The states that the pages can be in, each as a function that brings a fresh page there."""

from __future__ import annotations

from collections.abc import Callable

from browsing import ask, unfolded
from playwright.sync_api import Page

State = Callable[[Page], object]


def start(page: Page) -> None:
    """The page as it opens."""


def answer(page: Page) -> None:
    """An answer with its sources."""
    ask(page, "What does the article say about forward head posture?")


def cited(page: Page) -> None:
    """A citation clicked: its words in the article."""
    ask(page, "How long do I hold a plank?").locator(".mark").first.click()


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


def follow_up(page: Page) -> None:
    """A second question that needs the first."""
    ask(page, "How do I do the glute bridge?")
    ask(page, "What does it strengthen?")


def clarified(page: Page) -> None:
    """The assistant asks which exercise is meant."""
    ask(page, "How long do I hold it?")


def partly(page: Page) -> None:
    """A general part answered, an individual part declined."""
    ask(page, "How do I do a plank, and is it safe for my herniated disc?")


def stopped(page: Page) -> None:
    """A sign to stop exercising."""
    ask(page, "I felt dizzy during the glute bridge")


def safe(page: Page) -> None:
    """The person says that the emergency is over."""
    emergency(page)
    page.locator("[data-do=safe]").last.click()
    page.wait_for_function("() => document.querySelectorAll('.answer').length === 2")


def private(page: Page) -> None:
    """A message with a name and a birth date."""
    ask(page, "My name is Ann Smith, born 03/04/1970. How do I do a chin tuck?")


def notice(page: Page) -> None:
    """The article's own notice."""
    page.locator("[data-do=notice]").first.click()


def contents(page: Page) -> None:
    """The article's contents, opened."""
    if page.locator(".person [data-do=article]").is_visible():
        page.click(".person [data-do=article]")
    page.click("#contents summary")


def too_long(page: Page) -> None:
    """More characters than a question may have."""
    page.fill("#question", "x" * 501)


def larger(page: Page) -> None:
    """Large text, with an answer."""
    page.click("[data-do=larger]")
    ask(page, "Which exercises need no equipment?")


def finder(page: Page) -> None:
    """The desk with filters."""
    unfolded(page)
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
    page.locator("#compare").scroll_into_view_if_needed()


def basket(page: Page) -> None:
    """The sheet as it will print."""
    unfolded(page)
    page.check("input[value='upper body']")
    page.click("[data-do=add-all]")
    page.click("[data-do=preview]")
    page.frame_locator("#sheet").locator("h1").wait_for()


def signs(page: Page) -> None:
    """The warning signs."""
    page.click("[data-do=flags]")


def read_aloud(page: Page) -> None:
    """What is read to a caller."""
    page.locator("[data-do=read]").first.click()


def nothing(page: Page) -> None:
    """A search without a result."""
    page.fill("#search", "zebra")


def spanish_desk(page: Page) -> None:
    """The desk in Spanish, a card opened."""
    page.click("[data-language=es]")
    page.locator("[data-do=open]").first.click()


def chosen(page: Page) -> None:
    """Exercises on the sheet, one pinned."""
    page.locator("[data-do=basket]").first.click()
    page.locator("[data-do=pin]").nth(1).click()


# Those of which pictures are kept, and those that are only tested.
CHAT: tuple[State, ...] = (
    start, answer, cited, declined, emergency, crisis, missing, spanish,
)  # fmt: skip
CHAT_MORE: tuple[State, ...] = (
    follow_up, clarified, partly, stopped, safe, private, notice, contents, too_long, larger,
)  # fmt: skip
DESK: tuple[State, ...] = (finder, searched, compared, basket, signs)
DESK_MORE: tuple[State, ...] = (start, read_aloud, nothing, spanish_desk, chosen)
