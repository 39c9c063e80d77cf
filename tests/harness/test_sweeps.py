"""Sweeps: how wide a range is, worked out by hand, and verdicts on ranges."""

import itertools
import math
from dataclasses import replace

import pytest
from toy_bench import ToyBench, toy
from toy_records import METRICS, runs

from harness.admission.validation import validate
from harness.declarations.claim import Alternative, Claim, Source
from harness.declarations.endpoints import mean, reaches, span
from harness.declarations.figures import curve
from harness.declarations.hypotheses import Above, Equivalent, NotBelow
from harness.declarations.measuring import measure
from harness.declarations.preconditions import Precondition, learns
from harness.declarations.sweeps import (
    Span,
    Sweep,
    SweptRun,
    arms_of,
    changed_side,
    decades,
    sweep,
    swept,
)
from harness.documents.sweep_panel import common, sweep_panel
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.runs.keys import KeyMaker
from harness.verdicts.judging import Runs, judge_cell
from harness.words import Role, Verdict
from reports.checking.whole import disagreements

RATES = decades(0.01, 10.0, 2)
BENCH = ToyBench(scale="desk", options={})


def swept_arm(name, *, places=RATES):
    return sweep("rate", places, lambda rate: toy(name=f"{name}{rate:g}"))


WIDE, NARROW = swept_arm("wide"), swept_arm("narrow")
TRAINS = reaches("train_accuracy", 50.0, if_diverged=0.0)
RANGE = span(TRAINS, "rate")
CLAIM = Claim(
    slug="toy-widens", statement="It widens.", source=Source(section="1"), treatment=WIDE,
    control=NARROW, endpoint=RANGE, hypothesis=Above(0.35, because="so"),
)  # fmt: skip


def records(side, held):
    """Return swept runs of a side: one row per seed, one yes or no per place."""
    columns = zip(*held, strict=True)
    return swept(
        side, [runs("train_accuracy", *[[90.0 if x else 10.0] for x in col]) for col in columns]
    )


def row(*successful):
    return [i in successful for i in range(len(RATES))]


def check(claim):
    validate(claim, bench=BENCH, keys=KeyMaker(BENCH), scale=BENCH.scales()[1], alpha=0.01)


@pytest.mark.parametrize(
    "places",
    [("a", "b"), (1.0, None), (True, 2.0), (1.0, math.inf), (math.nan, 1.0), 0.1, "0.1", None],
    ids=repr,
)
def test_places_that_are_no_numbers_are_refused(places):
    """Before an arm is made of them, with what was got and what was expected."""
    asked = []
    with pytest.raises(ClaimDefinitionError, match=r"sweep of the rate: got places .*; expected"):
        sweep("rate", places, asked.append)
    assert asked == []


@pytest.mark.parametrize("points", [(1, 2), ((0.1, toy(name="a")), (1.0, 5)), ((0.1,), (1.0,)), 3])
def test_points_that_are_no_pairs_of_place_and_arm_are_refused(points):
    """A sweep holds arms, whoever makes it."""
    with pytest.raises(ClaimDefinitionError, match=r"sweep of the rate: got .*; expected"):
        Sweep(axis="rate", points=points)


@pytest.mark.parametrize(
    "ends", [("a", 1.0, 2), (0.0, 1.0, 2), (-1.0, 1.0, 2), (0.1, math.inf, 2), (0.1, 1.0, 0),
             (0.1, 1.0, "2")], ids=repr
)  # fmt: skip
def test_decades_of_no_numbers_are_refused(ends):
    """Not an error of a logarithm."""
    with pytest.raises(ClaimDefinitionError, match=r"decades: got .*; expected"):
        decades(*ends)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hypothesis": Above(3.5, because="so")}, "bound: got 3.5 decades"),
        ({"hypothesis": Above(40.0, because="so")}, "bound: got 40 decades"),
        ({"hypothesis": Equivalent(3.5, because="so")}, "bound: got 3.5 decades"),
        ({"hypothesis": NotBelow(-4.0, because="so")}, "bound: got -4 decades"),
        ({"alternatives": (
            Alternative(name="wide", endpoint=RANGE, hypothesis=Above(9.0, because="so")),
        )}, "bound: got 9 decades"),
        ({"preconditions": [
            Precondition(role=Role.CONTROL, endpoint=RANGE, at_least=3.6, because="so")
        ]}, "precondition: got at least 3.6 decades"),
    ],
)  # fmt: skip
def test_a_bound_as_wide_as_the_sweep_is_refused(changed, said):
    """Seven half decades: no gain is beyond 3.5, so the verdict would be known beforehand."""
    with pytest.raises(ClaimDefinitionError) as refused:
        check(replace(CLAIM, **changed))
    text = str(refused.value)
    assert said in text
    assert "3.5 decades wide" in text
    assert "expected" in text
    check(replace(CLAIM, hypothesis=Above(3.4, because="so")))


