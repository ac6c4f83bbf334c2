"""Case files: what is accepted, and how each kind of mistake is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.article import Article
from eval.cases import Case, load_cases
from eval.errors import CaseErrors, InputError
from eval.selection import select, smoke, stable_hash
from eval.vocabulary import SLICES

ARTICLES = {
    "cats": Article(
        "cats",
        "Cats sleep \u2013 a lot.\n\n## References\n\n"
        "- Grey, A. (2020). Sleep. Journal. https://doi.org/10.5555/cats\n",
    )
}
GOOD: dict[str, Any] = {
    "id": "t-facts-001", "slice": "facts", "persona": "patient", "language": "en", "earlier": [],
    "question": "do cats sleep", "outcome": "answered", "level": None, "author": "t",
    "gold_spans": ["Cats sleep \u2013 a lot."], "facts": [{"id": "f", "any_of": ["a lot"]}],
    "forbidden": [], "references": ["grey-2020"], "pair": None, "family": None, "tags": [],
}  # fmt: skip


def write(folder: Path, *lines: Any, name: str = "facts", which: str = "tuning") -> Path:
    """A case file with these objects (or raw lines) in it."""
    path = folder / which / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [item if isinstance(item, str) else json.dumps(item) for item in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder


def problems(folder: Path) -> tuple[str, ...]:
    """The mistakes that loading reports."""
    with pytest.raises(CaseErrors) as caught:
        load_cases(ARTICLES, folder)
    assert caught.value.exit_status == 2
    return caught.value.problems


def test_a_valid_case_is_loaded_whole(tmp_path: Path) -> None:
    """Every field arrives, lists as tuples, the set from the folder."""
    (case,) = load_cases(ARTICLES, write(tmp_path, GOOD))
    assert case.gold_spans == ("Cats sleep \u2013 a lot.",)
    assert case.facts[0].any_of == ("a lot",)
    assert (case.set, case.cluster, case.sealed) == ("tuning", "t-facts-001", False)


MISTAKES: list[tuple[Any, str]] = [
    ('{"id": "t-facts-001",', "(no id): not JSON"),
    ("[1, 2]", "(no id): not a JSON object"),
    ({**GOOD, "golden": []}, "unknown key 'golden'"),
    ({k: v for k, v in GOOD.items() if k != "persona"}, "missing key 'persona'"),
    ({**GOOD, "question": 7}, "'question' must be a text"),
    ({**GOOD, "question": "  "}, "'question' is empty"),
    ({**GOOD, "earlier": "before"}, "'earlier' must be a list of texts"),
    ({**GOOD, "facts": {}}, "'facts' must be a list"),
    ({**GOOD, "facts": [{"id": "f"}]}, "must have 'id' and 'any_of'"),
    ({**GOOD, "facts": [{"id": "f", "any_of": []}]}, "'any_of' must list at least one text"),
    ({**GOOD, "facts": [GOOD["facts"][0]] * 2}, "is no text or stands twice"),
    ({**GOOD, "id": "T facts"}, "'id' must be lower-case"),
    ({**GOOD, "slice": "trivia"}, "unknown slice 'trivia'"),
    ({**GOOD, "slice": "why"}, "does not belong in facts.jsonl"),
    ({**GOOD, "language": "de"}, "unknown language 'de'"),
    ({**GOOD, "outcome": "maybe"}, "unknown outcome 'maybe'"),
    ({**GOOD, "accept": ["perhaps"]}, "unknown outcome 'perhaps'"),
    ({**GOOD, "level": "emergency"}, "'level' must be given for outcome 'urgent'"),
    ({**GOOD, "outcome": "urgent"}, "'level' must be given for outcome 'urgent'"),
    ({**GOOD, "outcome": "urgent", "level": "soon"}, "unknown level 'soon'"),
    ({**GOOD, "standalone": "do cats sleep"}, "'standalone' belongs to the slice followups"),
    ({**GOOD, "gold_spans": ["Cats sleep - a lot."]}, "does not stand in the article"),
    ({**GOOD, "gold_spans": ["a lot.\n\n## References"]}, "runs over a line's end"),
    ({**GOOD, "gold_spans": []}, "needs 'gold_spans'"),
    ({**GOOD, "references": ["grey-1999"]}, "unknown reference 'grey-1999'"),
    ({**GOOD, "pair": "t-facts-009"}, "is no case of this set"),
]


@pytest.mark.parametrize(("line", "reason"), MISTAKES, ids=[reason for _, reason in MISTAKES])
def test_each_mistake_is_reported_by_file_id_and_reason(
    tmp_path: Path, line: Any, reason: str
) -> None:
    """One mistake in a file gives one line that names place, id and reason."""
    (found,) = problems(write(tmp_path, line))
    assert found.startswith("tuning/facts.jsonl")
    assert reason in found
    if isinstance(line, dict):
        assert line["id"] in found


def test_a_follow_up_needs_what_it_follows(tmp_path: Path) -> None:
    """Only a first question to be clarified may stand alone."""
    line = {**GOOD, "slice": "followups"}
    (found,) = problems(write(tmp_path, line, name="followups"))
    assert "needs 'earlier'" in found
    unclear = {**line, "outcome": "clarify", "gold_spans": [], "facts": []}
    assert load_cases(ARTICLES, write(tmp_path, unclear, name="followups"))


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """The line number tells two mistakes of one file apart."""
    found = problems(write(tmp_path, {**GOOD, "language": "de"}, GOOD, "{"))
    assert [line.split(" ")[0] for line in found] == [
        "tuning/facts.jsonl:1",
        "tuning/facts.jsonl:3",
    ]


def test_an_id_is_used_once_in_all_sets(tmp_path: Path) -> None:
    """Ids are permanent, so tuning and sealed share one name space."""
    write(tmp_path, GOOD)
    (found,) = problems(write(tmp_path, GOOD, which="sealed"))
    assert "already used in tuning/facts.jsonl" in found


def test_a_mistake_in_a_sealed_case_shows_none_of_its_text(tmp_path: Path) -> None:
    """The report of a wrong sealed span names its place only."""
    line = {**GOOD, "gold_spans": ["a secret span"], "question": "a secret question"}
    (found,) = problems(write(tmp_path, line, which="sealed"))
    assert "gold span 1" in found
    assert "secret" not in found


def test_undecodable_files_and_empty_folders_are_told(tmp_path: Path) -> None:
    """A wrong encoding and a missing set are one line each."""
    with pytest.raises(InputError, match="no case files"):
        load_cases(ARTICLES, tmp_path)
    write(tmp_path, GOOD)
    (tmp_path / "tuning" / "why.jsonl").write_bytes(b"\xff\xfe")
    (found,) = problems(tmp_path)
    assert "tuning/why.jsonl: cannot be read as UTF-8" in found


def test_pairs_and_families_share_a_cluster(tmp_path: Path) -> None:
    """Cases that hang together are one cluster, the others their own."""
    lines = [
        {**GOOD, "id": "t-facts-001", "pair": "t-facts-002"},
        {**GOOD, "id": "t-facts-002", "family": "naps"},
        {**GOOD, "id": "t-facts-003", "family": "naps"},
        {**GOOD, "id": "t-facts-004"},
    ]
    clusters = [case.cluster for case in load_cases(ARTICLES, write(tmp_path, *lines))]
    assert len(set(clusters[:3])) == 1
    assert clusters[3] == "t-facts-004"


def test_the_fingerprint_is_of_what_was_written(tmp_path: Path) -> None:
    """A changed label changes the fingerprint; the set and cluster do not."""
    (case,) = load_cases(ARTICLES, write(tmp_path, GOOD))
    (sealed,) = load_cases(ARTICLES, write(tmp_path / "b", GOOD, which="sealed"))
    (other,) = load_cases(ARTICLES, write(tmp_path / "c", {**GOOD, "tags": ["critical"]}))
    assert case.sha256 == sealed.sha256 != other.sha256


def a_case(number: int, slice_: str, cluster: str = "") -> Case:
    """A case of a slice."""
    name = f"t-{slice_}-{number:03}"
    return Case(name, slice_, "p", "en", "q", "not_covered", "t", cluster=cluster or name)


def test_the_smoke_sample_is_stratified_and_keeps_clusters_whole() -> None:
    """Each slice is seen by its share, six cases at least, and pairs stay together."""
    cases = [a_case(n, "facts", f"pair-{n // 2}") for n in range(600)]
    cases += [a_case(n, "why") for n in range(30)]
    chosen = smoke(cases, 100)
    facts = [case for case in chosen if case.slice == "facts"]
    assert abs(len(facts) - 95) <= 2
    assert sum(case.slice == "why" for case in chosen) == 6
    for case in facts:
        assert sum(other.cluster == case.cluster for other in facts) == 2


def test_the_smoke_sample_is_the_same_after_a_case_is_added() -> None:
    """A stable hash chooses: nearly all of the sample stays."""
    cases = [a_case(n, "facts") for n in range(500)]
    before = {case.id for case in smoke(cases, 100)}
    after = {case.id for case in smoke([*cases, a_case(500, "facts")], 100)}
    assert len(before - after) <= 2
    assert stable_hash("a") == 14598278634844962250


def test_selecting_what_does_not_exist_is_told() -> None:
    """An unknown slice, an unknown id and an empty choice are errors with a remedy."""
    cases = [a_case(1, "facts")]
    with pytest.raises(InputError, match="unknown slice 'trivia'"):
        select(cases, "tuning", ["trivia"])
    with pytest.raises(InputError, match="no case 't-facts-999'"):
        select(cases, "tuning", (), ["t-facts-999"])
    with pytest.raises(InputError, match="no case of sealed"):
        select(cases, "sealed")


def test_the_committed_cases_are_valid_and_many(capsys: pytest.CaptureFixture[str]) -> None:
    """The real files load; both sets hold at least 600 cases over all kinds of question."""
    assert main(["cases", "check", "--corpus", "corpus"]) == 0
    assert "all valid" in capsys.readouterr().out
    assert main(["cases", "count", "--corpus", "corpus"]) == 0
    total = capsys.readouterr().out.splitlines()[-1].split()
    assert int(total[1]) >= 600
    assert int(total[2]) >= 600


def test_every_part_and_reference_of_the_article_has_a_case(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Coverage lists no part without a case."""
    assert main(["cases", "coverage", "--corpus", "corpus"]) == 0
    assert capsys.readouterr().out.strip().endswith("without any case: nothing")


def test_slices_are_named_in_the_readme() -> None:
    """The data card explains each slice."""
    card = (Path(__file__).parent.parent / "eval" / "README.md").read_text(encoding="utf-8")
    assert [name for name in SLICES if f"`{name}`" not in card] == []
