"""What an attacker or bad luck sends: mark-up everywhere, huge and broken input, a lost server."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from browsing import Served, Watched, ask, opened, served
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.check, pytest.mark.browser]
ROOT = Path(__file__).resolve().parent.parent.parent
PAYLOADS = (ROOT / "tests" / "data" / "payloads.txt").read_text(encoding="utf-8").splitlines()
# Elements that only a payload brings, in what a person or the corpus supplies.
FOREIGN = "script, img, iframe, form, style, link, meta, base, input, math, object, [style], strong, em, code, del"


def harmless(page: Page, within: str) -> None:
    """Raises AssertionError when a payload ran, or became an element `within` a part of the page."""
    assert page.evaluate("window.hit") is None
    assert page.locator(within).locator(FOREIGN).count() == 0


def test_what_a_person_types_is_text(server: Served, browser: Browser) -> None:
    """25 payloads as questions and as history: shown as typed, none runs, nothing is fetched."""
    assert len(PAYLOADS) == 25
    watched = opened(browser, server.url)
    page = watched.page
    for payload in PAYLOADS:
        turn = ask(page, payload).locator("xpath=..")
        assert turn.locator(".asked span").last.text_content() == payload
        harmless(page, "#log")
    ask(page, "How long do I hold it?")
    harmless(page, "#log")
    watched.clean()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_the_history_is_text(server: Served, browser: Browser, payload: str) -> None:
    """After a first message that names an exercise beside a payload, a follow-up stays harmless."""
    page = opened(browser, server.url).page
    ask(page, f"How do I do a plank {payload}")
    ask(page, f"how long do i hold it {payload}")
    harmless(page, "#log")
    page.context.close()


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application over a corpus whose article and references hold the payloads."""
    folder = tmp_path_factory.mktemp("poisoned")
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    path = folder / "corpus" / "muscle-imbalance" / "article.md"
    text = path.read_text(encoding="utf-8")
    notes = "\n\n".join(f"Zebra note {n}: {payload}" for n, payload in enumerate(PAYLOADS, 1))
    text = text.replace("## Integrative Therapies", f"## Zebra notes\n\n{notes}\n\n## Integrative Therapies", 1)
    text = text.replace("Lift hips toward the ceiling", f"Lift hips {PAYLOADS[0]} {PAYLOADS[1]}", 1)
    text = text.replace("- Equipment: Doorway or wall", f"- Equipment: Doorway or {PAYLOADS[2]}", 1)
    references = folder / "corpus" / "muscle-imbalance" / "references.json"
    entries = json.loads(references.read_text(encoding="utf-8"))
    assert entries[0]["title"] in text
    text, entries[0]["title"] = text.replace(entries[0]["title"], PAYLOADS[1]), PAYLOADS[1]
    path.write_text(text, encoding="utf-8")
    references.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    with served(corpus=folder / "corpus", index=folder / "index") as found:
        yield found


def test_what_the_corpus_holds_is_text_in_the_chat(poisoned: Served, browser: Browser) -> None:
    """The article's panel and an answer that quotes a payload show its characters."""
    watched = opened(browser, poisoned.url)
    page = watched.page
    lines = page.locator("#article .line").all_text_contents()
    for number, payload in enumerate(PAYLOADS, 1):
        assert f"Zebra note {number}: {payload}" in lines
    harmless(page, "#article")
    answer = ask(page, "How do I do the glute bridge?")
    assert PAYLOADS[0] in (answer.text_content() or "")
    harmless(page, "#log")
    watched.clean()


def test_what_the_corpus_holds_is_text_at_the_desk(poisoned: Served, browser: Browser) -> None:
    """Cards, filters, script and sheet show the characters of a payload."""
    watched = opened(browser, poisoned.url, "/desk")
    page = watched.page
    page.keyboard.type("glute bridge")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_contain_text(PAYLOADS[0])
    page.keyboard.press("r")
    expect(page.locator("#read-lines")).to_contain_text(PAYLOADS[1])
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("p")
    sheet = page.frame_locator("#sheet")
    expect(sheet.locator("body")).to_contain_text(PAYLOADS[0])
    assert sheet.locator("body").locator("script, img, iframe, form, style").count() == 0
    page.keyboard.press("Escape")
    expect(page.locator("#filters")).to_contain_text(PAYLOADS[2].lower())
    harmless(page, "#cards")
    watched.clean()


