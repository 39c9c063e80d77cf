"""The statistics against R 4.2.2, closed forms and independent computations.

R's calls are quoted where its values are used; R itself is not needed. Awkward input ("refused" is
EvidenceError with got and expected) is in ``test_statistics_awkward.py``, the
vectorised twins are in ``test_calibration.py``, ``power_of`` in ``test_power.py``.

| function | oracle, then awkward input |
|---|---|
| mean_of, TMean | R t.test, sd; scipy's ttest_1samp on random lists |
| | unsorted, tied, n = 2, 1e300, 1e-300; none, NaN and infinite refused |
| mean_of, EqualGains | closed form 2^-n (the sign test) |
| | n = 1, zeros, equal up to rounding, at the bound |
| ExactShare | R binom.test: shares, one-sided p, McNemar's 8 against 1 |
| | 0 and all, n = 1, n = 1000; none, more than all refused |
| OneSided, Estimate | protocols of the above: intervals and p values are dual |
| | ties with the bound |
| prediction_interval | R predict(lm(x ~ 1), interval = "prediction") |
| | n = 1, n = 2, equal, huge, tiny; NaN, infinite refused |
| Summary, welch_p | R t.test(x, y), unequal n |
| | no spread in one or both, 1e300, 1e-300; NaN, infinite, n = 1 refused |
| Correlation, correlation | R cor.test |
| | tied, perfect, constant, 3 pairs, huge, tiny; NaN, unpaired refused |
| holm_adjusted | R p.adjust(p, "holm") |
| | unsorted, tied, 0 and 1, one, none; NaN and what is no p refused |
| sign_flip_p, EXACT_UP_TO | R, all flips by expand.grid |
| | zeros, tied, n = 1, all negative, huge, tiny; none, NaN, infinite refused |
| signed_rank_p | R wilcox.test(exact = TRUE); with ties all signs by expand.grid |
| | zeros drop out, tied, tied up to rounding, n = 1, 60 and 250, huge, tiny; NaN, infinite |
| | refused |
| bca_interval | R, all n^n resamples, Efron's formula written out |
| | skewed, n = 1, 2, equal, huge, tiny; NaN, infinite refused |
| t_power | R power.t.test(type = "one.sample", strict = TRUE); simulation |
| | effect 0, negative, infinite, n = 2; n = 1, NaN refused |
| equivalence_power | R integrate over the SD; simulation |
| | margin 0, infinite, n = 2; n = 1, NaN refused |
| root_of | closed form |
| | already above 0; one that never rises refused |
| decide, TOST | R: both one-sided t.test, as TOSTER's t_TOST |
| | in ``test_decision.py`` |
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import harness.statistics
from harness.declarations.hypotheses import Equivalent, MoreOften
from harness.statistics import (
    EqualGains,
    ExactShare,
    Summary,
    TMean,
    bca_interval,
    correlation,
    equivalence_power,
    holm_adjusted,
    mean_of,
    prediction_interval,
    sign_flip_p,
    signed_rank_p,
    t_power,
    welch_p,
)
from harness.verdicts.decision import decide

TREATMENT = (83.1, 81.7, 84.2, 82.9, 80.8, 83.6, 82.2, 84.9, 81.1, 83.3)
CONTROL = (80.2, 79.9, 80.7, 81.1, 78.3, 80.1, 79.6, 81.0, 79.4, 80.5)
GAINS = (2.9, 1.8, 3.5, 1.8, 2.5, 3.5, 2.6, 3.9, 1.7, 2.8)


def test_the_table_above_names_every_function() -> None:
    """What is not in it has no oracle."""
    assert __doc__ is not None
    rows = [line.split("|")[1] for line in __doc__.splitlines() if line.startswith("| ")]
    named = {name.strip() for row in rows for name in row.split(",")}
    assert named >= set(harness.statistics.__all__)


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


@pytest.mark.parametrize(
    ("yes", "n", "level", "expected"),
    [
        (0, 10, 0.95, (0, 0.3084971078188)),
        (1, 1, 0.95, (0.025, 1)),
        (7, 25, 0.99, (0.08888984339183, 0.5553155226497)),
        (520, 1000, 0.998, (0.4706744673535, 0.5690545568003)),
        (8, 9, 0.996, (0.3671059638076, 0.9997775799978)),
    ],
)
def test_clopper_pearson_is_rs(
    yes: int, n: int, level: float, expected: tuple[float, float]
) -> None:
    """binom.test(yes, n, conf.level = level)$conf.int."""
    assert ExactShare(yes, n).interval(level) == pytest.approx(expected, abs=1e-12)


def test_one_sided_shares_are_those_of_r() -> None:
    """binom.test(0, 10, .3, "less") 0.02825 and "greater" 1; (520, 1000) 0.1087241."""
    none = ExactShare(0, 10)
    assert (none.p_below(0.3), none.p_above(0.3)) == pytest.approx((0.0282475249, 1))
    assert ExactShare(520, 1000).p_above(0.5) == pytest.approx(0.1087241466020707)


def test_mcnemar_is_rs_binomial_test_of_the_discordant() -> None:
    """binom.test(8, 9, alternative = "greater") 0.01953125, "less" 0.998046875.

    Eight seeds for the paper, one against, in any order; three that agree are no evidence.
    """
    gains = [1, 0, 1, 1, -1, 1, 1, 0, 1, 1, 0, 1]
    found = decide(gains, MoreOften(), 0.02)
    assert (found.p, found.p_refute) == pytest.approx((0.01953125, 0.998046875))
    assert (found.n, found.estimate) == (12, pytest.approx(8 / 9))


def test_equivalence_is_the_larger_of_rs_two_one_sided_tests() -> None:
    """max(t.test(g, mu = -3.2, "greater")$p.value, t.test(g, mu = 3.2, "less")$p.value) 0.036248.

    TOSTER's t_TOST takes pt((m + 3.2) / se, 9, lower.tail = FALSE) and pt((m - 3.2) / se, 9): the
    same.
    """
    found = decide(GAINS, Equivalent(3.2, because="declared for this test"), 0.05)
    assert found.p == pytest.approx(0.03624848480684)
    assert found.verdict == "SUPPORTED"


def test_t_of_few_and_of_tied_gains_is_rs() -> None:
    """t.test(c(1, 4), conf.level = .996): -236.229273 to 241.229273, mu = 1 "greater" 0.25.

    t.test(c(1, 1, 1, 2, 2)): 0.7199126 to 2.0800874, mu = 1 "greater" 0.0889039.
    """
    two, tied = mean_of([4, 1]), mean_of([1, 2, 1, 2, 1])
    assert two.interval(0.996) == pytest.approx((-236.2292730369, 241.2292730369))
    assert two.p_above(1) == pytest.approx(0.25)
    assert tied.interval(0.95) == pytest.approx((0.7199126193417, 2.080087380658))
    assert tied.p_above(1) == pytest.approx(0.08890390417811)


def test_holm_is_rs() -> None:
    """p.adjust(c(.04, .03, .03, .01, .5, .012), "holm"), in the order given; c(0, 1, .2)."""
    found = holm_adjusted([0.04, 0.03, 0.03, 0.01, 0.5, 0.012])
    assert found == pytest.approx((0.12, 0.12, 0.12, 0.06, 0.5, 0.06))
    assert holm_adjusted([0, 1, 0.2]) == pytest.approx((0, 1, 0.4))
    assert (holm_adjusted([0.3]), holm_adjusted([])) == ((0.3,), ())


def test_sign_flips_are_all_of_rs() -> None:
    """All 2^n by expand.grid: mean(s %*% abs(d) >= sum(d) - 1e-9).

    s <- as.matrix(expand.grid(rep(list(c(-1, 1)), n))). For g - 2: 12 of 1024, and 1015 the other
    way; for c(0, 1, 1, -1, 2, -3, 2, 5): 54 and 222 of 256.
    """
    shifted = [gain - 2 for gain in GAINS]
    assert sign_flip_p(shifted, "greater", 0) == 12 / 1024
    assert sign_flip_p(shifted, "less", 0) == 1015 / 1024
    tied = [0, 1, 1, -1, 2, -3, 2, 5]
    found = (sign_flip_p(tied, "greater", 0), sign_flip_p(tied, "less", 0))
    assert found == (54 / 256, 222 / 256)
    negative = [-4, -2, 1]
    assert (sign_flip_p(negative, "greater", 0), sign_flip_p(negative, "less", 0)) == (7 / 8, 1 / 4)


@pytest.mark.parametrize(("gain", "greater", "less"), [(0.5, 0.5, 1.0), (-0.5, 1.0, 0.5)])
def test_sign_flips_of_one_deviation(gain: float, greater: float, less: float) -> None:
    """Two flips: the one that is there is one of two, or both."""
    assert (sign_flip_p([gain], "greater", 0), sign_flip_p([gain], "less", 0)) == (greater, less)


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


TWENTY = (1.3, -0.4, 2.2, 0.9, -1.7, 3.1, 0.2, 1.9, -0.6, 2.7,
          0.5, 1.1, -0.1, 2.4, 1.6, -0.8, 0.7, 3.3, 1.4, -1.2)  # fmt: skip
SIXTY = tuple(float(-i if i % 3 == 1 else i) for i in range(1, 61))


@pytest.mark.parametrize(
    ("deviations", "greater", "less"),
    [
        (TWENTY, 0.006808280944824, 0.9939603805542),
        (SIXTY, 0.008068561543776, None),  # beyond 50, where scipy would approximate: 0.008367
        ((1, 1, -2, 3, 3, -3), 0.359375, 0.734375),
        ((0, 0, 1, 2, 2, -2, 5, 6, 6, 8), 0.01953125, 0.9921875),
    ],
    ids=["twenty", "sixty", "tied", "zeros and ties"],
)
def test_signed_ranks_are_rs(
    deviations: Sequence[float], greater: float, less: float | None
) -> None:
    """wilcox.test(d, alternative = ..., exact = TRUE)$p.value where no ranks tie.

    With ties, where R approximates: r <- rank(abs(d)) of those that are not 0, and of all
    expand.grid(rep(list(0:1), n)) the share with s %*% r >= sum(r[d > 0]).
    """
    assert signed_rank_p(deviations, "greater", 0) == pytest.approx(greater)
    assert signed_rank_p(deviations[::-1], "greater", 0) == pytest.approx(greater)
    if less is not None:
        assert signed_rank_p(deviations, "less", 0) == pytest.approx(less)


@pytest.mark.parametrize(
    ("gains", "level", "expected"),
    [
        ((1, 2, 2, 7, 11), 0.95, (0.04072018753715, 0.987014024585)),
        ((3.1, -0.4, 2.2, 0.9, 12.5), 0.9, (0.09730993738936, 0.982988204571)),
    ],
)
def test_bootstrap_is_that_of_all_resamples(
    gains: Sequence[float], level: float, expected: tuple[float, float]
) -> None:
    """The ends are those quantiles of all 5^5 resamples that R works out, within the draws' noise.

    th <- rowMeans(matrix(x[as.matrix(expand.grid(rep(list(1:5), 5)))], ncol = 5)); z0 <-
    qnorm((mean(th < mean(x)) + mean(th <= mean(x))) / 2); u <- mean(j) - j of the jackknife's j;
    a <- sum(u^3) / (6 sum(u^2)^1.5); pnorm(z0 + (z0 + z) / (1 - a (z0 + z))).
    """
    every = np.array(list(itertools.product(gains, repeat=5))).mean(1)
    noise = 0.006  # 9,999 draws: 3 standard errors of a share, and of z0 with it
    for seed in range(3):
        found = bca_interval(gains, level, seed)
        assert found is not None
        for end, share in zip(found, expected, strict=True):
            assert (every < end - 1e-9).mean() - noise < share < (every < end + 1e-9).mean() + noise


def test_bootstrap_is_efrons_formula_on_its_own_draws() -> None:
    """Bias correction and acceleration (Efron 1987) written out on scipy's resamples."""
    gains, rng = np.array([0.2, 0.4, 0.1, 3.0, 0.9, 1.1]), np.random.default_rng(7)
    means = stats.bootstrap((gains,), np.mean, method="BCa", rng=rng).bootstrap_distribution
    below = ((means < gains.mean()).mean() + (means <= gains.mean()).mean()) / 2
    left_out = np.array([np.delete(gains, i).mean() for i in range(6)])
    u = left_out.mean() - left_out
    a, z0 = (u**3).sum() / (6 * (u**2).sum() ** 1.5), stats.norm.ppf(below)
    z = z0 + stats.norm.ppf([0.025, 0.975])
    expected = np.quantile(means, stats.norm.cdf(z0 + z / (1 - a * z)))
    assert bca_interval(list(gains), 0.95, 7) == pytest.approx(tuple(expected), rel=1e-3)


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


