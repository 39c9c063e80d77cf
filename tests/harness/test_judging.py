"""From records to a verdict: what is withheld, void, undecidable or decided."""

import math
from dataclasses import replace

import numpy as np
import pytest
from toy_records import METRICS, PLAIN, UP, run, runs

from harness.declarations.cells import Cell
from harness.declarations.claim import Alternative, Question
from harness.declarations.endpoints import gmean, mean, reaches
from harness.declarations.hypotheses import Above, Equivalent, MoreOften, NotBelow, ShareAbove
from harness.declarations.preconditions import learns
from harness.verdicts.decision import decide
from harness.verdicts.judging import Runs, judge_cell
from harness.words import Verdict

rng = np.random.default_rng(3)
HIGH = [80.0 + x for x in rng.normal(size=10)]
LOW = [60.0 + x for x in rng.normal(size=10)]


def arms(treatment=HIGH, control=LOW, metric="train_accuracy"):
    return Runs(
        treatment=runs(metric, *[[v] for v in treatment]),
        control=runs(metric, *[[v] for v in control]),
    )


def question(**parts):
    asked = {
        "slug": "toy", "statement": "It rises.", "cell": Cell(), "cells": 1, "treatment": UP,
        "control": PLAIN, "endpoint": mean("train_accuracy"),
        "hypothesis": Above(5.0, because="so"),
    }  # fmt: skip
    return Question(**(asked | parts))


def judge(asked, records, *, alpha=0.01, **more):
    return judge_cell(asked, records, metrics=METRICS, alpha=alpha, **more)


def test_the_verdict_is_that_of_decide_on_the_gains():
    """Nothing is added to the decision: same evidence as decide on treatment minus control."""
    judged = judge(question(), arms())
    evidence = decide([t - c for t, c in zip(HIGH, LOW, strict=True)],
                      Above(5.0, because="so"), 0.01, unit="points")  # fmt: skip
    assert judged.verdict is Verdict.SUPPORTED
    assert judged.evidence == evidence
    assert judged.seeds == tuple(range(10))


def test_gains_are_paired_by_seed():
    """Noise that both arms share cancels; with the control's seeds mixed up it would not."""
    common = rng.normal(scale=50.0, size=10)
    small = [1.0 + 0.01 * x for x in rng.normal(size=10)]
    records = arms([c + s for c, s in zip(common, small, strict=True)], list(common))
    endpoint = mean("train_accuracy")
    judged = judge(question(endpoint=endpoint, hypothesis=Above(0.5, because="so")), records)
    assert judged.verdict is Verdict.SUPPORTED
    assert judged.correlation.r > 0.99
    turned = Runs(treatment=records.treatment, control=records.control[::-1])
    assert judge(question(), turned).verdict is Verdict.ERROR


@pytest.mark.parametrize("slip", ["order", "missing", "twice", "other"])
def test_arms_that_are_not_paired_are_an_error(slip):
    """Seeds in another order, missing, doubled or different: never a verdict."""
    records = arms()
    control = {
        "order": records.control[::-1],
        "missing": records.control[:-1],
        "twice": (*records.control[:-1], records.control[0]),
        "other": (*records.control[:-1], replace(records.control[-1], seed=77)),
    }[slip]
    judged = judge(question(), Runs(treatment=records.treatment, control=control))
    assert judged.verdict is Verdict.ERROR
    assert "unpaired" in judged.reason
    assert judged.evidence is None


def test_a_seed_that_counts_twice_in_both_arms_is_an_error():
    """Ten records of nine seeds are not ten seeds."""
    twice = tuple(replace(r, seed=min(r.seed, 8)) for r in arms().treatment)
    judged = judge(question(), Runs(treatment=twice, control=twice))
    assert judged.verdict is Verdict.ERROR


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_non_finite_run_is_an_error_with_its_seed(bad):
    """Nine good seeds do not outvote one that diverged."""
    judged = judge(question(), arms(treatment=[*HIGH[:9], bad]))
    assert judged.verdict is Verdict.ERROR
    assert "seed 9: train_accuracy" in judged.reason


