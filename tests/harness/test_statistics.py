"""The statistics against R 4.2.2, closed forms and independent computations.

R's calls are quoted where its values are used; R itself is not needed.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.statistics import (
    EqualGains,
    ExactShare,
    Summary,
    TMean,
    bca_interval,
    correlation,
    equivalence_power,
    mean_of,
    prediction_interval,
    sign_flip_p,
    signed_rank_p,
    t_power,
    welch_p,
)

TREATMENT = (83.1, 81.7, 84.2, 82.9, 80.8, 83.6, 82.2, 84.9, 81.1, 83.3)
CONTROL = (80.2, 79.9, 80.7, 81.1, 78.3, 80.1, 79.6, 81.0, 79.4, 80.5)
GAINS = (2.9, 1.8, 3.5, 1.8, 2.5, 3.5, 2.6, 3.9, 1.7, 2.8)


def test_t_interval_and_p_values_are_those_of_r() -> None:
    """t.test(g, conf.level=.996), sd(g), t.test(g, mu=1, alternative="greater") and "less".

    A population variance would give an SD of 0.7376, R's is 0.7775.
    """
    mean = mean_of(GAINS)
    assert mean.value == pytest.approx(2.7)
    assert mean.sd == pytest.approx(0.777460252646)
    assert mean.se == pytest.approx(0.245854518861)
    assert mean.interval(0.996) == pytest.approx((1.757268322623, 3.642731677377))
    assert mean.interval(0.95) == pytest.approx((2.14383843915, 3.25616156085))
    assert mean.p_above(1) == pytest.approx(3.47622281396e-05)
    assert mean.p_below(1) == pytest.approx(0.999965237772)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12), st.floats(-10, 10))
@settings(derandomize=True, database=None, deadline=None, max_examples=100)
@pytest.mark.filterwarnings("ignore:Precision loss")
def test_t_agrees_with_scipys_one_sample_test(gains: list[float], bound: float) -> None:
    """Where gains vary enough for scipy's moments, both give the same numbers."""
    if np.ptp(gains) < 1e-6 * (1 + np.max(np.abs(gains))):
        return
    mean, oracle = mean_of(gains), stats.ttest_1samp(gains, bound, alternative="greater")
    assert mean.p_above(bound) == pytest.approx(oracle.pvalue, rel=1e-6)
    interval = stats.ttest_1samp(gains, bound).confidence_interval(0.9)
    assert mean.interval(0.9) == pytest.approx((interval.low, interval.high), rel=1e-6)


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1.0, 1e100])
def test_t_does_not_depend_on_the_unit(scale: float) -> None:
    """Tiny and huge gains give the same p as the same gains in another unit."""
    mean = mean_of([gain * scale for gain in GAINS])
    assert mean.p_above(scale) == pytest.approx(3.47622281396e-05)


def test_nearly_equal_gains_keep_their_spread() -> None:
    """1e9 + (0, 1e-3, ...): a naive variance cancels; sums of fractions do not."""
    mean = mean_of([1e9, 1e9 + 0.25, 1e9 + 0.5])
    assert isinstance(mean, TMean)
    assert mean.sd == 0.25


@pytest.mark.parametrize(
    "gains", [[0.3] * 10, [0.1 + 0.2, 0.3, 0.3], [0.0, 0.0], [5e-324] + [0.0] * 99]
)
def test_gains_equal_up_to_rounding_are_a_point(gains: list[float]) -> None:
    """A spread that is rounding alone is no estimate of anything."""
    mean = mean_of(gains)
    assert isinstance(mean, EqualGains)
    assert mean.interval(0.95) == (min(gains), min(gains))


def test_equal_gains_take_the_sign_test() -> None:
    """Ten signs alike: 2**-10. At the bound there is no sign, so p is 1."""
    mean = EqualGains(0.3, 10)
    assert mean.p_above(0.2) == pytest.approx(2**-10)
    assert mean.p_below(0.2) == 1
    assert mean.p_below(0.4) == pytest.approx(2**-10)
    assert (mean.p_above(0.3), mean.p_below(0.3)) == (1, 1)
    assert EqualGains(0.1 + 0.2, 10).p_above(0.3) == 1


def test_shares_are_those_of_r() -> None:
    """binom.test(9, 10, conf.level=.9), (8, 8, conf.level=.98), alternatives as named."""
    nine = ExactShare(9, 10)
    assert nine.interval(0.9) == pytest.approx((0.605836697563, 0.994883803108))
    assert nine.p_above(0.5) == pytest.approx(0.0107421875)
    assert ExactShare(8, 8).interval(0.98) == pytest.approx((0.56234132519, 1))
    assert ExactShare(3, 10).p_below(0.7) == pytest.approx(0.0105920784)
    assert ExactShare(10, 10).p_above(0.6) == pytest.approx(0.0060466176)


def test_standard_error_of_a_share_is_never_zero() -> None:
    """Agresti and Caffo: 11 of 12 after adding one of each, sqrt(11/12 * 1/12 / 12) = 0.0798."""
    assert ExactShare(10, 10).se == pytest.approx(0.079785, rel=1e-4)


def test_sign_flip_counts_all_flips() -> None:
    """(1, 2, 3): of 8 sign patterns only the observed has mean 2, so p = 1/8; "less" gives 8/8."""
    assert sign_flip_p([1, 2, 3], "greater", 0) == 1 / 8
    assert sign_flip_p([1, 2, 3], "less", 0) == 1
    assert sign_flip_p([0, 0, 0], "greater", 0) == 1


