"""The chat page for patients: a Gradio chat that answers with citations. Thin; it decides nothing."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import gradio as gr

from assistant.chain import Assistant
from assistant.render import escape_markdown, to_markdown

_log = logging.getLogger("assistant.pages")


def own_messages(history: list[Any]) -> list[str]:
    """The person's own earlier messages in a Gradio history, oldest first."""
    found = []
    for turn in history:
        if isinstance(turn, dict) and turn.get("role") == "user":
            content = turn.get("content")
            parts = content if isinstance(content, list) else [content]
            texts = [p.get("text") if isinstance(p, dict) else p for p in parts]
            found.append(" ".join(t for t in texts if isinstance(t, str)))
    return found


class Chat:
    """Answers messages of the page; never raises, since Gradio would disable the text box."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def reply(self, message: Any, history: list[Any]) -> str:
        """The answer as escaped Markdown."""
        try:
            earlier = own_messages(history if isinstance(history, list) else [])
            text = message if isinstance(message, str) else ""
            answer = self._assistant.ask(text, earlier)
            return to_markdown(answer, self._assistant.labels(answer.language))
        except Exception as error:
            return self._safe(error)

    def _safe(self, error: Exception) -> str:
        """A safe message with a log number; the log holds no word of what was typed."""
        number = secrets.token_hex(4)
        _log.error("answer failed: %s %s", number, type(error).__name__)
        phone = (self._assistant.phones or ("",))[0]
        said = self._assistant.policy.notice("page_error", "en", phone=phone, log=number)
        return escape_markdown(said.text)


def build_chat(assistant: Assistant) -> gr.Blocks:
    """The chat page as Gradio blocks."""
    say = assistant.policy.notice
    title, intro = say("page_title", "en").text, say("page_intro", "en").text
    with gr.Blocks(title=title, analytics_enabled=False) as page:
        gr.Markdown(f"# {escape_markdown(title)}")
        gr.Markdown(escape_markdown(intro))
        if not assistant.policy.reviewed:
            gr.Markdown(escape_markdown(say("unreviewed", "en").text))
        gr.ChatInterface(
            Chat(assistant).reply,
            chatbot=gr.Chatbot(
                label=title, height="60vh", buttons=["copy", "copy_all"], sanitize_html=True,
                feedback_options=None,
            ),
            textbox=gr.Textbox(
                label=say("page_ask", "en").text, show_label=True,
                max_length=assistant.settings.question_limit, submit_btn=True,
            ),
            flagging_mode="never", save_history=False, analytics_enabled=False,
            concurrency_limit=8,
        )  # fmt: skip
    page.queue(max_size=64)
    return page  # type: ignore[no-any-return]  # gradio is untyped