def test_half_decades_are_round_where_they_can_be():
    """0.1 is 0.1, to the bit, so that an arm at 0.1 is the arm that other claims train."""
    assert decades(0.01, 10.0, 2)[::2] == (0.01, 0.1, 1.0, 10.0)
    assert decades(0.01, 10.0, 2)[1] == pytest.approx(10**-1.5)
    assert decades(1e-7, 1e-6, 1) == (1e-7, 1e-6)
    with pytest.raises(ClaimDefinitionError, match="does not end"):
        decades(0.01, 0.5, 2)


@pytest.mark.parametrize(
    ("successful", "width", "filled"),
    [((), 0.0, 0.0), ((3,), 0.5, 0.5), ((0, 1, 2), 1.5, 1.5), ((1, 2, 4), 1.5, 2.0),
     ((0, 6), 1.0, 3.5), (range(7), 3.5, 3.5)],
)  # fmt: skip
def test_a_width_counts_each_place_with_its_stretch(successful, width, filled):
    """Half a decade each: none is 0, a hole is not counted unless it is filled."""
    held = row(*successful)
    assert Span(axis="rate").width(WIDE, held) == width
    assert Span(axis="rate", filled=True).width(WIDE, held) == filled


def test_uneven_places_stand_for_half_the_way_to_their_neighbours():
    """1, 10, 1000: stretches of 1, 1.5 and 2 decades; the ends reach as far out as in."""
    uneven = swept_arm("x", places=(1.0, 10.0, 1000.0))
    assert [uneven.width(row) for row in ([1, 0, 0], [0, 1, 0], [0, 0, 1])] == [1.0, 1.5, 2.0]
    assert uneven.decades == 4.5


def test_equal_numbers_of_places_are_equal_widths():
    """Wherever they lie: no rounding error makes two seeds differ."""
    widths = {WIDE.width(row(i, i + 1)) for i in range(6)}
    assert widths == {1.0}


def test_gains_of_a_third_of_a_decade_are_equal_whatever_they_are_the_difference_of():
    """Else they would count as measured numbers that scatter by 1e-9, and their t test as one."""
    thirds = sweep("rate", decades(0.1, 10.0, 3), lambda rate: toy(name=f"{rate:g}"))
    widths = [thirds.width([i < n for i in range(7)]) for n in range(8)]
    gains = [wider - narrower for narrower, wider in itertools.pairwise(widths)]
    assert max(gains) - min(gains) < 1e-12
    assert thirds.decades == pytest.approx(7 / 3, abs=1e-8)


@pytest.mark.parametrize("places", [(0.1,), (0.1, 0.1), (1.0, 0.1), (0.0, 1.0), (-1.0, 1.0)])
def test_places_that_make_no_axis_are_refused(places):
    """At least two, positive, ascending."""
    with pytest.raises(ClaimDefinitionError, match="sweep of the rate: got places"):
        sweep("rate", places, lambda rate: toy(name=str(rate)))


def test_one_arm_at_two_places_is_refused():
    """The setting must be the one that the axis says."""
    with pytest.raises(ClaimDefinitionError, match="one arm at two places"):
        sweep("rate", (0.1, 1.0), lambda _: toy())


def test_other_settings_replace_those_of_every_arm():
    """A sweep with momentum is the same sweep of other arms."""
    changed = changed_side(WIDE, lambda arm: arm.replaced(sd=2.0))
    assert changed.places == WIDE.places
    assert {arm["sd"] for arm in changed.arms} == {2.0}


def test_a_swept_run_is_of_one_seed():
    """Runs of different seeds are no run."""
    first, second = runs("train_accuracy", [1.0], [2.0])
    with pytest.raises(EvidenceError, match="expected one seed"):
        SweptRun(sweep=WIDE, runs=(first, second))


def test_the_endpoint_of_a_seed_is_the_width_over_its_own_runs():
    """Three seeds with ranges of their own."""
    found = measure(RANGE, records(WIDE, [row(1, 2), row(), row(0, 1, 2, 5)]), ())
    assert found.treatment == (1.0, 0.0, 2.0)
    assert RANGE.unit(METRICS["train_accuracy"]) == "decades"
    assert "decades of the rate at which the mean of training accuracy" in RANGE.text(
        METRICS["train_accuracy"]
    )


