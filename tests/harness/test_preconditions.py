"""Preconditions: one rule over all seeds, that voids the comparison or does nothing."""

import math

import pytest
from toy_records import run, runs

from harness.endpoints import mean
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.preconditions import Precondition, check_precondition, falls_to, learns, unsolved
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
