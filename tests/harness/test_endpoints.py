"""Endpoints: one number per run, against numbers worked out by hand; nothing dropped in silence."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from toy_records import METRICS, run, runs

from harness.bench import Metric
from harness.declarations.endpoints import Aggregate, Endpoint, gmean, mean, median, reaches
from harness.declarations.measuring import measure
from harness.declarations.phases import Phase, end, third
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.records import Series
from harness.verdicts.gains import gains
from harness.words import Better, Transform

PERCENT, NATS = METRICS["train_accuracy"], METRICS["range"]
NONFINITE = [math.nan, math.inf, -math.inf]


def value(endpoint, *rows, **more):
    return measure(endpoint, runs("range", *rows, **more), ()).treatment


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (mean("range"), 4.0),
        (median("range"), 3.0),
        (gmean("range"), (9 * 1 * 3 * 3 * 4) ** (1 / 5)),
        (Endpoint(metric="range", aggregate=Aggregate.MAXIMUM), 9.0),
    ],
)
def test_each_aggregate_against_hand_numbers(endpoint, expected):
    """Mean, median of an unsorted series, geometric mean and maximum of 9, 1, 3, 3, 4."""
    assert value(endpoint, [9.0, 1.0, 3.0, 3.0, 4.0]) == (pytest.approx(expected),)


def test_a_phase_takes_its_own_steps():
    """The middle third of six steps is steps 2 and 3."""
    assert value(mean("range", over=third(2)), [0, 1, 20, 30, 4, 5]) == (25.0,)


def test_a_measurement_after_the_last_step_belongs_to_the_end():
    """What is measured once, when training is over, is the end's value."""
    late = run(range=[7.0], at=[60], steps=60)
    assert measure(mean("range", over=end), (late,), ()).treatment == (7.0,)


def test_a_late_phase_between_sparse_measurements_takes_the_last_one():
    """Where probes are sparse the last measurement stands for the end of training."""
    sparse = run(range=[1.0, 2.0, 3.0], at=[0, 20, 40], steps=60)
    assert measure(mean("range", over=end), (sparse,), ()).treatment == (3.0,)


def test_a_phase_without_a_measurement_is_an_error():
    """An early phase is never judged by a measurement from after it."""
    late = run(range=[7.0], at=[59], steps=60)
    with pytest.raises(EvidenceError, match="seed 0: range has no measurement in the first third"):
        measure(mean("range", over=third(1)), (late,), ())
    with pytest.raises(EvidenceError):
        measure(mean("range"), (run(range=[], steps=60),), ())


def test_a_run_that_stopped_being_measured_where_it_diverged_is_not_finite():
    """A diverged run whose series ends early has no value at the end of training."""
    stopped = run(range=[1.0, 1.0, 1.0], at=[0, 20, 40], steps=60, diverged_at=41)
    with pytest.raises(EvidenceError, match="if_diverged"):
        measure(mean("range", over=end), (stopped,), ())
    declared = mean("range", over=end, if_diverged=99.0)
    assert measure(declared, (stopped,), ()).treatment == (99.0,)


@pytest.mark.parametrize("bad", NONFINITE)
@pytest.mark.parametrize("aggregate", list(Aggregate))
@pytest.mark.parametrize("floor", [None, 0.5])
def test_a_non_finite_value_is_never_dropped(bad, aggregate, floor):
    """One NaN or infinity in the phase makes the run diverged, whatever aggregate and floor."""
    endpoint = Endpoint(metric="range", aggregate=aggregate, floor=floor)
    with pytest.raises(EvidenceError, match="seed 1: range"):
        value(endpoint, [1.0, 2.0, 3.0, 4.0], [1.0, bad, 3.0, 4.0])
    declared = Endpoint(metric="range", aggregate=aggregate, floor=floor, if_diverged=42.0)
    assert value(declared, [1.0, 1.0, 1.0, 1.0], [1.0, bad, 3.0, 4.0]) == (pytest.approx(1.0), 42.0)