def test_withheld_comes_before_everything_that_was_decided():
    """At quick scale or with other seeds: INCONCLUSIVE, the numbers beside it."""
    failing = question(preconditions=(learns("control", 90.0),))
    for asked in (question(), failing):
        judged = judge(asked, arms(), withheld="Too small.")
        assert judged.verdict is Verdict.INCONCLUSIVE
        assert judged.reason.startswith("Too small. The 98 % interval")
        assert judged.evidence.verdict is Verdict.INCONCLUSIVE
        assert judged.evidence.p < 1e-6


def test_what_cannot_be_computed_is_an_error_where_verdicts_are_withheld():
    """A quick run is no ground for INVALID either, whatever its precondition says."""
    asked = question(preconditions=(learns("control", 30.0),))
    broken = arms(control=[math.nan] * 5 + LOW[5:])
    assert judge(asked, broken).verdict is Verdict.INVALID
    assert judge(asked, broken, withheld="Too small.").verdict is Verdict.ERROR


def test_seeds_needed_are_those_of_what_the_gains_leave_undecided():
    """Not of what a rule withholds: more seeds would not give it a verdict."""
    decided, undecided = arms(), arms([80.0 + 9 * x for x in range(-5, 5)])
    asked = question(hypothesis=Above(14.0, because="so"))
    assert judge(question(), decided, withheld="Too small.").power.n_needed is None
    assert judge(asked, undecided, withheld="Too small.").power.n_needed > 10


def test_a_failed_precondition_voids_whatever_was_decided():
    """INVALID, with the rule and the share; the numbers stay."""
    judged = judge(question(preconditions=(learns("control", 90.0),)), arms())
    assert judged.verdict is Verdict.INVALID
    assert "train_accuracy of the control is at least 90 in only 0% of the seeds" in judged.reason
    assert judged.evidence.estimate > 15
    assert judged.evidence.refuted_kind is None


def test_a_refuted_claim_under_a_failed_precondition_is_invalid():
    """The void comparison refutes nothing either."""
    asked = question(preconditions=(learns("control", 90.0),))
    assert judge(asked, arms(LOW, HIGH)).verdict is Verdict.INVALID


def test_all_preconditions_must_hold():
    """One of two that fails is enough, and only that one is named."""
    asked = question(preconditions=(learns("control", 20.0), learns("treatment", 99.0)))
    judged = judge(asked, arms())
    assert judged.verdict is Verdict.INVALID
    assert "of the treatment" in judged.reason
    assert "of the control" not in judged.reason
    assert [result.passed for result in judged.preconditions] == [True, False]


@pytest.mark.parametrize("limit", [0.0, 100.0])
def test_both_arms_at_one_limit_are_invalid(limit):
    """At a ceiling or floor in every seed of both arms nothing can be told apart."""
    asked = question(hypothesis=NotBelow(-1.0, because="so"))
    judged = judge(asked, arms([limit] * 10, [limit] * 10))
    assert judged.verdict is Verdict.INVALID
    assert "sits at a limit of training accuracy" in judged.reason
    one_off = judge(asked, arms([limit] * 10, [limit] * 9 + [50.0]))
    assert one_off.verdict is not Verdict.INVALID


