"""Follow-ups: what they refer to, and that a long conversation stays cheap."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import Assistant, Question
from assistant.choosing import NAMES
from assistant.conversation import Conversation
from assistant.embedding import MODELS
from assistant.errors import ModelUnavailable
from assistant.readings import Readings
from assistant.trees import read_trees


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
    Readings(assistant.parts.reader, talk).of(asked)
    assert len(looked_up) <= len(messages)


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (("which exercise is for the hip flexors", "how do i do the stretching one"), "Hip Flexor Stretch"),
        (("how long is the plank held", "and the chin tuck", "which of the two is longer"), "Plank, Chin Tuck"),
        (("In what year is the Kawaguchi paper?", "any others from that year"), "references of 2021"),
        (("the dead bug, am i on my back", "how about the bridge, same"), "standing, sitting"),
        (("what is the dead bug for", "and the glute bridge", "and that other core one"), "Plank"),
        (("how long is the chin tuck held", "is that longer than the bridge?"), "Chin Tuck and Glute Bridge"),
        (("does the plank need stuff", "and the one where u lift ur hips?"), "equipment does the Glute Bridge"),
        (("glute bridge", "explain the second step again"), "Lift hips toward the ceiling"),
        (("the reps for everything upper body", "ok and lower"), "everything lower body"),
        (("what is the shortest hold of all", "and the longest one"), "longest one"),
        (("how many reps for the hamstring curl", "sorry meant the bridge"), "for the Glute Bridge"),
        (("plank hold time?", "chin tuck?", "Bridge?", "which of those three is held longest"), "Plank, Chin Tuck"),
        (("how long is the bridge held", "and the scapular one", "are the reps the same"), "Glute Bridge and"),
    ],
)
def test_follow_ups_describe_what_they_mean(
    assistant: Assistant, messages: tuple[str, ...], told: str
) -> None:
    """By kind, both together, by the year of a source, the same question of another exercise."""
    assert told in _completed(assistant, *messages)


@pytest.mark.parametrize(
    ("messages", "names"),
    [
        (("what are the upper body exercises", "which of these can I do sitting down"), ["Chin Tuck"]),
        (("list all 8 exercises", "only ones where u lie on ur back", "and belly down"),
         ["Hamstring Curl", "Plank"]),
        (("which exercises use a band", "does the first one work without", "how many reps for the other one"),
         ["Hamstring Curl"]),
    ],
)  # fmt: skip
def test_a_list_in_hand_is_narrowed(
    assistant: Assistant, messages: tuple[str, ...], names: list[str]
) -> None:
    """Conditions of a follow-up choose among the exercises that the answer before listed."""
    answer = assistant.ask(messages[-1], messages[:-1])
    places = {s.spans[0].passage for s in answer.statements}
    shown = [e.name for e in assistant.corpus.exercises if e.id in places]
    assert [name.split(" with")[0] for name in shown] == names


def test_going_back_to_a_topic_leaves_the_one_between(assistant: Assistant) -> None:
    """"Back to the head posture" is about that alone."""
    earlier = ("what is forward head posture from", "how does the hamstring curl go")
    asked = _completed(assistant, *earlier, "ok back to the head posture. what fixes it")
    assert "(" not in asked


def test_a_year_of_no_source_is_not_another_years(assistant: Assistant) -> None:
    """Sources of a year that the article does not print are none of those named before."""
    answer = assistant.ask("anything from 2024", ("Which reference is from 1956?", "and 1984?"))
    assert answer.outcome == "not_covered"


def test_a_new_question_leaves_the_old_topic(assistant: Assistant) -> None:
    """"Quick other question" is about itself."""
    asked = _completed(assistant, "how do you do the bridge", "other question, what is said about typing all day")
    assert "(" not in asked


def test_an_example_asked_for_is_one_of_the_article(assistant: Assistant) -> None:
    """After a definition, "an example?" shows the sentence that gives one."""
    answer = assistant.ask("can you give me an example", ("what is a muscle imbalance",))
    assert any(s.text.startswith("For example") for s in answer.statements)


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


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (("how do you do the plank", "and for how long?"), "Hold for 20–60 seconds"),
        (("what does massage do", "and the needles?"), "Acupuncture"),
        (("tell me about slouching at a desk", "and sitting all day?"), "Sitting for long periods"),
    ],
)
def test_the_likeliest_reading_of_a_follow_up_is_answered(
    assistant: Assistant, messages: tuple[str, ...], told: str
) -> None:
    """Of all the ways to understand a message after others, the one is taken that is answered."""
    answer = assistant.ask(messages[-1], messages[:-1])
    assert any(told in s.text for s in answer.statements), [s.text for s in answer.statements]


def test_no_reading_is_taken_where_none_is_answered(assistant: Assistant) -> None:
    """What the article does not say it does not say in a conversation either."""
    answer = assistant.ask("and what does that cost?", ("how do you do the plank",))
    assert answer.outcome == "not_covered"


@pytest.mark.parametrize(
    "damage", ["", "{}", '{"names": [], "base": 0, "trees": []}', '{"names": 3}', "[1, 2"]
)
def test_damaged_weights_are_told_in_one_line(tmp_path: Path, damage: str) -> None:
    """Weights that cannot be used are refused, naming the file."""
    path = tmp_path / "follow_ups.json"
    path.write_text(damage, encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=r"follow_ups\.json: cannot be used .*; restore it") as raised:
        read_trees(path, NAMES)
    assert "\n" not in str(raised.value)


def test_the_shipped_weights_give_probabilities() -> None:
    """Each tree ends in a leaf whatever the features are."""
    trees = read_trees(MODELS / "follow_ups.json", NAMES)
    for value in (-1e9, 0.0, 0.5, 1e9):
        assert 0.0 <= trees.probability([value] * len(NAMES)) <= 1.0
