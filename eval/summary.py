"""From records to figures: each with n, interval, not applicable and errors, never NaN."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from eval.records import Record, authored
from eval.scorers import SCORERS, Scorer
from eval.statistics import bootstrap_mean, quantile, wilson


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval and all that it was counted over.

    ``n`` counts what the value rests on; ``not_applicable`` and ``errors`` stand beside it
    (errors are in ``n`` as failures). ``median`` and ``p95`` are given for amounts.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    not_applicable: int
    errors: int
    interval: str
    median: float | None = None
    p95: float | None = None


def figure(scorer: Scorer, records: Sequence[Record]) -> Figure:
    """A scorer's figure over these records."""
    called = [record for record in records if scorer.name in record.scores]
    counted = [record for record in called if record.scores[scorer.name].applicable]
    values = [record.scores[scorer.name].value for record in counted]
    return _figure(
        values,
        [record.cluster for record in counted],
        len(records) - len(counted),
        sum(record.error is not None for record in counted),
        scorer.kind == "amount",
    )


def shares(hits: Sequence[bool], clusters: Sequence[str], left_out: int = 0) -> Figure:
    """The figure of a plain share of yes."""
    return _figure([float(hit) for hit in hits], clusters, left_out, 0, False)


def measures(records: Sequence[Record], names: Sequence[str] = ()) -> dict[str, Figure]:
    """The figures named (all when none is), ``passed`` and ``repeatability`` among them."""
    made: dict[str, Callable[[], Figure]] = {
        "passed": lambda: shares([r.passed for r in records], [r.cluster for r in records]),
        "repeatability": lambda: _repeatability(records),
    }
    made |= {scorer.name: partial(figure, scorer, records) for scorer in SCORERS}
    return {name: made[name]() for name in names or made}


def groups(records: Sequence[Record]) -> dict[str, Figure]:
    """What is judged over several cases at once: pairs, families, variants."""
    base = {record.id: record for record in authored(records)}
    return {
        "pairs_right": _pairs(base, _right_outcome),
        "pairs_passed": _pairs(base, lambda record: record.passed),
        "families_right": _families(base, lambda members: all(m.passed for m in members)),
        "families_same_outcome": _families(
            base, lambda members: len({m.shown for m in members}) == 1, alike=True
        ),
        "typos_same_outcome": _variants(records, base, "typo", _same),
        "anchors_unchanged": _variants(records, base, "anchor", _not_lowered),
        "followups_passed": _followups(records, base, written_out=False),
        "followups_written_out_passed": _followups(records, base, written_out=True),
    }


