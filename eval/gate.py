"""The gate: thresholds as data, and no critical case may newly fail."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import InputError
from eval.records import Record, authored
from eval.scorers import BY_NAME
from eval.summary import Figure, groups, measures
from eval.vocabulary import SLICES

GATE = Path(__file__).parent / "gate.toml"
ACCEPTED = Path(__file__).parent / "accepted.jsonl"
LISTED = 5  # newly failing critical cases named in a remark
_KEYS = frozenset(
    [
        "name",
        "measure",
        "group",
        "slices",
        "expected",
        "languages",
        "at_least",
        "at_most",
        "statistic",
        "smoke",
        "history",
    ]
)
_GROUPS = frozenset(groups(()))
_MEASURES = frozenset({*BY_NAME, "passed", "repeatability"})


@dataclass(frozen=True)
class Threshold:
    """One line of the gate file."""

    name: str
    history: tuple[tuple[str, float, str], ...]
    measure: str = ""
    group: str = ""
    slices: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    statistic: str = "p95"
    smoke: float | None = None

    def concerns(self, record: Record) -> bool:
        """Whether a record is among those that the threshold is about."""
        return (
            (not self.slices or record.slice in self.slices)
            and (not self.expected or record.expected in self.expected)
            and (not self.languages or record.language in self.languages)
        )

    def limit(self, smoke: bool) -> float:
        """The value to reach, or not to pass, on this kind of run."""
        bound = self.at_least if self.at_least is not None else self.at_most
        return self.smoke if smoke and self.smoke is not None else (bound or 0.0)


@dataclass(frozen=True)
class Check:
    """A threshold held against a run."""

    name: str
    measure: str
    figure: Figure
    value: float | None
    limit: float
    rising: bool
    passed: bool
    remark: str


@dataclass(frozen=True)
class Accepted:
    """How a tuning case stood in the accepted run."""

    passed: bool
    shown: str
    text: str


def read_gate(path: Path = GATE) -> tuple[Threshold, ...]:
    """The thresholds. Raises InputError naming the entry and what is wrong with it."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["threshold"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise InputError(f"{path.name}: {type(error).__name__}: {error}") from error
    if not isinstance(entries, list):
        raise InputError(f"{path.name}: 'threshold' must be a list: write [[threshold]]")
    thresholds = tuple(_threshold(path, entry) for entry in entries)
    if len({threshold.name for threshold in thresholds}) < len(thresholds):
        raise InputError(f"{path.name}: two thresholds have one name")
    return thresholds


def check(
    records: Sequence[Record],
    thresholds: Iterable[Threshold],
    accepted: Mapping[str, Accepted],
    smoke: bool = False,
    partial: bool = False,
) -> tuple[Check, ...]:
    """Every threshold, errors and critical cases held against the records.

    ``partial``: the run was asked for some slices only, so that a threshold without any case is
    left out; otherwise it fails, because missing evidence is no evidence.
    """
    checks = [_errors(records), _critical(records, accepted)]
    for threshold in thresholds:
        result = _hold(threshold, records, smoke)
        if result.figure.n or not partial:
            checks.append(result)
    return tuple(checks)


def as_text(checks: Sequence[Check]) -> str:
    """The gate table for a terminal, ending with the verdict."""
    lines = []
    for item in checks:
        value = "-" if item.value is None else f"{item.value:.3f}"
        low, high = item.figure.low, item.figure.high
        between = "" if low is None or high is None else f"[{low:.3f}, {high:.3f}]"
        sign = ">=" if item.rising else "<="
        lines.append(
            f"{'held  ' if item.passed else 'MISSED'} {item.name:44}{value:>9} {sign} "
            f"{item.limit:.3f}  {between:16} n = {item.figure.n} {item.remark}".rstrip()
        )
    missed = sum(not item.passed for item in checks)
    verdict = f"the gate is not passed: {missed} missed" if missed else "the gate is passed"
    return "\n".join([*lines, verdict])


