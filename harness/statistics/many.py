"""The decision's p values for many samples at once, so that its error rates can be simulated."""

import numpy as np
from numpy.typing import NDArray

from harness.statistics.estimates import ROUNDING

Floats = NDArray[np.float64]


def mean_p_values(samples: Floats, bound: float) -> tuple[Floats, Floats]:
    """Return the one-sided p values of "the mean is above" and "is below the bound", (samples,).

    ``samples`` has shape (samples, n), n >= 2. Row by row what ``mean_of(row)`` gives: Student's
    t, and the sign test where all n are equal. Absolutely to 1e-12: levels are far above it.
    """
    from scipy import stats

    n = samples.shape[1]
    mean, sd = samples.mean(1), samples.std(1, ddof=1)
    spread, largest = np.ptp(samples, axis=1), np.abs(samples).max(1)
    equal = (spread <= ROUNDING * largest) | (sd == 0)
    t = (mean - bound) / (np.where(equal, 1.0, sd) / np.sqrt(n))
    above = stats.t.sf(t, n - 1)
    below = 1 - above
    value = samples.min(1)
    at_bound = np.abs(value - bound) <= ROUNDING * np.maximum(np.abs(value), abs(bound))
    for p, on_this_side in ((above, value > bound), (below, value < bound)):
        p[equal] = np.where(on_this_side & ~at_bound, 0.5**n, 1.0)[equal]
    return above, below


def welch_p_values(first: Floats, second: Floats) -> Floats:
    """Return Welch's two-sided p value of each pair of rows; both have shape (samples, n)."""
    from scipy import stats

    summaries = [
        part
        for samples in (first, second)
        for part in (samples.mean(1), samples.std(1, ddof=1), samples.shape[1])
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stats.ttest_ind_from_stats(*summaries, equal_var=False).pvalue
    same = np.isclose(first.mean(1), second.mean(1), rtol=ROUNDING, atol=0.0)
    both_equal = (np.ptp(first, axis=1) == 0) & (np.ptp(second, axis=1) == 0)
    found: Floats = np.where(both_equal, same.astype(float), p)
    return found


def share_interval(count: int, of: int, level: float) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a simulated rate."""
    from scipy import stats

    low, high = stats.binomtest(count, of).proportion_ci(level, method="exact")
    return float(low), float(high)
