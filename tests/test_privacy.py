"""Personal details are taken out of a message; the article's own numbers stay."""

from __future__ import annotations

import pytest

from assistant.privacy import redact

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
