"""The one door to scipy and statsmodels: their mathematics, our meaning and refusals.

They are imported inside the functions: collection reads hypotheses and needs no p value, and
scipy.stats takes about a second to import.
"""

from harness.statistics.comparisons import (
    Correlation,
    Summary,
    correlation,
    holm_adjusted,
    welch_p,
)
from harness.statistics.estimates import (
    EqualGains,
    Estimate,
    ExactShare,
    OneSided,
    TMean,
    mean_of,
    prediction_interval,
)
from harness.statistics.power import equivalence_power, root_of, t_power
from harness.statistics.resampling import EXACT_UP_TO, bca_interval, sign_flip_p, signed_rank_p

__all__ = [
    "EXACT_UP_TO",
    "Correlation",
    "EqualGains",
    "Estimate",
    "ExactShare",
    "OneSided",
    "Summary",
    "TMean",
    "bca_interval",
    "correlation",
    "equivalence_power",
    "holm_adjusted",
    "mean_of",
    "prediction_interval",
    "root_of",
    "sign_flip_p",
    "signed_rank_p",
    "t_power",
    "welch_p",
]
