"""Raising the thresholds: when the product got better, the gate holds it there."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from eval.gate import GATE, Check, Threshold

SLACK = 2  # cases that may yet fail below the value reached, except where all passed
_LISTS = ("slices", "expected", "languages")


def ratchet(
    thresholds: Sequence[Threshold], checks: Sequence[Check], smoke: bool, why: str
) -> tuple[Threshold, ...]:
    """The thresholds with every ``at_least`` raised to what was reached, never lowered.

    A share of 1 is taken as it is; below it two cases of slack are left. A smoke run raises the
    smoke limits.
    """
    reached = {item.name: item for item in checks if item.rising and item.value is not None}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return tuple(
        _raised(item, reached[item.name], smoke, today, why) if item.name in reached else item
        for item in thresholds
    )


def write_gate(thresholds: Sequence[Threshold], path: Path = GATE) -> None:
    """Write the gate file anew under its own opening comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[: next(n for n, line in enumerate(lines) if line.startswith("[["))]
    body = "\n".join(_entry(threshold) for threshold in thresholds)
    path.write_text("\n".join(head) + "\n" + body, encoding="utf-8")


def _raised(threshold: Threshold, check: Check, smoke: bool, today: str, why: str) -> Threshold:
    value, n = check.value or 0.0, check.figure.n
    goal = 1.0 if value == 1 else math.floor(1000 * max(0.0, value - SLACK / n)) / 1000
    if goal <= threshold.limit(smoke):
        return threshold
    if smoke:
        return replace(threshold, smoke=goal)
    return replace(threshold, at_least=goal, history=(*threshold.history, (today, goal, why)))


def _entry(threshold: Threshold) -> str:
    lines = ["[[threshold]]", f"name = {json.dumps(threshold.name)}"]
    kind = "group" if threshold.group else "measure"
    lines.append(f"{kind} = {json.dumps(threshold.group or threshold.measure)}")
    for name in _LISTS:
        if values := getattr(threshold, name):
            lines.append(f"{name} = {json.dumps(list(values))}")
    for name in ("at_least", "at_most", "smoke"):
        if (bound := getattr(threshold, name)) is not None:
            lines.append(f"{name} = {bound}")
    if threshold.at_most is not None:
        lines.append(f"statistic = {json.dumps(threshold.statistic)}")
    rows = ",\n".join(f"  {json.dumps(list(row), ensure_ascii=False)}" for row in threshold.history)
    return "\n".join([*lines, f"history = [\n{rows},\n]", ""])
