"""At learning rate 0.5 BatchNorm trains and the standard network does not (Section 1, Figure 1)."""

from harness import (
    Alternative,
    Claim,
    MoreOften,
    Printed,
    Source,
    at,
    curve,
    mean,
    paper_curves,
    reaches,
)
from models.menu import VGG_READINGS, VGG_SCOPE, vgg

LAST = mean("test_accuracy", over=at(1.0), if_diverged=10.0)


def trains(at_least):
    """Return whether a network trains: its accuracy over the last tenth of training."""
    return reaches("train_accuracy", at_least=at_least, if_diverged=0.0)


CLAIM = Claim(
    slug="bn-trains-at-high-lr",
    statement="At learning rate 0.5, where exactly one of the two networks trains, it is the one "
    "with BatchNorm more often than not. A network trains if its training accuracy over the last "
    "tenth of training is at least 30 %, three times chance.",
    source=Source(section="1", figure="1"),
    treatment=vgg(norm="batch", lr=0.5, probes=()),
    control=vgg(norm="none", lr=0.5, probes=()),
    endpoint=trains(30.0),
    hypothesis=MoreOften(),
    alternatives=(
        Alternative(name="trains: at least 20 %", endpoint=trains(20.0)),
        Alternative(name="trains: at least 50 %", endpoint=trains(50.0)),
    ),
    figures=(
        curve(
            "Training accuracy at learning rate 0.5 (Figure 1a)",
            "train_accuracy",
            paper=paper_curves(
                "fig01a_train_acc.csv",
                steps=15_000,
                standard_lr0_5="control",
                batchnorm_lr0_5="treatment",
            ),
        ),
    ),
    printed=tuple(
        Printed(value=value, of=of, quantity=LAST, where="Figure 1b, step 15000")
        for of, value in (("control", 10.0), ("treatment", 80.2))
    ),
    readings=VGG_READINGS,
    scope=VGG_SCOPE,
    declared="2026-11-20",
)


def test_bn_trains_at_high_lr(judge):
    judge(CLAIM)
