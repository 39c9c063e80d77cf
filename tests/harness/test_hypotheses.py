"""Bounds, their reasons and their words."""

import math
import subprocess
import sys

import pytest

from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    Hypothesis,
    MoreOften,
    NotBelow,
    ShareAbove,
    as_written,
    bound_on_gain_scale,
    in_words,
    on_reader_scale,
)
from harness.errors import ClaimDefinitionError
from harness.words import Transform

WHY = "smaller differences do not change a choice"
EVERY: tuple[Hypothesis, ...] = (
    Above(5.0, because=WHY),
    Equivalent(2.0, because=WHY),
    NotBelow(-2.0, because=WHY),
    MoreOften(),
    ShareAbove(0.5, because=WHY),
)


@pytest.mark.parametrize(
    ("hypothesis", "transform", "bound"),
    [
        (Above(5, because=WHY), Transform.IDENTITY, 5.0),
        (Above(0), Transform.IDENTITY, 0.0),
        (Above(1.25, because=WHY), Transform.LOG, 0.22314355131420976),  # ln 1.25
        (Above(1.0, because=WHY), Transform.LOG, 0.0),
        (Above(2, because=WHY), Transform.LOGIT, 0.6931471805599453),  # ln 2
        (Equivalent(1.25, because=WHY), Transform.LOG, 0.22314355131420976),
        (Equivalent(2, because=WHY), Transform.IDENTITY, 2.0),
        (NotBelow(0.8, because=WHY), Transform.LOG, -0.22314355131420976),
        (NotBelow(-2, because=WHY), Transform.IDENTITY, -2.0),
        (NotBelow(0, because=WHY), Transform.IDENTITY, 0.0),
        (MoreOften(), Transform.IDENTITY, 0.5),
        (ShareAbove(0.9, because=WHY), Transform.IDENTITY, 0.9),
    ],
)
def test_bound_is_a_factor_on_log_and_itself_on_identity(
    hypothesis: Hypothesis, transform: Transform, bound: float
) -> None:
    """Ln 1.25 = 0.223144; ln 0.8 is its negative."""
    assert bound_on_gain_scale(hypothesis, transform) == pytest.approx(bound, rel=1e-15, abs=0)


@pytest.mark.parametrize("because", ["", "   ", "\n"])
@pytest.mark.parametrize(
    ("kind", "bound"), [(Above, 2.0), (Above, 1.0), (Equivalent, 2.0), (NotBelow, -2.0)]
)
def test_a_bound_without_a_reason_is_refused(kind: type, bound: float, because: str) -> None:
    """Only bound 0, which says no more than the paper, needs no reason."""
    with pytest.raises(ClaimDefinitionError, match=r"without a reason.*because"):
        kind(bound, because=because)
    with pytest.raises(ClaimDefinitionError, match="without a reason"):
        kind(bound)


def test_a_share_without_a_reason_is_refused() -> None:
    """A declared share is a bound like the others."""
    with pytest.raises(ClaimDefinitionError, match="without a reason"):
        ShareAbove(0.5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "2", None, True])
@pytest.mark.parametrize("kind", [Above, Equivalent, NotBelow, ShareAbove])
def test_bounds_are_finite_numbers(kind: type, value: object) -> None:
    """An infinite or missing margin would make every claim true."""
    with pytest.raises(ClaimDefinitionError, match="finite number"):
        kind(value, because=WHY)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Above, -1.0),
        (Equivalent, 0.0),
        (Equivalent, -2.0),
        (NotBelow, 2.0),
        (ShareAbove, 0.0),
        (ShareAbove, 1.0),
        (ShareAbove, 90),
    ],
)
def test_bounds_outside_their_range_are_refused(kind: type, value: float) -> None:
    """The message says what was got and what was expected."""
    with pytest.raises(ClaimDefinitionError, match=f"got .*{value:g}, expected"):
        kind(value, because=WHY)


