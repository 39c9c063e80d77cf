"""Precision and length as settings of an arm, and the study of precision that is made of them."""

import contextlib
import importlib.util
from pathlib import Path

import pytest

from harness.errors import ArmError, OptionError
from harness.statistics import equivalence_power
from models import numerics, precision
from models.bench import VisionBench
from models.menu import resnet, vgg

QUICK = VisionBench("quick")
STUDY = Path(__file__).parents[2] / "claims" / "precision"
SLUGS = ("tf32-trains-like-fp32", "bf16-trains-like-fp32")


def nothing(done, steps):
    """Progress that nobody watches."""


def claim_of(slug):
    path = STUDY / f"test_{slug.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CLAIM


def test_an_arm_without_them_is_the_run_it_was():
    """Neither setting is in the identity of an arm that does not name it."""
    assert "precision" not in QUICK.settings(vgg())
    assert QUICK.settings(vgg(steps=24)) == QUICK.settings(vgg())


@pytest.mark.parametrize("make", [vgg, resnet])
def test_each_precision_is_a_run_of_its_own(make):
    """Also fp32 named: the session's may be another."""
    arms = [make(probes=()), *(make(probes=(), precision=p) for p in ("fp32", "tf32", "bf16"))]
    assert len({QUICK.describe(arm) for arm in arms}) == 4
    assert len({str(QUICK.settings(arm)) for arm in arms}) == 4


def test_a_length_of_its_own_is_the_records_and_costs_in_proportion():
    """Probes and evaluations follow the scale's rhythm up to the arm's last step."""
    arm = vgg(steps=9, probes=("gradients",))
    record = QUICK.train(arm, [1000], "cpu", nothing)[0]
    assert record.steps == len(record.series["train_loss"].values) == 9
    assert record.series["test_accuracy"].steps == (8,)
    assert record.series["gradient_norm"].steps == (0, 6)
    paper = VisionBench("paper")
    whole, tenth = (paper.estimate_s(vgg(**steps)) for steps in ({}, {"steps": 1_500}))
    assert tenth == pytest.approx(whole / 10)
    assert "Length: 1500 steps" in " ".join(paper.deviations(vgg(steps=1_500), "train_loss"))


@pytest.mark.parametrize(
    ("optional", "message"),
    [
        ({"precision": "fp16"}, "precision: got 'fp16', expected one of fp32, tf32, bf16"),
        ({"precision": True}, "precision: got True"),
        ({"steps": 0}, "steps: got 0, expected a whole number above 0"),
        ({"steps": 1.5}, "steps: got 1.5"),
        ({"steps": True}, "steps: got True"),
    ],
)
def test_values_that_make_no_sense_are_refused(optional, message):
    """With what was got and what was expected."""
    with pytest.raises(ArmError, match=message):
        QUICK.identity(vgg(**optional))


@pytest.mark.parametrize("word", ["tf32", "bf16"])
def test_a_cpu_refuses_an_arm_that_needs_a_card(word):
    """The arm is named, not the session's option, which is fp32."""
    with pytest.raises(ArmError, match=f"got an arm in {word} on a CPU.*--gpu"):
        QUICK.train(vgg(precision=word, probes=()), [1000], "cpu", nothing)


def test_an_arms_precision_goes_before_the_sessions():
    """On a card in either direction; an arm that names none has the session's, checked."""
    assert precision.of_arm({"precision": "tf32"}, "fp32", "cuda:0") == "tf32"
    assert precision.of_arm({"precision": "fp32"}, "bf16", "cuda:1") == "fp32"
    assert precision.of_arm({}, "bf16", "cuda:0") == "bf16"
    with pytest.raises(OptionError, match="--precision: got bf16 on a CPU"):
        precision.of_arm({}, "bf16", "cpu")


def test_training_enters_the_arms_own_arithmetic(monkeypatch):
    """A session in bf16 trains an arm that names fp32 in fp32."""
    entered = []

    @contextlib.contextmanager
    def noted(device, word):
        entered.append(word)
        yield

    monkeypatch.setattr(numerics, "numerics", noted)
    bench = VisionBench("quick", {"precision": "bf16"})
    monkeypatch.setattr(bench, "environment", lambda device: QUICK.environment("cpu"))
    bench.train(vgg(precision="fp32", probes=(), steps=1), [1000], "cpu", nothing)
    assert entered == ["fp32"]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_study_compares_arms_that_differ_in_precision_alone(slug):
    """Of 1,500 steps at paper scale, with and without BatchNorm."""
    bench = VisionBench("paper")
    norms = []
    for question in claim_of(slug).questions():
        treatment, control = (bench.settings(arm) for arm in question.judged_arms)
        assert treatment.pop("precision") == slug.partition("-")[0]
        assert control.pop("precision") == "fp32"
        assert treatment == control
        assert treatment["steps"] == 1_500
        norms.append(treatment["norm"])
    assert norms == ["none", "batch"]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_study_says_its_power_rightly(slug):
    """Power 0.8 at an SD of 0.87 margins, with 10 seeds and half of alpha 0.05."""
    claim = claim_of(slug)
    assert all("at most 0.87 of it" in q.hypothesis.because for q in claim.questions())
    assert equivalence_power(0, 1 / 0.87, 10, 0.025) == pytest.approx(0.8, abs=0.005)
