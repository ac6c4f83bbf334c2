"""The server over plain HTTP: limits, closed routes, headers, wrong input, the password."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browsing import Served, served
from jsonschema import Draft202012Validator

SCHEMA = json.loads((Path(__file__).parent / "data" / "answer.schema.json").read_text())


@pytest.fixture(scope="module")
def client(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as found:
        yield found


def test_an_answer_over_http_keeps_the_schema(client: httpx.Client) -> None:
    """/api/ask gives the answer object, citations and receipt included."""
    answer = client.post("/api/ask", json={"question": "How long do I hold a plank?"}).json()
    Draft202012Validator(SCHEMA).validate(answer)
    assert answer["citations"][0]["quote"].startswith("Hold for 20–60 seconds")


@pytest.mark.parametrize(
    "body",
    [None, 3, [], "x", {}, {"question": 3}, {"question": None}, {"question": ["a"]},
     {"question": "a", "earlier": "b"}, {"question": "a", "earlier": [1]},
     {"question": "a", "earlier": ["x"] * 300}, {"question": "x" * 501}],
)  # fmt: skip
def test_what_is_no_question_gets_a_short_reason(client: httpx.Client, body: object) -> None:
    """Wrong types and too long questions are 422 with one sentence that echoes nothing."""
    reply = client.post("/api/ask", json=body)
    assert reply.status_code == 422
    assert len(reply.json()["error"]) < 200


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"[" * 30000, b'{"question": "\\ud800"}', b""])
def test_broken_json_never_breaks_the_server(client: httpx.Client, raw: bytes) -> None:
    """Bytes that are not JSON, or hold lone surrogates, get a clean answer."""
    assert client.post("/api/ask", content=raw).status_code in (200, 422)


@pytest.mark.parametrize("size", [70_000, 20_000_000])
@pytest.mark.parametrize("path", ["/api/ask", "/gradio_api/call/ask", "/desk/enter"])
def test_a_body_over_the_limit_is_refused(client: httpx.Client, path: str, size: int) -> None:
    """Up to 20 MB: 413 that the client can read."""
    assert client.post(path, content=b"x" * size).status_code == 413


def test_a_body_without_a_length_is_refused(client: httpx.Client) -> None:
    """A chunked body has no stated size."""
    assert client.post("/api/ask", content=iter([b"{}"])).status_code == 413


def test_danger_in_a_too_long_message_is_still_heard(client: httpx.Client) -> None:
    """Red flags are read before the length limit applies."""
    text = "I have crushing chest pain and cannot breathe. " + "it started today. " * 60
    assert client.post("/api/ask", json={"question": text}).json()["level"] == "emergency"


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=http://example.org",
     "/gradio_api/queue/join", "/gradio_api/run/ask", "/monitoring", "/gradio_api/call/other",
     "/gradio_api/component_server", "/login"],
)  # fmt: skip
def test_routes_that_no_page_needs_are_closed(client: httpx.Client, path: str) -> None:
    """Gradio's uploads, files, proxy and other events answer 403."""
    assert client.post(path, json={}).status_code == 403
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("data", [[1, 2, 3], ["a"], [None, None, None], [{"a": 1}, "x", []], "x", {}])
def test_the_event_of_the_chat_never_raises(client: httpx.Client, data: object) -> None:
    """Wrong types through Gradio's queue end in a safe message or an error event, never a hang."""
    posted = client.post("/gradio_api/call/ask", json={"data": data})
    if posted.status_code == 200:
        stream = client.get(f"/gradio_api/call/ask/{posted.json()['event_id']}").text
        assert "event: complete" in stream or "event: error" in stream
        assert "Traceback" not in stream
    else:
        assert 400 <= posted.status_code < 500


@pytest.mark.parametrize("path", ["/", "/desk", "/api", "/api/ask", "/healthz", "/pages/chat.js", "/nothing"])
def test_every_reply_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    """No inline script may run but those that are named by their hash."""
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    scripts = policy.split("script-src ")[1].split(";")[0]
    assert "unsafe" not in scripts
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"


def test_health_readiness_and_description(client: httpx.Client) -> None:
    """The three pages of an operator."""
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json()["status"] == "ready"
    assert set(client.get("/api/openapi.json").json()["paths"]) == {
        "/healthz", "/readyz", "/api/ask", "/api/exercises"
    }  # fmt: skip
    assert "POST /api/ask" in client.get("/api").text


def test_exercises_are_found_and_wrong_values_named(client: httpx.Client) -> None:
    """Conditions combine; a value that the article does not have is 422."""
    found = client.get("/api/exercises", params={"region": "upper body", "equipment": "none"}).json()
    assert [e["name"] for e in found] == ["Scapular Retraction", "Chin Tuck"]
    assert client.get("/api/exercises", params={"region": "<b>"}).status_code == 422


def test_a_sheet_needs_known_exercises(client: httpx.Client) -> None:
    """Unknown, missing and wrong parameters are 422 without an echo."""
    for query in ("", "?exercise=nothing", "?exercise=<script>alert(1)</script>"):
        reply = client.get(f"/desk/handout{query}")
        assert reply.status_code == 422
        assert "<script>alert" not in reply.text
    assert client.get("/desk/handout?language=<b>").status_code == 422


def test_a_client_that_asks_too_often_is_told_to_wait() -> None:
    """The limit holds for the interface and the page's event together."""
    with served(rate_per_minute=3) as server, httpx.Client(base_url=server.url) as client:
        codes = [client.post("/api/ask", json={"question": "hello"}).status_code for _ in range(3)]
        late = client.post("/gradio_api/call/ask", json={"data": ["hello", [], "en"]})
        assert codes == [200, 200, 200]
        assert late.status_code == 429
        assert "911" in late.json()["error"]
        assert client.get("/healthz").status_code == 200


def test_a_password_keeps_the_desk() -> None:
    """Without it nothing of the desk; with it a cookie that scripts cannot read."""
    with served(desk_password="open sesame") as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/desk").status_code == 401
        sheet = "/desk/handout.pdf?exercise=muscle-imbalance/exercises/plank"
        assert client.get(sheet).status_code == 303
        assert client.post("/desk/enter", data={"password": "no"}).status_code == 401
        entered = client.post("/desk/enter", data={"password": "open sesame"})
        assert entered.status_code == 303
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/desk").status_code == 200
        assert client.get(sheet).content.startswith(b"%PDF")
        client.cookies.clear()
        codes = [client.post("/desk/enter", data={"password": "x"}).status_code for _ in range(5)]
        assert codes[-1] == 429


def test_an_internal_error_is_a_safe_sentence_with_a_number(
    server: Served, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The person gets the clinic's telephone number and a log number; the log has no question."""
    steps = server.assistant.steps

    def broken(_: object) -> object:
        raise RuntimeError("my secret question")

    server.assistant.steps = dataclasses.replace(steps, retrieve=broken)
    try:
        reply = client.post("/api/ask", json={"question": "How long do I hold a plank?"})
    finally:
        server.assistant.steps = steps
    assert reply.status_code == 500
    assert "915-412-6677" in reply.json()["error"]
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
    assert "plank" not in caplog.text
