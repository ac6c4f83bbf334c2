"""Second labels: how far another reader, blind to the first label, gives the same outcome."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.cases import CASES, Case
from eval.errors import InputError
from eval.statistics import cohen_kappa, wilson
from eval.vocabulary import OUTCOMES

AGREEMENT = CASES / "agreement.json"


@dataclass(frozen=True)
class Agreement:
    """Agreement of two labels over ``n`` cases; ``kappa`` is Cohen's, both with their n."""

    name: str
    n: int
    agreed: int
    low: float
    high: float
    kappa: float | None


def read_second_labels(path: Path = AGREEMENT) -> Mapping[str, str]:
    """Case id -> outcome given by the second reader; empty when there is no such file.

    The file holds one object, ids to outcomes or to objects with an ``outcome``.
    Raises InputError naming what is wrong.
    """
    if not path.exists():
        return {}
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        entries = given.get("labels", given)
        labels = {
            name: entry if isinstance(entry, str) else entry["outcome"]
            for name, entry in entries.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name}: not ids to outcomes: {error}") from error
    for name, outcome in labels.items():
        if outcome not in OUTCOMES:
            raise InputError(f"{path.name}: {name}: unknown outcome {outcome!r}")
    return labels


def agreements(cases: Iterable[Case], labels: Mapping[str, str]) -> tuple[Agreement, ...]:
    """Agreement over all labelled cases, by set and by slice. No text is looked at."""
    labelled = [case for case in cases if case.id in labels]
    parts: dict[str, list[Case]] = defaultdict(list)
    for case in labelled:
        for name in ("all", f"set {case.set}", f"slice {case.slice}"):
            parts[name].append(case)
    return tuple(_agreement(name, members, labels) for name, members in sorted(parts.items()))


def as_text(found: Sequence[Agreement]) -> str:
    """A table for a terminal."""
    if not found:
        return "no second labels yet (eval/cases/agreement.json)"
    lines = [f"{'':24}{'n':>6}{'agree':>8}  {'95 %':16}{'kappa':>7}"]
    for item in found:
        kappa = "-" if item.kappa is None else f"{item.kappa:.3f}"
        between = f"[{item.low:.3f}, {item.high:.3f}]"
        lines.append(
            f"{item.name:24}{item.n:>6}{item.agreed / item.n:>8.3f}  {between:16}{kappa:>7}"
        )
    return "\n".join(lines)


def _agreement(name: str, cases: Sequence[Case], labels: Mapping[str, str]) -> Agreement:
    first = [case.outcome for case in cases]
    second = [labels[case.id] for case in cases]
    agreed = sum(a == b for a, b in zip(first, second, strict=True))
    low, high = wilson(agreed, len(cases)) or (0.0, 0.0)
    return Agreement(name, len(cases), agreed, low, high, cohen_kappa(first, second))
