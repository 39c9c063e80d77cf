"""Tests and intervals that assume no distribution: sign flips, signed ranks, the bootstrap."""

import math
from collections.abc import Sequence

import numpy as np

from harness.evidence import Interval
from harness.statistics.estimates import EqualGains, mean_of

EXACT_UP_TO = 14
"""Seeds up to which all 2**n sign flips are counted (about 10 ms); beyond, 2**14 are drawn."""


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
