"""A chat model that fails, lies or obeys strangers: the answer is still the article's, and cited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from chat_server import TEXTS, ChatServer, chat_server, said

from assistant import Answer, Assistant, Settings, problems, to_dict
from assistant.chat_model import open_chat_model
from assistant.writers import ModelWriter

QUESTION = "why is sitting for long bad for the hips"
BROKEN = ["error_500", "error_429", "no_json"]
HANGING = ["hang", "stall"]


@pytest.fixture(scope="module")
def plain() -> Assistant:
    return Assistant.open()


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as found:
        yield found


@pytest.fixture(scope="module")
def assistant(plain: Assistant, server: ChatServer) -> Assistant:
    """The default assistant with the local server as its chat model and a deadline of 1 s."""
    return with_model(plain, server.url)


def with_model(plain: Assistant, url: str) -> Assistant:
    settings = Settings.from_environment(
        model="openai:stub", model_base_url=url, model_key="none", model_seconds=1.0
    )
    writer = ModelWriter(
        open_chat_model(settings), settings.model, plain.parts.quotes, settings.model_seconds
    )
    return Assistant(replace(plain.parts, writer=writer), settings)


def holds(answer: Answer, plain: Assistant) -> bool:
    """Whether the answer says what the article's own words say, and its receipt proves it."""
    own = plain.ask(QUESTION)
    assert own.outcome == "answered"
    assert problems(to_dict(answer), plain.corpus, plain.policy.fingerprint) == []
    return (answer.statements, answer.outcome, answer.notices) == (
        own.statements, own.outcome, own.notices)  # fmt: skip


def test_a_model_that_keeps_to_the_rules_is_shown(
    assistant: Assistant, plain: Assistant, server: ChatServer
) -> None:
    """Its sentences stand as paraphrases with the citations of the quotations that it names."""
    server.mode, server.asked[:] = "good", []
    answer = assistant.ask(QUESTION)
    assert answer.outcome == "answered"
    assert {s.support for s in answer.statements} == {"paraphrase"}
    assert all(s.citations for s in answer.statements)
    assert answer.writer == "openai:stub"
    assert len(server.asked) == 1
    assert QUESTION in server.asked[0]
    assert problems(to_dict(answer), plain.corpus, plain.policy.fingerprint) == []


@pytest.mark.parametrize("mode", [*BROKEN, *TEXTS])
def test_whatever_it_sends_only_the_article_is_shown(
    assistant: Assistant, plain: Assistant, server: ChatServer, mode: str
) -> None:
    """Errors, garbage, invented numbers and citations, obeyed orders: the article's words instead."""
    server.mode, server.asked[:] = mode, []
    answer = assistant.ask(QUESTION)
    assert server.asked, "the model was not asked at all"
    assert holds(answer, plain)
    assert answer.writer == "quote"


@pytest.mark.parametrize("mode", HANGING)
def test_a_model_that_hangs_is_left_behind(
    assistant: Assistant, plain: Assistant, server: ChatServer, mode: str
) -> None:
    """The answer comes while the server still waits."""
    server.mode = mode
    server.let_go.clear()
    try:
        answer = assistant.ask(QUESTION)
        assert server.hanging > 0
    finally:
        server.let_go.set()
    assert holds(answer, plain)


def test_a_server_that_is_not_there_changes_nothing(plain: Assistant) -> None:
    """A refused connection gives the article's words."""
    with chat_server() as server:
        url = server.url
    assert holds(with_model(plain, url).ask(QUESTION), plain)


def test_one_false_sentence_goes_and_the_true_one_stays(
    assistant: Assistant, plain: Assistant, server: ChatServer
) -> None:
    """What the checker strikes out is kept in `removed` with the reason."""
    quote = plain.ask(QUESTION).statements[0].text
    server.mode = "good"
    server.reply = lambda question, quotations: said((quote, [1]), ("Rest for 90 days.", [1]))
    try:
        answer = assistant.ask(QUESTION)
    finally:
        server.reply = ChatServer().reply
    assert [s.text for s in answer.statements] == [quote]
    assert [r.text for r in answer.removed] == ["Rest for 90 days."]
    assert "number" in answer.removed[0].because


@pytest.mark.parametrize(
    "question",
    ["I want to kill myself", "chest pain and my left arm is numb", "What is my diagnosis?",
     "How many days a week should I do these?"],
)  # fmt: skip
def test_what_is_not_for_the_article_never_reaches_the_model(
    assistant: Assistant, plain: Assistant, server: ChatServer, question: str
) -> None:
    """Emergencies, crises, individual advice and missing facts are settled without it."""
    server.mode, server.asked[:] = "obeys", []
    answer = assistant.ask(question)
    assert server.asked == []
    assert answer.outcome == plain.ask(question).outcome
    assert answer.outcome in ("urgent", "crisis", "declined", "not_covered")


def test_names_and_numbers_are_not_sent(assistant: Assistant, server: ChatServer) -> None:
    """What a person typed about themselves stays on this machine."""
    server.mode, server.asked[:] = "good", []
    assistant.ask(f"My name is Lucinda Baskerville, born 04/11/1961. {QUESTION}?")
    assert server.asked
    assert all("Baskerville" not in p and "1961" not in p for p in server.asked)
