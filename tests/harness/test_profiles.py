"""Profiles: a metric against what it was measured at, ours and the paper's by one summary."""

import math

import numpy as np
import pytest
from toy_records import run

from harness.bench import Metric
from harness.declarations.paper import paper_profile
from harness.declarations.profiles import profile, profile_line
from harness.declarations.summaries import quantile, spread
from harness.documents.drawing import DrawnArm, panel
from harness.errors import ClaimDefinitionError

POINTS = ((0.1, "near"), (0.2, "far"))


def test_a_profile_is_the_median_over_training_and_seeds():
    """All measurements of all seeds pooled, unsorted, by hand; the tenths beside it."""
    records = [run(0, near=[3, 1, 2], far=[10, 30]), run(1, near=[9, 5], far=[20])]
    line = profile_line(POINTS, "toy", "treatment", records)
    assert line["x"] == [0.1, 0.2]
    assert line["mid"] == [3.0, 20.0]
    assert line["low"] == pytest.approx([np.quantile([1, 2, 3, 5, 9], 0.1), 12.0])
    assert line["high"] == pytest.approx([np.quantile([1, 2, 3, 5, 9], 0.9), 28.0])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.77, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_quantiles_are_numpys(share, count):
    """Where all values are finite."""
    values = np.random.default_rng(count).normal(size=count)
    assert quantile(values, share) == pytest.approx(np.quantile(values, share))


def test_what_blew_up_counts_as_larger_than_any_number():
    """NaN and infinity raise a median, and are never left out; None where one would be it."""
    assert quantile([1.0, 2.0, math.nan], 0.5) == 2.0
    assert quantile([1.0, math.inf, math.nan], 0.5) is None
    assert quantile([1.0, 2.0, math.inf], 0.9) is None
    assert quantile([], 0.5) is None
    assert spread([[1.0, math.nan]]) == {"mid": [None], "low": [None], "high": [None]}


@pytest.mark.parametrize(
    "points", [(), ((0.1, "a"),), ((0.2, "a"), (0.1, "b")), ((0.0, "a"), (0.1, "b"))],
    ids=["none", "one", "descending", "zero"],
)  # fmt: skip
def test_x_must_ascend_from_above_zero(points):
    """The axis is logarithmic."""
    with pytest.raises(ClaimDefinitionError, match="ascending, above 0"):
        profile("P", points, x_label="step size")


def test_a_profile_asks_for_all_its_metrics():
    """So that a misspelt one is refused when the claim is collected."""
    assert profile("P", POINTS, x_label="step size").metrics == ("near", "far")


def test_the_papers_profile_takes_the_same_summary(tmp_path):
    """Several lines of the file for each x become median and tenths; names as the file has them."""
    rows = "".join(f"bn,{i},{x},{y}\n" for x in (0.2, 0.1) for i, y in enumerate((1, 2, 6)))
    (tmp_path / "p.csv").write_text(f"panel,line,step_size,change\nother,0,0.1,99\n{rows}")
    paper = paper_profile(
        "p.csv", name="panel", x="step_size", value="change", bn="treatment", missing="control"
    )
    arm = DrawnArm(label="toy", role="treatment", runs=(run(near=[1], far=[2]),))
    metrics = {"near": Metric(label="near it", unit="u")}
    shown = panel(profile("P", POINTS, x_label="s", paper=paper), [arm], metrics, tmp_path)
    (line,) = shown["paper"]
    assert (line["x"], line["mid"], line["role"]) == ([0.1, 0.2], [2.0, 2.0], "treatment")
    assert line["high"] == pytest.approx([5.2, 5.2])
    assert (shown["label"], shown["unit"], shown["x_label"]) == ("near it", "u", "s")


def test_a_broken_profile_of_the_paper_is_named(tmp_path):
    """The error says which columns it should have; an absent file is no line."""
    (tmp_path / "p.csv").write_text("panel,step_size,change\nbn,x,1\n")
    with pytest.raises(ClaimDefinitionError, match=r"p\.csv: got .* panel, step_size and change"):
        paper_profile("p.csv", name="panel", x="step_size", value="change", bn="treatment").lines(
            tmp_path
        )
    assert (
        paper_profile("q.csv", name="panel", x="step_size", value="change", bn="treatment").lines(
            tmp_path
        )
        == []
    )
