"""The rules of a verdict: hand-worked rows, awkward input, calibration.

Expected intervals are mean plus and minus a t quantile from R (qt), as worked in each docstring.
"""

import math
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    Hypothesis,
    MoreOften,
    NotBelow,
    ShareAbove,
)
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.verdicts.decision import (
    combine_cells,
    decide,
    holm,
)
from harness.verdicts.enough_seeds import least_seeds, least_seeds_to_refute
from harness.verdicts.evidence import Evidence
from harness.verdicts.limits import at_a_limit
from harness.words import RefutedKind, Transform, Verdict

WHY = "declared for this test"
SUPPORTED, REFUTED, INCONCLUSIVE = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE
OPPOSITE, TOO_SMALL = RefutedKind.OPPOSITE, RefutedKind.TOO_SMALL
TOO_DIFFERENT = RefutedKind.TOO_DIFFERENT

FOUR = (-1.0, 0.0, 0.0, 1.0)
"""Mean 0, SD sqrt(2/3) = 0.81650, SE 0.40825; qt(.95, 3) = 2.35336: half width at 0.05 0.96076.

At alpha 0.05 over 5 cells qt(.99, 3) = 4.54070: half width of ci_refute 1.85373.
"""
HALF, HALF_REFUTE = 0.960757, 1.853734

# R: TREATMENT and CONTROL paired, alpha 0.002, 4 cells.
TREATMENT = (83.1, 81.7, 84.2, 82.9, 80.8, 83.6, 82.2, 84.9, 81.1, 83.3)
CONTROL = (80.2, 79.9, 80.7, 81.1, 78.3, 80.1, 79.6, 81.0, 79.4, 80.5)
GAINS = tuple(t - c for t, c in zip(TREATMENT, CONTROL, strict=True))


def shifted(mean: float) -> tuple[float, ...]:
    return tuple(mean + gain for gain in FOUR)


def above(bound: float) -> Above:
    return Above(bound, because=WHY)


def within(margin: float) -> Equivalent:
    return Equivalent(margin, because=WHY)


def not_below(minus_margin: float) -> NotBelow:
    return NotBelow(minus_margin, because=WHY)


def test_intervals_p_values_and_levels_are_those_of_r() -> None:
    """t.test(treatment, control, paired=TRUE, conf.level=.996): 1.757268 to 3.642732.

    An unpaired test (1.019421 to 4.380579) or a population variance (narrower by sqrt(0.9)) fails
    here, as does alpha for alpha/k: conf.level=1-2*.002/4 gives 1.524591 to 3.875409.
    """
    evidence = decide(GAINS, above(1.0), 0.002, cells=4)
    assert evidence.estimate == pytest.approx(2.7)
    assert evidence.sd == pytest.approx(0.777460252646)
    assert evidence.se == pytest.approx(0.245854518861)
    assert evidence.ci == pytest.approx((1.757268322623, 3.642731677377))
    assert evidence.ci_refute == pytest.approx((1.52459103647, 3.87540896353))
    assert evidence.ci95 == pytest.approx((2.14383843915, 3.25616156085))
    assert evidence.p == pytest.approx(3.47622281396e-05)
    assert evidence.p_refute == pytest.approx(0.999965237772)
    assert (evidence.verdict, evidence.n, evidence.test) == (SUPPORTED, 10, "paired t")


def test_two_one_sided_tests_are_those_of_r() -> None:
    """Margin 4: t.test(g, mu=-4, "greater") 2.9e-10, mu=4, "less" 0.000250986; p is the larger."""
    evidence = decide(GAINS, within(4.0), 0.002)
    assert evidence.p == pytest.approx(0.000250985954461)
    assert evidence.verdict is SUPPORTED


