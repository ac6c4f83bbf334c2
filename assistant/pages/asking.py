"""Asking the assistant from a page or over HTTP: checks what came in, never raises.

What a person typed is neither stored nor logged; a failure is logged with a number and the name of
the error alone, and the person gets the clinic's telephone number instead.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Any

from assistant.answer import Answer
from assistant.chain import Assistant
from assistant.pages.voice import Voice

log = logging.getLogger("assistant.pages")
MOST_EARLIER = 200


@dataclass(frozen=True)
class Reply:
    """An answer, or a sentence that says why there is none; `status` is that of HTTP."""

    answer: Answer | None
    problem: str = ""
    status: int = 200


def ask(assistant: Assistant, question: Any, earlier: Any, language: Any = "en") -> Reply:
    """The reply to whatever was sent; `language` is that of the page's own sentences."""
    say = Voice(assistant.policy, language if isinstance(language, str) else "en")
    wrong = _wrong(question, earlier)
    if wrong:
        return Reply(None, wrong, 422)
    try:
        answer = assistant.ask(_sound(question), tuple(_sound(e) for e in earlier))
    except Exception as error:
        return Reply(None, failure(assistant, error, say), 500)
    limit = assistant.settings.question_limit
    if len(question) > limit and answer.outcome not in ("urgent", "crisis"):
        return Reply(None, say("page_too_long", limit=str(limit)), 422)
    return Reply(answer)


def _wrong(question: Any, earlier: Any) -> str:
    if not isinstance(question, str):
        return 'send {"question": text, "earlier": [text, ...]}'
    if not isinstance(earlier, list | tuple) or not all(isinstance(e, str) for e in earlier):
        return "earlier must be a list of texts"
    return "earlier holds too many texts" if len(earlier) > MOST_EARLIER else ""


def _sound(text: str) -> str:
    """`text` without lone surrogates, which JSON can carry but no reply can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def failure(assistant: Assistant, error: BaseException, say: Voice) -> str:
    """A safe sentence for an unexpected error; the log gets its number and the error's name."""
    number = secrets.token_hex(4)
    log.error("failure %s: %s", number, type(error).__name__)
    phone = (assistant.phones or ("911",))[0]
    return say("page_error", phone=phone, log=number)