def test_welch_of_the_arms_is_that_of_r() -> None:
    """t.test(treatment, control) 6.483769e-05; t.test(c(1, 1, 1, 2), c(5, 9)) 0.2084678."""

    def summary(values: Sequence[float]) -> Summary:
        mean = mean_of(values)
        return Summary(estimate=mean.value, se=mean.se, n=len(values))

    assert welch_p(summary(TREATMENT), summary(CONTROL)) == pytest.approx(6.483769022315e-05)
    assert welch_p(summary((1, 1, 1, 2)), summary((5, 9))) == pytest.approx(0.2084677354415)


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


def test_correlation_of_few_and_of_tied_pairs_is_that_of_r() -> None:
    """cor.test(c(1,1,2,2,3), c(1,2,2,3,3)) 0.785714; cor.test(c(5,1,4,2), c(1,9,2,8)) -0.983870."""
    tied, four = (
        correlation([1, 1, 2, 2, 3], [1, 2, 2, 3, 3]),
        correlation([5, 1, 4, 2], [1, 9, 2, 8]),
    )
    assert tied is not None
    assert four is not None
    assert tied.r == pytest.approx(0.7857142857143)
    assert tied.ci95 == pytest.approx((-0.3147166809741, 0.9851001157702))
    assert four.r == pytest.approx(-0.9838699100999)
    assert four.ci95 == pytest.approx((-0.9996773880526, -0.4186839257909))


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


