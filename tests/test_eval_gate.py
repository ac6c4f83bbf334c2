"""The gate, the figures it rests on, and the accepted run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case
from eval.errors import InputError
from eval.gate import (
    Accepted,
    as_text,
    check,
    read_accepted,
    read_gate,
    write_accepted,
)
from eval.records import Record, from_line, make_record, strip, to_line
from eval.scorers import Score
from eval.summary import groups, latencies, matrix, measures, risk_coverage, summarise


def record(
    number: int = 1,
    slice_: str = "facts",
    outcome: float = 1.0,
    shown: str = "answered",
    error: str | None = None,
    scores: dict[str, Score] | None = None,
    timings: dict[str, float] | None = None,
    hits: list[dict[str, Any]] | None = None,
    **fields: Any,
) -> Record:
    """A record whose outcome scored ``outcome``."""
    name = fields.pop("id", f"t-{slice_}-{number:03}")
    base: dict[str, Any] = {
        "id": name, "slice": slice_, "persona": "p", "language": "en", "question": "q",
        "outcome": "answered", "author": "t", "cluster": name,
    }  # fmt: skip
    case = Case(**{**base, **fields})
    answer = None if error else {"outcome": shown, "text": f"text of {name}", "hits": hits or []}
    given = {"outcome": Score(outcome, "why"), **(scores or {})}
    return make_record(case, answer, error, given, None, timings or {"asked": 5.0})


def gate_file(folder: Path, text: str) -> Path:
    """A gate file with this text."""
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return path


THRESHOLD = """
[[threshold]]
name = "outcome of facts"
measure = "outcome"
slices = ["facts"]
at_least = 0.8
smoke = 0.5
history = [["2026-01-01", 0.7, "first"], ["2026-02-01", 0.8, "better"]]
"""


def test_a_threshold_is_held_or_missed(tmp_path: Path) -> None:
    """Only the slice named counts; the smoke sample has a limit of its own."""
    thresholds = read_gate(gate_file(tmp_path, THRESHOLD))
    records = [record(n, outcome=float(n > 2)) for n in range(1, 7)]
    records += [record(9, "why", 0.0)]
    (held,) = [c for c in check(records, thresholds, {}, smoke=True) if c.measure == "outcome"]
    (missed,) = [c for c in check(records, thresholds, {}) if c.measure == "outcome"]
    assert held.value == pytest.approx(4 / 6)
    assert (held.limit, held.passed) == (0.5, True)
    assert (missed.limit, missed.passed, missed.figure.n) == (0.8, False, 6)
    text = as_text(check(records, thresholds, {}))
    assert "MISSED outcome of facts" in text
    assert text.endswith("the gate is not passed: 1 missed")


def test_missing_evidence_fails_unless_only_a_part_was_asked(tmp_path: Path) -> None:
    """A threshold without a single case is missed in a whole run, left out of a partial one."""
    thresholds = read_gate(gate_file(tmp_path, THRESHOLD))
    records = [record(1, "why")]
    whole = check(records, thresholds, {})
    assert [c.remark for c in whole if not c.passed] == ["no case measured"]
    assert all(c.passed for c in check(records, thresholds, {}, partial=True))


def test_any_error_fails_the_gate() -> None:
    """One error among many is one too many."""
    records = [record(n) for n in range(50)]
    assert all(c.passed for c in check(records, (), {}))
    records.append(record(51, error="TimeoutError: too slow", outcome=0.0))
    assert [c.name for c in check(records, (), {}) if not c.passed] == ["no errors"]


@pytest.mark.parametrize(
    ("before", "fails"),
    [({}, True), ({"t-facts-001": True}, True), ({"t-facts-001": False}, False)],
)
def test_a_critical_case_may_not_newly_fail(before: dict[str, bool], fails: bool) -> None:
    """A failure that the accepted run had too is known; a new one fails the gate by name."""
    accepted = {name: Accepted(passed, "answered", "") for name, passed in before.items()}
    records = [record(1, outcome=0.0, tags=("critical",)), record(2, outcome=0.0)]
    found = check(records, (), accepted)[1]
    assert found.passed is not fails
    assert ("t-facts-001" in found.remark) is fails


def test_sealed_critical_cases_are_never_named() -> None:
    """Sealed cases enter the figures alone."""
    sealed = strip(record(1, outcome=0.0, tags=("critical",), set="sealed"))
    assert check([sealed], (), {})[1].remark == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("measure = ", "measures = "), "unknown key 'measures'"),
        (('"outcome"', '"charm"'), "names no known measure"),
        (("at_least = 0.8\n", ""), "needs at_least or at_most"),
        (("at_least = 0.8", "at_least = 0.9"), "the last value of 'history' must be 0.9"),
        (("[[threshold]]", "[[threshold]"), "TOMLDecodeError"),
        (("[[threshold]]", "[threshold]"), "must be a list"),
        (('"facts"', '"trivia"'), "unknown slice 'trivia'"),
    ],
)
def test_a_broken_gate_file_is_told(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    """The file, the threshold and the mistake are named, exit status 2."""
    with pytest.raises(InputError, match=r"gate\.toml") as caught:
        read_gate(gate_file(tmp_path, THRESHOLD.replace(*change)))
    assert reason in str(caught.value)


def test_thresholds_are_lowered_only_with_a_reason() -> None:
    """In the committed file each lowering in a history says why, at some length."""
    for threshold in read_gate():
        sign = 1 if threshold.at_least is not None else -1
        for earlier, later in zip(threshold.history, threshold.history[1:], strict=False):
            assert sign * later[1] >= sign * earlier[1] or len(later[2]) > 20


def test_the_accepted_run_is_kept_case_by_case(tmp_path: Path) -> None:
    """Accepting replaces the cases that were asked and keeps the others; sealed ones stay out."""
    path = tmp_path / "accepted.jsonl"
    assert read_accepted(path) == {}
    assert write_accepted([record(1), record(2, outcome=0.0), record(3, set="sealed")], path) == 2
    assert write_accepted([record(2), record(4, variant="typo")], path) == 1
    assert {name: item.passed for name, item in read_accepted(path).items()} == {
        "t-facts-001": True,
        "t-facts-002": True,
    }
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"accepted\.jsonl:1"):
        read_accepted(path)


def test_records_survive_the_disk() -> None:
    """What is read back is what was written, sealed or not."""
    whole = record(1, tags=("critical",), pair="t-facts-002", hits=[{"score": 0.25}])
    assert from_line(to_line(whole)) == whole
    assert whole.confidence == 0.25
    stripped = strip(whole)
    assert from_line(to_line(stripped)) == stripped
    assert stripped.id != whole.id
    assert (stripped.question, stripped.answer, stripped.confidence) == ("", None, 0.25)


def test_measures_count_what_applies_and_what_failed() -> None:
    """n, not applicable and errors add up; errors are failures in n."""
    none = Score(0.0, "nothing shown", applicable=False)
    records = [
        record(1, scores={"precision": Score(1.0, "")}),
        record(2, scores={"precision": Score(0.5, "")}),
        record(3, scores={"precision": none}),
        record(4, error="E: x", outcome=0.0, scores={"precision": Score(0.0, "error")}),
        record(5),
    ]
    figure = measures(records)["precision"]
    assert (figure.value, figure.n, figure.not_applicable, figure.errors) == (0.5, 3, 2, 1)
    assert figure.interval == "bootstrap"
    assert measures(records)["outcome"].interval == "wilson"
    empty = measures(records)["routing"]
    assert (empty.value, empty.low, empty.n, empty.not_applicable) == (None, None, 0, 5)


def test_groups_are_judged_as_wholes() -> None:
    """Pairs, families and variants by hand."""
    records = [
        record(1, "contrast", pair="t-contrast-002"),
        record(2, "contrast", pair="t-contrast-001"),
        record(3, "contrast", pair="t-contrast-004"),
        record(4, "contrast", 0.0, pair="t-contrast-003"),
        record(5, "paraphrases", family="a"),
        record(6, "paraphrases", family="a", shown="not_covered", outcome=0.0),
        record(7, "paraphrases", family="b"),
        record(8, "paraphrases", family="b"),
        record(9, "paraphrases", family="c"),
        record(id="x~typo", variant="typo", variant_of="t-paraphrases-007"),
        record(id="y~typo", variant="typo", variant_of="t-paraphrases-008", shown="declined"),
        record(id="z~anchor", variant="anchor:en-a", variant_of="t-paraphrases-007"),
        record(10, "followups", 0.0),
        record(id="s~standalone", variant="standalone", variant_of="t-followups-010"),
    ]
    found = {name: (figure.value, figure.n) for name, figure in groups(records).items()}
    assert found == {
        "pairs_right": (0.5, 2),
        "pairs_passed": (0.5, 2),
        "families_right": (0.5, 2),
        "families_same_outcome": (0.5, 2),
        "typos_same_outcome": (0.5, 2),
        "anchors_unchanged": (1.0, 1),
        "followups_passed": (0.0, 1),
        "followups_written_out_passed": (1.0, 1),
    }


def test_the_matrix_counts_errors_as_shown() -> None:
    """Expected by shown, an error being a column of its own."""
    records = [record(1), record(2, shown="declined"), record(3, error="E: x")]
    assert matrix(records) == {"answered": {"answered": 1, "declined": 1, "error": 1}}


def test_latencies_and_risk_by_hand() -> None:
    """Medians by step; risk rises where a less certain answer fails."""
    records = [
        record(1, timings={"asked": 1.0}, hits=[{"score": 0.9}]),
        record(2, timings={"asked": 3.0}, hits=[{"score": 0.5}], outcome=0.0),
        record(3, timings={"asked": 2.0}, shown="not_covered"),
    ]
    assert latencies(records)["asked"] == {"n": 3, "median": 2.0, "p95": 2.9, "longest": 3.0}
    curve = risk_coverage(records)
    assert [x for x, _ in curve] == pytest.approx([1 / 3, 2 / 3])
    assert [y for _, y in curve] == [0.0, 0.5]


def test_a_summary_of_nothing_has_no_nan() -> None:
    """An empty run gives counts of zero and values of None."""
    empty = summarise([])
    assert empty["counts"]["cases"] == 0
    assert empty["measures"]["outcome"]["value"] is None
