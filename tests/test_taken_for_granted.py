"""What the claim about noise alone takes for granted: the network learns without it."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench import Metric
from harness.declarations.preconditions import OtherRuns
from harness.declarations.side_questions import readings_of
from harness.records import RunRecord, Series
from harness.runs.keys import KeyMaker
from harness.verdicts.judging import Runs, judge_cell
from harness.words import Verdict
from models.bench import VisionBench
from models.menu import vgg

FAMILY = Path(__file__).parents[1] / "claims" / "santurkar_2018"
ACCURACY = {"train_accuracy": Metric(label="training accuracy", unit="%", low=0.0, high=100.0)}


def question_of(slug):
    """Return what a claim without cells asks."""
    path = FAMILY / f"test_{slug.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (question,) = module.CLAIM.questions()
    return question


NOISE = question_of("noise-alone-breaks-standard")
MOMENTUM = {reading.name: asked for reading, asked in readings_of(NOISE)}["momentum 0.9"]


def flat(accuracy):
    """Return ten runs whose training accuracy never moves."""
    series = Series(steps=tuple(range(10)), values=(accuracy,) * 10)
    return tuple(RunRecord(seed=s, steps=10, series={"train_accuracy": series}) for s in range(10))


def verdict(asked, with_noise, without):
    """Return the verdict where the accuracies are these."""
    others = tuple(OtherRuns(arm=a, label="", runs=flat(without)) for a in asked.other_arms)
    runs = Runs(treatment=flat(with_noise), others=others)
    return judge_cell(asked, runs, metrics=ACCURACY, alpha=0.002).verdict


def test_it_asks_for_the_same_network_by_the_threshold_of_its_own_endpoint():
    """30 % over the last tenth of training, of the network that differs in the noise alone."""
    (rule,) = NOISE.preconditions
    assert (rule.at_least, rule.endpoint.over) == (NOISE.endpoint.at_least, NOISE.endpoint.over)
    assert NOISE.other_arms == (vgg(norm="none"),)
    assert NOISE.treatment.replaced(norm="none", probes=()) == rule.role.replaced(probes=())


@pytest.mark.parametrize("asked", [NOISE, MOMENTUM], ids=["deciding", "momentum 0.9"])
def test_a_network_that_is_dead_anyway_blames_no_noise(asked):
    """INVALID instead of SUPPORTED, under a reading as in the claim itself."""
    assert verdict(asked, 10.0, 90.0) is Verdict.SUPPORTED
    assert verdict(asked, 90.0, 90.0) is Verdict.REFUTED
    assert verdict(asked, 10.0, 10.0) is Verdict.INVALID
    assert verdict(replace(asked, preconditions=()), 10.0, 10.0) is Verdict.SUPPORTED


def test_under_a_reading_the_network_without_noise_is_trained_by_it_too():
    """Momentum in both arms."""
    assert MOMENTUM.other_arms == (vgg(norm="none", momentum=0.9),)
    assert MOMENTUM.treatment["momentum"] == 0.9


@pytest.mark.parametrize("scale", ["desk", "paper"])
def test_its_runs_are_those_of_another_claim(scale):
    """Also under each reading: the standard network of noisy-bn-beats-standard."""
    keys, beats = KeyMaker(VisionBench(scale)), question_of("noisy-bn-beats-standard")
    there = [beats, *(asked for _, asked in readings_of(beats))]
    known = {keys.key(arm, 0) for asked in there for arm in asked.arms}
    for asked in (NOISE, *(asked for _, asked in readings_of(NOISE))):
        assert {keys.key(arm, 0) for arm in asked.other_arms} <= known


@pytest.mark.parametrize("slug", ["noise-alone-breaks-standard", "bn-trains-at-high-lr"])
def test_other_thresholds_are_shown_and_the_deciding_one_is_30(slug):
    """20 and 50 %, over the same tenth and in the same direction."""
    asked = question_of(slug)
    others = [alternative.endpoint for alternative in asked.alternatives]
    assert asked.endpoint.at_least == 30.0
    assert others == [replace(asked.endpoint, at_least=level) for level in (20.0, 50.0)]
