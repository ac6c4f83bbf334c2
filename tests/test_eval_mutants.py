"""Defects: enough of them, each with probes, planted in memory alone, and caught."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from eval.article import read_articles
from eval.cases import Case, load_cases
from eval.defects import DEFECTS
from eval.errors import EvalError, InputError
from eval.gate import Threshold
from eval.mutants import as_text, plant
from eval.scorers import BY_NAME
from eval.selection import select
from eval.targets import TargetSpec

CORPUS = Path("corpus")
NOTICES = Threshold("notices", (), measure="notices", at_least=1.0)


@pytest.fixture(scope="module")
def sample() -> tuple[Case, ...]:
    """The smoke sample."""
    return select(load_cases(read_articles(CORPUS), sets=["tuning"]), "smoke")


def test_there_are_many_defects_and_one_that_is_none() -> None:
    """At least 15, each saying what it breaks and which scorers must notice."""
    real = [defect for defect in DEFECTS.values() if not defect.harmless]
    assert len(real) >= 15
    assert len(DEFECTS) == len(real) + 1
    for defect in real:
        assert defect.what
        assert defect.writer in ("quote", "bad")
        assert set(defect.caught_by) <= {*BY_NAME, "repeatability"}
        assert defect.caught_by


def test_every_defect_has_probes_in_the_smoke_sample(sample: tuple[Case, ...]) -> None:
    """No defect passes because nothing was asked."""
    for defect in DEFECTS.values():
        assert any(defect.probe(case) for case in sample), defect.name


def test_a_defect_is_caught_and_nothing_is_changed_on_disk(sample: tuple[Case, ...]) -> None:
    """Dropping the disclaimer fails the gate by the scorer of notices; no defect passes."""
    before = _disk()
    cases = [case for case in sample if case.slice == "facts"][:6]
    names = ("none", "disclaimer-dropped")
    harmless, dropped = plant(cases, TargetSpec(str(CORPUS)), [NOTICES], names, 2, quiet=True)
    assert harmless.missed == ()
    assert harmless.as_wanted
    assert "notices" in dropped.missed
    assert "notices" in dropped.fallen
    assert dropped.as_wanted
    assert as_text([harmless, dropped]).endswith("1 of 1 defects caught")
    assert _disk() == before


def test_a_blunt_gate_is_found_out(sample: tuple[Case, ...]) -> None:
    """With a threshold of zero the same defect slips through, and that is reported as bad."""
    cases = [case for case in sample if case.slice == "facts" and not case.tags][:3]
    blunt = Threshold("notices", (), measure="notices", at_least=0.0)
    spec = TargetSpec(str(CORPUS))
    (dropped,) = plant(cases, spec, [blunt], ("disclaimer-dropped",), 1, quiet=True)
    assert not dropped.as_wanted
    assert as_text([dropped]).startswith("BAD")


def test_an_assistant_that_fails_the_gate_proves_nothing(sample: tuple[Case, ...]) -> None:
    """Without a passing start there is no catching; an unknown name is wrong input."""
    impossible = Threshold("long", (), measure="statements", at_most=0.0)
    cases = [case for case in sample if case.slice == "facts"][:2]
    spec = TargetSpec(str(CORPUS))
    with pytest.raises(EvalError, match="does not pass the gate: long"):
        plant(cases, spec, [impossible], ("none",), 1, quiet=True)
    with pytest.raises(InputError, match="no mutant 'gone'"):
        plant(cases, spec, [], ("gone",), 1, quiet=True)


def _disk() -> str:
    """One hash of the corpus and the code."""
    files = [path for name in ("corpus", "assistant") for path in Path(name).rglob("*")]
    whole = hashlib.sha256()
    for path in sorted(files):
        if path.is_file() and "__pycache__" not in path.parts:
            whole.update(path.read_bytes())
    return whole.hexdigest()
