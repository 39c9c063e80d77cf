"""Estimates that know their sampling distribution: means, equal gains and shares."""

import math
import statistics as exact  # the standard library's: sums as fractions, so no cancellation
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.errors import EvidenceError
from harness.statistics.interval import Interval

ROUNDING = 1e-12
"""Numbers that differ by less than this, relatively, differ by rounding alone."""


def numbers_of(values: Sequence[float], what: str) -> tuple[float, ...]:
    """Return the values as numbers. Raises EvidenceError for what is none."""
    try:
        return tuple(float(value) for value in values)
    except (TypeError, ValueError) as error:
        raise EvidenceError(
            f"{what}: got {values!r}, expected one number for every seed"
        ) from error


def finite(numbers: Sequence[float], what: str) -> tuple[float, ...]:
    """Return the numbers. Raises EvidenceError for none, and for one that is not finite."""
    found = numbers_of(numbers, what)
    if not found or not all(math.isfinite(number) for number in found):
        raise EvidenceError(
            f"{what}: got {found}, expected finite numbers, at least one; declare what a diverged "
            "run counts as"
        )
    return found


def unit_of(numbers: Sequence[float]) -> float:
    """Return a power of two near the largest size, 1 for zeros: dividing by it rounds nothing.

    Squares and cubes of what is left neither overflow nor vanish.
    """
    largest = max(abs(number) for number in numbers)
    return 2.0 ** math.floor(math.log2(largest)) if largest else 1.0


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

    def __post_init__(self) -> None:
        if self.n < 1 or not 0 <= self.yes <= self.n:
            raise EvidenceError(
                f"share: got {self.yes} of {self.n}, expected from 0 to all of at least 1"
            )

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
    """Return the mean of finite gains; equal ones (up to rounding) have no t distribution.

    Raises EvidenceError for no gains, and for one that is not finite.
    """
    gains = finite(gains, "mean")
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


def prediction_interval(values: Sequence[float], level: float = 0.95) -> Interval | None:
    """Return where one new run's value falls with this probability, None for fewer than 2 runs.

    Raises EvidenceError for a value that is not finite.
    """
    if len(values) < 2:
        return None
    mean = mean_of(values)
    half_width = t_quantile((1 + level) / 2, mean.n - 1) * mean.sd * math.sqrt(1 + 1 / mean.n)
    return Interval(mean.value - half_width, mean.value + half_width)
