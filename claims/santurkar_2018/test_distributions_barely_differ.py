"""Layer inputs are about as stable without BatchNorm as with it (Section 2, Figure 1c).

They are read before the ReLU, which is all that the paper says, and so after BatchNorm, which sets
each unit's mean and variance over the batch to its own shift and scale: what changes from one
measurement to the next is these two parameters. The paper's own Figure 8 shows as much.
"""

from harness import (
    Alternative,
    Claim,
    Equivalent,
    Source,
    curve,
    gmean,
    grid,
    learns,
    median,
    ridge,
    thirds,
)
from models.menu import (
    VGG_FURTHER_READINGS,
    VGG_READINGS,
    activations,
    mean_distance,
    mean_shift,
    variance_distance,
    variance_shift,
    vgg,
)

MOMENTS = {"mean": mean_shift, "variance": variance_shift}
DISTANCES = {"mean": mean_distance, "variance": variance_distance}


def metric(cell):
    return MOMENTS[cell.moment](cell.layer)


def stability(cell):
    """Return the rule: the change of a unit's mean or variance between measurements."""
    return gmean(metric(cell), better="lower", floor=1e-6)


def alternatives(cell):
    others = median(metric(cell), better="lower", transform="log", floor=1e-6)
    distance = gmean(DISTANCES[cell.moment](cell.layer), better="lower", floor=1e-6)
    return (
        Alternative(name="median over training", endpoint=others),
        Alternative(name="distance from the first measurement", endpoint=distance),
        *thirds(stability(cell)),
    )


def figures(cell):
    """Return the drift, and the distributions themselves, which the cells of a layer share."""
    inputs = ridge(
        f"Layer inputs, layer {cell.layer} (Figure 1c)",
        activations(cell.layer),
        x_label="input of the ReLU",
    )
    return (curve(f"Drift of layer inputs, {cell.label}", metric(cell), axis="log"), inputs)


CLAIM = Claim(
    slug="distributions-barely-differ",
    statement="Between measurements the mean and the variance of a layer's inputs change by the "
    "same amount with BatchNorm as without, within a factor of 2, at each layer.",
    source=Source(section="2", figure="1c"),
    cells=grid(layer=(3, 11), moment=("mean", "variance")),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=stability,
    hypothesis=Equivalent(
        2.0, because="the paper calls the difference marginal; twice as stable would not be that"
    ),
    preconditions=[learns("control", 30.0)],
    alternatives=alternatives,
    figures=figures,
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    declared="2026-11-20",
)


def test_distributions_barely_differ(judge, cell):
    judge(CLAIM, cell)