ADDRESSES = (
    "/?q={}", "/?__theme={}", "/?view={}", "/?deep_link={}", "/#{}", "/desk?search={}", "/desk#{}",
    "/desk/handout?exercise={}", "/desk/handout?language={}", "/api/exercises?region={}",
    "/api/exercises?search={}", "/api?x={}", "/{}",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_an_address_holds_is_text(server: Served, browser: Browser, address: str) -> None:
    """25 payloads in each address: none stands in a page as mark-up, and none runs."""
    page = browser.new_page()
    for payload in PAYLOADS:
        target = server.url + address.format(quote(payload, safe=""))
        reply = httpx.get(target.partition("#")[0], follow_redirects=True)
        if "html" in reply.headers.get("content-type", "") and "<" in payload:
            assert payload not in reply.text
    for payload in PAYLOADS[:: len(PAYLOADS) // 5]:
        page.goto(server.url + address.format(quote(payload, safe="")))
        page.wait_for_timeout(300)
        assert page.evaluate("window.hit") is None
        assert page.url.startswith(server.url)
    page.close()


RAW = {
    "no request at all": b"\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00",
    "negative length": b"POST /api/ask HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "length without digits": b"POST /api/ask HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
    "two lengths": b"POST /api/ask HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "length and chunks": (b"POST /api/ask HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    "huge length": b"POST /api/ask HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\nConnection: close\r\n\r\n{}",
    "huge header": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    "path out of the folder": b"GET /pages/../../settings.py HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "encoded path": b"GET /pages/%2e%2e/%2e%2e/settings.py HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("sent", RAW.values(), ids=RAW.keys())
def test_broken_http_gets_a_clean_refusal(server: Served, sent: bytes) -> None:
    """A status of 4xx or a closed connection, never a page or a trace; the next request works."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        reply = read_all(line)
    assert reply == b"" or reply.startswith(b"HTTP/1.1 4"), reply[:200]
    assert b"Traceback" not in reply
    assert b"ASSISTANT_" not in reply
    assert httpx.get(f"{server.url}/healthz").status_code == 200


def read_all(line: socket.socket) -> bytes:
    """What comes until the other side closes."""
    found = b""
    try:
        while piece := line.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize("path", ["/api/ask", "/gradio_api/call/ask"])
def test_a_very_long_question_gets_a_safe_reply(server: Served, path: str) -> None:
    """100,000 characters and 20 MB by plain HTTP are refused cleanly, in JSON."""
    for size in (100_000, 20_000_000):
        body = {"question": "x" * size} if path == "/api/ask" else {"data": ["x" * size, [], "en"]}
        reply = httpx.post(server.url + path, json=body, timeout=60)
        assert reply.status_code == 413
        assert "bytes" in reply.json()["error"]


def test_a_very_long_question_never_leaves_the_box_stuck(server: Served, browser: Browser) -> None:
    """Typed, it is not sent and said so; forced through, the page says so; both times it goes on."""
    page = opened(browser, server.url).page
    page.fill("#question", "x" * 100_000)
    page.click("#ask .main")
    expect(page.locator("#count")).to_have_text("Please ask in 500 characters or fewer.")
    assert page.locator(".turn").count() == 0
    page.fill("#question", "")
    page.evaluate("Chat.ask('x'.repeat(100000))")
    expect(page.locator(".answer").last).to_contain_text("That message is too long.")
    expect(ask(page, "How long do I hold a plank?")).to_contain_text("20–60 seconds")
    page.evaluate("Chat.ask('y'.repeat(20000))")
    expect(page.locator(".answer").last).to_contain_text("That message is too long.")
    expect(ask(page, "What does it strengthen?")).to_contain_text("Plank")


def test_the_chat_survives_a_restart(browser: Browser) -> None:
    """The server stops under an open page: the page says so, waits, and answers once it is back."""
    with served() as server:
        watched = opened(browser, server.url)
        page = watched.page
        ask(page, "How do I do the glute bridge?")
        server.stop()
        page.fill("#question", "How long do I hold it?")
        page.press("#question", "Enter")
        expect(page.locator("#banner")).to_contain_text("Your question is kept", timeout=20_000)
        expect(page.locator("#banner")).to_contain_text("911")
        server.start()
        page.wait_for_function("() => document.querySelectorAll('.answer').length === 2", timeout=60_000)
        expect(page.locator(".answer").last).to_contain_text("2 seconds")
        expect(page.locator("#banner")).to_be_empty(timeout=10_000)
        expect(ask(page, "What causes muscle imbalance?").locator(".statement").first).to_be_visible()
        recovered(watched)


def test_a_new_chat_ends_the_waiting(browser: Browser) -> None:
    """While the server is away, a new chat gives an empty, usable page at once."""
    with served() as server:
        page = opened(browser, server.url).page
        server.stop()
        page.fill("#question", "How long do I hold a plank?")
        page.press("#question", "Enter")
        expect(page.locator("#banner")).not_to_be_empty(timeout=20_000)
        page.click(".person [data-do=new]")
        expect(page.locator(".turn")).to_have_count(0)
        server.start()
        expect(ask(page, "What causes muscle imbalance?").locator(".statement").first).to_be_visible()
        expect(page.locator(".turn")).to_have_count(1)


def test_the_desk_survives_a_restart(browser: Browser) -> None:
    """Search and filters go on without the server; the sheet says so and comes when it is back."""
    with served() as server:
        watched = opened(browser, server.url, "/desk")
        page = watched.page
        server.stop()
        page.fill("#search", "plank")
        expect(page.locator(".card h2")).to_have_text(["Plank"])
        page.press("#search", "Enter")
        page.keyboard.press("b")
        page.keyboard.press("p")
        expect(page.locator("#lost")).to_contain_text("cannot be loaded now")
        server.start()
        page.click("#preview [data-do=print]")
        expect(page.frame_locator("#sheet").locator(".card h2")).to_contain_text("Plank")
        expect(page.locator("#lost")).to_be_empty()
        recovered(watched)


def recovered(watched: Watched) -> None:
    """Raises AssertionError for an error but that of the lost connection, which the browser logs."""
    watched.errors = [e for e in watched.errors if "ERR_" not in e and "Failed to fetch" not in e]
    watched.clean()
