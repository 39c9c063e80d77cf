"""Several numbers at once: two estimates, pairs of runs, the p values of a family."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import EvidenceError
from harness.statistics.estimates import ROUNDING, EqualGains, mean_of
from harness.statistics.interval import Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What is left of a sample in a ledger: its estimate, standard error and n >= 2."""

    estimate: float
    se: float
    n: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.estimate) and 0 <= self.se < math.inf) or self.n < 2:
            raise EvidenceError(
                f"summary: got estimate {self.estimate}, standard error {self.se}, n {self.n}; "
                "expected finite numbers, none below 0, and n of at least 2"
            )


def welch_p(first: Summary, second: Summary) -> float:
    """Return Welch's two-sided p value that two independent estimates differ.

    In units of the larger standard error, so that huge and tiny ones keep their squares.
    """
    from scipy import stats

    if first.se == second.se == 0:
        return float(math.isclose(first.estimate, second.estimate, rel_tol=ROUNDING))
    unit = max(first.se, second.se)
    apart = (first.estimate - second.estimate) / unit
    sd_first, sd_second = (each.se / unit * math.sqrt(each.n) for each in (first, second))
    result = stats.ttest_ind_from_stats(
        apart, sd_first, first.n, 0.0, sd_second, second.n, equal_var=False
    )
    return float(result.pvalue)


@dataclass(frozen=True, kw_only=True, slots=True)
class Correlation:
    """Pearson's correlation of the pairs, with Fisher's 95 % interval."""

    r: float
    ci95: Interval


def correlation(treatment: Sequence[float], control: Sequence[float]) -> Correlation | None:
    """Return the correlation of the pairs, None with fewer than 4 or where an arm is constant.

    Raises EvidenceError for arms of different length, and for a value that is not finite.
    """
    from scipy import stats

    if len(treatment) != len(control):
        raise EvidenceError(
            f"correlation: got {len(treatment)} and {len(control)} values, expected pairs"
        )
    if len(treatment) < 4 or any(
        isinstance(mean_of(arm), EqualGains) for arm in (treatment, control)
    ):
        return None
    result = stats.pearsonr(treatment, control)
    low, high = result.confidence_interval(0.95)
    return Correlation(r=float(result.statistic), ci95=Interval(float(low), float(high)))


def holm_adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Holm's adjusted p values in the order of the given ones.

    Raises EvidenceError for what is no p value.
    """
    from statsmodels.stats.multitest import multipletests

    if not all(0 <= p <= 1 for p in p_values):  # NaN fails this, too
        raise EvidenceError(f"Holm: got {tuple(p_values)}, expected p values from 0 to 1")
    if not p_values:
        return ()
    return tuple(float(p) for p in multipletests(p_values, method="holm")[1])
