"""What is computed over the parsed article: groups of exercises, references by age, every mention."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.exercises import Exercise


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """The assistant as it ships."""
    return Assistant.open()


def _told(assistant: Assistant, question: str) -> list[str]:
    answer = assistant.ask(question)
    assert answer.outcome == "answered", (question, answer.outcome)
    return [span for s in answer.statements for span in _texts(assistant, s.spans)]


def _texts(assistant: Assistant, spans: object) -> list[str]:
    texts = {a.id: a.text for a in assistant.corpus.articles}
    return [texts[s.article][s.start : s.end] for s in spans]  # type: ignore[attr-defined]


def _line(exercise: Exercise, name: str) -> str:
    return exercise.sentence(getattr(exercise, name)).text


@pytest.mark.parametrize(
    ("question", "region", "field"),
    [
        ("benefits of each of the core exercises", "core", "benefits"),
        ("i am making a wall chart, please give me the benefits line of all eight moves", None, "benefits"),
        ("equipment for every exercise, all of them", None, "equipment"),
        ("what kit do the upper body exercises need, each one", "upper body", "equipment"),
    ],
)
def test_what_is_asked_of_a_group_is_told_of_each(
    assistant: Assistant, question: str, region: str | None, field: str
) -> None:
    """One line of every exercise of the group and of no other."""
    group = [e for e in assistant.corpus.exercises if region in (None, e.region)]
    assert _told(assistant, question) == [_line(e, field) for e in group]


def test_the_steps_of_a_group_are_told_whole(assistant: Assistant) -> None:
    """Both exercises of the region, each with all of its steps in order."""
    wanted = [
        e.sentence(step).text for e in assistant.corpus.exercises if e.region == "core" for step in e.steps
    ]
    assert _told(assistant, "step by step instructions for both core exercises") == wanted


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("what are the two oldest papers in the references", [1956, 1984]),
        ("name the oldest source", [1956]),
    ],
)
def test_as_many_of_the_oldest_as_are_asked_for(
    assistant: Assistant, question: str, years: list[int]
) -> None:
    """The entries of those years, and none else."""
    told = _told(assistant, question)
    assert len(told) == len(years)
    assert all(any(str(year) in text for text in told) for year in years)


def test_every_mention_is_every_sentence_that_names_it(assistant: Assistant) -> None:
    """The sentences and entries with the word, wherever they stand."""
    wanted = [
        s.text for p in assistant.corpus.passages.values() for s in p.sentences if "scoliosis" in s.text.lower()
    ]
    assert len(wanted) > 3
    assert _told(assistant, "scoliosis, every mention of it please") == wanted


def test_letters_behind_a_name_are_told_whole(assistant: Assistant) -> None:
    """A list of abbreviations of which most were found is shown to its end."""
    told = _told(assistant, "what do all the letters after the doctor's name stand for, RN, DC, FNP and so on")
    kept = [p.text for p in assistant.corpus.passages.values() if p.text.startswith(("RN:", "ATN:"))]
    assert len(kept) == 2
    assert set(kept) <= set(told)


@pytest.mark.parametrize("asked", ["412-6677, what is that number for?", "whose number is 850 0900"])
def test_a_printed_number_without_its_area_code_is_found(assistant: Assistant, asked: str) -> None:
    """The clinic's own number is not taken for the patient's."""
    digits = "".join(c for c in asked if c.isdigit())
    told = _told(assistant, asked)
    assert any(digits in text.replace("-", "") for text in told)
    assert digits in "".join(c for c in assistant.ask(asked).understood_as if c.isdigit())
