"""The numbers that claim files declare as the paper's are those of the paper's own curves."""

import csv
import importlib.util
from pathlib import Path

import pytest

from harness import Claim
from harness.bench import Metric
from harness.records import RunRecord, Series
from harness.verdicts.beside_printed import beside

FAMILY = Path(__file__).parents[1] / "claims" / "santurkar_2018"

# metric: the column of the curve that it is, or a function of its row
BAND = {"loss_ratio": lambda row: float(row["max"]) / float(row["min"]),
        "gradient_change_max": lambda row: float(row["max"])}  # fmt: skip

TRAIN = {"control": "standard_lr0.1", "treatment": "batchnorm_lr0.1"}
BOTH = {"control": "standard", "treatment": "batchnorm"}
NOISY = {"control": "batchnorm", "treatment": "noisy_batchnorm"}
CURVES = {
    "bn-trains-faster": ("fig01a_train_acc.csv", TRAIN),
    "bn-generalises-better": ("fig01b_test_acc.csv", TRAIN),
    "bn-trains-at-high-lr": (
        "fig01b_test_acc.csv", {"control": "standard_lr0.5", "treatment": "batchnorm_lr0.5"},
    ),
    "noisy-bn-matches-bn": ("fig02_train_acc.csv", NOISY),
    "noisy-bn-beats-standard": ("fig02_train_acc.csv", NOISY | {"control": "standard"}),
    "bn-smooths-loss-vgg": ("fig04a_loss_landscape_vgg.csv", BOTH),
    "bn-makes-gradients-predictive-vgg": ("fig04b_grad_pred_vgg.csv", BOTH),
    "gradient-gap-is-two-orders": ("fig04b_grad_pred_vgg.csv", BOTH),
    "bn-lowers-beta-vgg": ("fig04c_beta_vgg.csv", BOTH),
}  # fmt: skip
LP = {"l1": "L1", "l2": "L2", "linf": "Linf"}


def curves_of(claim, cell):
    """Return the file and each role's curve in it, as the claim's figure has them."""
    if claim.slug == "bn-does-not-reduce-ics-vgg":
        name = "l2" if cell.measure == "l2" else "cos"
        return f"fig03a_{name}_layer{cell.layer}_lr{cell.lr}.csv", BOTH
    if claim.slug == "lp-norms-match-bn-vgg":
        names = {"control": "batchnorm", "treatment": LP[cell.norm]}
        return "fig05a_train_acc_lp_vgg.csv", names
    return CURVES.get(claim.slug, ("", {}))


def as_record(file, curve, metric):
    """Return the paper's curve as the record of a run of 15,000 steps."""
    value = BAND.get(metric, lambda row: float(row["value"]))
    with (FAMILY / "curves" / file).open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["curve"] == curve]
    steps, values = (tuple(int(row["step"]) for row in rows), tuple(map(value, rows)))
    return RunRecord(seed=0, steps=15_000, series={metric: Series(steps=steps, values=values)})


def claims():
    """Return the claims of all files by slug; what is decided by search measures nothing."""
    found = []
    for path in sorted(FAMILY.glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(getattr(module, "CLAIM", None))
    return {claim.slug: claim for claim in found if isinstance(claim, Claim)}


def wrong(claim, cell, printed):
    """Return what is wrong with a declared number, None where it is the curve's."""
    file, curves = curves_of(claim, cell)
    metric = printed.quantity.metric
    paper = {role: (as_record(file, curve, metric),) for role, curve in curves.items()}
    metrics = {metric: Metric(label="", unit="")}
    values = beside(printed, paper["treatment"], paper["control"], metrics).values
    expected = pytest.approx(values[0], rel=0.005, abs=0.05 if values[0] > 5 else 0.0)
    if printed.value == expected:
        return None
    return f"{cell.id} {printed.of} {printed.where}: {printed.value}, the curve has {values[0]}"


@pytest.mark.parametrize("slug", [*CURVES, "bn-does-not-reduce-ics-vgg", "lp-norms-match-bn-vgg"])
def test_declared_numbers_are_what_their_rules_make_of_the_papers_curves(slug):
    """The same endpoint on the paper's curve, to the three digits that it was read off with.

    Not of Figure 8, of which the repository has no curves, nor of numbers in the text.
    """
    claim = claims()[slug]
    read_off = [
        (claim, question.cell, printed)
        for question in claim.questions()
        for printed in question.printed
        if printed.read_off and "Figure 8" not in printed.where
    ]
    assert read_off, "a claim whose figure has known numbers declares them"
    assert [text for one in read_off if (text := wrong(*one))] == []