def test_a_non_finite_value_outside_the_phase_plays_no_part():
    """A run that recovered is judged by its phase."""
    assert value(mean("range", over=end), [math.nan] + [2.0] * 9) == (2.0,)


def test_the_floor_holds_for_each_value_before_the_logarithm():
    """With floor 0.1 the values 0, 0.1 and 10 have the geometric mean (0.1 * 0.1 * 10)^(1/3)."""
    expected = (0.1 * 0.1 * 10) ** (1 / 3)
    assert value(gmean("range", floor=0.1), [0.0, 0.1, 10.0]) == (pytest.approx(expected),)


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_a_geometric_mean_of_what_is_not_positive_is_an_error(bad):
    """Zero has no logarithm: a floor has to be declared."""
    with pytest.raises(EvidenceError, match="declare a floor"):
        value(gmean("range"), [1.0, bad])


def test_a_missing_metric_is_an_error_with_what_there_is():
    """The message lists the metrics of the record."""
    with pytest.raises(EvidenceError, match=r"seed 0: no metric 'speed'; got \['range'\]"):
        value(mean("speed"), [1.0])
    with pytest.raises(EvidenceError, match="speed"):
        value(mean("range", over=Phase(name="p", metric="speed", level=1.0)), [1.0])


def test_the_control_sets_the_phase_of_both_arms():
    """The stretch after a level is found on the control and taken of the treatment, too."""
    control = runs("range", [0.0] * 100 + [80.0] * 100)
    treatment = runs("range", [80.0] * 100 + [5.0] * 100)
    phase = Phase(name="after", start=2 / 3, metric="range", level=40.0)
    measured = measure(mean("range", over=phase), treatment, control)
    assert measured.treatment == (5.0,)
    assert measured.deviations == ()


@pytest.mark.parametrize(("better", "expected"), [("higher", (2.0, -3.0)), ("lower", (-2.0, 3.0))])
def test_gains_are_treatment_minus_control_signed_for_the_paper(better, expected):
    """Positive is what the paper says, per seed, in the order of the seeds."""
    endpoint = mean("range", better=better)
    measured = measure(endpoint, runs("range", [3.0], [1.0]), runs("range", [1.0], [4.0]))
    assert gains(endpoint, measured, NATS) == expected


def test_gains_on_log_are_logarithms_of_ratios():
    """A treatment three times the control has the gain log 3, and -log 3 where lower is better."""
    for better, sign in (("higher", 1), ("lower", -1)):
        endpoint = gmean("range", better=better)
        measured = measure(endpoint, runs("range", [6.0]), runs("range", [2.0]))
        assert gains(endpoint, measured, NATS) == (pytest.approx(sign * math.log(3)),)


def test_gains_on_logit_use_the_metrics_own_range():
    """80 % against 50 % of a metric from 0 to 100 are odds of 4 against 1."""
    endpoint = mean("range", transform="logit")
    measured = measure(endpoint, runs("range", [80.0]), runs("range", [50.0]))
    assert gains(endpoint, measured, PERCENT) == (pytest.approx(math.log(4)),)
    shifted = Metric(label="x", unit="", low=-1.0, high=1.0)
    measured = measure(endpoint, runs("range", [0.5]), runs("range", [0.0]))
    assert gains(endpoint, measured, shifted) == (pytest.approx(math.log(3)),)


@pytest.mark.parametrize("at_limit", [0.0, 100.0])
def test_a_logit_at_its_limit_is_an_error(at_limit):
    """Zero or all has no finite odds."""
    endpoint = mean("range", transform="logit")
    measured = measure(endpoint, runs("range", [at_limit]), runs("range", [50.0]))
    with pytest.raises(EvidenceError, match="logit cannot take"):
        gains(endpoint, measured, PERCENT)


