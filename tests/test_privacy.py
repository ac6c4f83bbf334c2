"""Personal details are taken out of a message; the article's own numbers stay."""

from __future__ import annotations

import pytest

from assistant import Settings, read_corpus
from assistant.echo import Echo
from assistant.policy import read_policy
from assistant.privacy import redact
from assistant.scope import Scope

CLINIC = ("915-412-6677", "915-850-0900")


@pytest.mark.parametrize(
    ("text", "gone", "kind"),
    [
        ("my name is Lucinda Baskerville, how long is a plank?", "Baskerville", "name"),
        ("My name's Tom. chin tuck reps", "Tom", "name"),
        ("soy Evaristo Quintanar, cuántas repeticiones", "Quintanar", "name"),
        ("me llamo ana lopez", "ana", "name"),
        ("Tom Okafor here, may I do bridges?", "Okafor", "name"),
        ("Mrs. Alvarez wants the steps", "Alvarez", "name"),
        ("DOB 04/11/1961", "1961", "birth_date"),
        ("born March 3, 1950 by the way", "1950", "birth_date"),
        ("nací el 3 de mayo de 1970", "1970", "birth_date"),
        ("call me at 915 555 0147", "0147", "phone"),
        ("(915) 555-0147", "555", "phone"),
        ("mi celular es 9155550147", "9155550147", "phone"),
        ("ssn 000-12-3456", "3456", "social_security"),
        ("MRN 88213", "88213", "record"),
        ("Medicare 1EG4-TE5-MK73", "MK73", "record"),
        ("insurance no. XJ-4471", "4471", "record"),
        ("write to joe.b@example.com please", "joe.b", "email"),
        ("I live at 123 Main Street", "123", "address"),
        ("card 4111 1111 1111 1111", "4111", "number"),
    ],
)
def test_details_are_taken_out(text: str, gone: str, kind: str) -> None:
    """Names told as such, dates of birth, numbers and addresses do not survive."""
    safe, kinds = redact(text, CLINIC)
    assert gone not in safe
    assert kind in kinds


@pytest.mark.parametrize(
    "text",
    [
        "10-12 reps or 12–15 repetitions, 20-30 seconds, 3 sets",
        "is 915-412-6677 still the number", "call 915-850-0900?",
        "Nitayarak 2021, https://doi.org/10.3233/BMR-200088", "10.1007/s00383-021-05000-2",
        "license TX5807 and NM-DC2182", "I am worried and I'm tired", "soy maestra y estoy cansada",
        "this is what I want to know", "I'm 67, 5 foot 4", "pages 1031-1040 of 34(6)",
        "chin tuck 3x10 90 degrees", "call 911", "who is Dr. Jimenez", "text 988",
        "hold 20 30 60 seconds",
    ],
)  # fmt: skip
def test_what_is_no_personal_detail_stays(text: str) -> None:
    """Counts, citations, licence numbers, the clinic's telephones and feelings stay as typed."""
    assert redact(text, CLINIC) == (text, ())


def test_the_rest_of_the_question_stays() -> None:
    """What is asked can still be answered."""
    told = "My name is Lucinda Baskerville, DOB 04/11/1961. How long is a plank held?"
    safe, kinds = redact(told)
    assert safe.endswith("How long is a plank held?")
    assert kinds == ("name", "birth_date")


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("I'm Danny Trujillo. ", "Why does sitting tighten the hips?"),
        ("My name's Oluwaseun Adeyemi. ", "What causes muscle imbalances?"),
        ("My name is Alex Nelson, ", "how long is a plank held?"),
    ],
)
def test_a_name_ends_where_the_sentence_does(told: str, asked: str) -> None:
    """What is asked after a name is not taken for part of it, whatever the name."""
    safe, kinds = redact(told + asked)
    assert safe.endswith(asked)
    assert kinds == ("name",)
    assert not {"Trujillo", "Adeyemi", "Nelson"} & set(safe.replace(".", " ").replace(",", " ").split())


@pytest.fixture(scope="module")
def echo() -> Echo:
    """What may be said back, for the shipped corpus and policy."""
    corpus = read_corpus(Settings().corpus)
    policy = read_policy(corpus.path / "policy")
    return Echo(corpus, policy, Scope(policy, None).counts, CLINIC)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("thx - priyanka", ["priyanka"]), ("im xiomara and my back", ["xiomara"]),
        ("soy paco del taller ruiz", ["paco", "ruiz"]), ("pt mei-ling needs the plank", ["ling"]),
        ("Olga asks which stretch", ["Olga"]), ("Patient: HERRERA", ["HERRERA"]),
        ("her son Will is here", ["Will"]), ("Dr. Wu's patient", ["Wu"]), ("李小龙 here", ["李小龙"]),
        ("user @desert_runner77", ["desert", "77"]), ("its.me.mari.915 on insta", ["mari"]),
        ("pepe arroba hotmail punto com", ["pepe", "hotmail"]), ("turned 12 on 4/2", ["4/2"]),
        ("call me nine one five five five five oh one", ["nine", "oh one"]),
        ("(915)/555/0188 is mine", ["555", "0188"]), ("915_555_0177", ["555"]),
        ("badge 2217, group 77310", ["2217", "77310"]), ("9 1 5 5 5 5 0 1", ["5 5"]),
        ("case 24-3318?", ["24", "3318"]), ("room 214 at the hotel", ["214"]), ("my aunt June asks", ["June"]),
        ("star ortega posted it", ["star", "ortega"]), ("born june 9th", ["june", "9th"]),
        ("nine-one-five 555 oh-one-two", ["nine", "oh"]),
        ("Žófia Kovári asks", ["Kovári"]),
    ],
)  # fmt: skip
def test_nothing_of_a_person_is_said_back(echo: Echo, text: str, gone: list[str]) -> None:
    """Names in any case and script, user names, spelled numbers, dates: "…" stands for them."""
    said = echo.of(text, echo.names((text,)))
    assert "…" in said
    assert not [part for part in gone if part.casefold() in said.casefold()]


@pytest.mark.parametrize(
    "text",
    [
        "how long is the plank held (Plank)", "Hold for 20–60 seconds, repeat 3 times",
        "what about Nitayarak et al., 2021?", "is 915-412-6677 still the number?",
        "¿Cuánto tiempo se mantiene este ejercicio: Chin Tuck?", "10.3233/BMR-200088",
        "My back hurts; what can I do?", "which exercises work the glutes w/o a band",
        "will it rose up the hill in may", "3 sets of 10-12 reps, 90-degree angle",
    ],
)  # fmt: skip
def test_everyday_words_and_the_articles_own_are_said_back(echo: Echo, text: str) -> None:
    """What a question was understood as stays readable."""
    assert echo.of(text, echo.names((text,))) == text