@pytest.mark.parametrize(
    ("mean", "hypothesis", "verdict", "kind"),
    [
        # Above(2): supported where mean - 0.9608 > 2, refuted where mean + 1.8537 < 2.
        (2.97, above(2), SUPPORTED, None),
        (2.95, above(2), INCONCLUSIVE, None),
        (0.15, above(2), INCONCLUSIVE, None),  # the interval of level 1 - 2 alpha would refute
        (0.14, above(2), REFUTED, TOO_SMALL),
        (-1.85, above(2), REFUTED, TOO_SMALL),  # -1.85 + 1.8537 > 0: no effect is not excluded
        (-1.86, above(2), REFUTED, OPPOSITE),
        # Above(0): too small and opposite are the same thing.
        (0.97, Above(0), SUPPORTED, None),
        (0.95, Above(0), INCONCLUSIVE, None),
        (-1.85, Above(0), INCONCLUSIVE, None),
        (-1.86, Above(0), REFUTED, OPPOSITE),
        # NotBelow(-2): supported where mean - 0.9608 > -2, refuted where mean + 1.8537 < -2.
        (-1.03, not_below(-2), SUPPORTED, None),
        (-1.05, not_below(-2), INCONCLUSIVE, None),
        (-3.85, not_below(-2), INCONCLUSIVE, None),
        (-3.86, not_below(-2), REFUTED, OPPOSITE),
        # Equivalent(2): supported where |mean| + 0.9608 < 2, refuted where |mean| - 2.3845 > 2.
        (1.03, within(2), SUPPORTED, None),
        (1.05, within(2), INCONCLUSIVE, None),
        (-1.03, within(2), SUPPORTED, None),
        (-1.05, within(2), INCONCLUSIVE, None),
        (4.38, within(2), INCONCLUSIVE, None),
        (4.39, within(2), REFUTED, TOO_DIFFERENT),
        (-4.38, within(2), INCONCLUSIVE, None),
        (-4.39, within(2), REFUTED, TOO_DIFFERENT),
        # Too narrow a margin for this spread is never shown, wherever the mean is.
        (0.0, within(0.9), INCONCLUSIVE, None),
    ],
)
def test_every_rule_on_both_sides_of_its_limit(
    mean: float, hypothesis: Hypothesis, verdict: Verdict, kind: RefutedKind | None
) -> None:
    """Gains mean + (-1, 0, 0, 1), alpha 0.05, 5 cells: half widths 0.9608 and 1.8537 (FOUR).

    An equivalence is refuted on either side, so at half the level: t.test(FOUR, conf.level=0.99).
    """
    evidence = decide(shifted(mean), hypothesis, 0.05, cells=5)
    assert evidence.ci == pytest.approx((mean - HALF, mean + HALF), abs=1e-6)
    wide = 2.38454124045 if isinstance(hypothesis, Equivalent) else HALF_REFUTE
    assert evidence.ci_refute == pytest.approx((mean - wide, mean + wide), abs=1e-6)
    assert (evidence.verdict, evidence.refuted_kind) == (verdict, kind)


@pytest.mark.parametrize(
    ("favour", "against", "ties", "alpha", "cells", "verdict", "kind"),
    [
        (9, 1, 0, 0.0108, 1, SUPPORTED, None),
        (9, 1, 5, 0.0108, 1, SUPPORTED, None),  # concordant seeds say nothing
        (9, 1, 0, 0.0107, 1, INCONCLUSIVE, None),
        (1, 9, 0, 0.0108, 1, REFUTED, OPPOSITE),
        (1, 9, 0, 0.0108, 2, INCONCLUSIVE, None),
        (9, 0, 1, 0.002, 1, SUPPORTED, None),  # 2**-9 = 0.00195
        (8, 0, 2, 0.002, 1, INCONCLUSIVE, None),
        (5, 5, 0, 0.05, 1, INCONCLUSIVE, None),
        (0, 0, 10, 0.05, 1, INCONCLUSIVE, None),
    ],
)
def test_exact_mcnemar(
    favour: int,
    against: int,
    ties: int,
    alpha: float,
    cells: int,
    verdict: Verdict,
    kind: RefutedKind | None,
) -> None:
    """R: binom.test(9, 10, alternative="greater") has p = 0.01074219 = 11/1024."""
    gains = [1] * favour + [0] * ties + [-1] * against
    evidence = decide(gains, MoreOften(), alpha, cells=cells)
    assert (evidence.verdict, evidence.refuted_kind) == (verdict, kind)
    assert evidence.test == "exact McNemar"