def test_a_diverged_run_is_no_success():
    """As the rule inside says: if_diverged is below its level."""
    side = swept_arm("x", places=(1.0, 10.0))
    diverged = swept(side, [runs("train_accuracy", [90.0]), runs("train_accuracy", [math.nan])])
    assert measure(RANGE, diverged, ()).treatment == (1.0,)


def test_sweeps_and_spans_need_each_other():
    """A width of one arm, or one number of many arms, is no endpoint."""
    for endpoint, side in ((mean("train_accuracy"), records(WIDE, [row(1)])),
                           (RANGE, runs("train_accuracy", [1.0]))):  # fmt: skip
        with pytest.raises(EvidenceError, match="need each other"):
            measure(endpoint, side, ())


def judged(wide, narrow, **parts):
    asked = replace(CLAIM, **parts).questions()[0]
    found = Runs(treatment=records(WIDE, wide), control=records(NARROW, narrow))
    return judge_cell(asked, found, metrics=METRICS, alpha=0.01)


def test_a_gain_is_the_wider_range_seed_by_seed():
    """Widths in decades, treatment minus control, decided like any other gain."""
    wide = [row(1, 2, 3, 4)] * 5 + [row(1, 2, 3)] * 5
    found = judged(wide, [row(1, 2)] * 10)
    assert found.evidence.gains == (1.0,) * 5 + (0.5,) * 5
    assert found.verdict is Verdict.SUPPORTED
    assert found.seeds == tuple(range(10))
    assert judged([row(1, 2)] * 10, wide).verdict is Verdict.REFUTED


def test_equal_gains_on_the_grid_are_a_sign_test():
    """Every seed one place wider: the interval is the point."""
    found = judged([row(1, 2, 3)] * 10, [row(1, 2)] * 10)
    assert found.evidence.ci == (0.5, 0.5)
    assert found.evidence.test == "sign test (equal gains)"
    assert found.verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("everywhere", [row(), row(*range(7))])
def test_ranges_that_are_empty_or_the_whole_sweep_in_both_arms_are_void(everywhere):
    """A sweep that ends before either network does tells them not apart."""
    found = judged([everywhere] * 10, [everywhere] * 10)
    assert found.verdict is Verdict.INVALID
    assert "sits at a limit of the sweep" in found.reason


def test_a_precondition_may_be_on_the_width():
    """A control that trains nowhere says nothing about ranges."""
    somewhere = Precondition(
        role=Role.CONTROL, endpoint=RANGE, at_least=0.25, because="it trains somewhere"
    )
    found = judged([row(1)] * 10, [row()] * 10, preconditions=[somewhere])
    assert found.verdict is Verdict.INVALID
    assert "decades of the rate of the control is at least 0.25 in only 0%" in found.reason


WRONG = {
    "sweep against arm": {"control": toy()},
    "other places": {"control": swept_arm("narrow", places=(0.1, 1.0))},
    "no span": {"endpoint": mean("train_accuracy")},
    "yes/no without span": {"endpoint": TRAINS},
    "span of another axis": {"endpoint": span(TRAINS, "width")},
    "span of arms": {"treatment": toy(name="up"), "control": toy()},
    "precondition without span": {"preconditions": (learns("control"),)},
    "figure": {"figures": (curve("F", "train_loss"),)},
    "one arm on both sides": {"control": Sweep(axis="rate", points=WIDE.points)},
}


@pytest.mark.parametrize("parts", WRONG.values(), ids=WRONG)
def test_sweeps_that_cannot_be_judged_are_refused(parts):
    """Both sides are sweeps of the same places, judged by spans of their axis."""
    with pytest.raises(ClaimDefinitionError):
        check(replace(CLAIM, **parts))


def test_a_sweep_that_can_be_judged_is_not_refused():
    """The claim that the refusals start from."""
    check(CLAIM)
    assert len(CLAIM.questions()[0].arms) == 14


@pytest.mark.parametrize(
    "rule", [mean("train_accuracy"), reaches("train_accuracy", 50.0, at_losses=(1.0,))]
)
def test_a_span_is_of_a_yes_no_rule_over_a_phase(rule):
    """Anything else has no width."""
    with pytest.raises(ClaimDefinitionError, match="span: got no yes/no rule"):
        span(rule, "rate")


