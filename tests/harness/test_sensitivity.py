"""Alternatives beside a verdict, and what contradicts it."""

import math

import pytest

from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    Hypothesis,
    MoreOften,
    NotBelow,
    ShareAbove,
)
from harness.errors import ClaimDefinitionError
from harness.statistics import bca_interval
from harness.verdicts.decision import decide
from harness.verdicts.sensitivity import (
    Sensitivity,
    other_definition,
    other_tests,
)
from harness.words import Transform, Verdict

WHY = "declared for this test"
SUPPORTED, REFUTED, INCONCLUSIVE = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE
GAINS = (5.1, 6.0, 7.0, 8.2, 9.0, 6.1, 3.0, 4.0, 7.7, 2.0)


def above(bound: float) -> Above:
    return Above(bound, because=WHY)


def by_name(sensitivities: tuple[Sensitivity, ...]) -> dict[str, Sensitivity]:
    return {each.name: each for each in sensitivities}


def test_other_tests_against_r_and_by_counting() -> None:
    """R: wilcox.test(g, mu=2.05, conf.int=TRUE) has estimate 6, interval 4.05 to 7.55.

    Its one-sided p is 0.001953 = 2/1024: only the gain 2.0 is below the bound, by the least. The
    sign-flip p is the same, for the same two of the 1,024 patterns.
    """
    found = by_name(other_tests(GAINS, above(2.05), verdict=SUPPORTED, rng_seed=1))
    assert set(found) == {"sign-flip", "Wilcoxon", "BCa bootstrap"}
    assert found["Wilcoxon"].estimate == 6
    assert found["Wilcoxon"].ci95 == pytest.approx((4.05, 7.55))
    assert found["Wilcoxon"].p == pytest.approx(2 / 1024)
    assert found["sign-flip"].p == pytest.approx(2 / 1024)
    assert found["sign-flip"].estimate == found["BCa bootstrap"].estimate == pytest.approx(5.81)
    assert found["BCa bootstrap"].p is None
    assert found["BCa bootstrap"].ci95 == bca_interval(GAINS, 0.95, 1)
    assert not any(each.contradicts for each in found.values())


def test_sign_flip_interval_inverts_its_test() -> None:
    """Just inside either end the one-sided p exceeds 0.025, just outside it does not."""
    interval = by_name(other_tests(GAINS, Above(0), verdict=SUPPORTED, rng_seed=1))[
        "sign-flip"
    ].ci95
    assert interval is not None

    def p(bound: float, verdict: Verdict) -> float | None:
        return by_name(other_tests(GAINS, above(bound), verdict=verdict, rng_seed=1))["sign-flip"].p

    low, high = interval
    assert p(low - 1e-6, SUPPORTED) <= 0.025 < p(low + 1e-6, SUPPORTED)
    assert p(high + 1e-6, REFUTED) <= 0.025 < p(high - 1e-6, REFUTED)


def test_few_gains_have_no_interval_at_95_percent() -> None:
    """Five gains have 32 sign patterns: the widest interval has level 1 - 2/32 = 0.9375."""
    found = by_name(other_tests([1, 2, 3, 4, 5], Above(0), verdict=SUPPORTED, rng_seed=1))
    assert found["sign-flip"].ci95 is found["Wilcoxon"].ci95 is None
    six = by_name(other_tests([1, 2, 3, 4, 5, 6], Above(0), verdict=SUPPORTED, rng_seed=1))
    assert six["Wilcoxon"].ci95 == six["sign-flip"].ci95 == (1, 6)