def test_mcnemar_interval_is_clopper_pearson_of_the_discordant_seeds() -> None:
    """R: binom.test(9, 10, conf.level=.9) 0.6058367 to 0.9948838; five ties change nothing."""
    evidence = decide([1] * 9 + [0] * 5 + [-1], MoreOften(), 0.05)
    assert evidence.estimate == 0.9
    assert evidence.ci == pytest.approx((0.605836697563, 0.994883803108))
    assert (evidence.n, evidence.bound) == (15, 0.5)


def test_no_discordant_seed_says_nothing_and_has_no_nan() -> None:
    """Both arms do the same on every seed: p is 1, and there is no share to estimate."""
    evidence = decide([0] * 10, MoreOften(), 0.05)
    assert (evidence.verdict, evidence.p, evidence.p_refute) == (INCONCLUSIVE, 1, 1)
    assert evidence.estimate is evidence.ci is evidence.ci_refute is None
    assert "none of the 10 seeds" in evidence.reason


@pytest.mark.parametrize(
    ("yes", "alpha", "verdict", "kind"),
    [
        (10, 0.0061, SUPPORTED, None),  # 0.6**10 = 0.0060466
        (10, 0.0060, INCONCLUSIVE, None),
        (2, 0.0123, REFUTED, TOO_SMALL),  # sum of the first three terms: 0.0122946
        (2, 0.0122, INCONCLUSIVE, None),
    ],
)
def test_one_arm_against_a_declared_share(
    yes: int, alpha: float, verdict: Verdict, kind: RefutedKind | None
) -> None:
    """Ten seeds against 0.6: 0.4^10 + 10 * 0.6 * 0.4^9 + 45 * 0.36 * 0.4^8 = 0.0122946."""
    evidence = decide([1] * yes + [0] * (10 - yes), ShareAbove(0.6, because=WHY), alpha)
    assert (evidence.verdict, evidence.refuted_kind) == (verdict, kind)
    assert evidence.estimate == yes / 10


@pytest.mark.parametrize(
    ("value", "n", "hypothesis", "verdict", "kind", "p", "p_refute"),
    [
        (3.0, 9, above(2), SUPPORTED, None, 2**-9, 1),
        (3.0, 8, above(2), INCONCLUSIVE, None, 2**-8, 1),  # 0.0039 > 0.002
        (2.0, 9, above(2), INCONCLUSIVE, None, 1, 1),  # at the bound
        (1.0, 10, above(2), REFUTED, TOO_SMALL, 1, 2**-10),  # 0.00098 <= 0.002 / 2
        (1.0, 9, above(2), INCONCLUSIVE, None, 1, 2**-9),
        (-1.0, 10, above(2), REFUTED, OPPOSITE, 1, 2**-10),
        (0.0, 10, Above(0), INCONCLUSIVE, None, 1, 1),
        (0.0, 9, within(2), SUPPORTED, None, 2**-9, 1),
        (3.0, 10, within(2), INCONCLUSIVE, None, 1, 2**-9),  # two sides: 0.00195 > 0.002 / 2
        (3.0, 11, within(2), REFUTED, TOO_DIFFERENT, 1, 2**-10),
        (-3.0, 11, within(2), REFUTED, TOO_DIFFERENT, 1, 2**-10),
        (2.0, 10, within(2), INCONCLUSIVE, None, 1, 1),
        (-1.0, 9, not_below(-2), SUPPORTED, None, 2**-9, 1),
        (0.1 + 0.2, 10, above(0.3), INCONCLUSIVE, None, 1, 1),  # at the bound but for rounding
    ],
)
def test_equal_gains_take_the_sign_test(
    value: float,
    n: int,
    hypothesis: Hypothesis,
    verdict: Verdict,
    kind: RefutedKind | None,
    p: float,
    p_refute: float,
) -> None:
    """Alpha 0.002, 2 cells: the interval is the point and p is 2**-n, or 1 off the right side.

    Twice that for an equivalence refuted, which may be so on either side.
    """
    evidence = decide([value] * n, hypothesis, 0.002, cells=2)
    assert evidence.ci == evidence.ci_refute == evidence.ci95 == (value, value)
    assert (evidence.p, evidence.p_refute) == (pytest.approx(p), pytest.approx(p_refute))
    assert (evidence.verdict, evidence.refuted_kind) == (verdict, kind)


