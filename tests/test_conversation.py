"""Follow-ups: what they refer to, and that a long conversation stays cheap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant import Assistant, Question
from assistant.conversation import Conversation


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """The assistant as it ships."""
    return Assistant.open()


def _completed(assistant: Assistant, *messages: str) -> str:
    asked = Question(messages[-1], messages[:-1], "en", messages[-1])
    return assistant.conversation.complete(asked).asked


def test_the_second_of_a_list_is_that_of_the_article(assistant: Assistant) -> None:
    """A pointer means the item by its number, and the next one that after it."""
    listed = "what are the integrative therapies in the article?"
    assert "Acupuncture" in _completed(assistant, listed, "what does the second one do")
    assert "Nutritional Support" in _completed(assistant, listed, "the second one", "and the next one?")


def test_a_field_asked_after_an_answer_means_the_exercise_that_it_showed(assistant: Assistant) -> None:
    """An exercise need not be named: the one that the answer before showed is meant."""
    assert "Chin Tuck" in _completed(assistant, "which exercise is for the neck flexors?", "how long is it held?")


def test_a_long_conversation_looks_up_each_message_once(assistant: Assistant) -> None:
    """Twenty messages that each lean on the one before ask for at most one answer each."""
    looked_up: list[str] = []

    def shown(asked: Question) -> list[str]:
        looked_up.append(asked.asked)
        return []

    talk = Conversation(assistant.parts.reader, shown)
    messages = tuple(f"and the other one, number {n}?" for n in range(20))
    asked = Question("and who says that?", messages, "en", "and who says that?")
    talk.others(replace(talk.complete(asked)))
    assert len(looked_up) <= len(messages)


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (("which exercise is for the hip flexors", "how do i do the stretching one"), "Hip Flexor Stretch"),
        (("how long is the plank held", "and the chin tuck", "which of the two is longer"), "Plank, Chin Tuck"),
        (("In what year is the Kawaguchi paper?", "any others from that year"), "references of 2021"),
        (("the dead bug, am i on my back", "how about the bridge, same"), "standing, sitting"),
        (("what is the dead bug for", "and the glute bridge", "and that other core one"), "Plank"),
    ],
)
def test_follow_ups_describe_what_they_mean(
    assistant: Assistant, messages: tuple[str, ...], told: str
) -> None:
    """By kind, both together, by the year of a source, the same question of another exercise."""
    assert told in _completed(assistant, *messages)


def test_what_was_picked_is_made_whole(assistant: Assistant) -> None:
    """Both sides of a comparison; the sources before a year; one exercise by its description."""

    def shown(question: str) -> str:
        return " | ".join(s.text for s in assistant.ask(question).statements)

    both = shown("do you lie on your back or front for the dead bug compared to the hamstring curl")
    assert "Lie on your back" in both
    assert "Lie face down" in both
    before = shown("any papers from before the year 2000?")
    assert "(1956)" in before
    assert "(1984)" in before
    assert "(2021)" not in before
    assert "10–12 repetitions per leg" in shown("sets and reps for the rubber band hamstring one")
