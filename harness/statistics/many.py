"""The decision's p values for many samples at once, so that its error rates can be simulated."""

import numpy as np
from numpy.typing import NDArray

from harness.errors import EvidenceError
from harness.statistics.estimates import ROUNDING

Floats = NDArray[np.float64]

PLAIN = (1e-100, 1e100)
"""Sizes whose squares neither vanish nor overflow; rows beyond are taken in units of their own."""


def mean_p_values(samples: Floats, bound: float) -> tuple[Floats, Floats]:
    """Return the one-sided p values of "the mean is above" and "is below the bound", (samples,).

    ``samples`` has shape (samples, n), n >= 2. Row by row what ``mean_of(row)`` gives: Student's
    t, and the sign test where all n are equal. Absolutely to 1e-12: levels are far above it. Raises
    EvidenceError where ``mean_of`` does, and for n below 2.
    """
    from scipy import stats

    n = samples.shape[1]
    (samples,), unit = _in_units(samples)
    bounds = bound / unit
    mean, sd, equal = _moments(samples)
    t = (mean - bounds) / (np.where(equal, 1.0, sd) / np.sqrt(n))
    above = stats.t.sf(t, n - 1)
    below = 1 - above
    at_bound = np.abs(mean - bounds) <= ROUNDING * np.maximum(np.abs(mean), np.abs(bounds))
    for p, on_this_side in ((above, mean > bounds), (below, mean < bounds)):
        p[equal] = np.where(on_this_side & ~at_bound, 0.5**n, 1.0)[equal]
    return above, below


def welch_p_values(first: Floats, second: Floats) -> Floats:
    """Return Welch's two-sided p value of each pair of rows; both have shape (samples, n).

    Row by row what ``welch_p`` gives of the estimates and standard errors of ``mean_of``. Raises
    EvidenceError as ``mean_p_values``.
    """
    from scipy import stats

    (first, second), _ = _in_units(first, second)
    one, one_sd, one_equal = _moments(first)
    other, other_sd, other_equal = _moments(second)
    one_sd, other_sd = np.where(one_equal, 0.0, one_sd), np.where(other_equal, 0.0, other_sd)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stats.ttest_ind_from_stats(
            one, one_sd, first.shape[1], other, other_sd, second.shape[1], equal_var=False
        ).pvalue
    same = np.isclose(one, other, rtol=ROUNDING, atol=0.0)
    found: Floats = np.where(one_equal & other_equal, same.astype(float), p)
    return found


def _moments(samples: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return mean and SD of each row, and whether it is equal up to rounding: then its least."""
    mean, sd = samples.mean(1), samples.std(1, ddof=1)
    equal = (np.ptp(samples, axis=1) <= ROUNDING * np.abs(samples).max(1)) | (sd == 0)
    return np.where(equal, samples.min(1), mean), sd, equal


def _in_units(*arrays: Floats) -> tuple[tuple[Floats, ...], Floats]:
    """Return the arrays with huge and tiny rows in units of their own, and the units, (samples,).

    Units are powers of two and those of plain rows 1, so nothing is rounded.
    """
    n = min(array.shape[1] for array in arrays)
    if n < 2 or not all(np.isfinite(array).all() for array in arrays):
        raise EvidenceError(
            f"samples: got n {n}, or numbers that are not finite; expected finite ones, at least 2"
        )
    largest = np.max([np.abs(array).max(1) for array in arrays], axis=0)
    plain = (largest == 0) | ((largest > PLAIN[0]) & (largest < PLAIN[1]))
    if plain.all():
        return arrays, np.ones(len(largest))
    unit = np.where(plain, 1.0, 2.0 ** np.floor(np.log2(np.where(plain, 1.0, largest))))
    return tuple(array / unit[:, None] for array in arrays), unit


def share_interval(count: int, of: int, level: float) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a simulated rate."""
    from scipy import stats

    low, high = stats.binomtest(count, of).proportion_ci(level, method="exact")
    return float(low), float(high)
