"""Two runs on the same cases: differences with intervals, exact paired tests, flips."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.records import Record, authored
from eval.scorers import SCORERS
from eval.statistics import bootstrap_mean, holm, mcnemar, smallest_change


@dataclass(frozen=True)
class Paired:
    """A figure of two runs over the cases that both asked.

    ``fixed`` and ``broken`` count cases that only the second or only the first run passed;
    ``p`` is McNemar's exact p, ``adjusted`` the same after Holm over its table (None where
    values are no yes or no); ``detectable`` the smallest change such a comparison finds.
    """

    name: str
    n: int
    first: float | None
    second: float | None
    low: float | None
    high: float | None
    fixed: int
    broken: int
    p: float | None
    adjusted: float | None
    detectable: float | None


@dataclass(frozen=True)
class Flip:
    """A case that passed in one run and failed in the other."""

    before: Record
    after: Record


@dataclass(frozen=True)
class Comparison:
    """All differences of run ``second`` against run ``first``."""

    slices: tuple[Paired, ...]
    measures: tuple[Paired, ...]
    flips: tuple[Flip, ...]
    common: int
    added: int
    removed: int
    changed: tuple[str, ...]
    differing: int


def compare(first: Sequence[Record], second: Sequence[Record]) -> Comparison:
    """Compare two runs over their common, unchanged, authored cases."""
    before = {record.id: record for record in authored(first)}
    after = {record.id: record for record in authored(second)}
    both = [name for name in before if name in after]
    same = [name for name in both if before[name].case_sha256 == after[name].case_sha256]
    pairs = [(before[name], after[name]) for name in same]
    return Comparison(
        slices=_slices(pairs),
        measures=_measures(pairs),
        flips=tuple(Flip(a, b) for a, b in pairs if a.passed != b.passed),
        common=len(pairs),
        added=len(after) - len(both),
        removed=len(before) - len(both),
        changed=tuple(name for name in both if name not in set(same)),
        differing=sum(_content(a) != _content(b) for a, b in pairs),
    )


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    """The words of two texts as (mark, words): " " in both, "-" only before, "+" only after."""
    first, second = before.split(), after.split()
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, first, second, False).get_opcodes():
        if kind == "equal":
            parts.append((" ", " ".join(first[a:b])))
            continue
        if b > a:
            parts.append(("-", " ".join(first[a:b])))
        if d > c:
            parts.append(("+", " ".join(second[c:d])))
    return parts


def as_text(comparison: Comparison) -> str:
    """The comparison as a table for a terminal; sealed cases appear in counts alone."""
    head = (
        f"{comparison.common} cases in both runs; {comparison.added} added, "
        f"{comparison.removed} removed, {len(comparison.changed)} changed (left out); "
        f"{comparison.differing} differ in anything but time"
    )
    lines = [head, "", *_table("slice (passed)", comparison.slices), ""]
    lines += _table("measure", comparison.measures)
    lines += ["", *map(_flip_line, (flip for flip in comparison.flips if not flip.after.sealed))]
    return "\n".join(lines)


def _slices(pairs: Sequence[tuple[Record, Record]]) -> tuple[Paired, ...]:
    names = sorted({first.slice for first, _ in pairs})
    rows = [("all", pairs)] + [(name, [p for p in pairs if p[0].slice == name]) for name in names]
    made = [
        _paired(name, [(float(a.passed), float(b.passed), a.cluster) for a, b in members])
        for name, members in rows
    ]
    # The total is a question of its own; Holm corrects over the slices.
    return (made[0], *_adjusted(made[1:]))


def _measures(pairs: Sequence[tuple[Record, Record]]) -> tuple[Paired, ...]:
    rows = []
    for scorer in SCORERS:
        values = [
            (a.scores[scorer.name].value, b.scores[scorer.name].value, a.cluster)
            for a, b in pairs
            if _counts(a, scorer.name) and _counts(b, scorer.name)
        ]
        rows.append(_paired(scorer.name, values))
    return tuple(_adjusted(rows))


def _counts(record: Record, name: str) -> bool:
    return name in record.scores and record.scores[name].applicable


def _paired(name: str, values: Sequence[tuple[float, float, str]]) -> Paired:
    n = len(values)
    if n == 0:
        return Paired(name, 0, None, None, None, None, 0, 0, None, None, None)
    differences = [second - first for first, second, _ in values]
    low, high = bootstrap_mean(differences, [cluster for *_, cluster in values]) or (None, None)
    fixed, broken = (sum(d > 0 for d in differences), sum(d < 0 for d in differences))
    binary = all(value in (0, 1) for first, second, _ in values for value in (first, second))
    return Paired(
        name, n, sum(v[0] for v in values) / n, sum(v[1] for v in values) / n, low, high,
        fixed, broken, mcnemar(broken, fixed) if binary else None, None,
        smallest_change(n, (fixed + broken) / n) if binary else None,
    )  # fmt: skip


def _adjusted(rows: Iterable[Paired]) -> list[Paired]:
    listed = list(rows)
    tested = [row for row in listed if row.p is not None]
    corrected = dict(
        zip((row.name for row in tested), holm([row.p or 0.0 for row in tested]), strict=True)
    )
    return [Paired(**{**vars(row), "adjusted": corrected.get(row.name)}) for row in listed]


def _content(record: Record) -> Mapping[str, object]:
    return {name: value for name, value in vars(record).items() if name != "timings"}


def _table(title: str, rows: Sequence[Paired]) -> list[str]:
    lines = [
        f"{title:24}{'n':>6}{'first':>8}{'second':>8}{'change':>8}  {'95 %':17}"
        f"{'fixed':>6}{'broken':>7}{'p':>8}{'Holm':>8}{'detects':>9}"
    ]
    for row in rows:
        if row.first is None or row.second is None:
            lines.append(f"{row.name:24}{row.n:>6}  not applicable")
            continue
        between = f"[{row.low:+.3f}, {row.high:+.3f}]"
        lines.append(
            f"{row.name:24}{row.n:>6}{row.first:>8.3f}{row.second:>8.3f}"
            f"{row.second - row.first:>+8.3f}  {between:17}{row.fixed:>6}{row.broken:>7}"
            f"{_number(row.p):>8}{_number(row.adjusted):>8}{_number(row.detectable):>9}"
        )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _flip_line(flip: Flip) -> str:
    way = "fixed " if flip.after.passed else "broken"
    failed = flip.before if flip.after.passed else flip.after
    why = [
        f"{n}: {s.explanation}" for n, s in failed.scores.items() if s.applicable and s.value < 1
    ]
    return f"{way} {flip.after.id}: {failed.error or '; '.join(why)[:140]}"