def test_the_logit_of_a_metric_without_limits_is_an_error():
    """Without a ceiling there are no odds: the metric must have both limits."""
    endpoint = mean("range", transform="logit")
    measured = measure(endpoint, runs("range", [0.8]), runs("range", [0.5]))
    with pytest.raises(EvidenceError, match="needs a metric with both limits"):
        gains(endpoint, measured, NATS)


def test_unpaired_arms_have_no_gains():
    """Three treatments and two controls cannot be paired by seed."""
    three, two = runs("range", [1.0], [2.0], [3.0]), runs("range", [1.0], [2.0])
    measured = measure(mean("range"), three, two)
    with pytest.raises(EvidenceError, match="unpaired: got 3 treatment and 2 control"):
        gains(mean("range"), measured, NATS)


def test_one_arm_claims_take_the_endpoint_itself():
    """Without a control the gain is the value."""
    endpoint = reaches("range", 2.0, over=Phase(name="all"))
    measured = measure(endpoint, runs("range", [1.0], [2.0], [3.0]), ())
    assert gains(endpoint, measured, NATS) == (0.0, 1.0, 1.0)


def test_a_yes_no_rule_is_about_the_end_of_training():
    """Unless it says otherwise: nine tenths of training play no part."""
    assert value(reaches("range", 50.0), [0.0] * 9 + [50.0], [90.0] * 9 + [0.0]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ({}, (0.0, 100.0)),
        ({"floor": 2.0, "ceiling": 50.0}, (2.0, 50.0)),
        ({"floor": -1.0, "ceiling": 200.0}, (0.0, 100.0)),
    ],
    ids=["the metric's", "those of the rule", "the metric's, which are tighter"],
)
def test_the_limits_of_an_endpoint_are_the_tighter_ones(rule, limits):
    """Between what the metric can be and what values count as: beyond them nothing differs."""
    assert mean("train_accuracy", **rule).limits(PERCENT) == limits


def test_yes_no_endpoints_count_a_diverged_run_as_declared():
    """The level is compared with what a diverged run counts as; at the level is a yes."""
    endpoint = reaches("range", 50.0, if_diverged=10.0)
    assert value(endpoint, [50.0], [49.9], [math.nan]) == (1.0, 0.0, 0.0)


def test_at_losses_interpolates_between_measurements():
    """At loss 1.5, first reached between probes, the metric lies on the line between them."""
    loss = [3.0 - 0.5 * step for step in range(7)]  # 1.5 at step 3
    one = run(train_loss=loss, range=[10.0 * step for step in range(7)])
    endpoint = mean("range", at_losses=(1.5,))
    assert measure(endpoint, (one,), (one,)).treatment == (pytest.approx(30.0),)
    sparse = run(train_loss=loss, steps=7)
    sparse = type(sparse)(
        seed=0, steps=7, series={**sparse.series, **run(range=[0.0, 100.0], at=[2, 4]).series}
    )
    assert measure(endpoint, (sparse,), ()).treatment == (pytest.approx(50.0),)


def test_a_loss_is_reached_by_the_running_mean_over_25_steps_at_their_middle():
    """Of a loss that falls by 1 a step that is the loss itself; one low batch reaches nothing."""
    loss = [1000.0 - step for step in range(200)]
    loss[50] -= 300.0  # 60 of a mean over 5 steps, 12 of one over 25
    one = run(train_loss=loss, range=[float(step) for step in range(200)])
    rule = mean("range", at_losses=(900.0,))
    assert measure(rule, (one,), ()).treatment == (pytest.approx(100.0),)