def read_accepted(path: Path = ACCEPTED) -> dict[str, Accepted]:
    """How each tuning case stood in the accepted run; empty before there is one."""
    if not path.exists():
        return {}
    accepted = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            accepted[entry["id"]] = Accepted(entry["passed"], entry["shown"], entry["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path.name}:{number}: not an accepted case: {error}") from error
    return accepted


def write_accepted(records: Iterable[Record], path: Path = ACCEPTED) -> int:
    """Take a run as the accepted one: its tuning cases replace their entries. Returns how many."""
    accepted = read_accepted(path)
    fresh = {
        record.id: Accepted(record.passed, record.shown, shown_text(record))
        for record in authored(records)
        if not record.sealed
    }
    accepted |= fresh
    lines = [
        json.dumps({"id": name, **vars(entry)}, ensure_ascii=False)
        for name, entry in sorted(accepted.items())
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(fresh)


def shown_text(record: Record) -> str:
    """What a person saw: outcome, statements and notices, one a line."""
    answer: Mapping[str, Any] = record.answer or {}
    parts = [item["text"] for item in answer.get("statements", ())]
    return "\n".join([*parts, *(item["text"] for item in answer.get("notices", ()))])


def _threshold(path: Path, entry: Mapping[str, Any]) -> Threshold:
    name = entry.get("name", "(no name)")
    if unknown := sorted(set(entry) - _KEYS):
        raise InputError(f"{path.name}: {name}: unknown key {unknown[0]!r}")
    if entry.get("measure", "") not in _MEASURES and entry.get("group", "") not in _GROUPS:
        raise InputError(f"{path.name}: {name}: names no known measure or group")
    if unknown := sorted(set(entry.get("slices", ())) - set(SLICES)):
        raise InputError(f"{path.name}: {name}: unknown slice {unknown[0]!r}")
    if ("at_least" in entry) == ("at_most" in entry):
        raise InputError(f"{path.name}: {name}: needs at_least or at_most, one of them")
    history = tuple((str(day), float(value), str(why)) for day, value, why in entry["history"])
    bound = entry.get("at_least", entry.get("at_most"))
    if not history or history[-1][1] != bound:
        raise InputError(f"{path.name}: {name}: the last value of 'history' must be {bound}")
    lists = {key: tuple(entry.get(key, ())) for key in ("slices", "expected", "languages")}
    return Threshold(**{**entry, **lists, "history": history})


def _hold(threshold: Threshold, records: Sequence[Record], smoke: bool) -> Check:
    concerned = [record for record in records if threshold.concerns(record)]
    if threshold.group:
        result = groups(concerned)[threshold.group]
    else:
        result = measures(authored(concerned), [threshold.measure])[threshold.measure]
    limit, rising = threshold.limit(smoke), threshold.at_least is not None
    value = result.value
    if not rising and BY_NAME[threshold.measure].kind == "amount":
        value = result.median if threshold.statistic == "median" else result.p95
    held = value is not None and (value >= limit if rising else value <= limit)
    remark = "no case measured" if value is None else ""
    named = threshold.group or threshold.measure
    return Check(threshold.name, named, result, value, limit, rising, held, remark)


def _errors(records: Sequence[Record]) -> Check:
    failed = [record for record in records if record.error is not None]
    fine = _bare_count(len(failed), len(records))
    return Check("no errors", "errors", fine, len(failed), 0, False, not failed, "")


def _critical(records: Sequence[Record], accepted: Mapping[str, Accepted]) -> Check:
    """A critical tuning case that failed in the accepted run too is known, not new."""
    critical = [r for r in authored(records) if r.critical and not r.sealed]
    fresh = [
        record.id
        for record in critical
        if not record.passed and (record.id not in accepted or accepted[record.id].passed)
    ]
    fine = _bare_count(len(fresh), len(critical))
    more = f" and {len(fresh) - LISTED} more" if len(fresh) > LISTED else ""
    remark = ", ".join(fresh[:LISTED]) + more
    name = "no critical case newly fails"
    return Check(name, "critical", fine, len(fresh), 0, False, not fresh, remark)


def _bare_count(found: int, n: int) -> Figure:
    """A bare count of what should not be there."""
    return Figure(float(found), None, None, n, 0, 0, "none")