@pytest.mark.parametrize(
    ("hypothesis", "transform"),
    [
        (Above(0), Transform.LOG),
        (Above(0.8, because=WHY), Transform.LOG),
        (Equivalent(1.0, because=WHY), Transform.LOG),
        (Equivalent(0.5, because=WHY), Transform.LOGIT),
        (NotBelow(-2, because=WHY), Transform.LOG),
        (NotBelow(0, because=WHY), Transform.LOG),
        (NotBelow(0.8, because=WHY), Transform.IDENTITY),
        (MoreOften(), Transform.LOG),
        (ShareAbove(0.5, because=WHY), Transform.LOGIT),
    ],
)
def test_a_bound_that_makes_no_sense_on_its_transform_is_refused(
    hypothesis: Hypothesis, transform: Transform
) -> None:
    """A difference is no factor, and a yes/no endpoint has no transform."""
    with pytest.raises(ClaimDefinitionError, match=f"on {transform.value}|got transform"):
        bound_on_gain_scale(hypothesis, transform)


@pytest.mark.parametrize(
    ("hypothesis", "unit", "transform", "text", "refuted_if"),
    [
        (
            Above(5, because=WHY),
            "%",
            Transform.IDENTITY,
            "the mean gain is above 5 points",
            "the mean gain is shown to be below 5 points",
        ),
        (
            Above(1.25, because=WHY),
            "nats",
            Transform.LOG,
            "the mean gain is above a factor of 1.25",
            "the mean gain is shown to be below a factor of 1.25",
        ),
        (
            Equivalent(2, because=WHY),
            "nats",
            Transform.IDENTITY,
            "the mean gain is within 2 nats of zero",
            "the mean gain is shown not to be within 2 nats of zero",
        ),
        (
            Equivalent(1.25, because=WHY),
            "",
            Transform.LOG,
            "the mean gain is between a factor of 0.8 and a factor of 1.25",
            "the mean gain is shown not to be between a factor of 0.8 and a factor of 1.25",
        ),
        (
            NotBelow(-2, because=WHY),
            "%",
            Transform.IDENTITY,
            "the mean gain is not below -2 points",
            "the mean gain is shown to be below -2 points",
        ),
        (
            ShareAbove(0.9, because=WHY),
            "",
            Transform.IDENTITY,
            "the share of seeds on which it holds is above 0.9",
            "the share of seeds on which it holds is shown to be below 0.9",
        ),
    ],
)
def test_the_statement_contains_the_bound(
    hypothesis: Hypothesis, unit: str, transform: Transform, text: str, refuted_if: str
) -> None:
    """What can be refuted is what is written, in the reader's words."""
    assert hypothesis.text(unit, transform) == text
    assert hypothesis.refuted_if(unit, transform) == refuted_if


def test_kinds_are_distinct_and_refutations_differ_from_the_claims() -> None:
    """Each hypothesis has its word, and says something else when refuted."""
    assert [each.kind for each in EVERY] == [
        "above",
        "equivalent",
        "not below",
        "more often",
        "share above",
    ]
    for each in EVERY:
        claim, refuted = (f("", Transform.IDENTITY) for f in (each.text, each.refuted_if))
        assert claim != refuted


def test_gains_are_shown_as_factors_on_log_and_never_overflow() -> None:
    """Exp 0.22314 = 1.25; beyond exp 709 a float has no number, and the reader sees inf."""
    assert on_reader_scale(0.0, 0.22314355, unit="nats", transform=Transform.LOG) == (
        "a factor of 1 to 1.25"
    )
    assert as_written(1e6, Transform.LOG) == math.inf
    assert as_written(-1e6, Transform.LOG) == 0
    assert as_written(1e6, Transform.IDENTITY) == 1e6


def test_importing_hypotheses_loads_no_statistics_library() -> None:
    """Collection reads every claim file in every worker: scipy.stats would cost a second each."""
    code = (
        "import harness.declarations.hypotheses, harness.verdicts.decision, sys; "
        "print('scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("unit", ["%", "points"])
def test_one_point_is_singular(unit: str) -> None:
    """A bound of 1 reads "1 point", any other "points"."""
    assert in_words(1.0, unit, Transform.IDENTITY) == "1 point"
    assert in_words(1.5, unit, Transform.IDENTITY) == "1.5 points"