def test_at_losses_takes_only_levels_that_every_seed_of_both_arms_reaches():
    """A level that one run misses is left out for all; if none is left it is an error."""
    fast = run(0, train_loss=[3.0, 2.0, 1.0, 0.5], range=[1.0, 2.0, 3.0, 4.0])
    slow = run(0, train_loss=[3.0, 2.5, 2.2, 2.0], range=[5.0, 6.0, 7.0, 8.0])
    measured = measure(mean("range", at_losses=(2.0, 1.0)), (fast,), (slow,))
    assert (measured.treatment, measured.control) == ((2.0,), (8.0,))
    with pytest.raises(EvidenceError, match="from above: those from 2 to 3"):
        measure(mean("range", at_losses=(0.7,)), (fast,), (slow,))
    diverged = run(0, train_loss=[3.0, math.nan, math.nan, math.nan], range=[1.0] * 4)
    with pytest.raises(EvidenceError, match="from above: there are none"):
        measure(mean("range", at_losses=(2.0,)), (fast,), (diverged,))


def test_words_are_checked_where_they_are_written():
    """An unknown direction, transform or aggregate lists the known ones."""
    for wrong in ({"better": "smaller"}, {"transform": "sqrt"}):
        with pytest.raises(ClaimDefinitionError, match="expected one of"):
            mean("range", **wrong)
    with pytest.raises(ClaimDefinitionError, match="aggregate: got 'mode'"):
        Endpoint(metric="range", aggregate="mode")
    with pytest.raises(ClaimDefinitionError, match="none beside a yes/no rule"):
        reaches("range", 1.0, transform="log")
    endpoint = mean("range", better="lower", transform="log")
    assert (endpoint.better, endpoint.transform) == (Better.LOWER, Transform.LOG)


@pytest.mark.parametrize(
    ("endpoint", "metric", "unit"),
    [
        (mean("x"), PERCENT, "points"),
        (mean("x"), NATS, "nats"),
        (gmean("x"), NATS, ""),
        (reaches("x", 1.0), PERCENT, ""),
    ],
)
def test_the_unit_of_a_gain(endpoint, metric, unit):
    """Points for percentages, nothing for factors and yes/no."""
    assert endpoint.unit(metric) == unit


def test_an_oracle_for_random_series():
    """Mean and median of 200 random values over a third agree with numpy on the same slice."""
    values = np.random.default_rng(0).normal(size=300)
    for make, oracle in ((mean, np.mean), (median, np.median)):
        (got,) = value(make("range", over=third(2)), values)
        assert got == pytest.approx(oracle(values[100:200]))


def test_a_level_that_a_run_begins_below_is_not_reached():
    """No step of a run has a loss that it is below from the start: nothing is matched there."""
    low = run(0, train_loss=[1.0, 0.9, 0.8, 0.7], range=[1.0, 2.0, 3.0, 4.0])
    high = run(0, train_loss=[3.0, 2.0, 1.5, 0.8], range=[5.0, 6.0, 7.0, 8.0])
    measured = measure(mean("range", at_losses=(1.5, 0.8)), (low,), (high,))
    assert (measured.treatment, measured.control) == ((3.0,), (8.0,))


def test_a_claim_that_an_arm_fails_counts_its_failures():
    """One arm, better="lower": a run that does not reach the level favours the claim."""
    fails = reaches("train_accuracy", 30.0, better="lower")
    learned, stuck = run(0, train_accuracy=[80.0]), run(1, train_accuracy=[10.0])
    measured = measure(fails, (learned, stuck), ())
    assert measured.treatment == (1.0, 0.0)
    assert gains(fails, measured, METRICS["train_accuracy"]) == (0.0, 1.0)


def test_a_yes_no_endpoint_says_which_answer_counts():
    """Yes is always at least the level, as the values are; where lower is better, no is good."""
    metric = METRICS["train_accuracy"]
    higher = reaches("train_accuracy", 30.0).text(metric)
    assert (
        higher
        == "whether the mean of training accuracy over the last tenth of training is at least 30 %"
    )
    lower = reaches("train_accuracy", 30.0, better="lower").text(metric)
    assert lower == f"{higher} (no favours the claim)"


