"""Figures: our lines as summaries of records, the paper's as its files have them."""

import math

import pytest
from toy_records import run, runs

from harness.declarations.figures import MOST_POINTS, band, curve, line
from harness.declarations.paper import paper_curves
from harness.documents.drawing import DrawnArm, panel
from harness.errors import ClaimDefinitionError

CURVE = curve("Loss", "train_loss")


def test_a_curve_is_median_smallest_and_largest_over_seeds():
    """Three seeds, unsorted, by hand; progress in shares of the declared steps."""
    drawn = line(CURVE, "toy", "control", runs("train_loss", [3, 1], [1, 5], [2, 3], steps=4))
    assert drawn["mid"] == [2.0, 3.0]
    assert drawn["low"] == [1.0, 1.0]
    assert drawn["high"] == [3.0, 5.0]
    assert drawn["progress"] == [0.0, 0.25]


def test_a_band_is_the_medians_of_its_two_metrics():
    """Between the median of the lower and the median of the upper metric."""
    figure = band("Range", "low", "high")
    records = [run(seed, low=[seed], high=[10 * seed]) for seed in (1, 2, 9)]
    drawn = line(figure, "toy", "treatment", records)
    assert (drawn["mid"], drawn["low"], drawn["high"]) == (None, [2.0], [20.0])
    assert figure.kind == "band"


def test_long_series_are_cut_into_blocks():
    """A thousand points become at most 120, in order, each a median of its block."""
    drawn = line(CURVE, "toy", "control", runs("train_loss", list(range(1000))))
    assert len(drawn["mid"]) == MOST_POINTS
    assert drawn["mid"] == sorted(drawn["mid"])
    assert drawn["mid"][0] == pytest.approx(4.0)  # of 0 to 8
    assert all(0 <= p < 1 for p in drawn["progress"])


def test_a_seed_that_diverged_is_a_gap_and_is_never_left_out():
    """From where one seed is not finite there is no line, instead of one of the others."""
    drawn = line(CURVE, "toy", "control", runs("train_loss", [1, 1, 1], [2, math.nan, math.inf]))
    assert drawn["mid"] == [1.5, None, None]


def test_a_line_that_ends_early_says_why():
    """How many seeds diverged and when the first did; nothing of an arm whose seeds did not."""
    left = run(0, train_loss=[1, 1, 1])
    gone = [run(seed, train_loss=[1], steps=3, diverged_at=seed) for seed in (2, 1)]
    arms = [
        DrawnArm(label="calm", role="treatment", runs=(left,)),
        DrawnArm(label="wild", role="control", runs=(left, *gone)),
    ]
    note = panel(CURVE, arms, {}, None)["note"]
    assert note.startswith("wild: 2 of 3 seeds diverged, the first at step 1, where its line ends")
    assert "calm" not in note
    assert panel(CURVE, arms[:1], {}, None)["note"] is None


def test_seeds_of_unequal_length_are_drawn():
    """A run that stopped early leaves a gap for the rest; nothing breaks."""
    drawn = line(CURVE, "toy", "control", runs("train_loss", [1, 1, 1], [3, 3], steps=3))
    assert drawn["mid"] == [2.0, 2.0, None]


def test_a_metric_that_was_never_measured_is_an_empty_line():
    """No points, no crash."""
    drawn = line(CURVE, "toy", "control", runs("train_loss", [], steps=3))
    assert (drawn["mid"], drawn["progress"]) == ([], [])


def test_the_papers_file_may_be_absent(tmp_path):
    """Not every figure of a paper was traced: no lines then."""
    assert paper_curves("nowhere.csv", steps=15_000, standard="control").lines(tmp_path) == []


def test_the_papers_curves_are_read_by_name(tmp_path):
    """Each curve with its role; a name with a dot is written with an underscore."""
    (tmp_path / "x.csv").write_text(
        "curve,step,value\nstandard.lr0.1,0,2.5\nbn,0,2.4\nstandard.lr0.1,7500,1.5\n"
    )
    paper = paper_curves(
        "x.csv", steps=15_000, standard_lr0_1="control", bn="treatment", missing="other"
    )
    standard, bn = paper.lines(tmp_path)
    assert (standard["role"], standard["mid"], standard["progress"]) == (
        "control", [2.5, 1.5], [0.0, 0.5],
    )  # fmt: skip
    assert (standard["low"], standard["high"]) == (None, None)
    assert bn["mid"] == [2.4]


def test_the_papers_bands_have_min_and_max(tmp_path):
    """A band has no middle."""
    (tmp_path / "x.csv").write_text("curve,step,min,max\nbn,150,0.1,0.3\n")
    (drawn,) = paper_curves("x.csv", steps=15_000, bn="treatment").lines(tmp_path)
    assert (drawn["mid"], drawn["low"], drawn["high"]) == (None, [0.1], [0.3])
    assert drawn["progress"] == [0.01]


@pytest.mark.parametrize(
    "text",
    ["curve,step,value\nbn,0,high\n", "name,step,value\nbn,0,1\n", "curve,value\nbn,1\n",
     "curve,step,value\nbn,0\n"],
    ids=["word", "no curve", "no step", "short row"],
)  # fmt: skip
def test_a_broken_file_of_the_paper_is_named(tmp_path, text):
    """The error says which file and which columns it should have."""
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ClaimDefinitionError, match=r"x\.csv: got .* expected the columns"):
        paper_curves("x.csv", steps=15_000, bn="treatment").lines(tmp_path)


def test_an_axis_is_linear_or_log():
    """Anything else is refused."""
    with pytest.raises(ClaimDefinitionError, match="axis: got 'symlog'"):
        curve("Loss", "train_loss", axis="symlog")
