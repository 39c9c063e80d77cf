"""Ridges: densities of the records' histograms, pooled over seeds."""

import numpy as np
import pytest
from toy_records import counted, run

from harness.bench import Metric
from harness.declarations.ridges import MOST_RIDGES, ridge, ridge_line
from harness.documents.drawing import DrawnArm, panel
from harness.errors import EvidenceError


def drawn(*records):
    return ridge_line("inputs", "toy", "control", records)


def test_a_density_integrates_to_one_over_unequal_bins():
    """Counts 2, 1, 1 over widths 1, 1, 2 by hand; the sum of density times width is 1."""
    line = drawn(counted(0, (2, 1, 1)))
    assert line["density"] == [[0.5, 0.25, 0.125]]
    assert np.dot(line["density"][0], np.diff(line["edges"])) == pytest.approx(1.0)


def test_every_seed_weighs_the_same():
    """A seed that counted a hundred times as much does not drown the other."""
    line = drawn(counted(0, (1, 0, 1)), counted(1, (0, 200, 0)))
    assert line["density"] == [[0.25, 0.5, 0.125]]


def test_the_outermost_bins_are_told():
    """What was clipped is at most what they hold: a reader can be told how much."""
    assert drawn(counted(0, (2, 1, 1)))["outside"] == [[0.5, 0.25]]


def test_a_normal_sample_comes_back():
    """The density of counts of a normal distribution is that distribution's."""
    edges = np.linspace(-5, 5, 41)
    sample = np.random.default_rng(1).normal(size=200_000)
    counts = tuple(int(c) for c in np.histogram(sample, edges)[0])
    (density,) = drawn(counted(0, counts, edges=tuple(edges)))["density"]
    middles = (edges[1:] + edges[:-1]) / 2
    assert density == pytest.approx(np.exp(-(middles**2) / 2) / np.sqrt(2 * np.pi), abs=0.01)


def test_few_ridges_from_the_first_to_the_last():
    """Fifty measurements become nine, evenly spread."""
    line = drawn(counted(0, *[(1, 1, 1)] * 50, steps=100))
    assert len(line["density"]) == MOST_RIDGES
    assert (line["progress"][0], line["progress"][-1]) == (0.0, 0.49)
    gaps = np.diff(line["progress"])
    assert gaps.max() - gaps.min() <= 0.0101


def test_what_a_seed_lacks_is_a_gap():
    """A step one seed did not reach, or at which it counted nothing, is none for all."""
    line = drawn(
        counted(0, (1, 1, 1), (1, 1, 1), (0, 0, 0), at=(0, 5, 9), steps=10),
        counted(1, (1, 1, 1), (1, 1, 1), at=(0, 9), steps=10),
    )
    assert line["progress"] == [0.0, 0.5, 0.9]
    assert [row is None for row in line["density"]] == [False, True, True]
    assert line["outside"][1:] == [None, None]


def test_no_measurement_is_no_ridge():
    """Empty histograms draw nothing and stop nothing."""
    assert drawn(counted(0))["density"] == []


def test_an_arm_without_the_histogram_is_named_in_the_note():
    """The other arm is drawn; the note says what the run holds instead."""
    arms = [
        DrawnArm(label="with", role="treatment", runs=(counted(0, (1, 1, 1)),)),
        DrawnArm(label="without", role="control", runs=(run(0, train_loss=[1]),)),
        DrawnArm(label="elsewhere", role="other", runs=(counted(0, (1, 1, 1), name="outputs"),)),
        DrawnArm(label="absent", role="other", runs=()),
    ]
    shown = panel(ridge("Inputs", "inputs", note="N."), arms, {}, None)
    assert [line["label"] for line in shown["lines"]] == ["with"]
    assert shown["note"] == (
        "N. without is not drawn: seed 0: no histogram 'inputs'; got none. elsewhere is not drawn: "
        "seed 0: no histogram 'inputs'; got outputs. absent is not drawn: its runs are missing."
    )


def test_seeds_with_different_bins_are_not_pooled():
    """Their counts are of different things."""
    with pytest.raises(EvidenceError, match="different bins"):
        drawn(counted(0, (1, 1, 1)), counted(1, (1, 1, 1), edges=(0.0, 1.0, 2.0, 3.0)))


def test_a_ridge_asks_for_no_metric():
    """Its histogram is no series: nothing to check against the bench's metrics."""
    assert ridge("Inputs", "inputs").metrics == ()
    shown = panel(ridge("Inputs", "inputs"), [], {"other": Metric(label="x", unit="%")}, None)
    assert (shown["kind"], shown["unit"], shown["lines"]) == ("ridge", "", [])
