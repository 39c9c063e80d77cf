"""Preconditions: one rule over all seeds, that voids the comparison or does nothing."""

import math

import pytest
from toy_records import run, runs

from harness.declarations.endpoints import mean
from harness.declarations.phases import third
from harness.declarations.preconditions import (
    Precondition,
    check_precondition,
    falls_to,
    keeps_training,
    learns,
    unsolved,
)
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.words import Role


def controls(good, bad, low=10.0):
    """Return records of which ``good`` reach 80 % accuracy and ``bad`` stay low."""
    return runs("train_accuracy", *[[80.0] * 10] * good, *[[low] * 10] * bad)


@pytest.mark.parametrize(
    ("good", "bad", "passed"), [(10, 0, True), (9, 1, True), (8, 2, False), (2, 0, True),
                                (1, 1, False), (19, 2, True), (17, 3, False)],
)  # fmt: skip
def test_nine_of_ten_seeds_are_enough(good, bad, passed):
    """At least 90 % of the seeds, exactly 9 of 10 included, whatever rounding does."""
    result = check_precondition(learns("control", 50.0), (), controls(good, bad))
    assert result.passed is passed
    assert result.share == pytest.approx(good / (good + bad))


def test_no_seed_is_ever_dropped():
    """The values of all seeds are kept, those out of limits too, in the order of the seeds."""
    result = check_precondition(learns("control", 50.0), (), controls(9, 1, low=12.5))
    assert result.values == (80.0,) * 9 + (12.5,)


def test_limits_include_their_ends():
    """At the limit is within it."""
    rule = Precondition(
        role=Role.CONTROL, endpoint=mean("x"), at_least=1.0, at_most=2.0, because="so"
    )
    assert [rule.holds_for(v) for v in (0.99, 1.0, 2.0, 2.01, math.nan)] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_the_role_says_whose_runs_are_looked_at():
    """A precondition on the treatment reads the treatment, and takes its phase from it."""
    good, bad = controls(10, 0), controls(0, 10)
    assert check_precondition(learns("treatment"), good, bad).passed
    assert not check_precondition(learns("control"), good, bad).passed


def test_a_diverged_control_has_not_learned_and_a_diverged_loss_is_not_solved():
    """The two standard rules say what divergence counts as; another rule must, too."""
    diverged = (run(train_accuracy=[math.nan] * 10, train_loss=[math.nan] * 10),)
    assert not check_precondition(learns("control"), (), diverged).passed
    assert check_precondition(unsolved("control"), (), diverged).passed
    rule = Precondition(role=Role.CONTROL, endpoint=mean("train_loss"), at_most=1.0, because="x")
    with pytest.raises(EvidenceError, match="if_diverged"):
        check_precondition(rule, (), diverged)


def test_a_loss_falls_to_a_level_by_the_end_or_not():
    """For a task without an accuracy; looked at in the last tenth; divergence never gets there."""
    late = (run(train_loss=[5e4] * 90 + [1e4] * 10),)
    early = (run(train_loss=[1e4] * 90 + [5e4] * 10),)
    assert check_precondition(falls_to("control", 3e4), (), late).passed
    assert not check_precondition(falls_to("control", 3e4), (), early).passed
    assert not check_precondition(falls_to("control", 3e4), late, early).passed
    assert check_precondition(falls_to("treatment", 3e4), late, early).passed
    diverged = (run(train_loss=[1e4] * 5 + [math.nan] * 5),)
    assert not check_precondition(falls_to("control", 3e4), (), diverged).passed


def test_learning_is_looked_at_at_the_end_and_being_solved_over_the_whole():
    """A network that gets there in the last tenth has learned; a late solution solves nothing."""
    late = (run(train_accuracy=[10.0] * 90 + [80.0] * 10, train_loss=[1.0] * 50 + [0.0] * 50),)
    assert check_precondition(learns("control"), (), late).passed
    assert check_precondition(unsolved("control", 0.4), (), late).passed
    assert not check_precondition(unsolved("control", 0.6), (), late).passed


@pytest.mark.parametrize(
    "wrong",
    [{}, {"at_least": 1.0, "because": " "}, {"at_least": 1.0, "share": 0.0},
     {"at_least": 1.0, "share": 1.1}],
    ids=["no limit", "no reason", "share 0", "share above 1"],
)  # fmt: skip
def test_a_rule_that_says_nothing_is_refused(wrong):
    """A limit, a reason and a share of the seeds."""
    with pytest.raises(ClaimDefinitionError):
        Precondition(**({"role": Role.CONTROL, "endpoint": mean("x"), "because": "so"} | wrong))