@pytest.mark.parametrize(
    "hypothesis", [above(0.5), within(2), MoreOften(), ShareAbove(0.01, because=WHY)]
)
def test_one_seed_decides_nothing(hypothesis: Hypothesis) -> None:
    """One seed has an estimate and nothing else: None, never NaN."""
    evidence = decide([1.0], hypothesis, 0.05)
    assert (evidence.verdict, evidence.estimate, evidence.n) == (INCONCLUSIVE, 1.0, 1)
    assert evidence.sd is evidence.se is evidence.ci is evidence.ci95 is evidence.p is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e200])
@pytest.mark.parametrize("hypothesis", [above(1), within(1), not_below(-1), MoreOften()])
def test_gains_that_are_not_finite_never_count_as_anything(
    bad: float, hypothesis: Hypothesis
) -> None:
    """An infinite gain is neither success nor failure: the claim says what it counts as."""
    with pytest.raises(EvidenceError, match="finite"):
        decide([1.0, 1.0, bad, 1.0], hypothesis, 0.05)


def test_no_gains_are_refused() -> None:
    """Nothing measured is an error, not an undecided claim."""
    with pytest.raises(EvidenceError, match="got none"):
        decide([], above(1), 0.05)


@pytest.mark.parametrize(
    ("hypothesis", "gains"),
    [(MoreOften(), [1, 0.5]), (MoreOften(), [2, 1]), (ShareAbove(0.5, because=WHY), [1, -1])],
)
def test_yes_no_hypotheses_refuse_other_numbers(
    hypothesis: Hypothesis, gains: Sequence[float]
) -> None:
    """A measured number must not slip into a test of yes and no."""
    with pytest.raises(EvidenceError, match="expected only"):
        decide(gains, hypothesis, 0.05)


@pytest.mark.parametrize("gains", [["a", 1.0], [None, 1.0], 3.0, None, [[1.0], [2.0]]], ids=repr)
def test_what_is_no_list_of_numbers_is_refused(gains: object) -> None:
    """Whoever calls decide with it, as its own kind of error."""
    with pytest.raises(EvidenceError, match="expected one number for every seed"):
        decide(gains, above(1), 0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("alpha", "cells"),
    [(0, 1), (0.5, 1), (math.nan, 1), (-1, 1), ("a", 1), (True, 1), (0.05, 0), (0.05, 1.5),
     (0.05, math.nan), (0.05, "a")],
)  # fmt: skip
def test_levels_that_make_no_sense_are_refused(alpha: Any, cells: Any) -> None:
    """At alpha 0.5 the interval has level 0."""
    with pytest.raises(ClaimDefinitionError, match="expected"):
        decide(FOUR, above(1), alpha, cells=cells)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e140])
def test_verdict_and_p_do_not_depend_on_the_unit(scale: float) -> None:
    """Tiny and huge gains are judged as the same gains in another unit."""
    evidence = decide([gain * scale for gain in GAINS], above(scale), 0.002)
    assert evidence.verdict is SUPPORTED
    assert evidence.p == pytest.approx(3.47622281396e-05)


def test_log_bounds_are_factors() -> None:
    """Gains of ln 1.5 (1 +- 0.01) are above a factor of 1.25 and below one of 2."""
    gains = [math.log(1.5) * (1 + 0.01 * step) for step in (-1, -0.5, 0, 0.5, 1)]
    higher = decide(gains, above(1.25), 0.01, transform=Transform.LOG)
    assert (higher.verdict, higher.bound) == (SUPPORTED, pytest.approx(0.223143551))
    lower = decide(gains, above(2.0), 0.01, transform=Transform.LOG)
    assert (lower.verdict, lower.refuted_kind) == (REFUTED, TOO_SMALL)
    same = decide(gains, within(1.6), 0.01, transform=Transform.LOG)
    assert same.verdict is SUPPORTED
    assert "within a factor of 0.625 to 1.6" in same.reason


def test_reasons_name_interval_bound_and_level() -> None:
    """The sentence holds the numbers that decided, in the reader's unit."""
    reason = decide(GAINS, above(1.0), 0.002, unit="%").reason
    assert reason == (
        "The 99.6 % interval of the mean gain, 1.757 to 3.643 points, lies above 1 point "
        "(paired t, n = 10, one-sided p = 3.48e-05 at level 0.002)."
    )
    refuted = decide(shifted(-5), above(2), 0.05, cells=5).reason
    assert refuted.startswith("The 98 % interval of the mean gain, -6.854 to -3.146, lies below 2")
    assert "does not decide against 2" in decide(shifted(2), above(2), 0.05).reason


