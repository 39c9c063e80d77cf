"""Ridges and profiles, as records before they are drawn, and as a page."""

import itertools
import math

import pytest
from documents import a_claim, a_document, a_profile, a_ridge

from reports.document import load_document, write_document
from reports.drawing.figures import figure_view
from reports.render import render


def points_of(hill):
    return [tuple(map(float, point.split(","))) for point in hill.split()]


def area_of(hill):
    """Return the area of a polygon (shoelace formula), in canvas units times pixels."""
    points = points_of(hill)
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def test_every_arm_is_a_column_and_every_moment_a_hill():
    """Nine moments, nine hills, from the top downwards."""
    figure = figure_view(a_ridge())
    assert [len(column.hills) for column in figure.columns] == [9, 9, 3]
    assert [column.style for column in figure.columns] == [0, 1, 2]
    at = [at for at, _ in figure.columns[0].times]
    assert at == sorted(at)
    assert figure.height > at[-1]


def test_hills_of_one_column_have_the_same_area():
    """A wide distribution is lower: both integrate to 1 on the same scale."""
    figure = figure_view(a_ridge(lines=a_ridge()["lines"][2:]))
    wide, _, narrow = map(area_of, figure.columns[0].hills)
    assert wide == pytest.approx(narrow, rel=0.01)
    heights = [max(y for _, y in points_of(h)) - min(y for _, y in points_of(h))
               for h in figure.columns[0].hills]  # fmt: skip
    assert heights[2] > 3 * heights[0]


def test_the_tallest_hill_stays_on_the_drawing():
    """No outline leaves the canvas."""
    figure = figure_view(a_ridge())
    points = [p for column in figure.columns for hill in column.hills for p in points_of(hill)]
    assert all(0 <= x <= 1000 and 0 <= y <= figure.height for x, y in points)


def test_a_moment_without_a_distribution_is_a_gap():
    """Its time stays on the axis, so that the others stand where they belong."""
    column = figure_view(a_ridge()).columns[2]
    assert [time.rstrip("%").strip() for _, time in column.times] == ["0", "25", "50", "75"]
    assert len(column.hills) == 3


def test_what_was_clipped_is_said():
    """Of the arm that has it in its outermost bins, and of no other."""
    note = figure_view(a_ridge()).note
    assert "Values beyond \N{MINUS SIGN}5 and 5 are counted in the outermost bins" in note
    assert "of VGG-A, no norm, LR 0.1" in note
    assert "of VGG-A, BatchNorm, LR 0.1" not in note


def test_empty_ends_are_left_off_the_axis_and_said():
    """Narrow distributions use the width; how much is not shown is said."""
    figure = figure_view(a_ridge(lines=[a_ridge()["lines"][0]]))
    assert "The axis leaves out" in figure.note
    first, last = points_of(figure.columns[0].hills[0])[
        :: len(points_of(figure.columns[0].hills[0])) - 1
    ]
    assert (first[0], last[0]) == (0, 1000)


def test_a_ridge_says_its_moments_in_words():
    """Mean and standard deviation of the first and last distribution, from the bins."""
    text = figure_view(a_ridge(lines=[a_ridge()["lines"][0]])).columns[0].description
    assert "mean 0.00 and standard deviation 1.00" in text
    assert "mean 0.80" in text


@pytest.mark.parametrize("density", [[], [None, None], None])
def test_an_arm_without_distributions_is_no_column(density):
    """And a figure without columns is none."""
    empty = a_ridge()["lines"][0] | {"density": density}
    assert figure_view(a_ridge(lines=[empty])) is None
    assert len(figure_view(a_ridge(lines=[empty, a_ridge()["lines"][1]])).columns) == 1


def test_a_profile_places_its_points_by_logarithm():
    """Doubled step sizes stand at equal distances, marked with their numbers."""
    figure = figure_view(a_profile())
    ours = points_of(figure.traces[0].lines[0])
    steps = [b[0] - a[0] for a, b in itertools.pairwise(ours)]
    assert max(steps) - min(steps) <= 1
    assert [tick.text for tick in figure.x_ticks] == ["0.05", "0.1", "0.2", "0.4"]
    assert figure.x_label == "step size, logarithmic"


def test_a_profile_breaks_off_where_it_has_no_number():
    """The control's last median is none: three points, and its text says so."""
    figure = figure_view(a_profile())
    assert len(figure.traces[1].lines[0].split()) == 3
    assert "VGG-A, standard: 3.00 at 0.05, 5.00 at 0.1, 9.00 at 0.2" in figure.description


@pytest.mark.parametrize("x", [[], [0.0, -1.0, 0.0, math.nan], None])
def test_a_profile_without_places_is_none(x):
    """Zero has no logarithm."""
    lines = [line | {"x": x} for line in a_profile()["lines"]]
    assert figure_view(a_profile(lines=lines, paper=[])) is None


def test_both_kinds_fit_the_schema_and_draw(tmp_path):
    """A document that holds them is read back, and each picture has its text."""
    document = a_document([a_claim(figures=[a_ridge(), a_profile()])])
    write_document(tmp_path / "v.json", document)
    page = render(load_document(tmp_path / "v.json"))
    assert page.count('class="hill"') == 21
    assert page.count("<desc ") == 4
