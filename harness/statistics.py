"""The one door to scipy and statsmodels: their mathematics, our meaning and refusals.

They are imported inside the functions: collection reads hypotheses and needs no p value, and
scipy.stats takes about a second to import.
"""

import math
import statistics as exact  # the standard library's: sums as fractions, so no cancellation
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from harness.evidence import Interval

EXACT_UP_TO = 14
"""Seeds up to which all 2**n sign flips are counted (about 10 ms); beyond, 2**14 are drawn."""

ROUNDING = 1e-12
"""Numbers that differ by less than this, relatively, differ by rounding alone."""


class OneSided(Protocol):
    """A test of a bound, in either direction."""

    def p_above(self, bound: float) -> float:
        """Return the one-sided p value of "the truth is above the bound"."""

    def p_below(self, bound: float) -> float:
        """Return the one-sided p value of "the truth is below the bound"."""


class Estimate(OneSided, Protocol):
    """An estimate that knows its sampling distribution.

    Intervals and p values are each other's dual: the interval of level 1 - 2a lies above a bound
    exactly where ``p_above(bound)`` is below a.
    """

    @property
    def value(self) -> float:
        """Return the point estimate."""

    @property
    def sd(self) -> float | None:
        """Return the standard deviation of the observations, None for yes/no ones."""

    @property
    def se(self) -> float:
        """Return the standard error of the estimate."""

    def interval(self, level: float) -> Interval:
        """Return the two-sided interval of this level, equal tails."""


@dataclass(frozen=True, slots=True)
class TMean:
    """The mean of n >= 2 gains that vary, with Student's t on n - 1 degrees of freedom."""

    value: float
    sd: float  # sample standard deviation, n - 1 in the denominator
    n: int

    @property
    def se(self) -> float:
        """Return the standard error of the mean."""
        return self.sd / math.sqrt(self.n)

    def interval(self, level: float) -> Interval:
        """Return the interval of this level."""
        half_width = t_quantile((1 + level) / 2, self.n - 1) * self.se
        return Interval(self.value - half_width, self.value + half_width)

    def p_above(self, bound: float) -> float:
        """Return the one-sided p value of "above the bound"."""
        from scipy import stats

        return float(stats.t.sf((self.value - bound) / self.se, self.n - 1))

    def p_below(self, bound: float) -> float:
        """Return the one-sided p value of "below the bound"."""
        from scipy import stats

        return float(stats.t.cdf((self.value - bound) / self.se, self.n - 1))


@dataclass(frozen=True, slots=True)
class EqualGains:
    """n equal gains: the interval is the point, and p the exact sign test's."""

    value: float
    n: int
    sd: float = 0.0
    se: float = 0.0

    def interval(self, level: float) -> Interval:  # noqa: ARG002 - a point at every level
        """Return the interval of this level."""
        return Interval(self.value, self.value)

    def p_above(self, bound: float) -> float:
        """Return the one-sided p value of "above the bound"."""
        return self._sign_test(bound, self.value > bound)

    def p_below(self, bound: float) -> float:
        """Return the one-sided p value of "below the bound"."""
        return self._sign_test(bound, self.value < bound)

    def _sign_test(self, bound: float, on_this_side: bool) -> float:
        if math.isclose(self.value, bound, rel_tol=ROUNDING):
            return 1.0  # a gain at the bound has no sign
        return binomial_p(self.n if on_this_side else 0, self.n, 0.5, "greater")


@dataclass(frozen=True, slots=True)
class ExactShare:
    """``yes`` of ``n`` yes/no observations, n >= 1: Clopper-Pearson and exact binomial p values."""

    yes: int
    n: int
    sd: None = None

    @property
    def value(self) -> float:
        """Return the share of yes."""
        return self.yes / self.n

    @property
    def se(self) -> float:
        """Return the standard error with one yes and one no added, which is never 0.

        Agresti and Caffo (2000), made for comparing two shares: the ledger compares estimates.
        """
        share = (self.yes + 1) / (self.n + 2)
        return math.sqrt(share * (1 - share) / (self.n + 2))

    def interval(self, level: float) -> Interval:
        """Return the interval of this level."""
        from scipy import stats

        low, high = stats.binomtest(self.yes, self.n).proportion_ci(level, method="exact")
        return Interval(float(low), float(high))

    def p_above(self, bound: float) -> float:
        """Return the one-sided p value of "above the bound"."""
        return binomial_p(self.yes, self.n, bound, "greater")

    def p_below(self, bound: float) -> float:
        """Return the one-sided p value of "below the bound"."""
        return binomial_p(self.yes, self.n, bound, "less")


def mean_of(gains: Sequence[float]) -> TMean | EqualGains:
    """Return the mean of finite gains; equal ones (up to rounding) have no t distribution."""
    spread = max(gains) - min(gains)
    mean = TMean(exact.fmean(gains), exact.stdev(gains) if spread else 0.0, len(gains))
    if spread <= ROUNDING * max(abs(gain) for gain in gains) or mean.se == 0:
        return EqualGains(min(gains), len(gains))  # min: the same in any order
    return mean


def t_quantile(probability: float, degrees: float) -> float:
    """Return Student's t quantile."""
    from scipy import stats

    return float(stats.t.ppf(probability, degrees))


def binomial_p(yes: int, n: int, share: float, alternative: str) -> float:
    """Return the exact binomial p value of ``yes`` among ``n``."""
    from scipy import stats

    return float(stats.binomtest(yes, n, share, alternative).pvalue)


