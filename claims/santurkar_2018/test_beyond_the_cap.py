"""BatchNorm's landscape stays smoother beyond the largest step that is shown (Section 3.1, text).

There the network may be far from anything sensible. A value above a million (chance is a loss of
2.3), or one that overflows, counts as a million: beyond it rough is rough, and one overflow shall
not weigh more than the rest of training.
"""

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
    median,
    profile,
    thirds,
    unsolved,
)
from models.menu import (
    VGG_FURTHER_READINGS,
    VGG_READINGS,
    beyond_gradient_change_at,
    beyond_loss_at,
    gradient_change_at,
    loss_at,
    vgg,
)

METRICS = {"loss": "beyond_loss_range", "gradient": "beyond_gradient_change_max"}
AT = {"loss": beyond_loss_at, "gradient": beyond_gradient_change_at}
LIMITS = {"better": "lower", "floor": 1e-6, "ceiling": 1e6}
LOSSES = (1.8, 1.4, 1.0)
BOUNDS = {
    "loss": Above(
        1.5,
        because="the paper prints no number and says that the advantage stays: the bound is that "
        "of the claim up to the cap, below which nothing would be called smoother",
    ),
    "gradient": Above(
        1.25, because="as for the loss: the bound of the claim up to the cap stands here, too"
    ),
}


def variation(cell, **rule):
    return gmean(METRICS[cell.quantity], **LIMITS, **rule)


def alternatives(cell):
    metric, at = METRICS[cell.quantity], AT[cell.quantity]
    own = {
        "loss": Alternative(
            name="relative: largest over smallest loss",
            endpoint=gmean("beyond_loss_ratio", better="lower", ceiling=1e6),
            hypothesis=Above(1.1, because="the bound of that alternative up to the cap"),
        ),
        "gradient": Alternative(
            name="relative to the gradient's norm",
            endpoint=variation(cell, relative_to="gradient_norm"),
        ),
    }[cell.quantity]
    return (
        own,
        *(
            Alternative(name=f"after {n} learning rates", endpoint=gmean(at(n), **LIMITS))
            for n in (8, 16)
        ),
        Alternative(
            name="median over training", endpoint=median(metric, transform="log", **LIMITS)
        ),
        Alternative(name="at matched training losses", endpoint=variation(cell, at_losses=LOSSES)),
        *thirds(variation(cell)),
    )


def figures(cell):
    what, low, high = {
        "loss": ("Loss", "beyond_loss_min", "beyond_loss_max"),
        "gradient": (
            "Change of the gradient",
            "beyond_gradient_change_min",
            "beyond_gradient_change_max",
        ),
    }[cell.quantity]
    within = {"loss": loss_at, "gradient": gradient_change_at}[cell.quantity]
    by_step = [(n, within(n)) for n in (0.5, 1, 2, 4)] + [
        (n, AT[cell.quantity](n)) for n in (8, 16)
    ]
    return (
        profile(
            f"{what} by step size, up to the cap (4) and beyond",
            by_step,
            label=f"{what.lower()} along the gradient",
            x_label="step size in learning rates",
        ),
        band(f"{what} after 4 to 16 learning rates", low, high, axis="log"),
        *(
            curve(f"{what} after {n} learning rates", AT[cell.quantity](n), axis="log")
            for n in (8, 16)
        ),
    )


CLAIM = Claim(
    slug="beyond-the-cap",
    statement="Along the gradient, from the largest step of the figures (4 learning rates) to four "
    "times it, the loss varies by a factor of more than 1.5 less and the gradient changes (in l2 "
    "norm, at most) by a factor of more than 1.25 less with BatchNorm than without.",
    source=Source(section="3.1"),
    cells=grid(quantity=("loss", "gradient")),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=variation,
    hypothesis=lambda cell: BOUNDS[cell.quantity],
    preconditions=[learns("control", 30.0), unsolved("control", 0.1)],
    alternatives=alternatives,
    figures=figures,
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    declared="2026-11-20",
)


def test_beyond_the_cap(judge, cell):
    judge(CLAIM, cell)