@pytest.mark.parametrize(
    "hypothesis",
    [Above(1.5, because="so"), NotBelow(0.5, because="so"), Equivalent(2.0, because="so")],
)
@pytest.mark.parametrize(
    ("rule", "value"),
    [({"ceiling": 1e6}, 1e7), ({"floor": 1e-6}, 1e-9), ({"if_diverged": 5e4}, math.inf)],
)
def test_what_an_endpoint_cannot_tell_apart_is_invalid(rule, value, hypothesis):
    """A declared ceiling, floor or stand-in in every seed of both arms says nothing of their ratio.

    One seed of one arm elsewhere, and the rest is a comparison again.
    """
    asked = question(endpoint=gmean("train_loss", **rule), hypothesis=hypothesis)
    judged = judge(asked, arms([value] * 10, [value] * 10, metric="train_loss"))
    assert judged.verdict is Verdict.INVALID
    assert "in both arms" in judged.reason
    one_off = arms([value] * 10, [value] * 9 + [1.0], metric="train_loss")
    assert judge(asked, one_off).verdict is not Verdict.INVALID


def test_arms_at_opposite_limits_are_judged():
    """All against nothing is the largest difference there is."""
    assert judge(question(), arms([100.0] * 10, [0.0] * 10)).verdict is Verdict.SUPPORTED


def test_a_yes_no_claim_has_only_limits_and_is_judged():
    """Yes in every seed against no in every seed: exact McNemar."""
    asked = question(endpoint=reaches("train_accuracy", 50.0), hypothesis=MoreOften())
    assert judge(asked, arms([80.0] * 10, [10.0] * 10)).verdict is Verdict.SUPPORTED
    assert judge(asked, arms([80.0] * 10, [80.0] * 10)).verdict is Verdict.INCONCLUSIVE
    assert judge(asked, arms([10.0] * 10, [80.0] * 10)).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([80.0] * 10, "yes on every seed"),
        ([10.0] * 10, "no on every seed"),
        ([80.0] * 3 + [10.0] * 7, "yes on the same 3 of 10 seeds"),
    ],
)
def test_arms_that_answer_alike_on_every_seed_say_what(values, said):
    """Both always and both never are other findings; the claim is as undecided by either."""
    asked = question(endpoint=reaches("train_accuracy", 50.0), hypothesis=MoreOften())
    alike = "The arms differ on none of the 10 seeds, so none favours either."
    assert judge(asked, arms(values, values)).reason == f"Both arms answer {said}. {alike}"
    one_off = arms(values, [30.0 if v > 50 else 90.0 for v in values[:1]] + values[1:])
    assert "Both arms answer" not in judge(asked, one_off).reason


def test_a_claim_about_one_arm_needs_no_control():
    """The share of seeds that say yes, against a declared share."""
    asked = question(
        control=None, endpoint=reaches("train_accuracy", 50.0),
        hypothesis=ShareAbove(0.5, because="so"),
    )  # fmt: skip
    judged = judge(asked, Runs(treatment=arms().treatment))
    assert judged.verdict is Verdict.SUPPORTED
    assert judged.correlation is None


def test_cells_share_alpha_for_refutation_alone():
    """With k cells SUPPORTED needs p <= alpha and REFUTED p <= alpha / k."""
    gain = np.array([-1.0, 1.0] * 5) * 1.0
    for shift, verdicts in ((-1.05, (Verdict.REFUTED, Verdict.INCONCLUSIVE)),
                            (1.05, (Verdict.SUPPORTED, Verdict.SUPPORTED))):  # fmt: skip
        got = []
        for cells in (1, 50):
            asked = question(hypothesis=Above(0.0), cells=cells)
            treatment = [50.0 + g + shift for g in gain]
            got.append(judge(asked, arms(treatment, [50.0] * 10), alpha=0.01).verdict)
        assert tuple(got) == verdicts


