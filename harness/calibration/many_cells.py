"""Error rates of what is made of several cells: a claim, a family, a comparison with the ledger."""

from collections.abc import Iterator
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from harness.calibration.laws import Law
from harness.calibration.rows import Rate, simulated
from harness.ledgers.ledger_rules import WELCH_LEVEL
from harness.statistics.many import mean_p_values, welch_p_values

Floats = NDArray[np.float64]

CELLS = 4
FAMILY = 26
CORRELATIONS = (0.0, 0.8)
TRUE_EFFECT_SD = 20.0  # so large that a cell is SUPPORTED always


def _noise(
    rng: np.random.Generator, law: Law, samples: int, cells: int, n: int, correlation: float
) -> Floats:
    """Return noise (cells, samples, n); a part is common to the cells, which share their runs."""
    own = law.draw(rng, (cells, samples, n))
    common = law.draw(rng, (1, samples, n))
    return sqrt(1 - correlation) * own + sqrt(correlation) * common


def cells(rng: np.random.Generator, law: Law, samples: int, n: int, alpha: float) -> Iterator[Rate]:
    """Yield a claim's error rates: it needs all its cells, and one refuted refutes it."""
    for correlation in CORRELATIONS:
        noise = _noise(rng, law, samples, CELLS, n, correlation)
        p = [mean_p_values(cell, 0.0) for cell in noise]
        said = {
            "rule": f"claim of {CELLS} cells, correlation {correlation:g}",
            "law": law.name,
            "n": n,
            "alpha": alpha,
            "limit": alpha if law.guaranteed else None,
            "nominal": alpha,
        }
        refuted = np.any([below <= alpha / CELLS for _, below in p], axis=0)
        yield simulated(
            int(refuted.sum()), samples, truth="all at the bound", counted="falsely REFUTED", **said
        )
        others = [mean_p_values(cell + TRUE_EFFECT_SD, 0.0)[0] <= alpha for cell in noise[1:]]
        supported = np.all([p[0][0] <= alpha, *others], axis=0)
        yield simulated(
            int(supported.sum()),
            samples,
            truth="one at the bound, the others true",
            counted="falsely SUPPORTED",
            **said,
        )


def family(
    rng: np.random.Generator, law: Law, samples: int, n: int, alpha: float
) -> Iterator[Rate]:
    """Yield how often any claim of a family is falsely decided, each at its share of alpha."""
    for correlation in CORRELATIONS:
        noise = _noise(rng, law, samples, FAMILY, n, correlation)
        p = [mean_p_values(claim, 0.0) for claim in noise]
        for side, counted in ((0, "any falsely SUPPORTED"), (1, "any falsely REFUTED")):
            happened = np.any([each[side] <= alpha / FAMILY for each in p], axis=0)
            yield simulated(
                int(happened.sum()),
                samples,
                rule=f"family of {FAMILY} claims, correlation {correlation:g}",
                law=law.name,
                n=n,
                alpha=alpha,
                truth="all at the bound",
                counted=counted,
                limit=alpha if law.guaranteed else None,
                nominal=alpha,
            )


def replication(
    rng: np.random.Generator, law: Law, samples: int, n: int, alpha: float
) -> Iterator[Rate]:
    """Yield how often a replication of a true run is called drift, by the truth's distance."""
    for effect in (0.0, 1.0, 2.0):
        first, second = (law.draw(rng, (samples, n)) + effect for _ in range(2))
        words = [_verdicts(each, alpha) for each in (first, second)]
        opposite = words[0] * words[1] == -1
        changed = (words[0] != words[1]) & (welch_p_values(first, second) <= WELCH_LEVEL)
        yield simulated(
            int((opposite | changed).sum()),
            samples,
            rule="replication against the ledger",
            law=law.name,
            n=n,
            alpha=alpha,
            truth=f"the same, {effect:g} SD above the bound",
            counted="falsely drift",
            limit=WELCH_LEVEL if law.guaranteed else None,
            nominal=WELCH_LEVEL,
        )


def _verdicts(gains: Floats, alpha: float) -> NDArray[np.int64]:
    """Return 1 for SUPPORTED, -1 for REFUTED, 0 for INCONCLUSIVE; the bound is 0."""
    above, below = mean_p_values(gains, 0.0)
    words: NDArray[np.int64] = (above <= alpha).astype(np.int64) - (below <= alpha)
    return words