@pytest.mark.parametrize(
    ("gains", "hypothesis", "cells", "said"),
    [
        ([5.0] * 8, above(3), 1, "n = 8, p = 0.00391 at level 0.002); 9 could."),
        ([1.0] * 8, above(3), 1, "n = 8, p = 0.00391 at level 0.002); 9 could."),
        ([1.0] * 9, above(3), 2, "n = 9, p = 0.00195 at level 0.001); 10 could."),
        ([0.0] * 7, within(3), 1, "n = 7, p = 0.00781 at level 0.002); 9 could."),
        ([5.0] * 9, within(3), 1, "n = 9, p = 0.00391 at level 0.002); 10 could."),
    ],
)
def test_equal_gains_that_are_too_few_say_so(gains, hypothesis, cells, said) -> None:
    """Their interval is a point beside the bound, so it is no reason; so many more decide."""
    evidence = decide(gains, hypothesis, 0.002, cells=cells)
    assert evidence.verdict is Verdict.INCONCLUSIVE
    assert evidence.reason.startswith(f"All {len(gains)} gains are {gains[0]:g}. Equal gains have")
    assert said in evidence.reason
    enough = int(said.split("; ")[1].split()[0])
    decided = decide(gains[:1] * enough, hypothesis, 0.002, cells=cells)
    assert decided.verdict is not Verdict.INCONCLUSIVE
    short = decide(gains[:1] * (enough - 1), hypothesis, 0.002, cells=cells)
    assert short.verdict is Verdict.INCONCLUSIVE


def test_equal_gains_at_the_bound_are_on_neither_side() -> None:
    """No number of them decides, so none is promised to."""
    assert "does not decide against 3" in decide([3.0] * 8, above(3), 0.002).reason


@pytest.mark.parametrize("hypothesis", ["x", None, 3.0, Above])
def test_a_hypothesis_that_is_none_is_refused(hypothesis: Any) -> None:
    """With what was got and expected, as every other argument is."""
    with pytest.raises(ClaimDefinitionError, match=r"hypothesis: got .*; expected Above, NotBelow"):
        decide(GAINS, hypothesis, 0.05)
    with pytest.raises(ClaimDefinitionError, match="transform: got 'cube'; expected a Transform"):
        decide(GAINS, above(1), 0.05, transform="cube")  # type: ignore[arg-type]


def _above_or_below(bound: float) -> Hypothesis:
    return above(bound) if bound >= 0 else not_below(bound)


HYPOTHESES = st.one_of(
    st.floats(-3, 3).map(_above_or_below), st.floats(0.01, 5).map(within), st.just(Above(0))
)
LEVELS = st.sampled_from([0.05, 0.01, 0.002])


def _interval_verdict(evidence: Evidence) -> Verdict:
    """Decide by the intervals, as the rules are written, without a p value."""
    assert evidence.ci is not None
    assert evidence.ci_refute is not None
    (low, high), (low_refute, high_refute) = evidence.ci, evidence.ci_refute
    bound = evidence.bound
    if isinstance(evidence.hypothesis, Equivalent):
        supported = -bound < low and high < bound
        refuted = low_refute > bound or high_refute < -bound
    else:
        supported, refuted = low > bound, high_refute < bound
    return SUPPORTED if supported else REFUTED if refuted else INCONCLUSIVE


def _near(p: float | None, level: float) -> bool:
    return p is not None and math.isclose(p, level, rel_tol=1e-6)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), HYPOTHESES, LEVELS, st.integers(1, 6))
@settings(derandomize=True, database=None, deadline=None, max_examples=150)
def test_interval_and_p_value_come_to_the_same_verdict(
    gains: list[float], hypothesis: Hypothesis, alpha: float, cells: int
) -> None:
    """What decides by interval decides by p, except for equal gains, which have no t interval."""
    evidence = decide(gains, hypothesis, alpha, cells=cells)
    if evidence.test.startswith("sign") or _near(evidence.p, alpha):
        return
    if not _near(evidence.p_refute, alpha / cells):
        assert evidence.verdict is _interval_verdict(evidence)


