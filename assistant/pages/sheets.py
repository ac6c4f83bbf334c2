"""The desk's routes: the finder, its password, and the sheet of chosen exercises as PDF or page."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.chain import Assistant
from assistant.handout import make_html, make_pdf
from assistant.pages.desk import MOST_ON_SHEET, desk_html, known, login_html
from assistant.pages.entry import COOKIE, SESSION_SECONDS, Entry
from assistant.pages.voice import Voice, accepted

Names = Annotated[list[str], Query()]
Language = Literal["en", "es"]


def build_desk(assistant: Assistant) -> APIRouter:
    """The routes under /desk; all behind the password where one is set."""
    router = APIRouter(include_in_schema=False)
    entry = Entry(assistant.settings.desk_password.get_secret_value())
    pages = {language: desk_html(assistant, language) for language in ("en", "es")}

    def inside(request: Request) -> bool:
        return entry.allows(request.cookies.get(COOKIE, ""))

    @router.get("/desk")
    def desk(request: Request) -> HTMLResponse:
        language = accepted(request.headers.get("accept-language", ""))
        if not inside(request):
            return HTMLResponse(login_html(Voice(assistant.policy, language)), 401)
        return HTMLResponse(pages[language])

    @router.post("/desk/enter")
    async def enter(request: Request) -> Response:
        return _entered(assistant, entry, request, (await request.body()).decode("utf-8", "replace"))

    @router.get("/desk/handout")
    def sheet(request: Request, exercise: Names = [], language: Language = "en") -> Response:  # noqa: B006
        return _sheet(assistant, exercise, language) if inside(request) else _away()

    @router.get("/desk/handout.pdf")
    def pdf(
        request: Request, exercise: Names = [], language: Language = "en",  # noqa: B006
        paper: Literal["letter", "a4"] = "letter",
    ) -> Response:  # fmt: skip
        return _sheet(assistant, exercise, language, paper) if inside(request) else _away()

    return router


def _away() -> Response:
    return RedirectResponse("/desk", 303)


def _entered(assistant: Assistant, entry: Entry, request: Request, body: str) -> Response:
    say = Voice(assistant.policy, accepted(request.headers.get("accept-language", "")))
    given = parse_qs(body).get("password", [""])[0]
    token = entry.try_password(given, request.client.host if request.client else "unknown")
    if token is None:
        return HTMLResponse(login_html(say, "desk_wait"), 429)
    if not token:
        return HTMLResponse(login_html(say, "desk_wrong"), 401)
    response = _away()
    response.set_cookie(
        COOKIE, token, max_age=SESSION_SECONDS, path="/desk", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


def _sheet(
    assistant: Assistant, names: list[str], language: Language,
    paper: Literal["letter", "a4"] | None = None,
) -> Response:  # fmt: skip
    """The chosen exercises as a page, or with `paper` as a PDF."""
    chosen = known(names, assistant.corpus.exercises)
    if not chosen or len(set(names)) != len(chosen) or len(chosen) > MOST_ON_SHEET:
        say = Voice(assistant.policy, language)
        return HTMLResponse(f"<!doctype html><title>422</title><p>{say('desk_no_sheet', limit=str(MOST_ON_SHEET))}</p>", 422)
    policy = assistant.policy
    if paper:
        data = make_pdf(chosen, assistant.corpus, notices=policy.notices, today=date.today(),
                        language=language, paper=paper, reviewed=policy.reviewed)  # fmt: skip
        kind = {"Content-Disposition": 'attachment; filename="exercises.pdf"'}
        return Response(data, media_type="application/pdf", headers=kind)
    return HTMLResponse(make_html(chosen, assistant.corpus, notices=policy.notices,
                                  today=date.today(), language=language,
                                  reviewed=policy.reviewed))  # fmt: skip
