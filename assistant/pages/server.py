"""The web server: the chat page, a JSON interface, health, limits and security headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from assistant.chain import Assistant
from assistant.errors import AssistantError, SettingsError
from assistant.pages.chat import build_chat
from assistant.render import to_dict
from assistant.settings import Settings

MOST_BYTES = 64 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "script-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self' data:; "
        "frame-ancestors 'none'; form-action 'self'; base-uri 'self'; object-src 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Next = Callable[[Request], Awaitable[Response]]


class Guard:
    """Limits on size, routes and rate, applied before anything else sees a request."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(per_minute)

    async def __call__(self, request: Request, follow: Next) -> Response:
        refused = await self._refusal(request)
        response = refused or await follow(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    async def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if "upload" in path:
            return JSONResponse({"error": "uploads are not accepted"}, 403)
        if request.method != "POST":
            return None
        size = request.headers.get("content-length", "")
        if not size.isdigit() or int(size) > MOST_BYTES:
            return JSONResponse({"error": f"send a body of at most {MOST_BYTES} bytes"}, 413)
        client = request.client.host if request.client else "unknown"
        asks = path == "/api/ask" or path.endswith("/queue/join") or "/call/" in path
        if asks and not self._limiter.hit(self._rate, client):
            return JSONResponse({"error": "too many questions; wait a minute"}, 429)
        return None


def build_app(assistant: Assistant) -> FastAPI:
    """The whole application around `assistant`."""
    app = FastAPI(title="Article assistant", docs_url=None, redoc_url=None)
    app.middleware("http")(Guard(assistant.settings.rate_per_minute))

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ready", "index": assistant.parts.index.name}

    @app.post("/api/ask")
    async def ask(request: Request) -> JSONResponse:
        return _asked(assistant, await _body(request))

    @app.get("/api/exercises")
    def exercises() -> list[dict[str, object]]:
        return [exercise.to_dict() for exercise in assistant.corpus.exercises]

    return gr.mount_gradio_app(  # type: ignore[no-any-return]  # gradio is untyped here
        app, build_chat(assistant), path="/", ssr_mode=False, show_error=False, footer_links=[],
        run_history=False,
    )  # fmt: skip


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None


def _asked(assistant: Assistant, body: Any) -> JSONResponse:
    if not isinstance(body, dict) or not isinstance(body.get("question"), str):
        return JSONResponse({"error": "send {\"question\": text, \"earlier\": [text, ...]}"}, 422)
    earlier = body.get("earlier", [])
    if not isinstance(earlier, list) or not all(isinstance(e, str) for e in earlier):
        return JSONResponse({"error": "earlier must be a list of texts"}, 422)
    try:
        return JSONResponse(to_dict(assistant.ask(body["question"], earlier)))
    except AssistantError as error:
        return JSONResponse({"error": str(error)}, 500)


def serve(settings: Settings) -> None:
    """Open everything, then serve until stopped.

    Raises AssistantError when something cannot be opened, or the address is public by accident.
    """
    if settings.host not in ("127.0.0.1", "localhost", "::1") and not settings.public:
        raise SettingsError(
            f"ASSISTANT_HOST={settings.host} is open to others; set ASSISTANT_PUBLIC=true as well"
        )
    app = build_app(Assistant.open(settings))
    print(f"open http://{settings.host}:{settings.port}/", flush=True)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False)
