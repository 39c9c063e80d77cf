"""The power of the tests, and where a rising function reaches 0."""

import math
from collections.abc import Callable

import numpy as np

from harness.statistics.estimates import t_quantile


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
