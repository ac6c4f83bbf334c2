"""The sentence checker: what rides on a true sentence does not pass, what rephrases it does."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.grounding import Grounding

SOURCE = (
    "Sitting for long periods shortens hip flexors and weakens glutes, causing pelvic tilt and "
    "lower back pain that may radiate down the leg."
)


@pytest.fixture(scope="module")
def grounding() -> Grounding:
    return Assistant.open().grounding


@pytest.mark.parametrize(
    "addition",
    [". Do this daily.", ". It is safe for you.", ". You should see Dr. Ray.", " (Millard).",
     ", as Smith found.", " (Grace, 1984).", " [3].", " https://x.example.", " www.shop.example.",
     ", <b>now</b>.", ". Call 555-010-0199.", ", so plank daily.", ", which you should treat."],
)  # fmt: skip
def test_what_rides_on_a_true_sentence_is_seen(grounding: Grounding, addition: str) -> None:
    """An addition to the article's own words makes the claim unsupported."""
    assert grounding.check(SOURCE, [SOURCE]).supported
    assert not grounding.check(SOURCE.rstrip(".") + addition, [SOURCE]).supported


@pytest.mark.parametrize(
    "claim",
    ["Compensatory movement patterns after injuries often create imbalances.",
     "The article says that injuries often lead to compensatory movement patterns.",
     "Injuries often lead to compensatory movement patterns. These often create imbalances."],
)  # fmt: skip
def test_a_rephrased_sentence_passes(grounding: Grounding, claim: str) -> None:
    """Other words for the same, or the same in two sentences, are supported."""
    source = "Injuries often lead to compensatory movement patterns that create imbalances."
    verdict = grounding.check(claim, [source])
    assert verdict.supported, verdict.because


def test_every_sentence_of_the_article_carries_itself(grounding: Grounding) -> None:
    """As it stands, as it is shown, and introduced as the article's."""
    corpus = Assistant.open().corpus
    for passage in corpus.passages.values():
        for sentence in passage.sentences if passage.kind != "reference" else ():
            for claim in (sentence.text, sentence.shown):
                assert grounding.check(claim, [sentence.text]).supported, claim
