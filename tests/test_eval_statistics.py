"""The statistics against scipy and statsmodels, to 1e-9, and at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint

from eval.statistics import (
    RESAMPLES,
    SEED,
    bootstrap_mean,
    cohen_kappa,
    holm,
    mcnemar,
    quantile,
    smallest_change,
    smallest_flips,
    wilson,
)

CLOSE = 1e-9


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 60), (60, 60), (37, 100), (599, 600)])
def test_wilson_agrees_with_statsmodels(k: int, n: int) -> None:
    """The interval is statsmodels' Wilson interval."""
    assert wilson(k, n) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=CLOSE)


def test_wilson_of_nothing_is_none() -> None:
    """Nothing counted has no interval, not NaN."""
    assert wilson(0, 0) is None


def test_bootstrap_agrees_with_scipy_when_every_case_is_its_own_cluster() -> None:
    """The percentile interval is scipy's for the same draws."""
    values = np.random.default_rng(7).random(83)
    reference = stats.bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval  # fmt: skip
    ours = bootstrap_mean(list(values), [str(i) for i in range(83)])
    assert ours == pytest.approx((reference.low, reference.high), abs=CLOSE)


def test_bootstrap_draws_whole_clusters() -> None:
    """The interval is that of resampled clusters, computed here one draw at a time."""
    chance = np.random.default_rng(3)
    clusters = [f"c{chance.integers(0, 9)}" for _ in range(60)]
    values = [float(x) for x in chance.random(60)]
    names = list(dict.fromkeys(clusters))
    members = [[v for v, c in zip(values, clusters, strict=True) if c == name] for name in names]
    drawn = np.random.default_rng(SEED).integers(0, len(names), (RESAMPLES, len(names)))
    means = [np.mean(np.concatenate([members[i] for i in row])) for row in drawn]
    expected = tuple(np.percentile(means, [2.5, 97.5]))
    assert bootstrap_mean(values, clusters) == pytest.approx(expected, abs=CLOSE)


def test_bootstrap_is_wider_over_clusters_than_over_their_members() -> None:
    """Twelve askings of four cases are four cases."""
    values = [1.0] * 6 + [0.0] * 6
    own = bootstrap_mean(values, [str(i) for i in range(12)])
    joined = bootstrap_mean(values, [str(i // 3) for i in range(12)])
    assert own is not None
    assert joined is not None
    assert joined[1] - joined[0] > own[1] - own[0]


def test_bootstrap_of_nothing_is_none() -> None:
    """No values have no interval."""
    assert bootstrap_mean([], []) is None


@pytest.mark.parametrize(("b", "c"), [(0, 1), (5, 5), (3, 14), (0, 6), (40, 61), (1, 0)])
def test_mcnemar_agrees_with_statsmodels_and_scipy(b: int, c: int) -> None:
    """The exact p is statsmodels' and the binomial test's."""
    ours = mcnemar(b, c)
    theirs = reference_mcnemar([[10, b], [c, 20]], exact=True).pvalue
    assert ours == pytest.approx(min(1.0, theirs), abs=CLOSE)
    assert ours == pytest.approx(stats.binomtest(b, b + c, 0.5).pvalue, abs=CLOSE)


def test_mcnemar_without_discordant_cases_is_one() -> None:
    """Two identical runs do not differ."""
    assert mcnemar(0, 0) == 1


@pytest.mark.parametrize(
    "p_values", [[0.01], [0.04, 0.01, 0.03], [0.2, 0.2, 0.9, 0.001, 0.05], [1.0, 1.0]]
)
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    """The adjusted p values are statsmodels'."""
    expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(list(expected), abs=CLOSE)


def test_holm_of_nothing_is_nothing() -> None:
    """No tests, no corrections."""
    assert holm([]) == []


@pytest.mark.parametrize(("n", "discordant"), [(300, 0.1), (1200, 0.05), (600, 0.3)])
def test_smallest_change_agrees_with_statsmodels(n: int, discordant: float) -> None:
    """A one-sample z test of this size finds that effect with a power of just 80 %."""
    change = smallest_change(n, discordant)
    assert change is not None
    power = NormalIndPower(ddof=0).power(
        change / np.sqrt(discordant), n, 0.025, ratio=0, alternative="larger"
    )
    assert power == pytest.approx(0.8, abs=CLOSE)


def test_smallest_change_is_bounded() -> None:
    """Never below six flips, never above one, and nothing for nothing."""
    assert smallest_flips() == 6
    assert smallest_change(100, 0.0) == 0.06
    assert smallest_change(3, 1.0) == 1.0
    assert smallest_change(0, 0.1) is None


def test_kappa_agrees_with_scikit_learn() -> None:
    """Cohen's kappa over several labels."""
    chance = np.random.default_rng(5)
    first = [str(x) for x in chance.choice(["a", "b", "c"], 80)]
    second = [x if chance.random() < 0.7 else "a" for x in first]
    assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=CLOSE)
    assert cohen_kappa(["a"], ["a"]) == 1
    assert cohen_kappa([], []) is None


def test_quantiles_of_nothing_are_none() -> None:
    """Median and percentiles never are NaN."""
    assert quantile([], 0.5) is None
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2
