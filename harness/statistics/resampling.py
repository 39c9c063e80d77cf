"""Tests and intervals that assume no distribution: sign flips, signed ranks, the bootstrap."""

import math
from collections.abc import Sequence

import numpy as np

from harness.statistics.estimates import EqualGains, finite, mean_of, unit_of
from harness.statistics.interval import Interval

EXACT_UP_TO = 14
"""Seeds up to which all 2**n sign flips are counted (about 10 ms); beyond, 2**14 are drawn."""

EXACT_RANKS_UP_TO = 200
"""Seeds up to which Wilcoxon's is counted without ties: in milliseconds; 9 s at 1000."""

DIGITS = 12
"""Those of the largest deviation that count: what differs beyond them is tied, or 0."""


def sign_flip_p(deviations: Sequence[float], alternative: str, seed: int) -> float:
    """Return the p value of the sign-flip test that the mean deviation is "greater" or "less".

    Exact up to 14 deviations; beyond that from 2**14 random flips. Raises EvidenceError for none,
    and for one that is not finite.
    """
    from scipy import stats

    numbers = finite(deviations, "sign flips")
    if len(numbers) == 1:  # the two flips of one, for which scipy asks for two
        favours = numbers[0] > 0 if alternative == "greater" else numbers[0] < 0
        return 0.5 if favours else 1.0
    result = stats.permutation_test(
        (np.array(numbers) / unit_of(numbers),),
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

    Deviations that differ by rounding alone are tied. Exact up to 200 deviations, with tied ranks
    up to 14 (beyond that from 2**14 random flips); else by the normal approximation. Raises
    EvidenceError for none, and for one that is not finite.
    """
    from scipy import stats

    numbers = finite(deviations, "signed ranks")
    largest = max(abs(number) for number in numbers)
    signed = [x for x in (round(number / (largest or 1.0), DIGITS) for number in numbers) if x]
    if not signed:
        return 1.0
    tied = len({abs(deviation) for deviation in signed}) < len(signed)
    rng = np.random.default_rng(seed)
    flips = stats.PermutationMethod(n_resamples=2**EXACT_UP_TO, rng=rng)
    method = flips if tied else "exact" if len(signed) <= EXACT_RANKS_UP_TO else "approx"
    return float(stats.wilcoxon(signed, alternative=alternative, method=method).pvalue)


def bca_interval(gains: Sequence[float], level: float, seed: int) -> Interval | None:
    """Return the bootstrap interval of the mean (BCa, 9,999 draws), None for equal gains.

    Raises EvidenceError for none, and for one that is not finite.
    """
    from scipy import stats

    if isinstance(mean_of(gains), EqualGains):
        return None
    unit = unit_of(gains)
    result = stats.bootstrap(
        (np.array(gains) / unit,),
        np.mean,
        vectorized=True,
        confidence_level=level,
        method="BCa",
        rng=np.random.default_rng(seed),
    )
    low, high = (float(end) * unit for end in result.confidence_interval)
    return Interval(low, high) if math.isfinite(low) and math.isfinite(high) else None