# ---------------------------------------------------------------- a network at rest


def norms(*values):
    return (run(gradient_norm=list(values)),)


def share_of(rule, control):
    (value,) = check_precondition(rule, (), control).values
    return value


def test_a_network_that_comes_to_rest_does_not_keep_training():
    """Its loss has fallen and stays: the gradient says so, below a hundredth of its first."""
    rests = norms(*[1000.0] * 5, *[9.9] * 5)
    assert share_of(keeps_training(), rests) == 0.5
    assert not check_precondition(keeps_training(), (), rests).passed
    assert check_precondition(keeps_training(in_share=0.5), (), rests).passed
    assert check_precondition(keeps_training(of_first=0.0099), (), rests).passed


def test_keeping_training_is_looked_at_in_the_arm_that_is_named():
    """A control at rest is not made good by a treatment that trains, nor the other way round."""
    trains, rests = norms(*[1000.0] * 10), norms(1000.0, *[0.0] * 9)
    assert not check_precondition(keeps_training("control"), trains, rests).passed
    assert check_precondition(keeps_training("treatment"), trains, rests).passed


def test_a_passing_plateau_is_part_of_training():
    """One measurement in ten may be below; the limit itself counts as training."""
    assert check_precondition(keeps_training(), (), norms(*[1000.0] * 9, 0.0)).passed
    assert not check_precondition(keeps_training(), (), norms(*[1000.0] * 8, 0.0, 0.0)).passed
    assert check_precondition(keeps_training(), (), norms(1000.0, *[10.0] * 9)).passed


def test_a_gradient_may_grow_and_come_back():
    """The first one is what it is measured by, wherever the phase begins."""
    assert share_of(keeps_training(), norms(1.0, 500.0, 0.02, 1.0)) == 1.0
    last = keeps_training(over=third(3))
    assert share_of(last, norms(*[1000.0] * 6, *[5.0] * 3)) == 0.0
    assert share_of(last, norms(1000.0, *[0.0] * 5, *[10.0] * 3)) == 1.0


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ((4.0, math.nan, math.nan, 4.0), 0.5),
        ((4.0, math.inf, 4.0, 4.0), 0.75),
        ((0.0, 4.0, 4.0, 4.0), 0.0),
        ((math.nan, 4.0, 4.0, 4.0), 0.0),
        ((math.inf, 4.0), 0.0),
        ((1e-300, 1e-301, 1e-303), 2 / 3),
        ((1e300, 1e299, 1e297), 2 / 3),
        ((7.0,), 1.0),
    ],
)
def test_what_is_not_finite_is_not_training(values, share):
    """A diverged run does not keep training, nor does one without a gradient to begin with."""
    assert share_of(keeps_training(), norms(*values)) == pytest.approx(share)


def test_nine_of_ten_seeds_must_keep_training():
    """The rule over all seeds is the one of every precondition."""
    alive, dead = [[5.0] * 10], [[5.0] + [0.0] * 9]
    for dying, passed in ((1, True), (2, False)):
        controls = runs("gradient_norm", *alive * (10 - dying), *dead * dying)
        result = check_precondition(keeps_training(), (), controls)
        assert result.passed is passed
        assert result.values.count(0.1) == dying
    assert result.shortfall == (
        "the share of measurements at which gradient_norm of the control is at least 0.01 times "
        "its first is at least 0.9 in only 80% of the seeds, 90% are needed"
    )


def test_a_phase_without_a_measurement_is_no_evidence():
    """Neither that it trains nor that it rests."""
    with pytest.raises(EvidenceError, match="no measurement"):
        check_precondition(keeps_training(over=third(2)), (), norms(1.0))


@pytest.mark.parametrize("of_first", [0.0, 1.0, -1.0, math.nan])
def test_a_share_of_the_first_gradient_is_one(of_first):
    """Between none and all of it."""
    with pytest.raises(ClaimDefinitionError, match="of_first: got"):
        keeps_training(of_first=of_first)


def test_its_words_say_what_is_looked_at():
    """The declaration's, as a document has it, and its repr, which is hashed."""
    rule = keeps_training("control", 0.05)
    assert rule.rule == "share of measurements with gradient_norm at least 0.05 times its first"
    assert "of_first=0.05" in repr(rule)
    assert "of_first" not in repr(learns("control"))
