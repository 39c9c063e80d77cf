"""Preconditions on an arm that no side compares: trained, checked and shown like the others."""

from collections import Counter
from dataclasses import replace

import pytest
from toy_bench import ToyBench, toy
from toy_projects import text_of
from toy_records import METRICS, PLAIN, UP, run, runs

from harness.admission.attempts import Budget
from harness.admission.declaration import declared_question
from harness.bench import Arm, Scale
from harness.declarations.cells import Cell
from harness.declarations.claim import Claim, Question, Source
from harness.declarations.endpoints import mean, reaches
from harness.declarations.hypotheses import Above, ShareAbove
from harness.declarations.preconditions import (
    OtherRuns,
    check_precondition,
    falls_to,
    keeps_training,
    learns,
    unsolved,
)
from harness.declarations.readings import Reading
from harness.declarations.side_questions import applies, changed
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.imports.imported_document import unchecked
from harness.runs.keys import sha256
from harness.verdicts.judging import Runs, judge_cell
from harness.words import Role, Verdict
from reports.cells import cell_view
from reports.checking.whole import disagreements
from reports.render import render
from reports.shape import first_misfit

STILL = Arm.of("toy", name="still")
QUIET = 'toy(name="quiet")'
LEARNS = f"preconditions=[learns({QUIET}, 30.0)],"
BROKEN = {
    "treatment": 'toy(name="noise", accuracy=20.0)',
    "control": "None",
    "endpoint": 'reaches("train_accuracy", 30.0, better="lower")',
    "hypothesis": 'ShareAbove(0.4, because="so")',
}
"""A claim about one arm: noise prevents training. Of the quiet arm's runs all reach 30 %."""
DEAD = QUIET.replace(")", ", accuracy=20.0)")


def cell_of(project, claim=0):
    return project.document["claims"][claim]["cells"][0]


def assert_sound(project):
    assert (disagreements(project.document), first_misfit(project.document)) == ((), None)


def counted(project):
    return Counter(name for name, *_ in project.trained)


# ---------------------------------------------------------------- one rule, from records


def others(*rows, arm=STILL):
    return (OtherRuns(arm=arm, label="the still one", runs=runs("train_accuracy", *rows)),)


@pytest.mark.parametrize(("low", "passed"), [(0, True), (1, True), (2, False)])
def test_the_rule_reads_the_runs_of_its_own_arm(low, passed):
    """Nine of ten seeds, neither the treatment's nor the control's; every value is kept."""
    rows = [[80.0]] * (10 - low) + [[10.0]] * low
    dead = runs("train_accuracy", *[[10.0]] * 10)
    result = check_precondition(learns(STILL, 30.0), dead, dead, others(*rows))
    assert result.passed is passed
    assert result.values == (80.0,) * (10 - low) + (10.0,) * low
    assert not check_precondition(learns("control", 30.0), dead, dead, others(*rows)).passed


def test_the_outcome_names_the_arm_as_a_reader_calls_it():
    """In the sentence that voids a verdict, for each kind of rule."""
    result = check_precondition(learns(STILL, 30.0), (), (), others([10.0]))
    assert result.shortfall == (
        "train_accuracy of the still one is at least 30 in only 0% of the seeds, 90% are needed"
    )
    rest = (OtherRuns(arm=STILL, label="it", runs=(run(gradient_norm=[9.0, 0.0]),)),)
    result = check_precondition(keeps_training(STILL), (), (), rest)
    assert result.values == (0.5,)
    assert "at which gradient_norm of it is at least 0.01 times its first" in result.shortfall


def test_every_rule_takes_an_arm():
    """The four that are ready-made."""
    for rule in (learns, unsolved, falls_to, keeps_training):
        assert rule(STILL).other_arm == STILL
        assert rule("control").other_arm is None


def test_a_rule_without_the_runs_of_its_arm_is_an_error_and_no_pass():
    """An empty set of seeds would meet any rule."""
    with pytest.raises(EvidenceError, match="got no runs of Arm"):
        check_precondition(learns(STILL), (), (), others([80.0], arm=PLAIN))


