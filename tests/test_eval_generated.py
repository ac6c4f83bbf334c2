"""Generated variants: typos, anchors, follow-ups written out."""

from __future__ import annotations

import pytest

from eval.cases import Case
from eval.generated import read_anchors, typos, variants


def case(slice_: str, number: int = 1, language: str = "en", **fields: object) -> Case:
    """A case of a slice."""
    base: dict[str, object] = {
        "id": f"t-{slice_}-{number:03}", "slice": slice_, "persona": "p", "language": language,
        "question": "my left arm feels numb and heavy since this morning", "outcome": "answered",
        "author": "t",
    }  # fmt: skip
    return Case(**{**base, **fields})  # type: ignore[arg-type]  # fields are given by name


TEXTS = [
    "how long should I hold the hip flexor stretch",
    "scapular retraction sets",
    "¿cuántas repeticiones hago del puente de glúteos cada día por la mañana antes de comer?",
]


@pytest.mark.parametrize("text", TEXTS)
def test_typos_are_two_in_eight_words_inside_long_words(text: str) -> None:
    """As many words differ as edits are due, short words are untouched, the text stays alike."""
    changed = typos(text, "seed")
    pairs = list(zip(text.split(), changed.split(), strict=True))
    differing = [(a, b) for a, b in pairs if a != b]
    due = max(1, round(len(pairs) / 4))
    assert 1 <= len(differing) <= due
    assert all(len(a.strip("¿?")) >= 4 and a[0] == b[0] for a, b in differing)
    assert all(abs(len(a) - len(b)) <= 1 for a, b in differing)


def test_typos_depend_on_the_seed_alone() -> None:
    """The same case always gets the same slips, another case others."""
    assert typos(TEXTS[0], "a") == typos(TEXTS[0], "a")
    assert len({typos(TEXTS[0], str(seed)) for seed in range(20)}) > 5


def test_texts_without_long_words_stay() -> None:
    """There is nothing to slip on in three short words."""
    assert typos("do it on", "a") == "do it on"


def test_anchors_are_sentences_in_both_languages() -> None:
    """At least six in each language, before and after."""
    anchors = read_anchors()
    for language in ("en", "es"):
        mine = [anchor for anchor in anchors if anchor.language == language]
        assert len(mine) >= 6
        assert {anchor.place for anchor in mine} == {"before", "after"}
    assert len({anchor.id for anchor in anchors}) == len(anchors)


def test_each_emergency_gets_six_anchors_in_its_language() -> None:
    """The message itself stays whole within each variant."""
    original = case("emergencies", language="es", outcome="urgent", level="emergency")
    made = variants([original], ["anchor"])
    assert len(made) == len({item.question for item in made}) == 6
    assert all(original.question in item.question for item in made)
    assert all("-es-" in item.id for item in made)
    assert {(item.variant_of, item.level) for item in made} == {(original.id, "emergency")}


def test_follow_ups_are_written_out_without_earlier_messages() -> None:
    """The written-out form is asked alone, with the same labels."""
    original = case("followups", earlier=("tell me about planks",), standalone="plank hold time")
    (made,) = variants([original, case("followups", 2, earlier=("x",))], ["standalone"])
    assert (made.question, made.earlier, made.standalone) == ("plank hold time", (), None)
    assert (made.variant, made.outcome) == ("standalone", "answered")


def test_variants_of_variants_are_not_made() -> None:
    """Asking for the variants of a run's cases twice gives them once."""
    made = variants([case("facts")], ["typo"])
    assert len(made) == 1
    assert variants(made, ["typo"]) == ()
