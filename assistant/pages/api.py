"""The JSON interface: /api/ask, /api/exercises, /healthz, /readyz, and its description at /api."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from assistant.chain import Assistant
from assistant.errors import InputError
from assistant.exercises import find_exercises
from assistant.pages.asking import ask
from assistant.pages.chat import AT_ONCE, WAITING
from assistant.pages.desk import page_html
from assistant.pages.voice import Voice
from assistant.render import to_dict

_TEXT = {"type": "string"}
_ASK_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {
        "type": "object", "required": ["question"], "additionalProperties": True,
        "properties": {
            "question": {**_TEXT, "description": "the person's message"},
            "earlier": {"type": "array", "items": _TEXT,
                        "description": "the person's own earlier messages, oldest first"},
        },
    }}},
}  # fmt: skip
_ANSWERS: dict[int | str, dict[str, Any]] = {
    413: {"description": "the body is over 64 KB"},
    422: {"description": "not a question, or one that is too long"},
    429: {"description": "too many questions in a minute"},
    503: {"description": "too many questions are waiting"},
}


def build_api(assistant: Assistant) -> APIRouter:
    """The routes of the interface."""
    router = APIRouter()
    limiter = anyio.CapacityLimiter(AT_ONCE)

    @router.get("/healthz", summary="The process is alive")
    def health() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="The index answers", responses={503: {"description": "it does not"}})
    def ready() -> JSONResponse:
        try:
            count = len(assistant.parts.index.stored())
        except Exception:
            count = 0
        name = assistant.parts.index.name
        body = {"status": "ready" if count else "not ready", "index": name, "records": count}
        return JSONResponse(body, 200 if count else 503)

    @router.post(
        "/api/ask", summary="Answer a question with the article's own words",
        openapi_extra={"requestBody": _ASK_BODY}, responses=_ANSWERS,
    )  # fmt: skip
    async def ask_question(request: Request) -> JSONResponse:
        if limiter.statistics().tasks_waiting >= WAITING:
            return JSONResponse({"error": Voice(assistant.policy, "en")("page_busy")}, 503)
        body = await _body(request)
        return await anyio.to_thread.run_sync(_asked, assistant, body, limiter=limiter)

    @router.get("/api/exercises", summary="The article's exercises that meet every condition",
                responses={422: {"description": "a value that the article does not have"}})  # fmt: skip
    def exercises(
        region: str | None = None, equipment: str | None = None, muscle: str | None = None,
        purpose: str | None = None, search: str | None = None,
    ) -> JSONResponse:  # fmt: skip
        return _exercises(assistant, region, equipment, muscle, purpose, search)

    return router


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        return None


def _asked(assistant: Assistant, body: Any) -> JSONResponse:
    sent = body if isinstance(body, dict) else {}
    reply = ask(assistant, sent.get("question"), sent.get("earlier", []))
    if reply.answer is None:
        return JSONResponse({"error": reply.problem}, reply.status)
    return JSONResponse(to_dict(reply.answer))


def _exercises(assistant: Assistant, *conditions: str | None) -> JSONResponse:
    region, equipment, muscle, purpose, search = conditions
    all_of_them = assistant.corpus.exercises
    try:
        _check("purpose", purpose, {p for e in all_of_them for p in e.purposes})
        _check("region", region, {e.region for e in all_of_them})
        _check("equipment", equipment, {o for e in all_of_them for o in e.equipment_options})
    except InputError as error:
        return JSONResponse({"error": str(error)}, 422)
    found = find_exercises(all_of_them, region, equipment, muscle, purpose, search)
    return JSONResponse([exercise.to_dict() for exercise in found])


def _check(name: str, value: str | None, values: set[str]) -> None:
    if value is not None and value.strip().lower().replace("-", " ") not in values:
        raise InputError(f"{name} is not in the corpus; use one of {', '.join(sorted(values))}")


def add_description(app: FastAPI, assistant: Assistant) -> None:
    """The page /api: what /api/openapi.json says, for a person, with one real answer."""

    @app.get("/api", include_in_schema=False)
    def description() -> HTMLResponse:
        say = Voice(assistant.policy, "en")
        example = assistant.ask(say("page_starter_1"))
        shown = json.dumps(to_dict(example), ensure_ascii=False, indent=1)
        rows = "".join(_route(p, methods) for p, methods in app.openapi()["paths"].items())
        body = (
            f'<main class="login api"><h1>{escape(app.title)}</h1><p><a href="/api/openapi.json">'
            f"OpenAPI {escape(app.openapi()['openapi'])}</a></p>{rows}"
            f'<h2>POST /api/ask: {escape(example.question)}</h2><pre tabindex="0" role="region" '
            f'aria-label="JSON">{escape(shown)}</pre></main>'
        )
        return HTMLResponse(page_html(say, "page_title", body))


def _route(path: str, methods: dict[str, Any]) -> str:
    parts = []
    for method, about in methods.items():
        schema = about.get("requestBody", {}).get("content", {}).get("application/json", {})
        fields = [*about.get("parameters", []), *(
            {"name": n, **v} for n, v in schema.get("schema", {}).get("properties", {}).items())]
        items = "".join(
            f"<li><code>{escape(f['name'])}</code> {escape(f.get('description', ''))}</li>" for f in fields
        )
        codes = ", ".join(f"{c} {r['description']}" for c, r in about["responses"].items())
        parts.append(
            f"<section><h2>{method.upper()} {escape(path)}</h2><p>{escape(about['summary'])}</p>"
            f"{f'<ul>{items}</ul>' if items else ''}<p>{escape(codes)}</p></section>"
        )
    return "".join(parts)
