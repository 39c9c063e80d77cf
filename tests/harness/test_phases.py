"""Phases: stretches of training by progress, and levels that the control passes or never does."""

import math

import numpy as np
import pytest
from toy_records import run, runs

from harness.declarations.phases import LEAST_SHARE, Phase, after, at, end, third, until, whole
from harness.errors import ClaimDefinitionError


@pytest.mark.parametrize(
    ("phase", "first", "stop"),
    [
        (whole, 0, math.inf),
        (end, 90, math.inf),
        (third(1), 0, 100 / 3),
        (third(2), 100 / 3, 200 / 3),
        (third(3), 200 / 3, math.inf),
    ],
)
def test_fixed_phases_are_shares_of_the_declared_steps(phase, first, stop):
    """A phase that ends with training has no stop: a measurement after the last step is in it."""
    window = phase.window(runs("x", [0.0] * 100))
    assert (window.first, window.stop) == (pytest.approx(first), pytest.approx(stop))
    assert window.deviation is None


def ramp(passes_at, steps=200, high=80.0):
    """Return an accuracy that jumps from 0 to ``high`` at a step."""
    return [0.0] * passes_at + [high] * (steps - passes_at)


def test_after_starts_where_the_slowest_control_has_passed_the_level():
    """The running mean over 25 points must pass in every seed: the latest one sets the start."""
    controls = runs("acc", ramp(20), ramp(60), ramp(40))
    window = after("acc", 40.0).window(controls)
    assert window.first == 60 + 12  # 13 of 25 points at 80 make a mean of 41.6
    assert math.isinf(window.stop)
    assert window.deviation is None


def test_after_a_level_that_is_never_passed_is_the_last_third_and_said():
    """Where one control never gets there the fixed stretch stands in, as a deviation."""
    window = after("acc", 40.0).window(runs("acc", ramp(20), ramp(200)))
    assert window.first == pytest.approx(200 * 2 / 3)
    assert window.deviation.startswith("Earlier phase than the paper: ")
    assert "40 in acc" in window.deviation


@pytest.mark.parametrize(("passes_at", "falls_back"), [(168, False), (169, True)])
def test_after_needs_a_tenth_of_training(passes_at, falls_back):
    """Less than a tenth is too little to average over: the boundary belongs to the level."""
    window = after("acc", 40.0).window(runs("acc", ramp(passes_at)))
    assert (window.deviation is not None) is falls_back
    if not falls_back:
        assert window.first == (1 - LEAST_SHARE) * 200


def test_until_stops_where_the_level_is_passed_and_takes_at_least_a_tenth():
    """Before the level: from the start, never less than a tenth of training."""
    assert until("acc", 40.0).window(runs("acc", ramp(100))).stop == 112
    assert until("acc", 40.0).window(runs("acc", ramp(0))).stop == 24  # the first full mean
    assert until("acc", 40.0).window(runs("acc", ramp(200))).stop == math.inf
    quick = runs("acc", [80.0] * 30, steps=1000)
    assert until("acc", 40.0).window(quick).stop == 100


def test_a_stretch_before_a_level_may_begin_later_than_training():
    """Its start holds: the first tenth is left out."""
    late = Phase(name="p", start=0.1, metric="acc", level=40.0, before=True)
    window = late.window(runs("acc", ramp(100)))
    assert (window.first, window.stop) == (20, 112)


def test_a_run_shorter_than_the_running_mean_is_averaged_as_a_whole():
    """With fewer than 25 points there is one mean, at the last step, which alone is left."""
    assert after("acc", 40.0).window(runs("acc", [80.0] * 10)).first == 9
    assert after("acc", 40.0).window(runs("acc", [0.0] * 6 + [80.0] * 4)).deviation is not None
    assert after("acc", 40.0).window(runs("acc", [], steps=10)).deviation is not None


def test_a_running_mean_at_the_level_has_passed_it():
    """At least the level is enough: 30, 50, 30, 50 have a mean of exactly 40 at step 3."""
    control = runs("acc", [30.0, 50.0, 30.0, 50.0], steps=100)
    assert after("acc", 40.0).window(control).first == 3


@pytest.mark.parametrize(("progress", "picked"), [(0.4, [2]), (0.41, []), (0.3, [1])])
def test_nothing_stands_for_a_moment_after_a_run_diverged(progress, picked):
    """Its last measurement stands for its own step and those before; of two as near, the earlier.

    Measured at 0, 20 and 40 of 100 steps, then diverged.
    """
    window = at(progress).window(runs("acc", [1.0] * 3, steps=100))
    assert window.nearest == pytest.approx(100 * progress)
    found = window.picks(np.array([0, 20, 40]), ended=True)
    assert np.flatnonzero(found).tolist() == picked


def test_the_last_points_alone_pass_no_level():
    """One high batch is no level passed: the mean over 25 points has to."""
    spike = [0.0] * 100 + [100.0] + [0.0] * 99
    assert after("acc", 40.0).window(runs("acc", spike)).deviation is not None


def test_a_control_that_diverged_never_passes():
    """NaN in the running mean is not above any level."""
    values = [0.0] * 20 + [math.nan] * 180
    assert after("acc", 40.0).window(runs("acc", ramp(20), values)).deviation is not None
    early = ramp(20)[:60] + [math.nan] * 140
    assert after("acc", 40.0).window(runs("acc", early)).deviation is None


def test_sparse_measurements_count_as_points_not_steps():
    """A metric measured every tenth step passes at a step, not at an index."""
    control = run(acc=[0.0] * 5 + [80.0] * 45, at=range(0, 500, 10), steps=500)
    window = after("acc", 40.0).window((control,))
    assert window.first == 240  # the first mean of 25 points ends there


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": 0.5, "stop": 0.5},
        {"start": -0.1},
        {"stop": 1.1},
        {"start": math.nan},
        {"metric": "acc"},
        {"level": 3.0},
    ],
)
def test_a_phase_that_makes_no_sense_is_refused(wrong):
    """Shares lie in [0, 1] in order; metric and level come together."""
    with pytest.raises(ClaimDefinitionError):
        Phase(name="p", **wrong)


def test_there_are_three_thirds():
    """A fourth third is refused."""
    with pytest.raises(ClaimDefinitionError, match="third: got 4; expected 1, 2 or 3"):
        third(4)