def test_prediction_intervals_of_other_levels_and_of_two_runs_are_rs() -> None:
    """predict(lm(g ~ 1), ..., interval = "prediction", level = .9): 1.205267 to 4.194733.

    mean(c(1, 4)) + c(-1, 1) * qt(.975, 1) * sd(c(1, 4)) * sqrt(1.5): -30.51169 to 35.51169.
    """
    assert prediction_interval(GAINS, 0.9) == pytest.approx((1.205266530825, 4.194733469175))
    assert prediction_interval([4, 1]) == pytest.approx((-30.51168826164, 35.51168826164))


@pytest.mark.parametrize(
    ("effect", "n", "alpha", "expected"),
    [
        (1, 10, 0.01, 0.6389486034608),
        (5, 2, 0.002, 0.0354371851772),
        (0.3, 30, 0.05, 0.4839806364607),
        (-1, 10, 0.05, 2.111248737058e-06),
        (0.2, 100, 0.001, 0.1275388498506),
    ],
)
def test_power_of_t_is_rs(effect: float, n: int, alpha: float, expected: float) -> None:
    """power.t.test(n, e, 1, a, type = "one.sample", alternative = "one.sided", strict = TRUE).

    A simulation stands beside it below.
    """
    assert t_power(effect, n, alpha) == pytest.approx(expected, rel=1e-6)


