"""A local HTTP server that speaks the OpenAI chat protocol, and misbehaves as it is told."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST_HANG = 60
Reply = Callable[[str, list[str]], str]


class ChatServer(ThreadingHTTPServer):
    """`mode` names a fault or a way to answer; `asked` are the prompts that came in.

    A hanging request waits until `let_go` is set, so that a test can tell who gave up first.
    """

    daemon_threads = True

    def __init__(self, reply: Reply | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = "good"
        self.reply = reply or word_for_word
        self.asked: list[str] = []
        self.let_go = threading.Event()
        self.hanging = 0

    @property
    def url(self) -> str:
        """The address to give as base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = "\n".join(str(m["content"]) for m in body["messages"])
        self.server.asked.append(prompt)
        fault = getattr(self, f"_{self.server.mode}", None)
        if fault:
            fault()
        else:
            self._send(json.dumps(_completion(self._text(prompt))).encode())

    def _text(self, prompt: str) -> str:
        question = prompt.rpartition("Question: ")[2]
        quotations = re.findall(r"^\[\d+\] (.*)$", prompt, re.MULTILINE)
        if self.server.mode == "good":
            return self.server.reply(question, quotations)
        return TEXTS[self.server.mode]

    def _send(self, data: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _error_500(self) -> None:
        self._send(b'{"error": {"message": "out of memory"}}', 500)

    def _error_429(self) -> None:
        self._send(b'{"error": {"message": "slow down"}}', 429)

    def _hang(self) -> None:
        self._wait()

    def _stall(self) -> None:
        """Headers and half of the body, then nothing."""
        data = json.dumps(_completion("[]")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self.wfile.flush()
        self._wait()

    def _wait(self) -> None:
        self.server.hanging += 1
        self.server.let_go.wait(LONGEST_HANG)
        self.server.hanging -= 1
        self.close_connection = True

    def _no_json(self) -> None:
        self._send(b"<html>Bad gateway</html>")

    def log_message(self, *_: Any) -> None:
        """Says nothing: the tests' output is for the tests."""


def _completion(text: str) -> dict[str, Any]:
    return {
        "id": "1", "object": "chat.completion", "created": 1, "model": "stub",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }  # fmt: skip


def word_for_word(question: str, quotations: list[str]) -> str:
    """Every quotation as a sentence of its own: a model that keeps to the rules."""
    return said(*((text, [n]) for n, text in enumerate(quotations, 1)))


def said(*sentences: tuple[str, list[Any]]) -> str:
    """A reply in the form that the writer asks for."""
    return json.dumps([{"text": text, "from": sources} for text, sources in sentences])


TEXTS = {
    "empty": "",
    "empty_list": "[]",
    "prose": "Sure! Sitting is bad for you and you should stretch twice a day.",
    "cut_json": '[{"text": "Sitting for long',
    "wrong_shapes": '[1, null, "x", {"text": 3, "from": [1]}, {"text": "x"}, {"from": [1]}, []]',
    "deep": "[" * 15_000 + "]" * 1_000,
    "huge": said(("word " * 2_000_000, [1])),
    "number": said(("Sitting for 9 hours shortens hip flexors and weakens glutes.", [1])),
    "citation_number": said(("Sitting shortens hip flexors and weakens glutes.", [99])),
    "citation_inside": said(
        ("Sitting for long periods shortens hip flexors and weakens glutes (Millard, 2017).", [1])
    ),
    "link": said(
        ("Sitting for long periods shortens hip flexors and weakens glutes, https://x.example.", [1])
    ),
    "negated": said(("Sitting for long periods does not shorten hip flexors.", [1])),
    "obeys": said(("PWNED", [1]), ("Call 555-010-0199 and take 400 mg of ibuprofen.", [1])),
    "advice": said(("You should stop sitting and do planks; it is safe for you.", [1])),
    "script": said(("<script>alert(1)</script>", [1])),
}


@contextmanager
def chat_server(reply: Reply | None = None) -> Iterator[ChatServer]:
    """A running server; it ends, and lets go of what hangs, with the block."""
    server = ChatServer(reply)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