def one_arm(**parts):
    asked = {
        "slug": "toy", "statement": "It breaks.", "cell": Cell(), "cells": 1, "treatment": UP,
        "control": None, "endpoint": reaches("train_accuracy", 30.0, better="lower"),
        "hypothesis": ShareAbove(0.4, because="so"), "preconditions": (learns(STILL, 30.0),),
    }  # fmt: skip
    return Question(**(asked | parts))


def test_a_claim_about_one_arm_is_void_where_the_arm_without_it_fails_too():
    """INVALID, with the arm and the reason; SUPPORTED without the precondition."""
    low = runs("train_accuracy", *[[10.0]] * 10)
    found = Runs(treatment=low, others=others(*[[10.0]] * 10))
    judged = judge_cell(one_arm(), found, metrics=METRICS, alpha=0.01)
    assert judged.verdict is Verdict.INVALID
    assert "train_accuracy of the still one is at least 30 in only 0%" in judged.reason
    unasked = judge_cell(one_arm(preconditions=()), found, metrics=METRICS, alpha=0.01)
    assert unasked.verdict is Verdict.SUPPORTED
    missing = judge_cell(one_arm(), Runs(treatment=low), metrics=METRICS, alpha=0.01)
    assert missing.verdict is Verdict.ERROR


def test_its_runs_are_of_the_same_seeds_and_machines():
    """Paired like the sides; cut where they are cut; their hardware is named, too."""
    low = runs("train_accuracy", *[[10.0]] * 4)
    found = Runs(treatment=low, others=others(*[[80.0]] * 4))
    assert [len(other.runs) for other in found.first(2).others] == [2]
    assert found.first(2).seeds == (0, 1)
    with pytest.raises(EvidenceError, match="unpaired: got seeds"):
        _ = Runs(treatment=low, others=others(*[[80.0]] * 3)).seeds
    elsewhere = (OtherRuns(arm=STILL, label="", runs=(replace(run(), hardware={"cpu": "Xeon"}),)),)
    assert Runs(treatment=low, others=elsewhere).hardware("cpu") == "Xeon"


def test_readings_change_it_as_they_change_the_sides():
    """By its kind; a reading of its kind alone applies, too."""
    words = {"name": "n", "leaves_open": "x", "because": "y"}
    asked = one_arm(preconditions=(learns(STILL, 30.0), learns("treatment", 1.0)))
    assert asked.judged_arms == (UP, STILL)
    there = changed(asked, Reading(changes={"sd": 2.0}, **words).of_kind)
    assert there.preconditions[0] == learns(STILL.replaced(sd=2.0), 30.0)
    assert there.preconditions[1] == asked.preconditions[1]
    assert there.arms == (UP.replaced(sd=2.0), STILL.replaced(sd=2.0))
    other = one_arm(preconditions=(learns(Arm.of("other", name="x"), 30.0),))
    assert applies(Reading(changes={"other": {"depth": 3}}, **words), other)
    assert not applies(Reading(changes={"other": {"depth": 3}}, **words), asked)


def test_imported_values_name_the_arm_that_they_do_not_show():
    """What must be known of numbers whose runs are not here."""
    asked = one_arm(preconditions=(learns(toy(name="still"), 30.0), unsolved("treatment")))
    (_, said) = unchecked(asked, ToyBench(scale="desk", options={}))
    assert "train_accuracy of toy still at least 30; train_loss of the treatment" in said


# ---------------------------------------------------------------- the declaration


OF_BEFORE = "f6d25aec547a1b4f4f7df2b0ca8588abf8f617be1cd102b9fd3903dd4ee0816b"
"""Of the claim below, by the code before there were other arms."""


def declared(*rules):
    claim = Claim(
        slug="a", statement="It rises.", source=Source(section="1"), preconditions=list(rules),
        treatment=toy(name="up", accuracy=80.0), control=toy(), endpoint=mean("train_accuracy"),
        hypothesis=Above(5.0, because="so"),
    )  # fmt: skip
    budget = Budget(scale=Scale(name="desk", seeds=tuple(range(10))), alpha=0.05)
    (question,) = claim.questions()
    return sha256(declared_question(question, ToyBench(scale="desk", options={}), budget))


