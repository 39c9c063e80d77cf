"""BatchNorm does not reduce the gradient's internal covariate shift (Section 2.2, Figure 3a)."""

from dataclasses import replace

from harness import (
    Alternative,
    Claim,
    NotBelow,
    Printed,
    Source,
    curve,
    gmean,
    grid,
    learns,
    mean,
    median,
    paper_curves,
    third,
    thirds,
)
from models.menu import (
    ICS_READINGS,
    PROBES,
    VGG_READINGS,
    VGG_SIZE_SCOPE,
    ics_cosine,
    ics_l2,
    vgg,
)

MEDIANS = {  # over the thirds of training: standard, BatchNorm; the paper has no l2 of layer 10
    ("l2", 5, 0.1): ((0.860, 0.807, 0.426), (0.964, 0.763, 0.817)),
    ("l2", 5, 0.01): ((0.889, 1.29, 6.4e-4), (2.62, 0.0078, 0.0032)),
    ("cosine", 5, 0.1): ((0.650, 0.493, 0.556), (0.660, 0.428, 0.347)),
    ("cosine", 5, 0.01): ((0.866, 0.849, 0.941), (0.708, 0.994, 0.998)),
    ("cosine", 10, 0.1): ((0.188, 0.0146, 0.0633), (0.0960, 0.0412, 0.0387)),
    ("cosine", 10, 0.01): ((0.544, 0.293, 0.990), (0.515, 0.978, 0.988)),
}


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
    return (
        Alternative(name="median over training", endpoint=others),
        *relative(cell),
        *thirds(shift(cell)),
    )


def relative(cell):
    """Return the distance as a share of the whole gradient, where a run measures that: at 0.1."""
    if cell.measure != "l2" or cell.lr != 0.1:
        return ()
    share = replace(shift(cell), relative_to="gradient_norm")
    return (Alternative(name="relative to the norm of the whole gradient", endpoint=share),)


def figures(cell):
    metric = ics_l2(cell.layer) if cell.measure == "l2" else ics_cosine(cell.layer)
    name = "l2" if cell.measure == "l2" else "cos"
    file = f"fig03a_{name}_layer{cell.layer}_lr{cell.lr}.csv"
    title = f"Gradient ICS, {cell.label} (Figure 3a)"
    paper = paper_curves(file, steps=15_000, standard="control", batchnorm="treatment")
    shifts = curve(title, metric, paper=paper, axis="log" if name == "l2" else "linear")
    return (shifts, *((accuracy(cell),) if (cell.layer, name) == (5, "l2") else ()))


def accuracy(cell):
    """Return the panel that the shifts of one learning rate have in common."""
    file = f"fig03a_acc_lr{cell.lr}.csv"
    paper = paper_curves(file, steps=15_000, standard="control", batchnorm="treatment")
    return curve(f"Training accuracy, LR {cell.lr} (Figure 3a)", "train_accuracy", paper=paper)


def printed(cell):
    """Return the medians of Figure 3a's curves over the thirds of training."""
    medians = MEDIANS.get((cell.measure, cell.layer, cell.lr), ())
    l2 = {"transform": "log", "floor": 1e-6} if cell.measure == "l2" else {}
    metric = ics_l2(cell.layer) if cell.measure == "l2" else ics_cosine(cell.layer)
    return tuple(
        Printed(
            value=value,
            of=of,
            quantity=median(metric, over=third(k), **l2),
            where=f"Figure 3a, layer {cell.layer}, LR {cell.lr}",
        )
        for of, thirds_of_arm in zip(("control", "treatment"), medians, strict=False)
        for k, value in enumerate(thirds_of_arm, start=1)
    )


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
    printed=printed,
    readings=(*VGG_READINGS, *ICS_READINGS),
    scope=VGG_SIZE_SCOPE,
    declared="2026-11-20",
)


def test_bn_does_not_reduce_ics_vgg(judge, cell):
    judge(CLAIM, cell)
