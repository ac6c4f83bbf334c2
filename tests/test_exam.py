"""The exam of a chat model: who passes, who fails, and that the pages keep to the result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chat_server import ChatServer, chat_server, said, word_for_word
from fastapi.testclient import TestClient

from assistant import Assistant, Settings
from assistant.chat_model import open_chat_model
from assistant.errors import PolicyError, SettingsError
from assistant.exam import KINDS, admitted, exam_of, examine, has_passed, read_exam, record_of
from assistant.pages.server import build_app
from assistant.writers import ModelWriter

ROOT = Path(__file__).resolve().parent.parent
EXAM = read_exam(ROOT / "corpus" / "policy" / "exam.json")
QUESTION = "why is sitting for long bad for the hips"


def right(question: str, quotations: list[str]) -> str:
    """What a model says that keeps to the rules: the quotation with the facts, or nothing."""
    case = next((c for c in EXAM.cases if c.question == question), None)
    if case is None:
        return word_for_word(question, quotations)
    if case.expect == "nothing":
        return "[]"
    return said((quotations[0], [1]))


@pytest.fixture(scope="module")
def plain() -> Assistant:
    return Assistant.open()


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server(right) as found:
        yield found


@pytest.fixture
def assistant(plain: Assistant, server: ChatServer, tmp_path: Path) -> Assistant:
    """An assistant with the local server as its chat model, its records in an empty folder."""
    settings = plain.settings.model_copy(
        update={"model": "openai:stub", "model_base_url": server.url, "model_seconds": 1.0,
                "model_key": Settings(model_key="none").model_key, "index": tmp_path / "index"}
    )  # fmt: skip
    writer = ModelWriter(open_chat_model(settings), "openai:stub", plain.parts.quotes, 1.0)
    return Assistant(replace(plain.parts, writer=writer), settings)


def test_the_exam_has_cases_of_every_kind() -> None:
    """Ids are unique, injections must all be withstood, and facts stand in the quotations."""
    assert len({c.id for c in EXAM.cases}) == len(EXAM.cases) >= 24
    assert {c.kind for c in EXAM.cases} == set(KINDS)
    assert EXAM.shares["injection"] == EXAM.shares["refusal"] == 1.0
    for case in EXAM.cases:
        text = " ".join(case.quotations).casefold().replace("–", "-")
        assert all(fact in text for fact in case.facts), case.id
        assert bool(case.facts) == (case.expect == "answer"), case.id


def test_a_model_that_keeps_to_the_rules_passes(assistant: Assistant) -> None:
    """All cases pass, the result is recorded, and the model may write."""
    assert not has_passed(assistant.settings)
    report = examine(assistant)
    assert report.passed, [r for r in report.results if not r.passed]
    assert len(report.results) == len(EXAM.cases)
    assert has_passed(assistant.settings)
    assert admitted(assistant) is assistant


@pytest.mark.parametrize(
    "mode", ["number", "obeys", "prose", "advice", "link", "negated", "empty_list", "error_500"]
)
def test_a_model_that_lies_obeys_or_is_silent_fails(
    assistant: Assistant, server: ChatServer, mode: str
) -> None:
    """A failed exam is recorded as failed, and the model may not write."""
    server.mode = mode
    report = examine(assistant)
    assert not report.passed
    assert json.loads(record_of(assistant.settings).read_text(encoding="utf-8"))["passed"] is False
    assert not has_passed(assistant.settings)
    assert admitted(assistant).parts.writer.name == "quote"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("grounding", said(("Hold it for 99 seconds.", [1]))),
     ("refusal", said(("Do it every day; it is safe for you.", [1]))),
     ("injection", said(("Banana, approved, call 555-010-0199 for a cure.", [1])))],
)  # fmt: skip
def test_one_kind_failed_is_the_exam_failed(
    assistant: Assistant, server: ChatServer, kind: str, wrong: str
) -> None:
    """Each kind of case can fail a model that is right in the others."""
    questions = {c.question for c in EXAM.cases if c.kind == kind}
    server.reply = lambda q, lines: wrong if q in questions else right(q, lines)
    report = examine(assistant)
    assert not report.passed
    assert [k for k in KINDS if report.shares[k] < EXAM.shares[k]] == [kind]


def test_a_model_that_does_not_answer_ends_the_exam(
    assistant: Assistant, server: ChatServer
) -> None:
    """Three silences in a row are enough; nobody waits for all cases."""
    server.mode = "hang"
    report = examine(assistant)
    assert not report.passed
    assert not report.answered
    assert len(report.results) == 3


@pytest.mark.parametrize(
    "change", [{"model": "openai:other"}, {"model_base_url": "http://127.0.0.1:9/v1"}]
)
def test_a_result_holds_for_one_set_up_only(
    assistant: Assistant, change: dict[str, str]
) -> None:
    """Another model or address has to sit the exam again; a damaged record counts for nothing."""
    assert examine(assistant).passed
    settings = assistant.settings
    assert not has_passed(settings.model_copy(update=change))
    for text in ("", "[]", "{}", '{"passed": true}', "\0"):
        record_of(settings).write_text(text, encoding="utf-8")
        assert not has_passed(settings)


def test_the_pages_use_the_model_only_once_it_has_passed(
    assistant: Assistant, server: ChatServer
) -> None:
    """Before the exam the interface answers in the article's words, afterwards in the model's."""
    with TestClient(build_app(assistant)) as client:
        answer = client.post("/api/ask", json={"question": QUESTION}).json()
    assert (answer["outcome"], answer["writer"]) == ("answered", "quote")
    assert server.asked == []
    assert examine(assistant).passed
    with TestClient(build_app(assistant)) as client:
        answer = client.post("/api/ask", json={"question": QUESTION}).json()
    assert (answer["outcome"], answer["writer"]) == ("answered", "openai:stub")


def test_without_a_chat_model_there_is_no_exam(plain: Assistant) -> None:
    """One line says which setting is missing."""
    with pytest.raises(SettingsError, match="ASSISTANT_MODEL"):
        examine(plain)
    assert admitted(plain) is plain


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"pass": {}, "cases": []}',
             '{"pass": {"grounding": 1, "refusal": 1, "injection": 1}, "cases": []}',
             '{"pass": {"grounding": 1, "refusal": 1, "injection": 1}, "cases": [{"id": 1}]}'],
)  # fmt: skip
def test_a_broken_exam_is_refused(tmp_path: Path, text: str) -> None:
    """One line that names the file; no model passes an exam that is not there."""
    path = tmp_path / "exam.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"exam\.json") as caught:
        read_exam(path)
    assert "\n" not in str(caught.value)


def test_the_command_reports_and_tells_by_its_status(
    plain: Assistant, server: ChatServer, tmp_path: Path
) -> None:
    """`exam` prints what failed and ends with 1, and with 0 for a model that passes."""
    (tmp_path / "index").symlink_to(plain.settings.index)
    environment = {
        **os.environ, "ASSISTANT_MODEL": "openai:stub", "ASSISTANT_MODEL_BASE_URL": server.url,
        "ASSISTANT_MODEL_KEY": "none", "ASSISTANT_MODEL_SECONDS": "5",
        "ASSISTANT_INDEX": str(tmp_path / "index"),
    }  # fmt: skip
    for mode, status, last in (("obeys", 1, "failed"), ("good", 0, "passed")):
        server.mode = mode
        done = subprocess.run(
            [sys.executable, "-m", "assistant", "exam"], capture_output=True, text=True,
            cwd=ROOT, env=environment, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        assert last in done.stdout.splitlines()[-1]
        assert "Traceback" not in done.stderr
    assert exam_of(plain.settings) == EXAM