def matrix(records: Iterable[Record]) -> dict[str, dict[str, int]]:
    """How often each expected outcome was shown as which (``error`` included)."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        counts[record.expected][record.shown] += 1
    return {expected: dict(sorted(row.items())) for expected, row in sorted(counts.items())}


def latencies(records: Iterable[Record]) -> dict[str, dict[str, float | int]]:
    """Milliseconds by step: n, median, 95th percentile, longest."""
    steps: dict[str, list[float]] = defaultdict(list)
    for record in records:
        for step, milliseconds in record.timings.items():
            steps[step].append(milliseconds)
    return {
        step: {
            "n": len(values),
            "median": round(quantile(values, 0.5) or 0.0, 3),
            "p95": round(quantile(values, 0.95) or 0.0, 3),
            "longest": round(max(values), 3),
        }
        for step, values in sorted(steps.items())
    }


def risk_coverage(records: Iterable[Record]) -> list[tuple[float, float]]:
    """(share answered, share of those answered wrongly) as the score floor falls.

    Over cases that expect an answer or an abstention; those that the target answered are taken
    in the order of their best retrieval score, ties by id.
    """
    pool = [r for r in records if r.expected in ("answered", "not_covered")]
    answered = sorted(
        (r for r in pool if r.shown == "answered" and r.confidence is not None),
        key=lambda r: (-(r.confidence or 0.0), r.id),
    )
    wrong, curve = 0, []
    for count, record in enumerate(answered, 1):
        wrong += not record.passed
        curve.append((count / len(pool), wrong / count))
    return curve


def summarise(records: Sequence[Record]) -> dict[str, Any]:
    """All figures of a run as one JSON object; latencies apart, under ``latency``."""
    base = authored(records)
    return {
        "counts": _counts(records, base),
        "measures": _plain(measures(base)),
        "groups": _plain(groups(records)),
        "slices": _by(base, lambda record: record.slice),
        "expected": _by(base, lambda record: record.expected),
        "languages": _by(base, lambda record: record.language),
        "sets": _by(base, lambda record: record.set),
        "matrix": matrix(base),
        "latency": latencies(records),
    }


def _repeatability(records: Sequence[Record]) -> Figure:
    again = [record for record in records if record.repeated is not None]
    same, clusters = [bool(r.repeated) for r in again], [r.cluster for r in again]
    return shares(same, clusters, len(records) - len(again))


def _counts(records: Sequence[Record], base: Sequence[Record]) -> dict[str, int]:
    return {
        "cases": len(base),
        "variants": len(records) - len(base),
        "errors": sum(record.error is not None for record in records),
        "passed": sum(record.passed for record in base),
        "critical": sum(record.critical for record in base),
        "critical_failed": sum(record.critical and not record.passed for record in base),
    }


def _by(records: Sequence[Record], key: Callable[[Record], str]) -> dict[str, Any]:
    parts: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        parts[key(record)].append(record)
    return {name: _plain(measures(members)) for name, members in sorted(parts.items())}


def _plain(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: asdict(item) for name, item in figures.items()}


def _figure(
    values: Sequence[float], clusters: Sequence[str], left_out: int, errors: int, amount: bool
) -> Figure:
    if not values:
        return Figure(None, None, None, 0, left_out, errors, "none")
    mean = sum(values) / len(values)
    binary = not amount and all(value in (0, 1) for value in values)
    bounds = wilson(sum(values), len(values)) if binary else bootstrap_mean(values, clusters)
    low, high = bounds or (None, None)
    return Figure(
        mean, low, high, len(values), left_out, errors, "wilson" if binary else "bootstrap",
        quantile(values, 0.5) if amount else None, quantile(values, 0.95) if amount else None,
    )  # fmt: skip


def _pairs(base: Mapping[str, Record], right: Callable[[Record], bool]) -> Figure:
    """Share of contrast pairs with both sides right."""
    twins = {
        (min(record.id, record.pair), max(record.id, record.pair))
        for record in base.values()
        if record.pair and record.pair in base and record.slice == "contrast"
    }
    both = [right(base[first]) and right(base[second]) for first, second in sorted(twins)]
    return shares(both, [first for first, _ in sorted(twins)])


def _families(
    base: Mapping[str, Record], holds: Callable[[list[Record]], bool], alike: bool = False
) -> Figure:
    """Share of families (two members or more) of which something holds.

    With `alike`, only of those whose members are expected to have one outcome: a contrast pair is
    a family too, and its two sides must differ.
    """
    families: dict[str, list[Record]] = defaultdict(list)
    for record in base.values():
        if record.family:
            families[record.family].append(record)
    several = {name: members for name, members in sorted(families.items()) if len(members) > 1}
    if alike:
        several = {n: ms for n, ms in several.items() if len({m.expected for m in ms}) == 1}
    return shares([holds(members) for members in several.values()], list(several))


def _variants(
    records: Sequence[Record],
    base: Mapping[str, Record],
    kind: str,
    holds: Callable[[Record, Record], bool],
) -> Figure:
    pairs = [
        (record, original)
        for record in records
        if (record.variant or "").split(":")[0] == kind
        and (original := base.get(record.variant_of or ""))
    ]
    return shares([holds(*pair) for pair in pairs], [variant.cluster for variant, _ in pairs])


def _right_outcome(record: Record) -> bool:
    return record.error is None and record.scores["outcome"].value == 1


def _same(variant: Record, original: Record) -> bool:
    return variant.shown == original.shown


def _not_lowered(variant: Record, original: Record) -> bool:
    return (variant.shown, variant.shown_level) == (original.shown, original.shown_level)


def _followups(records: Sequence[Record], base: Mapping[str, Record], written_out: bool) -> Figure:
    """Pass rate of follow-ups that have a written-out form, in either form."""
    chosen = [
        record if written_out else original
        for record in records
        if record.variant == "standalone" and (original := base.get(record.variant_of or ""))
    ]
    return shares([record.passed for record in chosen], [record.cluster for record in chosen])
