"""l_p norms train a deep linear network like BatchNorm, better than none (Section 3.3, Figure 5b).

There is no accuracy: how well a network trains is its loss, on a log axis as it falls by more than
a factor of ten. All arms start near 5e4, the loss of predicting 0, so no start is favoured; 3e4 is
below every start of 20 pilot seeds.
"""

from harness import Above, Claim, NotBelow, Source, curve, falls_to, gmean, grid, thirds
from models.menu import DLN_READINGS, DLN_SCOPE, LP_READINGS, dln

LOSS = gmean("train_loss", better="lower", floor=1e-6, if_diverged=5e4)
CONTROLS = {"batchnorm": "batch", "standard": "none"}


def hypothesis(cell):
    if cell.against == "batchnorm":
        return NotBelow(
            0.8, because="a loss up to a quarter higher cannot be told from BatchNorm's in a figure"
        )
    return Above(1.25, because="a quarter is the least by which curves stand apart in a figure")


def figures(cell):
    other = "none" if cell.against == "batchnorm" else "batch"
    label = "standard" if other == "none" else "BatchNorm"
    title = f"Training loss, {cell.norm} (Figure 5b)"
    return (curve(title, "train_loss", axis="log", extra=((label, dln(norm=other)),)),)


CLAIM = Claim(
    slug="lp-norms-match-bn-dln",
    statement="In a deep linear network with l_1, l_2 and l_infinity normalisation the training "
    "loss, as geometric mean over all of training, is not more than 1.25 times BatchNorm's, and "
    "the standard network's is more than 1.25 times theirs.",
    source=Source(section="3.3", figure="5b"),
    cells=grid(norm=("l1", "l2", "linf"), against=("batchnorm", "standard")),
    treatment=lambda cell: dln(norm=cell.norm),
    control=lambda cell: dln(norm=CONTROLS[cell.against]),
    endpoint=LOSS,
    hypothesis=hypothesis,
    preconditions=[falls_to("control", 3e4)],
    alternatives=thirds(LOSS),
    figures=figures,
    readings=(*DLN_READINGS, *LP_READINGS),
    scope=DLN_SCOPE,
    declared="2026-11-20",
    written_knowing="A draft of l1-beats-bn-dln from these seeds, 3,500 steps long (INCONCLUSIVE): "
    "it has arms and endpoint of the cell that holds l_1 against BatchNorm.",
)


def test_lp_norms_match_bn_dln(judge, cell):
    judge(CLAIM, cell)
