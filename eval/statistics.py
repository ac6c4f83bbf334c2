"""Honest statistics: intervals, paired tests, and what a suite of this size can detect.

Every function returns plain numbers and never NaN; with nothing to count it returns None.
Tests hold them against scipy and statsmodels to 1e-9.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

LEVEL = 0.95
RESAMPLES = 2000
SEED = 20250101


def wilson(successes: float, n: int, level: float = LEVEL) -> tuple[float, float] | None:
    """Wilson's score interval for a share (Wilson 1927, JASA 22:209)."""
    if n == 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, z2 = successes / n, z * z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap_mean(
    values: Sequence[float],
    clusters: Sequence[str],
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[float, float] | None:
    """Percentile interval of a mean, whole clusters drawn with replacement (Efron 1979).

    ``clusters`` names the cluster of each value: variants of one question, sides of one pair.
    """
    if not values:
        return None
    sums, counts = _cluster_sums(values, clusters)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (resamples, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [50 * (1 - level), 50 * (1 + level)])
    return float(low), float(high)


def _cluster_sums(
    values: Sequence[float], clusters: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    place = {name: index for index, name in enumerate(dict.fromkeys(clusters))}
    index = np.array([place[name] for name in clusters])
    sums = np.bincount(index, weights=np.asarray(values, dtype=float), minlength=len(place))
    return sums, np.bincount(index, minlength=len(place)).astype(float)


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p of McNemar's test: the smaller of the discordant counts against 1/2."""
    n = only_first + only_second
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, float(2 * tail / 2**n))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p values, in the order given (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def smallest_flips(level: float = LEVEL) -> int:
    """How many flips, all in one direction, McNemar's exact test calls significant."""
    flips = 1
    while mcnemar(0, flips) >= 1 - level:
        flips += 1
    return flips


def smallest_change(
    n: int, discordant: float, level: float = LEVEL, power: float = 0.8
) -> float | None:
    """The change of a share that a paired comparison of ``n`` cases finds with this power.

    Normal approximation (Connor 1987, Biometrics 43:207) with a ``discordant`` share of cases
    that differ between two runs; never below what exact McNemar can call significant at all.
    """
    if n == 0:
        return None
    normal = NormalDist()
    effect = (normal.inv_cdf((1 + level) / 2) + normal.inv_cdf(power)) / math.sqrt(n)
    return min(1.0, max(effect * math.sqrt(discordant), smallest_flips(level) / n))


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Cohen's kappa of two labellings of the same items; 1 when both use one same label."""
    if not first:
        return None
    n = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    labels = sorted({*first, *second})
    chance = sum(first.count(label) * second.count(label) for label in labels) / n**2
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The quantile of the values, linear between neighbours; None for none."""
    return float(np.percentile(np.asarray(values, dtype=float), 100 * share)) if values else None
