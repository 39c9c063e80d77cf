"""Several numbers at once: two estimates, pairs of runs, the p values of a family."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.evidence import Interval
from harness.statistics.estimates import ROUNDING, EqualGains, mean_of


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


def holm_adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Holm's adjusted p values in the order of the given ones."""
    from statsmodels.stats.multitest import multipletests

    if not p_values:
        return ()
    return tuple(float(p) for p in multipletests(p_values, method="holm")[1])