def test_the_seed_draws_the_bootstrap() -> None:
    """The same seed gives the same numbers, another seed another interval."""
    first, again, other = (
        other_tests(GAINS, Above(0), verdict=SUPPORTED, rng_seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert by_name(first)["BCa bootstrap"].ci95 != by_name(other)["BCa bootstrap"].ci95


@pytest.mark.parametrize("hypothesis", [MoreOften(), ShareAbove(0.5, because=WHY)])
def test_yes_no_claims_have_no_other_tests(hypothesis: Hypothesis) -> None:
    """They are judged exactly already."""
    assert other_tests([1, 1, 0], hypothesis, verdict=SUPPORTED, rng_seed=1) == ()


def test_one_seed_or_equal_gains_leave_alternatives_out_with_a_note() -> None:
    """What cannot be computed says so, contradicts nothing and holds no NaN."""
    for one in other_tests([1.0], Above(0), verdict=INCONCLUSIVE, rng_seed=1):
        assert (one.available, one.contradicts, one.p) == (False, False, None)
        assert "spread" in one.note
    equal = by_name(other_tests([1.0] * 8, Above(0), verdict=SUPPORTED, rng_seed=1))
    assert not equal["BCa bootstrap"].available
    assert equal["sign-flip"].p == equal["Wilcoxon"].p == 1 / 256
    at_bound = by_name(other_tests([1.0] * 8, above(1.0), verdict=INCONCLUSIVE, rng_seed=1))
    assert at_bound["sign-flip"].p == at_bound["Wilcoxon"].p == 1


@pytest.mark.parametrize(
    ("verdict", "gains", "contradicts"),
    [
        # Above(2), t at 0.05 one-sided: half width 0.9608 around the mean of mean + (-1, 0, 0, 1).
        (SUPPORTED, 4.0, False),
        (SUPPORTED, 2.5, True),  # on the right side, but 2.5 - 0.96 < 2 misses 0.05
        (SUPPORTED, 2.9, True),  # by 0.06
        (SUPPORTED, 3.0, False),
        (SUPPORTED, 1.0, True),  # on the wrong side
        (REFUTED, 0.0, False),
        (REFUTED, 1.5, True),  # below the bound, but 1.5 + 0.96 > 2 misses 0.05
        (REFUTED, 1.1, True),  # by 0.06
        (REFUTED, 1.0, False),
        (REFUTED, 2.5, True),  # on the claim's side
        (REFUTED, 4.0, True),
        (INCONCLUSIVE, 4.0, False),
        (INCONCLUSIVE, 0.0, False),
        (Verdict.INVALID, 0.0, False),
    ],
)
def test_what_contradicts_a_verdict(verdict: Verdict, gains: float, contradicts: bool) -> None:
    """An alternative contradicts where it says something else, or does not say it at 0.05."""
    shifted = [gains + step for step in (-1, 0, 0, 1)]
    found = other_definition("median", shifted, above(2), verdict=verdict)
    assert found.contradicts is contradicts
    assert found.contradicts is contradicts


@pytest.mark.parametrize(
    ("verdict", "mean", "contradicts"),
    [
        (SUPPORTED, 0.5, False),
        (SUPPORTED, -1.5, True),
        (SUPPORTED, 2.5, True),
        (REFUTED, 4.0, False),
        (REFUTED, -4.0, False),
        (REFUTED, 2.5, True),
        (REFUTED, 0.0, True),
    ],
)
def test_what_contradicts_an_equivalence(verdict: Verdict, mean: float, contradicts: bool) -> None:
    """Margins of 2, half width 0.9608: inside beside SUPPORTED, wholly outside beside REFUTED."""
    shifted = [mean + step for step in (-1, 0, 0, 1)]
    hypothesis = Equivalent(2, because=WHY)
    found = other_definition("relative", shifted, hypothesis, verdict=verdict)
    assert found.contradicts is contradicts


def test_the_bootstrap_answers_with_its_interval() -> None:
    """It has no p value: beside SUPPORTED it contradicts where its interval holds the bound."""
    for bound, contradicts in ((4.0, False), (5.0, True), (6.5, True)):
        found = other_tests(GAINS, above(bound), verdict=SUPPORTED, rng_seed=1)
        assert by_name(found)["BCa bootstrap"].contradicts is contradicts
    for bound, contradicts in ((7.5, False), (6.5, True), (5.0, True)):
        found = other_tests(GAINS, above(bound), verdict=REFUTED, rng_seed=1)
        assert by_name(found)["BCa bootstrap"].contradicts is contradicts
    for margin, verdict, contradicts in (
        (4, REFUTED, False),
        (5, REFUTED, True),
        (8, SUPPORTED, False),
    ):
        hypothesis = Equivalent(margin, because=WHY)
        for turned in (GAINS, [-gain for gain in GAINS]):
            found = other_tests(turned, hypothesis, verdict=verdict, rng_seed=1)
            assert by_name(found)["BCa bootstrap"].contradicts is contradicts


def test_an_outlier_that_makes_the_mean_is_fragile() -> None:
    """One huge gain hides that most gains are losses: Wilcoxon's estimate is on the wrong side."""
    gains = [-1.0, -1.1, -0.9, -1.2, -0.8, -1.3, -0.7, 40.0]
    tests = other_tests(gains, Above(0), verdict=SUPPORTED, rng_seed=1)
    assert by_name(tests)["Wilcoxon"].contradicts


def test_p_beside_refuted_is_that_of_the_refutation() -> None:
    """The p value always belongs to what the verdict says."""
    gains = [0.0, 1.0, 1.0, 2.0]
    evidence = decide(gains, above(3), 0.05)
    assert other_definition("x", gains, above(3), verdict=REFUTED).p == evidence.p_refute
    assert other_definition("x", gains, above(3), verdict=SUPPORTED).p == evidence.p


@pytest.mark.parametrize("gains", [[], [math.nan, 1.0], [math.inf, 1.0, 2.0], [1.0]])
def test_a_definition_that_cannot_be_judged_is_left_out(gains: list[float]) -> None:
    """It is shown as not available with the reason, and never counts as a contradiction."""
    found = other_definition("matched loss", gains, above(1), verdict=SUPPORTED)
    assert (found.available, found.contradicts, found.estimate) == (False, False, None)
    assert found.note


def test_a_definition_with_a_wrong_bound_is_refused() -> None:
    """That is a mistake in the claim file, not a property of the data."""
    with pytest.raises(ClaimDefinitionError):
        other_definition("ratio", [1, 2], Above(0), Transform.LOG, verdict=SUPPORTED)


def test_a_definition_keeps_its_own_scale() -> None:
    """Unit, transform and bound are the alternative's, not the claim's."""
    gains = [-0.05, -0.02, 0.01, 0.03]
    hypothesis = NotBelow(0.8, because=WHY)
    found = other_definition("ratio", gains, hypothesis, Transform.LOG, "nats", verdict=SUPPORTED)
    assert (found.kind, found.transform, found.unit) == ("definition", Transform.LOG, "nats")
    assert not found.contradicts
