"""The web server: the pages and the JSON interface behind one guard."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from assistant.chain import Assistant
from assistant.errors import SettingsError
from assistant.exam import admitted, has_passed
from assistant.pages.api import add_description, build_api
from assistant.pages.asking import failure
from assistant.pages.chat import build_chat, head
from assistant.pages.feedback import Feedback
from assistant.pages.security import MOST_BYTES, Guard
from assistant.pages.sheets import build_desk
from assistant.pages.voice import Voice
from assistant.settings import Settings

STATIC = Path(__file__).with_name("static")
FEEDBACK = "feedback.jsonl"


def build_app(assistant: Assistant) -> FastAPI:
    """The whole application around `assistant`, without a chat model that failed its exam."""
    assistant = admitted(assistant)
    app = FastAPI(
        title="Article assistant", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    say = Voice(assistant.policy, "en")
    app.add_middleware(
        Guard, per_minute=assistant.settings.rate_per_minute, busy=say("page_busy")
    )
    app.include_router(build_api(assistant))
    app.include_router(build_desk(assistant))
    add_description(app, assistant)
    _add_feedback(app, assistant)
    _add_errors(app, assistant)
    app.mount("/pages", StaticFiles(directory=STATIC))
    theme = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"])
    return gr.mount_gradio_app(  # type: ignore[no-any-return]  # gradio is untyped here
        app, build_chat(assistant), path="/", ssr_mode=False, show_error=False, footer_links=[],
        run_history=False, head=head(assistant), theme=theme, max_file_size=MOST_BYTES,
        enable_monitoring=False, favicon_path=str(STATIC / "icon.svg"),
    )  # fmt: skip


def _add_feedback(app: FastAPI, assistant: Assistant) -> None:
    policy = assistant.policy
    rules = {rule.id for rules in (policy.red_flags, policy.advice) for rule in rules.rules}
    path = assistant.settings.index.parent / FEEDBACK
    feedback = Feedback(path, assistant.corpus.passages, rules | set(policy.courtesy))

    @app.post("/pages/feedback", include_in_schema=False)
    async def vote(request: Request) -> Response:
        try:
            sent = json.loads(await request.body())
        except (ValueError, RecursionError):
            sent = None
        return Response(status_code=204 if feedback.add(sent) else 422)


def _add_errors(app: FastAPI, assistant: Assistant) -> None:
    """Unexpected errors and wrong parameters as short JSON that echoes nothing."""

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": failure(assistant, error, Voice(assistant.policy, "en"))}, 500)

    @app.exception_handler(RequestValidationError)
    async def wrong(_: Request, error: RequestValidationError) -> JSONResponse:
        names = sorted({str(part) for e in error.errors() for part in e["loc"][1:2]})
        return JSONResponse({"error": f"not usable: {', '.join(names)[:200]}"}, 422)


def serve(settings: Settings) -> None:
    """Open everything, then serve until stopped.

    Raises AssistantError when something cannot be opened, or the address is public by accident.
    """
    if settings.host not in ("127.0.0.1", "localhost", "::1") and not settings.public:
        raise SettingsError(
            f"ASSISTANT_HOST={settings.host} is open to others; set ASSISTANT_PUBLIC=true as well"
        )
    if settings.model and not has_passed(settings):
        print(f"{settings.model} has not passed its exam and is not used; run "
              "`python -m assistant exam`", file=sys.stderr)  # fmt: skip
    app = build_app(Assistant.open(settings))
    print(f"open http://{settings.host}:{settings.port}/", flush=True)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False)
