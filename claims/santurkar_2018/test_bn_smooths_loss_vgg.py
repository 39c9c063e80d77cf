"""BatchNorm makes the loss vary less along the gradient (Section 3.1, Figure 4a)."""

from harness import (
    Above,
    Alternative,
    Claim,
    Printed,
    Source,
    band,
    gmean,
    learns,
    median,
    paper_curves,
    thirds,
    unsolved,
)
from models.menu import VGG_FURTHER_READINGS, VGG_READINGS, VGG_SCOPE, vgg

VARIATION = gmean("loss_range", better="lower", floor=1e-6)
LOSSES = (1.8, 1.4, 1.0)

RATIO = median("loss_ratio", transform="log")

CLAIM = Claim(
    slug="bn-smooths-loss-vgg",
    statement="Along the gradient, over steps of half to four times the learning rate, the loss "
    "varies by a factor of more than 1.5 less with BatchNorm than without.",
    source=Source(section="3.1", figure="4a"),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=VARIATION,
    hypothesis=Above(
        1.5,
        because="the paper's bands differ by a factor of 4.1; on a figure's axis less than 1.5 "
        "would not be called smoother",
    ),
    preconditions=[learns("control", 30.0), unsolved("control", 0.1)],
    alternatives=(
        Alternative(
            name="relative: largest over smallest loss",
            endpoint=gmean("loss_ratio", better="lower"),
            hypothesis=Above(1.1, because="the paper's medians are 1.67 and 1.17"),
        ),
        Alternative(
            name="median over training",
            endpoint=median("loss_range", better="lower", transform="log", floor=1e-6),
        ),
        Alternative(
            name="at matched training losses",
            endpoint=gmean("loss_range", better="lower", floor=1e-6, at_losses=LOSSES),
        ),
        *thirds(VARIATION),
    ),
    figures=(
        band(
            "Loss along the gradient (Figure 4a)",
            "loss_min",
            "loss_max",
            paper=paper_curves(
                "fig04a_loss_landscape_vgg.csv",
                steps=15_000,
                standard="control",
                batchnorm="treatment",
            ),
        ),
    ),
    printed=tuple(
        Printed(value=value, of=of, quantity=RATIO, where="Figure 4a, median of max over min")
        for of, value in (("control", 1.67), ("treatment", 1.17))
    ),
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    scope=VGG_SCOPE,
    declared="2026-11-20",
)


def test_bn_smooths_loss_vgg(judge):
    judge(CLAIM)
