"""What guards the server: body size, allowed routes, rate by client, security headers.

One ASGI layer around everything, Gradio's own routes included: a limit in the browser or in a
component does not bind someone who speaks plain HTTP.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024
MOST_DRAINED = 64 * 1024 * 1024
DRAIN_SECONDS = 5.0
OTHER_RATE = 600  # requests a minute of one client that ask nothing of the assistant
# Gradio's routes that the pages use; the rest of its interface (upload, proxy, files) is closed.
_GRADIO_OPEN = re.compile(
    r"^/gradio_api/(?:call/(?:v2/)?ask(?:/[0-9a-f]+)?|heartbeat/\w+|startup-events|info|app_id)/?$"
)
_GRADIO_CLOSED = re.compile(
    r"^/(?:gradio_api|upload|file|proxy|login|logout|monitoring|deep_link|svelte|custom_component"
    r"|component_server|call|queue|run|api/predict|reset|cancel|stream|mcp|dev|vibe)(?:[/=]|$)"
)
_ASKS = re.compile(r"^/(?:api/ask|gradio_api/call/(?:v2/)?ask)/?$")
_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)([^>]*)>(.*?)</script>", re.DOTALL)
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src {scripts}; connect-src 'self'; font-src 'self' data:; frame-ancestors {frames}; "
    "form-action 'self'; base-uri 'self'; object-src 'none'"
)
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class RateLimit:
    """At most `per_minute` events of one client in any minute."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(per_minute)

    def allows(self, client: str) -> bool:
        """Counts an event of `client`; False when it is one too many."""
        return bool(self._limiter.hit(self._rate, client))


class Guard:
    """The layer: refuses what is too big, too often or not offered; adds headers to the rest."""

    def __init__(self, app: ASGIApp, per_minute: int, busy: str) -> None:
        self._app, self._busy = app, busy
        self._asks, self._others = RateLimit(per_minute), RateLimit(max(OTHER_RATE, per_minute * 4))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Headed(send, scope["path"])
        refusal = self._refusal(scope)
        if refusal:
            await _drain(receive)
            await _refuse(answer, *refusal)
        else:
            await self._app(scope, receive, answer)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        path = scope["path"]
        if _GRADIO_CLOSED.match(path) and not _GRADIO_OPEN.match(path):
            return 403, "this route is closed"
        headers = dict(scope["headers"])
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not _small(headers):
            return 413, f"send a body of at most {MOST_BYTES} bytes and its length"
        client = scope["client"][0] if scope.get("client") else "unknown"
        limit = self._asks if _ASKS.match(path) and scope["method"] == "POST" else self._others
        if not path.startswith("/assets/") and not limit.allows(client):
            return 429, self._busy
        return None


def _small(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the body is of a stated length within the limit."""
    length = headers.get(b"content-length", b"")
    if not length:
        return b"transfer-encoding" not in headers
    return length.isdigit() and len(length) < 12 and int(length) <= MOST_BYTES


async def _drain(receive: Receive) -> None:
    """Read a refused body away, within bounds, so that the client gets to read the refusal."""
    taken = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while taken < MOST_DRAINED:
                message = await receive()
                taken += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
    except TimeoutError:
        return


async def _refuse(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"error": reason}, ensure_ascii=False).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Headed:
    """A `send` that adds the security headers.

    An HTML page is held back until it is whole: its inline scripts (Gradio's configuration) are
    then named in the policy by their hashes, so that no other inline script can run.
    """

    def __init__(self, send: Send, path: str) -> None:
        self._send, self._path = send, path
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            if not _is_html(message):
                await self._begin(b"")
        elif message["type"] == "http.response.body" and _is_html(self._start):
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._begin(self._body)
                await self._send({"type": "http.response.body", "body": self._body})
        else:
            await self._send(message)

    async def _begin(self, page: bytes) -> None:
        own = {name.lower().encode(): value.encode() for name, value in self._headers(page).items()}
        kept = [(k, v) for k, v in self._start["headers"] if k.lower() not in own]
        await self._send({**self._start, "headers": [*kept, *own.items()]})

    def _headers(self, page: bytes) -> dict[str, str]:
        hashes = {f"'sha256-{_digest(match[2])}'" for match in _SCRIPT.finditer(page)}
        framed = self._path == "/desk/handout"
        policy = _POLICY.format(
            scripts=" ".join(["'self'", *sorted(hashes)]), frames="'self'" if framed else "'none'"
        )
        stored = "no-cache" if self._path.startswith(("/pages/", "/assets/", "/static/")) else "no-store"
        return {
            **_HEADERS,
            "Content-Security-Policy": policy,
            "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
            "Cache-Control": stored,
        }


def _is_html(start: Mapping[str, Any]) -> bool:
    kinds = [v for k, v in start.get("headers", []) if k.lower() == b"content-type"]
    return bool(kinds) and kinds[0].startswith(b"text/html")


def _digest(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script).digest()).decode()
