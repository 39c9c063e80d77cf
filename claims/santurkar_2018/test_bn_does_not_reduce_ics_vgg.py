"""BatchNorm does not reduce the gradient's internal covariate shift (Section 2.2, Figure 3a)."""

from harness import (
    Alternative,
    Claim,
    NotBelow,
    Source,
    curve,
    gmean,
    grid,
    learns,
    mean,
    median,
    paper_curves,
    thirds,
)
from models.menu import PROBES, ics_cosine, ics_l2, vgg


def arm(norm, cell):
    return vgg(norm=norm, lr=cell.lr, probes=PROBES if cell.lr == 0.1 else ("ics",))


def shift(cell):
    """Gradient ICS as the paper measures it: a distance (ideal 0) or a cosine (ideal 1)."""
    if cell.measure == "l2":
        return gmean(ics_l2(cell.layer), better="higher", floor=1e-6)
    return mean(ics_cosine(cell.layer), better="lower")


def not_reduced(cell):
    if cell.measure == "l2":
        return NotBelow(0.8, because="a shift smaller by a fifth would show in the paper's figure")
    return NotBelow(-0.1, because="a tenth of the cosine's ideal value shows in the paper's figure")


def alternatives(cell):
    if cell.measure == "l2":
        others = median(ics_l2(cell.layer), transform="log", floor=1e-6)
    else:
        others = median(ics_cosine(cell.layer), better="lower")
    return (Alternative(name="median over training", endpoint=others), *thirds(shift(cell)))


def figures(cell):
    metric = ics_l2(cell.layer) if cell.measure == "l2" else ics_cosine(cell.layer)
    name = "l2" if cell.measure == "l2" else "cos"
    file = f"fig03a_{name}_layer{cell.layer}_lr{cell.lr}.csv"
    title = f"Gradient ICS, {cell.label} (Figure 3a)"
    paper = paper_curves(file, standard="control", batchnorm="treatment")
    return (curve(title, metric, paper=paper, axis="log" if name == "l2" else "linear"),)


CLAIM = Claim(
    slug="bn-does-not-reduce-ics-vgg",
    statement="With BatchNorm the shift of a layer's gradient under the update of the layers below "
    "is no smaller than without: its l2 distance not below 0.8 times the standard network's, its "
    "cosine not more than 0.1 above, at each layer and learning rate.",
    source=Source(section="2.2", figure="3a"),
    cells=grid(layer=(5, 10), lr=(0.1, 0.01), measure=("l2", "cosine")),
    treatment=lambda cell: arm("batch", cell),
    control=lambda cell: arm("none", cell),
    endpoint=shift,
    hypothesis=not_reduced,
    preconditions=[learns("control", 30.0)],
    alternatives=alternatives,
    figures=figures,
    declared="2026-11-20",
)


def test_bn_does_not_reduce_ics_vgg(judge, cell):
    judge(CLAIM, cell)
