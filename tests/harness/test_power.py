"""Power against statsmodels, R, simulation and the figures of the design."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    Hypothesis,
    MoreOften,
    NotBelow,
    ShareAbove,
)
from harness.verdicts.decision import decide
from harness.verdicts.evidence import Evidence
from harness.verdicts.power import power_of
from harness.words import Verdict

WHY = "declared for this test"


def evidence_of(mean: float, hypothesis: Hypothesis, *, n: int, alpha: float) -> Evidence:
    """Gains of exactly this mean, with a sample standard deviation of exactly 1."""
    gains = np.linspace(-1, 1, n)
    return decide(mean + gains / gains.std(ddof=1), hypothesis, alpha)


def test_ten_seeds_at_alpha_0_002_find_what_the_design_says() -> None:
    """The interval is 1.2 SD to each side, and an effect of 1.5 SD is found with power 0.8.

    R: qt(.998, 9) / sqrt(10) = 1.212579; power.t.test(n=10, sd=1, sig.level=.002, power=.8,
    type="one.sample", alternative="one.sided") has delta = 1.534417.
    """
    evidence = evidence_of(0, Above(0), n=10, alpha=0.002)
    assert evidence.ci == pytest.approx((-1.21257861629, 1.21257861629))
    assert power_of(evidence).detectable == pytest.approx(1.53441654015, rel=1e-6)


def test_ten_seeds_need_a_margin_of_almost_1_75_sd() -> None:
    """1.713 exactly. Each side alone with power 0.9, which is enough, needs R's 1.725597."""
    margin = power_of(evidence_of(0, Equivalent(2, because=WHY), n=10, alpha=0.002)).detectable
    assert margin == pytest.approx(1.713, abs=0.001)
    assert margin < 1.72559662748 < 1.75
    rng = np.random.default_rng(7)
    gains = rng.normal(0, 1, (40_000, 10))
    half = 1.21257861629 * gains.std(axis=1, ddof=1)
    shown = np.mean(np.abs(gains.mean(axis=1)) + half < margin)
    assert shown == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / 40_000))


@pytest.mark.parametrize(("n", "alpha"), [(5, 0.05), (10, 0.01), (30, 0.002)])
def test_detectable_gain_is_that_of_statsmodels(n: int, alpha: float) -> None:
    """The smallest gain is the bound and statsmodels' effect size times the SD beyond it."""
    effect = TTestPower().solve_power(nobs=n, alpha=alpha, power=0.8, alternative="larger")
    for hypothesis, bound in ((Above(3, because=WHY), 3), (NotBelow(-2, because=WHY), -2)):
        found = power_of(evidence_of(0, hypothesis, n=n, alpha=alpha))
        assert found.detectable == pytest.approx(bound + effect, rel=1e-5)


@pytest.mark.parametrize(("gain", "alpha"), [(0.5, 0.002), (0.3, 0.01), (0.1, 0.01)])
def test_seeds_needed_are_those_of_statsmodels(gain: float, alpha: float) -> None:
    """Its fraction of a seed, rounded up, at the level of another attempt, a quarter of this one's.

    R: power.t.test(delta=.5, ...) needs 59.50 at 0.002.
    """
    evidence = evidence_of(1 + gain, Above(1, because=WHY), n=10, alpha=4 * alpha)
    assert evidence.verdict is Verdict.INCONCLUSIVE
    exact = TTestPower().solve_power(gain, alpha=alpha, power=0.8, alternative="larger")
    assert power_of(evidence).n_needed == math.ceil(exact)


@pytest.mark.parametrize("scale", [0.01, 7.0])
def test_seeds_needed_do_not_depend_on_the_unit(scale: float) -> None:
    """The same gains in another unit need the same seeds."""
    gains = [x + 1.5 for x in (-1.2, -0.4, 0.1, 0.3, 1.2, -0.9, 0.8, 0.6, -0.7, 0.2)]
    in_units = decide([scale * x for x in gains], Above(scale, because=WHY), 0.002)
    needed = power_of(decide(gains, Above(1, because=WHY), 0.002)).n_needed
    assert needed is not None
    assert power_of(in_units).n_needed == needed


def test_seeds_needed_for_an_equivalence_have_the_power_and_one_fewer_has_not() -> None:
    """Simulated from independent draws of mean and variance, 200,000 experiments."""
    evidence = evidence_of(0.2, Equivalent(1.0, because=WHY), n=10, alpha=0.008)
    n = power_of(evidence).n_needed
    assert n is not None
    rng = np.random.default_rng(8)

    def simulated(n: int) -> float:
        means = rng.normal(0.2, 1 / math.sqrt(n), 200_000)
        sds = np.sqrt(rng.chisquare(n - 1, 200_000) / (n - 1))
        half = stats.t.ppf(0.998, n - 1) * sds / math.sqrt(n)
        return float(np.mean(np.abs(means) + half < 1.0))

    noise = 4 * math.sqrt(0.16 / 200_000)
    assert simulated(n) > 0.8 - noise
    assert simulated(n - 1) < 0.8 + noise


@pytest.mark.parametrize(
    ("mean", "hypothesis"),
    [
        (0.9, Above(1, because=WHY)),  # on the wrong side
        (1.0, Above(1, because=WHY)),  # at the bound: no number of seeds
        (1.0001, Above(1, because=WHY)),  # far more than 10,000
        (2.1, Equivalent(2, because=WHY)),
        (-2.1, Equivalent(2, because=WHY)),
        (-2.1, NotBelow(-2, because=WHY)),
    ],
)
def test_no_number_of_seeds_helps_an_estimate_on_the_wrong_side(
    mean: float, hypothesis: Hypothesis
) -> None:
    """None, rather than a number that nobody would train."""
    evidence = evidence_of(mean, hypothesis, n=10, alpha=0.002)
    assert evidence.verdict is Verdict.INCONCLUSIVE
    assert power_of(evidence).n_needed is None


def test_a_decided_claim_needs_no_more_seeds() -> None:
    """Only an undecided claim asks how many it would take."""
    evidence = evidence_of(9, Above(0), n=10, alpha=0.002)
    assert evidence.verdict is Verdict.SUPPORTED
    assert power_of(evidence).n_needed is None


@pytest.mark.parametrize(
    "evidence",
    [
        decide([1, 0, 1], MoreOften(), 0.05),
        decide([1, 0, 1], ShareAbove(0.5, because=WHY), 0.05),
        decide([2.0] * 5, Above(0), 0.05),
        decide([2.0], Above(0), 0.05),
    ],
)
def test_power_is_undefined_without_a_spread(evidence: Evidence) -> None:
    """Yes/no tests, equal gains and one seed have none."""
    power = power_of(evidence)
    assert power.sd is power.detectable is power.n_needed is None
    assert power.power == 0.8


def test_tiny_samples_and_gains_have_a_power() -> None:
    """Two seeds at alpha 0.002 need an effect of 144 SD: there the t quantile is 159."""
    found = power_of(evidence_of(0, Above(0), n=2, alpha=0.002)).detectable
    exact = TTestPower().power(found, 2, 0.002, alternative="larger")
    assert exact == pytest.approx(0.8, abs=1e-6)
    small = decide([1e-30, 2e-30, 4e-30], Above(0), 0.05)
    large = decide([1, 2, 4], Above(0), 0.05)
    assert power_of(small).detectable == pytest.approx(power_of(large).detectable * 1e-30)
