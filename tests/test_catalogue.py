"""What is computed over the parsed article: groups of exercises, references by age, every mention."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from assistant import Assistant
from assistant.exercises import Exercise, Field


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


@pytest.mark.parametrize(
    ("question", "which"),
    [
        ("give me all 8 workouts, just the names, they go on a poster", lambda e: True),
        ("nothing at all in the flat here, sorry. the ones that need zero equipment are which?",
         lambda e: "none" in e.equipment_options),
        ("Face-down ones?", lambda e: "lying face down" in e.positions),
        ("which exercises are held for less than ten seconds", lambda e: _most(e.hold) in range(1, 10)),
        ("which ones are held longer than 30 seconds", lambda e: _most(e.hold) > 30),
        ("are there any with at least 15 repetitions? name them", lambda e: _most(e.repetitions) >= 15),
        ("exercises for the core other than the plank",
         lambda e: e.region == "core" and e.name != "Plank"),
    ],
)  # fmt: skip
def test_what_meets_a_condition_is_listed_whole(
    assistant: Assistant, question: str, which: Callable[[Exercise], bool]
) -> None:
    """Exactly the exercises that meet it, however wordy the message."""
    told = " ".join(_told(assistant, question))
    wanted = {e.name for e in assistant.corpus.exercises if which(e)}
    assert {e.name for e in assistant.corpus.exercises if f"{e.name} (" in told} == wanted


def _most(field: Field | None) -> int:
    return max((int(n) for n in re.findall(r"\d+", field.text)), default=0) if field else 0


@pytest.mark.parametrize(
    ("question", "name", "field"),
    [
        ("what size dumbbells for the pec stretch", "Pectoral Stretch", "equipment"),
        ("what colour band do you need for the glute bridge", "Glute Bridge", "equipment"),
        ("hamstring curls are done standing, yes?", "Hamstring Curl with Resistance Band", "position"),
    ],
)
def test_what_is_wrongly_taken_for_granted_is_put_right(
    assistant: Assistant, question: str, name: str, field: str
) -> None:
    """The line that says how it really is."""
    exercise = next(e for e in assistant.corpus.exercises if e.name == name)
    line = exercise.steps[0] if field == "position" else exercise.equipment
    assert _told(assistant, question) == [exercise.sentence(line).text]


def test_an_exercise_is_known_by_what_only_it_needs(assistant: Assistant) -> None:
    """ "The kneeling stretch" and "the doorway stretch": both holds, side by side."""
    named = [e for e in assistant.corpus.exercises if e.name in ("Pectoral Stretch", "Hip Flexor Stretch")]
    told = _told(assistant, "how long is the kneeling stretch held, and the doorway stretch?")
    assert sorted(told) == sorted(_line(e, "hold") for e in named)


def test_two_exercises_are_told_side_by_side(assistant: Assistant) -> None:
    """What each is for, of both, in Spanish too."""
    named = [e for e in assistant.corpus.exercises if e.name in ("Plank", "Dead Bug")]
    wanted = {line for e in named for line in (_line(e, "title"), _line(e, "benefits"))}
    for question in ("plank vs dead bug", "¿qué diferencia hay entre la plancha y el dead bug?"):
        assert set(_told(assistant, question)) == wanted


def test_a_year_alone_asks_for_its_sources(assistant: Assistant) -> None:
    """After a question about one paper, "and from 1956?" means the paper of that year."""
    answer = assistant.ask("and from 1956?", ["is the Ginszt paper from 2022?"])
    assert len(answer.statements) == 1
    assert "(1956)" in answer.statements[0].text


def test_all_exercises_are_all_of_them_after_another_question(assistant: Assistant) -> None:
    """A list of everything is not narrowed to the exercise spoken of before."""
    asked = "give me all 8 exercises, just the names, for a poster"
    answer = assistant.ask(asked, ["what size dumbbells for the pec stretch"])
    places = {span.passage for s in answer.statements for span in s.spans}
    assert places == {e.id for e in assistant.corpus.exercises}