def test_claims_without_other_arms_are_declared_as_they_were():
    """Their hash is that of the code before: the ledger knows them by it."""
    assert declared(learns("control", 30.0), unsolved(), keeps_training()) == OF_BEFORE
    assert repr(learns("control")).startswith("Precondition(role=<Role.CONTROL: 'control'>, ")


def test_another_arm_is_part_of_what_was_declared():
    """Which arm, and how it is trained."""
    rules = ((), (learns("control"),), (learns(toy(name="still")),), (learns(toy(name="x")),),
             (learns(toy(name="still", sd=2.0)),))  # fmt: skip
    assert len({declared(*rule) for rule in rules}) == len(rules)


# ---------------------------------------------------------------- whole sessions


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one", "two workers"])
def test_it_is_trained_and_checked_beside_the_sides(project, workers):
    """Over the claim's seeds, each run once; what it says is in the document and on the card."""
    project.claim(**BROKEN, more=LEARNS)
    result = project.start(*workers) if workers else project.run()
    assert result.ret == 0
    assert counted(project) == {"noise": 10, "quiet": 10}
    assert project.verdicts == {"toy-rises": "SUPPORTED"}
    assert_sound(project)
    (condition,) = cell_of(project)["preconditions"]
    assert (condition["role"], condition["arm"], condition["passed"]) == (
        "other",
        "toy quiet",
        True,
    )
    assert condition["text"].startswith("toy quiet: mean of train_accuracy over")
    assert len(condition["values"]) == 10
    cell = cell_of(project)
    assert [arm["label"] for arm in cell["arms"]["others"]] == ["toy quiet"]
    rows = cell["runs"]["others"]
    assert [(row["arm"], row["seed"]) for row in rows] == [("toy quiet", s) for s in range(10)]
    assert project.document["claims"][0]["cost"]["runs"] == 20


def test_the_card_shows_it_apart_from_what_is_compared(project):
    """Its arm, its values and its runs; "Compared" names the sides alone."""
    project.claim(**BROKEN, more=LEARNS)
    project.run()
    view = cell_view(cell_of(project))
    assert view.compared == "toy noise"
    assert [(arm.role, arm.label) for arm in view.arms][:2] == [
        ("treatment", "toy noise"), ("taken for granted", "toy quiet")
    ]  # fmt: skip
    assert any(line.startswith("toy quiet, seed 9: ") for line in view.runs)
    page = render(project.document)
    assert "toy quiet: mean of training accuracy over the last tenth of training" in page


def test_where_it_fails_the_claim_is_void(project):
    """INVALID instead of SUPPORTED: the network was dead without the noise."""
    project.claim(**BROKEN, more=f"preconditions=[learns({DEAD}, 30.0)],")
    project.run()
    assert project.verdicts == {"toy-rises": "INVALID"}
    assert "train_accuracy of toy quiet is at least 30 in only 0%" in cell_of(project)["reason"]
    assert_sound(project)


def test_its_runs_are_shared_with_claims_and_figures_that_have_the_arm(project):
    """As a control elsewhere, and as a line of the claim's own figure."""
    project.family("toy-rises", "toy-other")
    extra = f'figures=(curve("A", "train_accuracy", extra=(("quiet", {QUIET}),)),),'
    project.claim(**BROKEN, more=LEARNS + extra)
    project.claim("toy-other", control=QUIET)
    project.run()
    assert counted(project) == {"noise": 10, "quiet": 10, "up": 10}
    (drawn,) = project.document["claims"][0]["figures"]
    assert [line["role"] for line in drawn["lines"]] == ["treatment", "other"]
    assert_sound(project)