def test_the_panel_has_shares_with_exact_intervals_and_the_width_with_its_own():
    """Clopper-Pearson of 10 of 10 is 69.15 % to 100 %; of 0 of 10, 0 to 30.85 %."""
    found = Runs(
        treatment=records(WIDE, [row(0, 1, 2)] * 5 + [row(0, 1, 2, 3)] * 5),
        control=records(NARROW, [row(1)] * 10),
    )
    panel = sweep_panel(CLAIM.questions()[0], found, BENCH)
    treatment, control = panel["lines"]
    assert treatment["mid"] == [100.0, 100.0, 100.0, 50.0, 0.0, 0.0, 0.0]
    assert control["yes"] == [0, 10, 0, 0, 0, 0, 0]
    assert (treatment["low"][0], treatment["high"][0]) == pytest.approx((69.15, 100.0), abs=0.01)
    assert (treatment["low"][6], treatment["high"][6]) == pytest.approx((0.0, 30.85), abs=0.01)
    half_width = 2.2622 * 0.26352 / math.sqrt(10)  # t of 9 degrees, the sd of 5 x 1.5 and 5 x 2
    assert treatment["width"]["mean"] == 1.75
    assert treatment["width"]["ci95"] == pytest.approx([1.75 - half_width, 1.75 + half_width], 1e-4)
    assert control["width"] == {"mean": 0.5, "ci95": [0.5, 0.5], "unit": "decades"}
    assert panel["sweep"]["progress"] == pytest.approx([i / 6 for i in range(7)])
    assert "holds at the lowest rate, 0.01, in 10 of 10 seeds" in panel["note"]
    assert "highest" not in panel["note"]


def test_labels_keep_what_all_arms_share():
    """The learning rate is the axis, not a part of the network's name."""
    labels = ["VGG, no norm, LR 0.1", "VGG, no norm, LR 1"]
    assert common(labels) == "VGG, no norm"


def test_arms_of_nothing_are_none():
    """A claim about one side has no control."""
    assert arms_of(None) == ()


SWEEP = """
def of(name, end):
    return sweep("rate", decades(0.1, 10.0, 2), lambda rate: toy(
        name=f"{name}-{rate:.3g}", accuracy=80.0 if rate < end else 20.0, sd=5.0))
"""


def test_a_sweep_is_trained_judged_and_drawn(project):
    """Ten arms of ten seeds become ten gains; the document lists every arm and run."""
    project.claim(
        treatment='of("wide", 5)', control='of("narrow", 0.5)', before=SWEEP,
        endpoint='span(reaches("train_accuracy", 50.0), "rate")',
        hypothesis='Above(0.35, because="so")',
    )  # fmt: skip
    assert project.run().ret == 0
    (claim,) = project.document["claims"]
    (cell,) = claim["cells"]
    assert claim["verdict"] == "SUPPORTED"
    assert cell["gains"] == [1.0] * 10
    assert (cell["unit"], claim["cost"]["runs"]) == ("decades", 100)
    arm = cell["arms"]["treatment"]
    assert arm["label"] == "rate 0.1 to 10 (5 places)"
    assert [place["label"] for place in arm["places"]][1] == "toy wide-0.316"
    assert arm["settings"]["sd"] == 5.0
    assert arm["places"][4]["settings"] == {"accuracy": 20.0, "name": "wide-10"}
    assert {row["at"] for row in cell["runs"]["control"]} == {
        "rate 0.1", "rate 0.316", "rate 1", "rate 3.16", "rate 10",
    }  # fmt: skip
    (figure,) = claim["figures"]
    assert (figure["kind"], figure["lines"][0]["mid"]) == ("sweep", [100.0] * 4 + [0.0])
    assert project.run("--judge-only").ret == 0
    assert len(project.trained) == 100


def test_a_reading_changes_every_arm_of_a_sweep(project):
    """With --full the whole sweep is trained again with the other setting, and judged alike."""
    reading = 'Reading(name="wild", leaves_open="sd", changes={"sd": 6.0}, because="so")'
    project.claim(
        treatment='of("wide", 5)', control='of("narrow", 0.5)', before=SWEEP,
        endpoint='span(reaches("train_accuracy", 50.0), "rate")',
        hypothesis='Above(0.35, because="so")', more=f"readings=({reading},),",
    )  # fmt: skip
    assert project.run("--full").ret == 0
    (claim,) = project.document["claims"]
    (row,) = claim["cells"][0]["readings"]
    assert (row["verdict"], row["gains"]) == ("SUPPORTED", [1.0] * 10)
    assert row["arms"]["control"] == "rate 0.1 to 10 (5 places)"
    assert len(project.trained) == 200
    assert disagreements(project.document) == ()


def test_equivalent_ranges_may_be_claimed_too():
    """Nothing about a sweep is tied to one hypothesis."""
    check(replace(CLAIM, hypothesis=Equivalent(0.75, because="so")))
