"""l_p normalisations smooth the landscape like BatchNorm (Section 3.3, Figures 12 and 13).

Both arms must learn: here the paper takes that for granted (lp-norms-match-bn-vgg and -dln judge
it), and a network that does not learn looks smooth.
"""

from harness import (
    Alternative,
    Claim,
    NotBelow,
    Source,
    band,
    falls_to,
    gmean,
    grid,
    learns,
    median,
    thirds,
    unsolved,
)
from models.menu import DLN_READINGS, LP_PROBES, LP_READINGS, VGG_READINGS, dln, vgg

METRICS = {"loss": "loss_range", "gradient": "gradient_change_max"}
LOSSES = {"vgg": (1.8, 1.4, 1.0), "dln": (3e4, 2.5e4, 2e4)}
MARGINS = {
    "loss": NotBelow(
        0.5,
        because="the paper's bands of the standard network and BatchNorm differ by a factor of "
        "4.1: up to its square root, 2, a landscape is closer to BatchNorm's",
    ),
    "gradient": NotBelow(
        0.7,
        because="the paper's curves of the standard network and BatchNorm differ by a factor of "
        "2: up to its square root, 1.4, a landscape is closer to BatchNorm's",
    ),
}
PRECONDITIONS = {
    "vgg": (learns("control", 30.0), learns("treatment", 30.0), unsolved("treatment", 0.1)),
    "dln": (falls_to("control", 3e4), falls_to("treatment", 3e4), unsolved("treatment", 2e3)),
}


def lp_network(cell):
    if cell.network == "vgg":
        return vgg(norm=cell.norm, probes=LP_PROBES)
    return dln(norm=cell.norm)


def network(cell, norm):
    return vgg(norm=norm) if cell.network == "vgg" else dln(norm=norm)


def variation(cell, **rule):
    return gmean(METRICS[cell.quantity], better="lower", floor=1e-6, **rule)


def alternatives(cell):
    own = {
        "loss": Alternative(
            name="relative: largest over smallest loss",
            endpoint=gmean("loss_ratio", better="lower"),
            hypothesis=NotBelow(
                0.84,
                because="the paper's medians, 1.67 and 1.17, differ by a factor of 1.43, whose "
                "square root is 1.19",
            ),
        ),
        "gradient": Alternative(
            name="relative to the gradient's norm",
            endpoint=variation(cell, relative_to="gradient_norm"),
        ),
    }[cell.quantity]
    return (
        own,
        Alternative(
            name="median over training",
            endpoint=median(METRICS[cell.quantity], better="lower", transform="log", floor=1e-6),
        ),
        Alternative(
            name="at matched training losses",
            endpoint=variation(cell, at_losses=LOSSES[cell.network]),
        ),
        *thirds(variation(cell)),
    )


def figures(cell):
    number = {"vgg": 12, "dln": 13}[cell.network]
    what, low, high = {
        "loss": ("Loss", "loss_min", "loss_max"),
        "gradient": ("Change of the gradient", "gradient_change_min", "gradient_change_max"),
    }[cell.quantity]
    title = f"{what} along the gradient, {cell.norm} (Figure {number})"
    standard = (("standard", network(cell, "none")),)
    return (band(title, low, high, axis="log", extra=standard),)


CLAIM = Claim(
    slug="lp-norms-smooth-like-bn",
    statement="With l_1, l_2 and l_infinity normalisation, in a VGG and in a deep linear network, "
    "the loss varies along the gradient by a factor of at most 2 more than with BatchNorm, and the "
    "gradient changes (in l2 norm, at most) by a factor of at most 1.43 more.",
    source=Source(section="3.3", figure="12, 13"),
    cells=grid(norm=("l1", "l2", "linf"), network=("vgg", "dln"), quantity=("loss", "gradient")),
    treatment=lp_network,
    control=lambda cell: network(cell, "batch"),
    endpoint=variation,
    hypothesis=lambda cell: MARGINS[cell.quantity],
    preconditions=lambda cell: PRECONDITIONS[cell.network],
    alternatives=alternatives,
    figures=figures,
    readings=(*VGG_READINGS, *DLN_READINGS, *LP_READINGS),
    declared="2026-11-20",
)


def test_lp_norms_smooth_like_bn(judge, cell):
    judge(CLAIM, cell)
