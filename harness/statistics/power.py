"""The power of the tests, and where a rising function reaches 0."""

import math
from collections.abc import Callable

import numpy as np

from harness.errors import EvidenceError
from harness.statistics.estimates import t_quantile

FAR = 1e4
"""Standard errors beyond which the mean's own noise changes the power by 1e-8 at most; scipy's
series stops converging near 1e6 and is NaN from 1e10 on, R's loses digits from 38 on."""


def t_power(effect_in_sd: float, n: int, alpha: float) -> float:
    """Return the power of the one-sided t test at level alpha, by the noncentral t.

    Raises EvidenceError for n below 2, and for an effect that is no number.
    """
    from scipy import stats

    _check(n, effect_in_sd)
    quantile, shift = t_quantile(1 - alpha, n - 1), effect_in_sd * math.sqrt(n)
    if shift < -FAR:
        return 0.0
    if shift > FAR:  # (shift + Z) / S > quantile, without Z
        return float(stats.chi.cdf(min(shift, 1e100) / quantile * math.sqrt(n - 1), n - 1))
    return float(stats.nct.sf(quantile, n - 1, shift))


def _check(n: int, *numbers: float) -> None:
    if n < 2 or any(math.isnan(number) for number in numbers):
        raise EvidenceError(
            f"power: got n {n} and {numbers}, expected n of at least 2, and numbers"
        )


def equivalence_power(effect_in_sd: float, margin_in_sd: float, n: int, alpha: float) -> float:
    """Return the power of two one-sided t tests against plus and minus the margin.

    Given the sample SD s (in true SDs), the interval is inside the margins where the mean is within
    margin - t s / sqrt n of 0: a normal probability, averaged over s by Gauss-Legendre quadrature.
    """
    from scipy import stats

    _check(n, effect_in_sd, margin_in_sd)
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
    found = float((end - start) / 2 * np.sum(weights * inside * spread.pdf(s)))
    return min(1.0, max(0.0, found))  # the quadrature has an error of about 1e-12


def root_of(rising: Callable[[float], float]) -> float:
    """Return where a rising function crosses 0, looking upwards from 0; 0 where it did before.

    Raises EvidenceError for one that stays below 0.
    """
    from scipy import optimize

    if rising(0.0) >= 0:
        return 0.0
    end = 1.0
    while rising(end) < 0:
        end *= 2
        if math.isinf(end):
            raise EvidenceError("root: got a function that stays below 0, expected one that rises")
    return float(optimize.brentq(rising, 0, end))
