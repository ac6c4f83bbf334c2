"""Two runs side by side, near-copies, second labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import agreement, leaks
from eval.article import read_articles
from eval.cases import Case, load_cases
from eval.compare import as_text, compare, word_diff
from eval.errors import InputError
from eval.records import Record, make_record, strip
from eval.scorers import Score
from eval.statistics import mcnemar


def case(number: int, question: str = "q", **fields: Any) -> Case:
    """A case with this question."""
    name = f"t-facts-{number:03}"
    base: dict[str, Any] = {
        "id": name, "slice": "facts", "persona": "p", "language": "en", "question": question,
        "outcome": "answered", "author": "t", "cluster": name,
    }  # fmt: skip
    return Case(**{**base, **fields})


def record(number: int, right: bool, **fields: Any) -> Record:
    """A record that passed or failed by its outcome."""
    answer = {"outcome": "answered", "text": "t"}
    return make_record(
        case(number, **fields), answer, None, {"outcome": Score(float(right), "so")}, None, {}
    )


def test_flips_are_counted_and_tested_exactly() -> None:
    """Eight broken against one fixed: McNemar's p by hand, the change with its interval."""
    first = [record(n, n != 1) for n in range(1, 31)]
    second = [record(n, n > 9 or n == 1) for n in range(1, 31)]
    found = compare(first, second)
    whole = found.slices[0]
    assert (whole.n, whole.fixed, whole.broken) == (30, 1, 8)
    assert whole.p == pytest.approx(mcnemar(8, 1)) == pytest.approx(2 * 10 / 2**9)
    assert whole.low is not None
    assert whole.low < (whole.second or 0) - (whole.first or 0) < (whole.high or 0)
    assert len(found.flips) == 9
    text = as_text(found)
    assert "broken t-facts-002: outcome: so" in text
    assert "fixed  t-facts-001" in text


def test_identical_runs_do_not_differ() -> None:
    """No flips, p of one, no differing record."""
    records = [record(n, n % 2 == 0) for n in range(20)]
    found = compare(records, records)
    assert (found.differing, found.flips, found.slices[0].p) == (0, (), 1.0)


def test_only_common_and_unchanged_cases_are_compared() -> None:
    """Added, removed and changed cases are listed, not mixed in."""
    found = compare(
        [record(1, True), record(2, True), record(3, True)],
        [record(2, False), record(3, True, question="other"), record(4, True)],
    )
    assert (found.common, found.added, found.removed) == (1, 1, 1)
    assert found.changed == ("t-facts-003",)


def test_sealed_flips_are_not_listed() -> None:
    """Sealed cases enter the tables alone."""
    first = [strip(record(1, True, set="sealed"))]
    second = [strip(record(1, False, set="sealed"))]
    found = compare(first, second)
    assert found.slices[0].broken == 1
    assert not any(line.startswith(("broken ", "fixed ")) for line in as_text(found).split("\n"))


def test_word_diffs_mark_what_went_and_came() -> None:
    """Common words stay, others are marked by side."""
    assert word_diff("hold for 5 seconds", "hold for 10 seconds now") == [
        (" ", "hold for"),
        ("-", "5"),
        ("+", "10"),
        (" ", "seconds"),
        ("+", "now"),
    ]


@pytest.mark.parametrize(
    ("question", "learnt", "near"),
    [
        ("How long do I hold it?", "how long do i hold it", True),
        ("cfmp", "CFMP", True),
        ("chin tuck reps", "chin tuck sets", False),
        ("how long do I hold the plank please", "please how long do I hold the plank", True),
        ("how long do I hold the plank for", "how long do I hold the plank", True),
        ("how long do I hold the chin tuck", "how long do I hold the plank", False),
        ("do 3 sets of it daily", "do three sets of it daily", True),
    ],
)
def test_near_copies_are_exact_or_share_their_words(question: str, learnt: str, near: bool) -> None:
    """Folding first; then the same words, or a Jaccard similarity of 0.85 with five words."""
    found = leaks.leaks([case(1, question)], [leaks.Learnt("x:1", learnt)])
    assert bool(found) is near


def test_short_follow_ups_are_compared_written_out() -> None:
    """What leans on earlier messages is told by its full form."""
    learnt = [leaks.Learnt("x:1", "and sets"), leaks.Learnt("x:2", "how many plank sets")]
    follow_up = case(1, "and sets?", earlier=("tell me about planks",))
    assert leaks.leaks([follow_up], learnt) == ()
    written_out = replace(follow_up, standalone="how many plank sets")
    assert len(leaks.leaks([written_out], learnt)) == 1


def test_few_cases_are_near_copies_of_what_the_assistant_learnt() -> None:
    """At most one case in fifty of each set, and none of them counts in a sealed run."""
    corpus = Path("corpus")
    known = load_cases(read_articles(corpus))
    found = leaks.leaks(known, leaks.read_learnt(corpus))
    for which in ("tuning", "sealed"):
        copies = sum(leak.case.set == which for leak in found)
        assert copies <= sum(item.set == which for item in known) / 50


def test_learnt_sentences_come_from_variants_and_policy(tmp_path: Path) -> None:
    """Both kinds of file are read; a broken line is named; sealed copies are only counted."""
    (tmp_path / "cats").mkdir()
    (tmp_path / "policy" / "examples").mkdir(parents=True)
    (tmp_path / "cats" / "questions.jsonl").write_text('{"question": "do cats nap"}\n')
    examples = tmp_path / "policy" / "examples" / "a.jsonl"
    examples.write_text('{"text": "my cat is ill"}\n')
    learnt = leaks.read_learnt(tmp_path)
    assert [item.text for item in learnt] == ["do cats nap", "my cat is ill"]
    found = leaks.leaks([case(1, "Do cats nap?"), case(2, "my cat is ill", set="sealed")], learnt)
    text = leaks.as_text(found)
    assert "t-facts-001" in text
    assert "t-facts-002" not in text
    assert text.endswith("1 tuning and 1 sealed near-copies")
    examples.write_text("{}\n")
    with pytest.raises(InputError, match=r"a\.jsonl:1"):
        leaks.read_learnt(tmp_path)


def test_second_labels_give_agreement_and_kappa(tmp_path: Path) -> None:
    """Three of four agree; kappa by hand: chance is (3*2 + 1*2) / 16."""
    path = tmp_path / "agreement.json"
    assert agreement.read_second_labels(path) == {}
    given = {"t-facts-001": "answered", "t-facts-002": {"outcome": "answered"},
             "t-facts-003": "declined", "t-facts-004": "declined"}  # fmt: skip
    path.write_text(json.dumps(given), encoding="utf-8")
    cases = [case(1), case(2), case(3), case(4, outcome="declined")]
    whole = agreement.agreements(cases, agreement.read_second_labels(path))[0]
    assert (whole.name, whole.n, whole.agreed) == ("all", 4, 3)
    assert whole.kappa == pytest.approx((0.75 - 0.5) / 0.5)
    assert "all" in agreement.as_text([whole])


@pytest.mark.parametrize("text", ["[]", "{", '{"a": "maybe"}', '{"a": {"label": "answered"}}'])
def test_broken_second_labels_are_told(tmp_path: Path, text: str) -> None:
    """What is no map of ids to outcomes is wrong input."""
    path = tmp_path / "agreement.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"agreement\.json"):
        agreement.read_second_labels(path)