@given(st.integers(0, 12), st.integers(0, 12), LEVELS, st.integers(1, 6))
@settings(derandomize=True, database=None, deadline=None, max_examples=100)
def test_interval_and_p_value_agree_for_shares(
    favour: int, against: int, alpha: float, cells: int
) -> None:
    """Clopper-Pearson is the exact binomial test turned round."""
    if favour + against < 2:
        return
    evidence = decide([1] * favour + [-1] * against, MoreOften(), alpha, cells=cells)
    assert evidence.verdict is _interval_verdict(evidence)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), HYPOTHESES, st.randoms())
@settings(derandomize=True, database=None, deadline=None, max_examples=50)
def test_order_of_seeds_does_not_matter(
    gains: list[float], hypothesis: Hypothesis, random: Random
) -> None:
    """Unsorted or shuffled, the evidence is the same to the last bit."""
    first = decide(gains, hypothesis, 0.05)
    mixed = list(gains)
    random.shuffle(mixed)
    second = decide(mixed, hypothesis, 0.05)
    assert (first.p, first.ci, first.verdict) == (second.p, second.ci, second.verdict)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.floats(0.1, 5))
@settings(derandomize=True, database=None, deadline=None, max_examples=50)
def test_equivalence_has_no_direction(gains: list[float], margin: float) -> None:
    """Turning the sign of every gain changes nothing."""
    there, back = (
        decide(gains, within(margin), 0.05),
        decide([-g for g in gains], within(margin), 0.05),
    )
    assert there.p == pytest.approx(back.p)
    assert there.p_refute == pytest.approx(back.p_refute)


def _rate(verdicts: Sequence[Verdict], verdict: Verdict) -> int:
    return sum(each is verdict for each in verdicts)


@pytest.mark.parametrize("cells", [1, 5])
def test_identical_arms_are_told_apart_no_more_often_than_alpha(cells: int) -> None:
    """A/A: two arms from one distribution, 2,000 experiments of 8 pairs at alpha 0.05.

    False SUPPORTED has rate 0.05 and false REFUTED 0.05 / cells; the limit is the binomial 99.99 %
    point. A two-sided level (0.025) or a doubled one (0.1) would miss it on either side.
    """
    rng = np.random.default_rng(11)
    arms = rng.normal(80, 2, (2, 2000, 8))
    verdicts = [decide(gains, Above(0), 0.05, cells=cells).verdict for gains in arms[0] - arms[1]]
    for verdict, rate in ((SUPPORTED, 0.05), (REFUTED, 0.05 / cells)):
        low, high = stats.binom.interval(0.9998, 2000, rate)
        assert low <= _rate(verdicts, verdict) <= high


def test_equivalence_at_its_margin_is_shown_no_more_often_than_alpha() -> None:
    """The truth sits on the margin: showing equivalence is an error, of rate at most 0.05."""
    rng = np.random.default_rng(12)
    gains = rng.normal(2.0, 0.5, (1000, 8))
    verdicts = [decide(row, within(2.0), 0.05).verdict for row in gains]
    assert _rate(verdicts, SUPPORTED) <= stats.binom.ppf(0.9999, 1000, 0.05)


def test_a_planted_effect_is_found_as_often_as_its_power_says() -> None:
    """R: power.t.test(n=10, delta=1.534417, sd=1, sig.level=.002, one-sided) has power 0.8."""
    rng = np.random.default_rng(13)
    gains = rng.normal(1.53441654015, 1.0, (1000, 10))
    found = _rate([decide(row, Above(0), 0.002).verdict for row in gains], SUPPORTED)
    low, high = stats.binom.interval(0.9998, 1000, 0.8)
    assert low <= found <= high


def test_pairs_that_lost_their_partner_have_a_wider_interval() -> None:
    """At correlation 0.5 the SD of gains is 1, and sqrt 2 once the pairs are shuffled.

    A judge that ignored pairing would show the same width for both.
    """
    rng = np.random.default_rng(14)
    common, own = rng.normal(0, math.sqrt(0.5), (2, 400)), rng.normal(0, math.sqrt(0.5), (2, 400))
    treatment, control = common[0] + own[0], common[0] + own[1]
    paired = decide(treatment - control, Above(0), 0.05).sd
    shuffled = decide(treatment - rng.permutation(control), Above(0), 0.05).sd
    assert paired == pytest.approx(1, rel=0.1)
    assert shuffled == pytest.approx(math.sqrt(2), rel=0.1)