def test_a_run_of_it_that_fails_or_is_missing_costs_the_verdict(project):
    """ERROR, and NOT RUN from a store without it, as for any arm of the claim."""
    project.claim(**BROKEN, more=LEARNS.replace('"quiet"', '"quiet", raises=True'))
    assert project.run().ret != 0
    assert project.verdicts == {"toy-rises": "ERROR"}
    assert "toy training broke" in cell_of(project)["reason"]
    assert_sound(project)
    project.claim(**BROKEN, more=LEARNS)
    result = project.run("--judge-only")
    assert result.ret != 0
    assert "toy quiet" in text_of(result)
    assert project.verdicts["toy-rises"] not in ("SUPPORTED", "REFUTED", "INCONCLUSIVE", "INVALID")


SPAN = 'span(reaches("range", 1.0), "sd")'
REFUSED = {
    "no arm": ('learns("quiet")', "role: got 'quiet'; expected 'treatment' or 'control', or one"),
    "a number": ("learns(30.0)", "role: got 30.0; expected 'treatment' or 'control', or one"),
    "a sweep": (
        'learns(sweep("sd", (1.0, 2.0), lambda sd: toy(sd=sd)))',
        "expected 'treatment' or 'control', or one arm that the claim does not compare",
    ),
    "a control that is not there": (
        'learns("control")', "precondition on the control, but the claim has none; expected"
    ),
    "no arm of the bench": ("learns(toy(refuse=1))", "toy-rises: arm: got Arm("),
    "the treatment": (
        'learns(toy(name="noise", accuracy=20.0))',
        "got the arm toy noise, which is the treatment's at this scale; expected 'treatment', or",
    ),
    "no metric of it": (
        'keeps_training(toy(name="quiet"))', "metric: got 'gradient_norm'; toy quiet measures range"
    ),
    "two of one name": (
        'learns(toy(name="quiet")), learns(toy(name="quiet", sd=2.0))',
        "got two arms that both read toy quiet; expected the same arm in both",
    ),
    "a span": (
        f'Precondition(role={QUIET}, endpoint={SPAN}, at_least=0.1, because="so")',
        "other arms take no span",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "said"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_arm_is_refused_at_collection(project, rules, said):
    """What was got, what was expected; nothing is trained."""
    project.claim(**BROKEN, more=f"preconditions=[{rules}],")
    result = project.run()
    assert result.ret == 2
    assert said in " ".join(text_of(result).replace("\nE ", " ").split())
    assert project.trained == []


def test_two_rules_may_be_about_one_arm(project):
    """It is trained once and listed once."""
    project.claim(**BROKEN, more=f"preconditions=[learns({QUIET}, 30.0), unsolved({QUIET}, 0.1)],")
    project.run()
    assert counted(project) == {"noise": 10, "quiet": 10}
    cell = cell_of(project)
    assert (len(cell["preconditions"]), len(cell["arms"]["others"])) == (2, 1)
    assert_sound(project)


WEAK = (
    'readings=(Reading(name="weak", leaves_open="the level", changes={"accuracy": 20.0}, '
    'because="it may be"), Reading(name="wide", leaves_open="the spread", changes={"sd": 2.0}, '
    'because="it may be")),'
)
SCOPE = 'scope=Scope(rows=("accuracy", (20.0, 60.0)), columns=("sd", (1.0,))),'


def test_a_reading_under_which_it_fails_is_void(project):
    """INVALID where everything is dead, where it would be SUPPORTED; the other reading stands."""
    project.claim(**BROKEN, more=LEARNS + WEAK)
    project.run("--full")
    rows = {row["name"]: row for row in cell_of(project)["readings"]}
    assert [rows[name]["verdict"] for name in ("weak", "wide")] == ["INVALID", "SUPPORTED"]
    assert rows["weak"]["failed_preconditions"] == [
        "train_accuracy of toy quiet is at least 30 in only 0% of the seeds, 90% are needed"
    ]
    assert rows["wide"]["arms"]["others"] == ["toy quiet"]
    assert counted(project) == {"noise": 20, "quiet": 30}  # the treatment is as weak already
    assert not rows["weak"]["same"]  # its other arm is another
    assert project.verdicts == {"toy-rises": "SUPPORTED"}
    assert_sound(project)


def test_a_place_of_the_scope_changes_it_as_the_sides(project):
    """Void where it is dead; the claim's own place has the runs that are there."""
    control = {"treatment": 'toy(name="up", depth=2)', "control": 'toy(name="down", depth=1)',
               "hypothesis": 'Equivalent(50.0, because="so")'}  # fmt: skip
    project.claim(**control, more=LEARNS + SCOPE)
    project.run("--scope")
    points = project.document["claims"][0]["scope"]["points"]
    assert [(p["verdict"], p["own"]) for p in points] == [("INVALID", False), ("SUPPORTED", True)]
    assert counted(project) == {"up": 20, "down": 20, "quiet": 20}
    assert_sound(project)


def test_it_is_looked_at_with_the_seeds_of_each_look(project):
    """No seed of it is trained before the look that needs it; void looks go on to the next."""
    project.claim(more=LEARNS + "looks=(6, 10),")
    project.run()
    assert counted(project) == {"up": 6, "plain": 6, "quiet": 6}
    assert len(cell_of(project)["preconditions"][0]["values"]) == 6
    assert_sound(project)
    project.claim(more=f"preconditions=[learns({DEAD}, 30.0)], looks=(6, 10),")
    project.run("--no-ledger")
    assert project.verdicts == {"toy-rises": "INVALID"}
    assert len(cell_of(project)["preconditions"][0]["values"]) == 10
    assert_sound(project)


def test_another_attempt_has_it_on_its_own_seeds(project):
    """From 100 on, as the sides."""
    level = {"treatment": 'toy(name="level", accuracy=65.2)'}
    project.claim(**level, more=LEARNS)
    project.run("--update-ledger")
    (project.root / "trained.log").unlink()
    project.claim(**level, more=LEARNS + 'attempt=2, because_again="the spread was wider",')
    project.run()
    assert {seed for name, seed, _ in project.trained if name == "quiet"} == set(range(100, 110))
    assert_sound(project)


def test_a_sweep_may_ask_for_one_arm(project):
    """Without a span; also for one that stands at a place of it."""
    before = (
        "def of(name, end):\n    return sweep('rate', decades(0.1, 10.0, 1), lambda rate: toy(\n"
        "        name=f'{name}-{rate:.3g}', accuracy=80.0 if rate < end else 20.0))\n"
    )
    project.claim(
        treatment='of("wide", 5)', control='of("narrow", 0.5)', before=before,
        endpoint='span(reaches("train_accuracy", 50.0), "rate")',
        hypothesis='Above(0.35, because="so")',
        more='preconditions=[learns(toy(name="narrow-0.1", accuracy=80.0), 30.0)],',
    )  # fmt: skip
    project.run()
    assert project.verdicts == {"toy-rises": "SUPPORTED"}
    assert len(project.trained) == 60
    assert_sound(project)


def test_changes_of_whose_it_was_are_found(project):
    """Another arm, another side, and runs of another arm or seed."""
    project.claim(**BROKEN, more=LEARNS)
    project.run()

    def said(change):
        document = project.document
        change(document["claims"][0]["cells"][0])
        return disagreements(document)

    def of_nobody(cell):
        cell["preconditions"][0]["arm"] = "toy loud"

    def of_the_control(cell):
        cell["preconditions"][0]["role"] = str(Role.CONTROL)

    def without_a_seed(cell):
        del cell["runs"]["others"][3]

    def of_two(cell):
        cell["runs"]["others"][3]["arm"] = "toy loud"

    assert "which is none of its cell's arms" in said(of_nobody)[0]
    assert "of the control 'toy quiet', which is none" in said(of_the_control)[0]
    assert "unpaired: runs of the others at toy quiet have seeds" in said(without_a_seed)[0]
    assert any("runs of the others at toy loud" in text for text in said(of_two))


def test_a_wrong_kind_says_what_to_do():
    """A typed error where it is written."""
    with pytest.raises(ClaimDefinitionError, match="or one arm that the claim does not compare"):
        learns(5)  # type: ignore[arg-type]