def test_an_alternative_that_cannot_be_computed_is_shown_as_such():
    """Another definition never decides: where it fails it is listed as not available."""
    broken = (
        Alternative(name="log of zero", endpoint=gmean("range"),
                    hypothesis=Above(1.0, because="so")),
        Alternative(name="huge", endpoint=mean("train_loss")),
    )  # fmt: skip
    records = [
        run(seed, train_accuracy=[HIGH[seed]], range=[0.0], train_loss=[1e200])
        for seed in range(10)
    ]
    control = [
        run(seed, train_accuracy=[LOW[seed]], range=[0.0], train_loss=[1.0]) for seed in range(10)
    ]
    judged = judge(
        question(alternatives=broken), Runs(treatment=tuple(records), control=tuple(control))
    )
    assert judged.verdict is Verdict.SUPPORTED
    shown = {s.name: s for s in judged.sensitivity}
    assert not shown["log of zero"].available
    assert "declare a floor" in shown["log of zero"].note
    assert not shown["huge"].available


def test_an_alternative_that_disagrees_makes_the_claim_fragile():
    """The loss falls where accuracy rises: a definition with the other sign contradicts."""
    other = (Alternative(name="loss", endpoint=mean("train_loss", better="higher"),
                         hypothesis=Above(0.0)),)  # fmt: skip
    both = [
        tuple(run(s, train_accuracy=[a[s]], train_loss=[(100.0 - a[s]) / 40]) for s in range(10))
        for a in (HIGH, LOW)
    ]
    judged = judge(question(alternatives=other), Runs(treatment=both[0], control=both[1]))
    assert judged.verdict is Verdict.SUPPORTED
    assert any(each.contradicts for each in judged.sensitivity)
    assert not any(each.contradicts for each in judge(question(), arms()).sensitivity)


def test_the_bootstrap_depends_on_the_runs_alone():
    """Judged twice it is the same, number by number; other seeds draw other samples."""
    one, again = judge(question(), arms()), judge(question(), arms())
    assert one == again
    moved = Runs(
        treatment=tuple(replace(r, seed=r.seed + 100) for r in arms().treatment),
        control=tuple(replace(r, seed=r.seed + 100) for r in arms().control),
    )
    other = judge(question(), moved)
    assert other.evidence.gains == one.evidence.gains
    assert repr(other.sensitivity) != repr(one.sensitivity)


@pytest.mark.parametrize(("diverged", "verdict"), [(1, Verdict.ERROR), (5, Verdict.INVALID)])
def test_a_control_that_diverges_voids_the_comparison_where_a_precondition_says_so(
    diverged, verdict
):
    """Five of ten controls that never learned are a void comparison, not a broken machine."""
    control = [math.nan] * diverged + LOW[diverged:]
    asked = question(preconditions=(learns("control", 30.0),))
    judged = judge(asked, arms(control=control))
    assert judged.verdict is verdict
    assert "not finite" in judged.reason or "nan" in judged.reason


def test_runs_say_what_trained_them():
    """Two processors in one set of runs are both named, once."""
    first, second = (replace(run(seed, range=[1.0]), hardware={"cpu": cpu}) for seed, cpu in
                     enumerate(("Xeon", "EPYC")))  # fmt: skip
    assert Runs(treatment=(first, second), control=(first,)).hardware("cpu") == "EPYC; Xeon"
    assert Runs(treatment=(first,)).hardware("card") == ""


def test_loss_levels_that_some_seed_does_not_pass_are_named():
    """A comparison at matched losses says at which of its levels it was made."""
    at = Alternative(name="matched", endpoint=mean("train_loss", at_losses=(1.8, 1.0)))
    low, high = (
        tuple(run(s, train_accuracy=[70.0 + s], train_loss=[start, 0.5]) for s in range(10))
        for start in (1.5, 2.0)
    )
    shown = judge(question(alternatives=(at,)), Runs(treatment=low, control=high)).sensitivity[-1]
    assert (shown.available, shown.note) == (
        True, "At a loss of 1 alone: not every seed passes 1.8 from above."
    )  # fmt: skip
    every = judge(question(alternatives=(at,)), Runs(treatment=high, control=high)).sensitivity[-1]
    assert every.note == ""
    deciding = judge(question(endpoint=at.endpoint), Runs(treatment=low, control=high))
    assert deciding.measured.deviations == (shown.note,)