def holm_adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Holm's adjusted p values in the order of the given ones."""
    from statsmodels.stats.multitest import multipletests

    if not p_values:
        return ()
    return tuple(float(p) for p in multipletests(p_values, method="holm")[1])


def sign_flip_p(deviations: Sequence[float], alternative: str, seed: int) -> float:
    """Return the p value of the sign-flip test that the mean deviation is "greater" or "less".

    Exact up to 14 deviations; beyond that from 2**14 random flips.
    """
    from scipy import stats

    result = stats.permutation_test(
        (np.array(deviations),),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=2**EXACT_UP_TO,  # scipy is exact where all flips are no more than this
        alternative=alternative,
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)


def signed_rank_p(deviations: Sequence[float], alternative: str, seed: int) -> float:
    """Return the p value of Wilcoxon's signed-rank test; deviations of 0 have no sign and drop out.

    With tied ranks it is exact, too, up to 14 deviations (beyond that from 2**14 random flips).
    """
    from scipy import stats

    signed = [deviation for deviation in deviations if deviation != 0]
    if not signed:
        return 1.0
    tied = len({abs(deviation) for deviation in signed}) < len(signed)
    rng = np.random.default_rng(seed)
    flips = stats.PermutationMethod(n_resamples=2**EXACT_UP_TO, rng=rng)
    method = flips if tied else "auto"
    return float(stats.wilcoxon(signed, alternative=alternative, method=method).pvalue)


def bca_interval(gains: Sequence[float], level: float, seed: int) -> Interval | None:
    """Return the bootstrap interval of the mean (BCa, 9,999 draws), None for equal gains."""
    from scipy import stats

    if isinstance(mean_of(gains), EqualGains):
        return None
    result = stats.bootstrap(
        (np.array(gains),),
        np.mean,
        vectorized=True,
        confidence_level=level,
        method="BCa",
        rng=np.random.default_rng(seed),
    )
    low, high = (float(end) for end in result.confidence_interval)
    return Interval(low, high) if math.isfinite(low) and math.isfinite(high) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What is left of a sample in a ledger: its estimate, standard error and n >= 2."""

    estimate: float
    se: float
    n: int


def welch_p(first: Summary, second: Summary) -> float:
    """Return Welch's two-sided p value that two independent estimates differ."""
    from scipy import stats

    if first.se == second.se == 0:
        return float(math.isclose(first.estimate, second.estimate, rel_tol=ROUNDING))
    sd_first, sd_second = (each.se * math.sqrt(each.n) for each in (first, second))
    result = stats.ttest_ind_from_stats(
        first.estimate, sd_first, first.n, second.estimate, sd_second, second.n, equal_var=False
    )
    return float(result.pvalue)


@dataclass(frozen=True, kw_only=True, slots=True)
class Correlation:
    """Pearson's correlation of the pairs, with Fisher's 95 % interval."""

    r: float
    ci95: Interval


def correlation(treatment: Sequence[float], control: Sequence[float]) -> Correlation | None:
    """Return the correlation of the pairs, None with fewer than 4 or where an arm is constant."""
    from scipy import stats

    if len(treatment) < 4 or any(
        isinstance(mean_of(arm), EqualGains) for arm in (treatment, control)
    ):
        return None
    result = stats.pearsonr(treatment, control)
    low, high = result.confidence_interval(0.95)
    return Correlation(r=float(result.statistic), ci95=Interval(float(low), float(high)))


def prediction_interval(values: Sequence[float], level: float = 0.95) -> Interval | None:
    """Return where one new run's value falls with this probability, None for fewer than 2 runs."""
    if len(values) < 2:
        return None
    mean = mean_of(values)
    half_width = t_quantile((1 + level) / 2, mean.n - 1) * mean.sd * math.sqrt(1 + 1 / mean.n)
    return Interval(mean.value - half_width, mean.value + half_width)


def t_power(effect_in_sd: float, n: int, alpha: float) -> float:
    """Return the power of the one-sided t test at level alpha, by the noncentral t."""
    from scipy import stats

    return float(stats.nct.sf(t_quantile(1 - alpha, n - 1), n - 1, effect_in_sd * math.sqrt(n)))


def equivalence_power(effect_in_sd: float, margin_in_sd: float, n: int, alpha: float) -> float:
    """Return the power of two one-sided t tests against plus and minus the margin.

    Given the sample SD s (in true SDs), the interval is inside the margins where the mean is within
    margin - t s / sqrt n of 0: a normal probability, averaged over s by Gauss-Legendre quadrature.
    """
    from scipy import stats

    root_n, t = math.sqrt(n), t_quantile(1 - alpha, n - 1)
    spread = stats.chi(n - 1, scale=1 / math.sqrt(n - 1))
    start, end = float(spread.ppf(1e-14)), float(spread.isf(1e-14))
    end = min(end, margin_in_sd * root_n / t)  # a wider interval never fits
    if end <= start:
        return 0.0
    nodes, weights = np.polynomial.legendre.leggauss(100)
    s = start + (end - start) * (nodes + 1) / 2  # (100,)
    inside = stats.norm.cdf((margin_in_sd - effect_in_sd) * root_n - t * s)
    inside -= stats.norm.cdf(t * s - (margin_in_sd + effect_in_sd) * root_n)
    return float((end - start) / 2 * np.sum(weights * inside * spread.pdf(s)))


def root_of(rising: Callable[[float], float]) -> float:
    """Return where a rising function crosses 0, looking upwards from 0."""
    from scipy import optimize

    end = 1.0
    while rising(end) < 0:
        end *= 2
    return float(optimize.brentq(rising, 0, end))
