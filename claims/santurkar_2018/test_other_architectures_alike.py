"""Other architectures give similar results: a residual network (Section 3.1)."""

from dataclasses import replace

from harness import (
    Above,
    Alternative,
    Claim,
    Source,
    band,
    curve,
    gmean,
    grid,
    learns,
    mean,
    median,
    thirds,
    unsolved,
    whole,
)
from models.menu import resnet

ALIKE = "the bound of the same claim about a VGG: alike means that what holds there holds here"

ENDPOINTS = {
    "training accuracy": mean("train_accuracy", over=whole, if_diverged=10.0),
    "loss": gmean("loss_range", better="lower", floor=1e-6),
    "gradient": gmean("gradient_change_max", better="lower", floor=1e-6),
}
BOUNDS = {"training accuracy": 3.0, "loss": 1.5, "gradient": 1.25}
MEDIANS = {
    "training accuracy": median("train_accuracy", if_diverged=10.0),
    "loss": median("loss_range", better="lower", transform="log", floor=1e-6),
    "gradient": median("gradient_change_max", better="lower", transform="log", floor=1e-6),
}
LOSSES = (1.8, 1.4, 1.0)
RELATIVE = Alternative(
    name="relative: largest over smallest loss",
    endpoint=gmean("loss_ratio", better="lower"),
    hypothesis=Above(1.1, because="as for a VGG: the paper's medians are 1.67 and 1.17"),
)


def alternatives(cell):
    endpoint = ENDPOINTS[cell.quantity]
    matched = Alternative(
        name="at matched training losses", endpoint=replace(endpoint, at_losses=LOSSES)
    )
    return (
        Alternative(name="median over training", endpoint=MEDIANS[cell.quantity]),
        *((RELATIVE,) if cell.quantity == "loss" else ()),
        *((matched,) if cell.quantity != "training accuracy" else ()),
        *thirds(endpoint),
    )


FIGURES = {
    "training accuracy": curve("Training accuracy", "train_accuracy"),
    "loss": band("Loss along the gradient", "loss_min", "loss_max"),
    "gradient": band(
        "Change of the gradient along the gradient",
        "gradient_change_min",
        "gradient_change_max",
        axis="log",
    ),
}

CLAIM = Claim(
    slug="other-architectures-alike",
    statement="A residual network, too, is better off with BatchNorm than without: its training "
    "accuracy averaged over all of training is more than 3 points higher, and along the gradient, "
    "over steps of half to four times the learning rate, its loss varies by a factor of more than "
    "1.5 less and its gradient changes by a factor of more than 1.25 less.",
    source=Source(section="3.1"),
    treatment=resnet(norm="batch"),
    control=resnet(norm="none"),
    endpoint=lambda cell: ENDPOINTS[cell.quantity],
    hypothesis=lambda cell: Above(BOUNDS[cell.quantity], because=ALIKE),
    cells=grid(quantity=tuple(ENDPOINTS)),
    preconditions=[learns("control", 30.0), unsolved("control", 0.1)],
    alternatives=alternatives,
    figures=lambda cell: (FIGURES[cell.quantity],),
    full=("paper",),
    declared="2026-11-20",
)


def test_other_architectures_alike(judge, cell):
    judge(CLAIM, cell)