@pytest.mark.parametrize(
    ("verdicts", "claim"),
    [
        ("SUPPORTED SUPPORTED", "SUPPORTED"),
        ("SUPPORTED INCONCLUSIVE", "INCONCLUSIVE"),
        ("SUPPORTED INVALID INCONCLUSIVE", "INVALID"),
        ("SUPPORTED NOT_RUN INVALID", "NOT RUN"),
        ("ERROR NOT_RUN INVALID", "ERROR"),
        ("REFUTED ERROR NOT_RUN INVALID INCONCLUSIVE SUPPORTED", "REFUTED"),
        ("INCONCLUSIVE", "INCONCLUSIVE"),
    ],
)
def test_a_claim_is_as_its_cells(verdicts: str, claim: str) -> None:
    """REFUTED beats ERROR beats NOT RUN beats INVALID beats INCONCLUSIVE, in any order."""
    cells = [Verdict[word] for word in verdicts.split()]
    assert combine_cells(cells) == combine_cells(reversed(cells)) == claim


def test_a_claim_without_cells_is_refused() -> None:
    """All of nothing is not SUPPORTED."""
    with pytest.raises(ClaimDefinitionError, match="no verdict"):
        combine_cells([])


@pytest.mark.parametrize(
    ("hypothesis", "alpha", "seeds"),
    [
        (above(1), 0.002, 9),  # 2**-9 = 0.00195
        (above(1), 0.05, 5),  # 2**-5 = 0.031
        (within(1), 0.03125, 5),  # exactly 2**-5
        (MoreOften(), 0.0312, 6),
        (not_below(-1), 0.3, 2),
        (ShareAbove(0.9, because=WHY), 0.05, 29),  # 0.9**29 = 0.0471, 0.9**28 = 0.0523
        (ShareAbove(0.1, because=WHY), 0.001, 3),
    ],
)
def test_least_seeds_by_hand(hypothesis: Hypothesis, alpha: float, seeds: int) -> None:
    """The smallest n with 2**-n, or share**n, of at most alpha."""
    assert least_seeds(hypothesis, alpha) == seeds


@pytest.mark.parametrize("hypothesis", [MoreOften(), ShareAbove(0.4, because=WHY)])
@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.002])
@pytest.mark.parametrize("cells", [1, 2, 8])
def test_seeds_that_can_refute_are_enough_and_one_fewer_is_not(
    hypothesis: Hypothesis, alpha: float, cells: int
) -> None:
    """None of the seeds favours the claim: the clearest failure there can be."""
    seeds = least_seeds_to_refute(hypothesis, alpha, cells)
    against = -1.0 if isinstance(hypothesis, MoreOften) else 0.0
    assert decide([against] * seeds, hypothesis, alpha, cells=cells).verdict is REFUTED
    assert decide([against] * (seeds - 1), hypothesis, alpha, cells=cells).verdict is INCONCLUSIVE


def test_measured_gains_can_refute_with_two_seeds() -> None:
    """Two far below the bound, whatever the number of cells."""
    assert least_seeds_to_refute(above(1), 0.002, 12) == 2


@pytest.mark.parametrize("hypothesis", [above(0.5), MoreOften(), ShareAbove(0.7, because=WHY)])
@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.002, 0.001])
def test_least_seeds_are_enough_and_one_fewer_is_not(hypothesis: Hypothesis, alpha: float) -> None:
    """Seeds that all favour the claim alike decide it with the least number, and not below."""
    seeds = least_seeds(hypothesis, alpha)
    assert decide([1.0] * seeds, hypothesis, alpha).verdict is SUPPORTED
    assert decide([1.0] * (seeds - 1), hypothesis, alpha).verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    ("treatment", "control", "low", "high", "expected"),
    [
        ([100, 100], [100, 100], 0, 100, True),
        ([0, 0], [0, 0], 0, 100, True),
        ([100, 100], [100, 99.9], 0, 100, False),
        ([100, 100], [0, 0], 0, 100, False),  # they differ as much as they can
        ([100, 0], [0, 100], 0, 100, False),
        ([100, 100], [100, 100], 0, None, False),
        ([5, 5], [5, 5], None, None, False),
    ],
)
def test_both_arms_at_one_limit(
    treatment: list[float],
    control: list[float],
    low: float | None,
    high: float | None,
    expected: bool,
) -> None:
    """Only both arms, wholly, at the same end."""
    assert at_a_limit(treatment, control, low, high) is expected


