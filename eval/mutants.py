"""The suite proves itself: it plants defects one at a time and must catch each.

A defect changes one step of an assistant in memory, through ``Assistant.open(change=...)``;
nothing on disk changes. The smoke sample is asked once untouched; for each defect only its
probe cases are asked again, their records replace the untouched ones, and the gate is held
against the whole. A defect that changes nothing must pass.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from eval.asking import Worker
from eval.cases import Case
from eval.defects import DEFECTS, Defect
from eval.errors import EvalError, InputError
from eval.gate import Accepted, Threshold, check
from eval.progress import progress
from eval.records import Record
from eval.runner import ask_all, end_with_parent, opening_error
from eval.scorers import BY_NAME
from eval.selection import stable_hash
from eval.targets import TargetSpec


@dataclass(frozen=True)
class Planted:
    """What became of a defect: the gate's missed checks and the scorers that fell."""

    defect: Defect
    probes: int
    missed: tuple[str, ...]
    fallen: tuple[str, ...]

    @property
    def as_wanted(self) -> bool:
        """Whether the gate failed (or, for a defect that is none, passed) by the right scorer."""
        if self.defect.harmless:
            return not self.missed
        return bool(self.missed) and bool({*self.defect.caught_by} & {*self.fallen})


def plant(
    cases: Sequence[Case],
    spec: TargetSpec,
    thresholds: Sequence[Threshold],
    names: Sequence[str] = (),
    workers: int = 2,
    quiet: bool = False,
) -> tuple[Planted, ...]:
    """Plant the defects named (all when none is) over these cases.

    Raises EvalError when the untouched assistant does not pass the gate: then nothing is proved.
    """
    if unknown := sorted(set(names) - set(DEFECTS)):
        raise InputError(f"no mutant {unknown[0]!r}; known: {', '.join(DEFECTS)}")
    base = {record.id: record for record in ask_all(cases, spec, workers, quiet)}
    accepted = {name: Accepted(r.passed, r.shown, "") for name, r in base.items()}
    if missed := _missed(tuple(base.values()), thresholds, accepted):
        raise EvalError(f"the assistant as it is does not pass the gate: {', '.join(missed)}")
    chosen = [defect for name, defect in DEFECTS.items() if not names or name in names]
    jobs = [(replace(spec, mutant=defect.name), _probes(defect, cases)) for defect in chosen]
    asked = progress(_asked(jobs, workers), len(jobs), unit="mutant", quiet=quiet)
    return tuple(
        _planted(defect, base, records, thresholds, accepted)
        for defect, records in zip(chosen, asked, strict=True)
    )


def as_text(results: Sequence[Planted]) -> str:
    """One line a mutant, and the count of those caught."""
    lines = []
    for result in results:
        word = "passed" if not result.missed else "caught"
        mark = "ok " if result.as_wanted else "BAD"
        by = f" by {', '.join(result.fallen)}" if result.fallen else ""
        lines.append(
            f"{mark} {result.defect.name:28}{word} ({result.probes} probes, writer "
            f"{result.defect.writer}){by}: {result.defect.what}"
        )
    real = [result for result in results if not result.defect.harmless]
    caught = sum(result.as_wanted for result in real)
    return "\n".join([*lines, f"{caught} of {len(real)} defects caught"])


def _probes(defect: Defect, cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases that can reveal a defect: authored ones first, by stable hash, not too many."""
    chosen = [case for case in cases if defect.probe(case)]
    if not chosen:
        raise EvalError(f"mutant {defect.name}: no case of the smoke sample probes it")
    chosen.sort(key=lambda case: (case.variant is not None, stable_hash(case.id)))
    return tuple(chosen[: defect.probes])


def _asked(
    jobs: Sequence[tuple[TargetSpec, tuple[Case, ...]]], workers: int
) -> Iterator[tuple[Record, ...]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, end_with_parent) as pool:
        yield from pool.map(_ask_probes, *zip(*jobs, strict=True))


def _ask_probes(spec: TargetSpec, cases: Sequence[Case]) -> tuple[Record, ...]:
    try:
        worker = Worker(spec)
    except Exception as error:  # some errors cannot cross from process to process as they are
        raise opening_error(error) from None
    return tuple(worker.ask(case) for case in cases)


def _planted(
    defect: Defect,
    base: Mapping[str, Record],
    records: Sequence[Record],
    thresholds: Sequence[Threshold],
    accepted: Mapping[str, Accepted],
) -> Planted:
    after = {**base, **{record.id: record for record in records}}
    missed = _missed(tuple(after.values()), thresholds, accepted)
    return Planted(defect, len(records), missed, _fallen(base, records))


def _missed(
    records: Sequence[Record],
    thresholds: Sequence[Threshold],
    accepted: Mapping[str, Accepted],
) -> tuple[str, ...]:
    checks = check(records, thresholds, accepted, smoke=True)
    return tuple(item.name for item in checks if not item.passed)


def _fallen(base: Mapping[str, Record], records: Sequence[Record]) -> tuple[str, ...]:
    """Scorers that gave some probe less than before, the furthest fallen first."""
    drop = {
        name: sum(_loss(base[record.id], record, name) for record in records) for name in BY_NAME
    }
    fallen = [name for name, lost in drop.items() if lost > 0 and BY_NAME[name].kind == "share"]
    unlike = any(record.repeated is False for record in records)
    listed = sorted(fallen, key=lambda name: -drop[name])
    return (*(["repeatability"] if unlike else []), *listed)


def _loss(before: Record, after: Record, name: str) -> float:
    first, second = before.scores.get(name), after.scores.get(name)
    if first is None or second is None or not second.applicable:
        return 0.0
    return max(0.0, (first.value if first.applicable else 1.0) - second.value)