def test_a_relative_endpoint_divides_step_by_step():
    """4/2, 9/3 at the steps that both metrics have; not the quotient of two aggregates."""
    one = run(range=[4.0, 9.0], speed=[2.0, 3.0])
    assert measure(mean("range", relative_to="speed"), (one,), ()).treatment == (2.5,)
    sparse = run(range=[1.0, 9.0], at=[0, 30], steps=60)
    both = replace(sparse, series={**sparse.series, "speed": Series(steps=(30,), values=(3.0,))})
    assert measure(mean("range", relative_to="speed"), (both,), ()).treatment == (3.0,)


def test_a_relative_endpoint_says_what_it_cannot_divide():
    """No step in common, a missing divisor and a division by zero are errors, never a number."""
    apart = run(range=[1.0], at=[0], steps=60)
    apart = replace(apart, series={**apart.series, "speed": Series(steps=(30,), values=(3.0,))})
    with pytest.raises(EvidenceError, match="range and speed have no step in common"):
        measure(mean("range", relative_to="speed"), (apart,), ())
    with pytest.raises(EvidenceError, match="no metric 'speed'"):
        measure(mean("range", relative_to="speed"), (run(range=[1.0]),), ())
    for top in (1.0, 0.0, math.nan):
        with pytest.raises(EvidenceError, match=r"range is (inf|nan)"):
            measure(mean("range", relative_to="speed"), (run(range=[top], speed=[0.0]),), ())


def test_a_relative_endpoint_is_divided_at_loss_levels_too():
    """The quotient is what is read where the loss passes a level."""
    losses = [4.0, 3.0, 2.0, 1.0]
    one = run(train_loss=losses, range=[8.0, 6.0, 4.0, 2.0], speed=[4.0, 2.0, 8.0, 1.0])
    rule = mean("range", relative_to="speed", at_losses=(2.0,))
    assert measure(rule, (one,), ()).treatment == (0.5,)


@pytest.mark.parametrize("wild", [1e30, *NONFINITE])
def test_a_ceiling_takes_what_overflows_while_the_run_goes_on(wild):
    """One overflow counts as the ceiling, and the rest of the run as it is."""
    assert value(gmean("range", ceiling=100.0), [1.0, wild]) == (pytest.approx(10.0),)
    assert value(mean("range", ceiling=100.0), [1.0, 99.0]) == (50.0,)


def test_a_ceiling_does_not_make_a_diverged_run_one_that_goes_on():
    """From the step at which training diverged its values stay not finite."""
    rows = run(range=[1.0, math.inf, math.nan, math.nan], diverged_at=2)
    with pytest.raises(EvidenceError, match="declare if_diverged"):
        measure(mean("range", ceiling=100.0), (rows,), ())
    counted = mean("range", ceiling=100.0, if_diverged=7.0)
    assert measure(counted, (rows,), ()).treatment == (7.0,)


def test_a_relative_endpoint_says_so_in_words():
    """The rule that a card prints names the divisor."""
    assert "relative to speed over" in mean("range", relative_to="speed").text(NATS)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"ceiling": -1.0}, "ceiling: got -1.0"),
        ({"ceiling": math.nan}, "ceiling: got nan"),
        ({"ceiling": "big"}, "ceiling: got 'big'"),
        ({"ceiling": 1.0, "floor": 2.0}, "above the floor"),
        ({"ceiling": 2.0, "floor": 2.0}, "above the floor"),
        ({"against": math.inf}, "against: got inf"),
        ({"floor": True}, "floor: got True"),
        ({"at_losses": (-1.0,)}, "losses above 0"),
        ({"at_losses": 1.0}, "losses above 0"),
        ({"relative_to": "train_loss"}, "relative_to: got 'train_loss'"),
    ],
    ids=str,
)
def test_numbers_of_an_endpoint_that_make_no_sense_are_refused(rule, named):
    """At once, and not after the training, with what was got and what was expected."""
    with pytest.raises(ClaimDefinitionError, match=re.escape(named)):
        mean("train_loss", **rule)