@pytest.mark.parametrize(
    ("treatment", "stand_in", "expected"),
    [([10, 10], 10, True), ([10, 11], 10, False), ([11, 11], 10, False), ([10, 10], None, False)],
)
def test_both_arms_at_what_diverged_runs_count_as(
    treatment: list[float], stand_in: float | None, expected: bool
) -> None:
    """Wholly, and whatever the limits of the metric are."""
    assert at_a_limit(treatment, [10, 10], 0, 100, stand_in) is expected
    assert at_a_limit(treatment, [10, 10], None, None, stand_in) is expected


@pytest.mark.parametrize("arms", [([], [1.0]), ([1.0], []), ([math.nan], [1.0])])
def test_a_limit_needs_numbers(arms: tuple[list[float], list[float]]) -> None:
    """All of nothing is not at a limit, and NaN is nowhere."""
    with pytest.raises(EvidenceError, match="limit"):
        at_a_limit(*arms, 0, 1)


def test_holm_is_that_of_r_and_stays_with_its_slug() -> None:
    """R: p.adjust(c(a=.01, b=.04, c=.03, d=.005, e=.9), "holm"), unsorted on purpose."""
    p_values = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005, "e": 0.9}
    expected = {"a": 0.04, "b": 0.09, "c": 0.09, "d": 0.025, "e": 0.9}
    assert holm(p_values) == pytest.approx(expected)
    backwards = dict(reversed(p_values.items()))
    assert holm(backwards) == pytest.approx(expected)
    assert holm({}) == {}


@pytest.mark.parametrize("bad", [math.nan, -0.1, 1.1])
def test_holm_refuses_what_is_no_p_value(bad: float) -> None:
    """NaN would sort anywhere."""
    with pytest.raises(EvidenceError, match="'b'"):
        holm({"a": 0.1, "b": bad})


def test_a_ruled_verdict_keeps_its_numbers() -> None:
    """A void comparison is shown with what was measured, and is no longer refuted."""
    refuted = decide(shifted(-5), above(2), 0.05)
    ruled = refuted.ruled(Verdict.INVALID, "the control never learned")
    assert (ruled.verdict, ruled.refuted_kind) == (Verdict.INVALID, None)
    assert (ruled.estimate, ruled.reason) == (refuted.estimate, "the control never learned")


def test_evidence_refuses_to_contradict_itself() -> None:
    """SUPPORTED without a p value, or with a refuted kind, cannot be made."""
    with pytest.raises(EvidenceError, match="p values"):
        decide([1.0], above(0.5), 0.05).ruled(SUPPORTED, "because")
    with pytest.raises(EvidenceError, match="refuted_kind"):
        decide(FOUR, above(0.5), 0.05).ruled(REFUTED, "because")


def test_gains_of_few_values_come_with_a_warning() -> None:
    """Student's t keeps no level on a coarse grid; yes/no rules are exact and need none."""
    warned = "for such the level is not guaranteed"
    assert "only 2 values: " + warned in decide([1.0] * 8 + [1.5] * 2, above(0.35), 0.002).reason
    assert "only one value: " + warned in decide([1.0] * 10, above(0.35), 0.002).reason
    assert warned not in decide(GAINS, above(1.0), 0.002).reason
    assert warned not in decide([1] * 9 + [-1], MoreOften(), 0.002).reason


@pytest.mark.parametrize(("gains", "is_few"), [([1, 2], False), ([1, 2, 3], False), ([1, 1], True)])
def test_as_many_values_as_seeds_are_not_few(gains: list[float], is_few: bool) -> None:
    """Two or three seeds, as at scale quick, cannot take more: the warning would say nothing."""
    assert ("The gains take only" in decide(gains, above(0.35), 0.002).reason) is is_few
