"""BatchNorm trains faster than the standard network at learning rate 0.1 (Section 1, Figure 1a)."""

from harness import (
    Above,
    Alternative,
    Claim,
    Printed,
    Source,
    at,
    curve,
    learns,
    mean,
    median,
    paper_curves,
    third,
    whole,
)
from models.menu import VGG_FURTHER_READINGS, VGG_READINGS, VGG_SCOPE, vgg

PLOTTED = {  # step: (standard, BatchNorm), each the accuracy of one batch of 128
    500: (45.3, 71.9),
    1_000: (49.2, 82.8),
    2_000: (76.6, 93.8),
    5_000: (96.1, 99.2),
}

ACCURACY = mean("train_accuracy", over=whole, if_diverged=10.0)


def plotted(step, value, of):
    quantity = mean("train_accuracy", over=at(step / 15_000), if_diverged=10.0)
    return Printed(value=value, of=of, quantity=quantity, where=f"Figure 1a, step {step}")


CLAIM = Claim(
    slug="bn-trains-faster",
    statement="At learning rate 0.1, training accuracy averaged over all of training is more than "
    "3 points higher with BatchNorm than without.",
    source=Source(section="1", figure="1a"),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=ACCURACY,
    hypothesis=Above(
        3.0,
        because="the paper's own curves differ by about 6 points on average over training; less "
        "than half of that would hardly be called faster",
    ),
    preconditions=[learns("control", 30.0)],
    alternatives=(
        Alternative(
            name="median over training", endpoint=median("train_accuracy", if_diverged=10.0)
        ),
        Alternative(
            name="the first third of training",
            endpoint=mean("train_accuracy", over=third(1), if_diverged=10.0),
        ),
    ),
    figures=(
        curve(
            "Training accuracy (Figure 1a)",
            "train_accuracy",
            paper=paper_curves(
                "fig01a_train_acc.csv",
                steps=15_000,
                standard_lr0_1="control",
                batchnorm_lr0_1="treatment",
            ),
        ),
    ),
    printed=tuple(
        plotted(step, value, of)
        for step, values in PLOTTED.items()
        for value, of in zip(values, ("control", "treatment"), strict=True)
    ),
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    scope=VGG_SCOPE,
    declared="2026-11-20",
)


def test_bn_trains_faster(judge):
    judge(CLAIM)
