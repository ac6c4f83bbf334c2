"""A served application and a headless Chromium for the tests of the pages and the screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from assistant import Assistant, Settings
from assistant.pages.server import build_app

WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def find_chromium() -> str:
    """Path of the system's Chromium; installs it once where that is possible.

    Raises RuntimeError, in one line, where it is missing and cannot be installed.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "timeout": 600}
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]):
            subprocess.run(command, check=False, **quiet)  # type: ignore[call-overload]
    found = shutil.which("chromium")
    if not found:
        raise RuntimeError("no Chromium; install it (`apt-get install chromium`) or set CHROMIUM")
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Served:
    """The application on a port of this machine; can be stopped and started again."""

    def __init__(self, assistant: Assistant, port: int) -> None:
        self.assistant, self.port, self.url = assistant, port, f"http://127.0.0.1:{port}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve from a thread; returns once the server answers."""
        config = uvicorn.Config(
            build_app(self.assistant), host="127.0.0.1", port=self.port, log_level="error",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop serving; open connections are cut."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(15)


@contextmanager
def served(**changes: Any) -> Iterator[Served]:
    """The application with these settings, on a free port."""
    settings = Settings.from_environment(**{"rate_per_minute": 5000, **changes})
    server = Served(Assistant.open(settings), free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page and what went wrong on it: console errors, requests to other hosts."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def clean(self) -> None:
        """Raises AssertionError for a console error, a foreign request or anything stored."""
        assert not self.errors
        assert not self.elsewhere
        stored = self.page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]")
        assert set(stored[0]) <= {"language"}
        assert not stored[1]
        assert not self.page.context.cookies()


def opened(
    browser: Browser, url: str, path: str = "/", size: dict[str, int] | None = None,
    scheme: str = "light", language: str = "en-US",
) -> Watched:  # fmt: skip
    """A fresh page at `path`, ready to be used."""
    context = browser.new_context(
        viewport=size or WIDE, color_scheme=scheme, locale=language, reduced_motion="reduce"
    )
    context.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    watched = Watched(context.new_page(), url)
    page = watched.page
    page.on("console", lambda m: watched.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((url, "data:", "blob:"))
            else watched.elsewhere.append(r.url))  # fmt: skip
    page.goto(url + path)
    page.wait_for_selector("#question" if path.startswith("/?") or path == "/" else "h1")
    return watched


def ask(page: Page, question: str) -> Any:
    """Types a question, sends it with Enter and returns the answer's element."""
    count = page.locator(".answer").count()
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.wait_for_function("n => document.querySelectorAll('.answer').length > n", arg=count)
    return page.locator(".answer").last


def highlighted(page: Page) -> str:
    """The text marked in the article."""
    return "".join(page.locator("#article mark").all_text_contents())


def unfolded(page: Page) -> int:
    """Opens the desk's filters, which a phone keeps folded; how many clicks it took."""
    if page.locator("#fold").evaluate("fold => fold.open"):
        return 0
    page.click("#fold summary")
    return 1