def test_sign_flip_draws_only_beyond_14_gains() -> None:
    """Exact p values ignore the seed; drawn ones depend on it, and on nothing else."""
    few, many = [0.3, -0.1, 0.2, 0.4, -0.2], list(np.linspace(-1, 1.4, 20))
    assert sign_flip_p(few, "greater", 1) == sign_flip_p(few, "greater", 2)
    assert sign_flip_p(many, "greater", 1) == sign_flip_p(many, "greater", 1)
    assert sign_flip_p(many, "greater", 1) != sign_flip_p(many, "greater", 2)


def test_signed_rank_is_exact_with_and_without_ties() -> None:
    """R: wilcox.test(c(5.1,6,7,8.2,9,6.1,3,4,7.7,2), mu=2.05, alternative="greater") 0.001953.

    With ties (2, 2, 2), all positive: 1/8. Zeros drop out: (0, 1, 2) is 1/4; all zeros 1.
    """
    gains = (5.1, 6, 7, 8.2, 9, 6.1, 3, 4, 7.7, 2)
    p = signed_rank_p([gain - 2.05 for gain in gains], "greater", 0)
    assert p == pytest.approx(0.001953125)
    assert signed_rank_p([2, 2, 2], "greater", 0) == 1 / 8
    assert signed_rank_p([0, 1, 2], "greater", 0) == 1 / 4
    assert signed_rank_p([0, 0], "greater", 0) == 1


def test_bootstrap_depends_on_its_seed_alone() -> None:
    """The same seed gives the same interval, another seed another, near the t interval."""
    first, again, other = (bca_interval(GAINS, 0.95, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first == pytest.approx((2.24, 3.16), abs=0.06)
    assert bca_interval([1.0, 1.0], 0.95, 1) is None


def test_welch_from_summaries_is_that_of_r() -> None:
    """t.test(c(1,2,3,4,5), c(3,5,4,6,8,9)) gives p = 0.04071803, from mean, se and n alone."""
    first = Summary(estimate=3.0, se=0.707106781187, n=5)
    second = Summary(estimate=5.833333333333, se=0.945750730607, n=6)
    assert welch_p(first, second) == pytest.approx(0.0407180272623)
    assert welch_p(second, first) == pytest.approx(0.0407180272623)


def test_welch_without_spread_says_equal_or_not() -> None:
    """Two points differ or do not; one point and one sample have a p value between."""
    point, same, other = (Summary(estimate=x, se=0, n=10) for x in (1.0, 1.0, 2.0))
    assert (welch_p(point, same), welch_p(point, other)) == (1, 0)
    assert 0 < welch_p(point, Summary(estimate=1.1, se=0.1, n=10)) < 1


def test_correlation_is_that_of_r() -> None:
    """cor.test(treatment, control): 0.834406, 95 % interval 0.431447 to 0.959792."""
    found = correlation(TREATMENT, CONTROL)
    assert found is not None
    assert found.r == pytest.approx(0.834406325647)
    assert found.ci95 == pytest.approx((0.431446619456, 0.959792197106))


def test_correlation_of_a_constant_or_of_three_pairs_is_none() -> None:
    """A constant has no correlation, three pairs no interval."""
    assert correlation(TREATMENT, [80.0] * 10) is None
    assert correlation(TREATMENT[:3], CONTROL[:3]) is None


def test_prediction_interval_is_that_of_r() -> None:
    """predict(lm(treatment ~ 1), ..., interval="prediction"): 79.6348 to 85.9252."""
    found = prediction_interval(TREATMENT)
    assert found == pytest.approx((79.6348150407, 85.9251849593))
    assert prediction_interval([1.0]) is None
    assert prediction_interval([1.0, 1.0]) == (1.0, 1.0)


def test_power_of_t_is_the_rejection_rate_of_a_simulation() -> None:
    """20,000 samples of 10 with an effect of 1 SD at alpha 0.01; three standard errors apart."""
    rng = np.random.default_rng(5)
    samples = rng.normal(1.0, 1.0, (20_000, 10))
    p = stats.ttest_1samp(samples, 0, axis=1, alternative="greater").pvalue
    assert t_power(1.0, 10, 0.01) == pytest.approx(np.mean(p <= 0.01), abs=0.0106)


@pytest.mark.parametrize(("effect", "n", "alpha"), [(0.0, 10, 0.01), (0.4, 10, 0.05), (0, 3, 0.05)])
def test_power_of_equivalence_is_the_rate_of_a_simulation(
    effect: float, n: int, alpha: float
) -> None:
    """Margin 1.5 SD, 20,000 samples; intervals from scipy's quantile, counted by numpy."""
    rng = np.random.default_rng(6)
    samples = rng.normal(effect, 1.0, (20_000, n))
    half = stats.t.ppf(1 - alpha, n - 1) * samples.std(axis=1, ddof=1) / math.sqrt(n)
    inside = np.abs(samples.mean(axis=1)) + half < 1.5
    assert equivalence_power(effect, 1.5, n, alpha) == pytest.approx(inside.mean(), abs=0.0106)
    assert equivalence_power(effect, 0.01, n, alpha) < alpha
