"""Other reasonable ways to judge the same claim: shown beside the verdict, never deciding it.

An alternative *contradicts* a verdict where it does not say the same thing, however weakly:

- beside SUPPORTED: its estimate is not on the claim's side of the bound, or its test of the claim
  misses 0.05 (unadjusted);
- beside REFUTED: its estimate is on the claim's side of the bound, or its test of the refutation
  misses 0.05 (unadjusted);
- beside any other verdict nothing is said, so nothing is contradicted.

A claim is FRAGILE where any alternative contradicts it.
"""

import math
import statistics as exact  # the standard library's
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.declarations.hypotheses import (
    Equivalent,
    Hypothesis,
    MoreOften,
    ShareAbove,
    bound_on_gain_scale,
)
from harness.errors import EvidenceError
from harness.statistics import EXACT_UP_TO, bca_interval, sign_flip_p, signed_rank_p
from harness.statistics.interval import Interval
from harness.verdicts.decision import decide, p_values
from harness.words import Transform, Verdict

TESTS = ("sign-flip", "Wilcoxon", "BCa bootstrap")

UNADJUSTED = 0.05
"""The level of an alternative: the one a reader would use who had only this one test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensitivity:
    """One alternative beside a verdict, with numbers on its own gain scale.

    ``p`` is the one-sided p value of what the verdict says: of the refutation beside REFUTED, of
    the claim otherwise; None where the alternative has only an interval. ``note`` says why an
    alternative is not ``available``, or what a reader should know. A definition has gains of its
    own and the hypothesis that they were held against, its bound on their scale.
    """

    name: str
    kind: Literal["test", "definition"]
    estimate: float | None = None
    ci95: Interval | None = None
    p: float | None = None
    transform: Transform
    unit: str = ""
    contradicts: bool = False
    available: bool = True
    note: str = ""
    gains: tuple[float, ...] = ()
    hypothesis: str | None = None  # its kind
    bound: float | None = None


def other_tests(
    gains: Sequence[float],
    hypothesis: Hypothesis,
    transform: Transform = Transform.IDENTITY,
    unit: str = "",
    *,
    verdict: Verdict,
    rng_seed: int,
) -> tuple[Sensitivity, ...]:
    """Return the exact sign-flip test, Wilcoxon's and the BCa bootstrap of the same gains.

    ``rng_seed`` draws the bootstrap (and the flips beyond 14 seeds); take it from the run
    identities. Yes/no hypotheses are judged exactly already: they have no other tests.
    """
    if isinstance(hypothesis, MoreOften | ShareAbove):
        return ()
    numbers = tuple(float(gain) for gain in gains)
    shown = partial(Sensitivity, kind="test", transform=transform, unit=unit)
    if len(numbers) < 2:
        note = f"{len(numbers)} gains have no spread"
        return tuple(shown(name=name, available=False, note=note) for name in TESTS)
    bound = bound_on_gain_scale(hypothesis, transform)
    question = _Question(verdict, hypothesis, bound)
    sign_flip = _SignFlip(numbers, rng_seed)
    signed_rank = _SignedRank(numbers, rng_seed)
    return (
        _rank_or_flip(shown, "sign-flip", sign_flip, question),
        _rank_or_flip(shown, "Wilcoxon", signed_rank, question),
        _bootstrap(shown, numbers, rng_seed, question),
    )


def other_definition(
    name: str,
    gains: Sequence[float],
    hypothesis: Hypothesis,
    transform: Transform = Transform.IDENTITY,
    unit: str = "",
    *,
    verdict: Verdict,
    note: str = "",
) -> Sensitivity:
    """Return another definition of the endpoint, decided as the claim is, at 0.05 unadjusted.

    ``hypothesis`` holds the bound that fits this definition's own scale. Gains that cannot be
    judged (none, not finite, one seed) make it unavailable, with the reason as its note.
    """
    shown = partial(Sensitivity, name=name, kind="definition", transform=transform, unit=unit)
    try:
        evidence = decide(gains, hypothesis, UNADJUSTED, transform=transform, unit=unit)
    except EvidenceError as error:
        return shown(available=False, note=str(error))
    shown = partial(shown, gains=evidence.gains, hypothesis=hypothesis.kind, bound=evidence.bound)
    if evidence.estimate is None or evidence.p is None or evidence.p_refute is None:
        return shown(available=False, note=evidence.reason)
    question = _Question(verdict, hypothesis, evidence.bound)
    p = question.p_of(evidence.p, evidence.p_refute)
    return shown(
        estimate=evidence.estimate,
        ci95=evidence.ci95,
        p=p,
        contradicts=question.contradicted_by(evidence.estimate, p <= UNADJUSTED),
        note=note,
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """What an alternative is asked: whether it says what the verdict says."""

    verdict: Verdict
    hypothesis: Hypothesis
    bound: float

    def p_of(self, p: float, p_refute: float) -> float:
        return p_refute if self.verdict is Verdict.REFUTED else p

    def contradicted_by(self, estimate: float, says_the_same: bool) -> bool:
        if self.verdict not in (Verdict.SUPPORTED, Verdict.REFUTED):
            return False
        on_claims_side = self._holds(estimate, estimate)
        return on_claims_side is (self.verdict is Verdict.REFUTED) or not says_the_same

    def answered_by(self, interval: Interval) -> bool:
        """Say whether an interval lies where the verdict says the truth is."""
        if self.verdict is not Verdict.REFUTED:
            return self._holds(*interval)
        if isinstance(self.hypothesis, Equivalent):
            return interval.low > self.bound or interval.high < -self.bound
        return interval.high < self.bound

    def _holds(self, low: float, high: float) -> bool:
        if isinstance(self.hypothesis, Equivalent):
            return -self.bound < low and high < self.bound
        return low > self.bound


def _rank_or_flip(
    shown: "partial[Sensitivity]", name: str, test: "_SignFlip | _SignedRank", question: _Question
) -> Sensitivity:
    p = question.p_of(*p_values(test, question.hypothesis, question.bound))
    return shown(
        name=name,
        estimate=test.value,
        ci95=test.interval(0.95),
        p=p,
        contradicts=question.contradicted_by(test.value, p <= UNADJUSTED),
    )


def _bootstrap(
    shown: "partial[Sensitivity]", gains: tuple[float, ...], seed: int, question: _Question
) -> Sensitivity:
    """Return the BCa bootstrap, which has no p value: its 95 % interval must answer alone."""
    ci95 = bca_interval(gains, 0.95, seed)
    if ci95 is None:
        return shown(name="BCa bootstrap", available=False, note="the gains do not vary")
    estimate = exact.fmean(gains)
    contradicts = question.contradicted_by(estimate, question.answered_by(ci95))
    return shown(name="BCa bootstrap", estimate=estimate, ci95=ci95, contradicts=contradicts)


@dataclass(frozen=True, slots=True)
class _SignFlip:
    """The sign-flip test of the mean gain."""

    gains: tuple[float, ...]
    seed: int

    @property
    def value(self) -> float:
        return exact.fmean(self.gains)

    def interval(self, level: float) -> Interval | None:
        """Return the exact test's inversion, which lies among the subset means (Hartigan, 1969).

        None beyond 14 gains, and where there are too few for the level.
        """
        n = len(self.gains)
        outside = math.floor((1 - level) / 2 * 2**n)  # flips, the identity among them
        if n > EXACT_UP_TO or outside < 1:
            return None
        subsets = np.arange(1, 2**n)[:, None] >> np.arange(n) & 1  # (2**n - 1, n)
        means = np.sort(subsets @ np.array(self.gains) / subsets.sum(axis=1))
        return Interval(float(means[outside - 1]), float(means[-outside]))

    def p_above(self, bound: float) -> float:
        return sign_flip_p([gain - bound for gain in self.gains], "greater", self.seed)

    def p_below(self, bound: float) -> float:
        return sign_flip_p([gain - bound for gain in self.gains], "less", self.seed)


@dataclass(frozen=True, slots=True)
class _SignedRank:
    """Wilcoxon's test, with the Hodges-Lehmann estimate: the median of the means of pairs."""

    gains: tuple[float, ...]
    seed: int

    @property
    def value(self) -> float:
        return float(np.median(self._pair_means()))

    def interval(self, level: float) -> Interval | None:
        """Return the interval between pair means that inverts the exact test, as R's wilcox.test.

        None where there are too few gains for the level.
        """
        ways = np.ones(1)  # ways[w]: sign patterns whose positive ranks add up to w
        for rank in range(1, len(self.gains) + 1):
            ways = np.convolve(ways, np.r_[1, np.zeros(rank - 1), 1])
        cut = int(np.searchsorted(np.cumsum(ways) / ways.sum(), (1 - level) / 2))
        means = self._pair_means()
        return Interval(float(means[cut - 1]), float(means[-cut])) if cut else None

    def p_above(self, bound: float) -> float:
        return signed_rank_p([gain - bound for gain in self.gains], "greater", self.seed)

    def p_below(self, bound: float) -> float:
        return signed_rank_p([gain - bound for gain in self.gains], "less", self.seed)

    def _pair_means(self) -> NDArray[np.float64]:
        gains = np.array(self.gains)
        rows, columns = np.triu_indices(len(gains))  # each gain with itself, too
        return np.sort((gains[rows] + gains[columns]) / 2)
