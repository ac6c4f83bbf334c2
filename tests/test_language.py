"""The language of a message, short ones above all."""

from __future__ import annotations

import pytest

from assistant.language import detect_language


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("hola", "es"), ("cuanto dura la plancha", "es"), ("gracias", "es"), ("plancha?", "es"),
        ("ejercicios para cuello", "es"), ("que es", "es"), ("repeticiones puente", "es"),
        ("me duele", "es"), ("¿y las series?", "es"), ("no puedo orinar", "es"),
        ("hi", "en"), ("chin tuck reps", "en"), ("plank", "en"), ("thanks", "en"),
        ("how long", "en"), ("glute bridge sets", "en"), ("ok", "en"), ("Nitayarak 2021", "en"),
        ("my abuela fell, how do I do the plank for her", "en"),
        ("el doctor dice que el plank es bueno, how many reps", "es"),
        ("Wie lange soll ich die Übung halten und wie oft am Tag", "de"),
        ("Combien de temps faut-il tenir cet exercice pour le dos", "fr"),
        ("平板支撑多久", "zh"), ("", "en"), ("???", "en"), ("12", "en"),
    ],
)  # fmt: skip
def test_language(text: str, tag: str) -> None:
    """Short and mixed messages get the language that most of their words have."""
    assert detect_language(text) == tag