def test_power_of_t_where_r_has_lost_its_digits() -> None:
    """With n = 2 the SD is |Z2|: P(|Z2| < (Z + shift) / t) at shift = 30 sqrt(2), averaged over Z.

    power.t.test gives 0.2471, with a warning: its pt approximates beyond a shift of 37.6.
    """
    z = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)  # the mean over Z, by its quantiles
    reach = (z + 30 * math.sqrt(2)) / stats.t.ppf(0.998, 1)
    expected = (2 * stats.norm.cdf(reach) - 1).mean()
    assert t_power(30, 2, 0.002) == pytest.approx(expected, rel=1e-5)
    assert expected == pytest.approx(0.2102, abs=1e-4)


@pytest.mark.parametrize(
    ("effect", "margin", "n", "alpha", "expected"),
    [
        (0, 1.75, 10, 0.002, 0.8266911000846),
        (0.4, 1.5, 10, 0.05, 0.9401386746868),
        (0, 1.5, 3, 0.05, 0.3283624774957),
        (0.5, 1, 30, 0.01, 0.6117924544954),
        (2, 1, 5, 0.05, 0.0001664405352553),
        (0, 30, 2, 0.01, 0.8091244994624),
    ],
)
def test_power_of_equivalence_is_rs_integral(
    effect: float, margin: float, n: int, alpha: float, expected: float
) -> None:
    """The chance given the SD s, in true SDs, integrated over its density.

    t <- qt(1 - a, n - 1); b <- m * sqrt(n); k <- e * sqrt(n); integrate(function(s)
    (pnorm(b - k - t * s) - pnorm(-b - k + t * s)) * 2 * s * (n - 1) * dchisq(s^2 * (n - 1), n - 1),
    0, b / t, rel.tol = 1e-12).
    """
    assert equivalence_power(effect, margin, n, alpha) == pytest.approx(expected, rel=1e-8)


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
