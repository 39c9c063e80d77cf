"""Gradient magnitudes are smaller with BatchNorm (Section 4.1)."""

from harness import (
    Above,
    Alternative,
    Claim,
    Source,
    curve,
    gmean,
    learns,
    median,
    thirds,
    unsolved,
)
from models.menu import VGG_FURTHER_READINGS, VGG_READINGS, vgg

MAGNITUDE = gmean("gradient_norm", better="lower", floor=1e-6)
LOSSES = (1.8, 1.4, 1.0)

CLAIM = Claim(
    slug="gradients-are-smaller",
    statement="The l2 norm of the gradient of all parameters is smaller with BatchNorm than "
    "without.",
    source=Source(section="4.1"),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=MAGNITUDE,
    hypothesis=Above(1.0, because="the paper says smaller and no more"),
    preconditions=[learns("control", 30.0), unsolved("control", 0.1)],
    alternatives=(
        Alternative(
            name="median over training",
            endpoint=median("gradient_norm", better="lower", transform="log", floor=1e-6),
        ),
        Alternative(
            name="at matched training losses",
            endpoint=gmean("gradient_norm", better="lower", floor=1e-6, at_losses=LOSSES),
        ),
        *thirds(MAGNITUDE),
    ),
    figures=(curve("Gradient norm", "gradient_norm", axis="log"),),
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    declared="2026-11-20",
)


def test_gradients_are_smaller(judge):
    judge(CLAIM)
