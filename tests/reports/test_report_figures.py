"""Interval plots and curves, as records before they are drawn."""

import math

import pytest
from documents import (
    a_band,
    a_broken_cell,
    a_cell,
    a_claim,
    a_document,
    a_figure,
    a_hypothesis,
    a_log_cell,
    a_profile,
)

from reports.cells import cell_view
from reports.drawing.curves import curve_figure
from reports.drawing.figures import figure_views
from reports.drawing.forest import panels
from reports.drawing.stretch import judged_stretch
from reports.render import render


def _percent(text):
    assert text.endswith("%")
    return float(text[:-1])


def test_a_row_places_estimate_between_its_interval():
    """What is drawn is in the order of the numbers."""
    (panel,) = panels([a_cell()])
    (row,) = panel.rows
    assert _percent(row.wide.start) < _percent(row.deciding.start) < _percent(row.plain.start)
    assert _percent(row.plain.start) < _percent(row.estimate) < _percent(row.plain.end)
    assert _percent(row.zero) < _percent(row.region.start) < _percent(row.deciding.start)
    assert len(row.seeds) == 10
    assert all(0 <= _percent(seed.at) <= 100 for seed in row.seeds)


def test_an_equivalence_shades_between_its_margins():
    """Two edges, symmetric about no effect."""
    ((row,),) = (panel.rows for panel in panels([a_cell(hypothesis=a_hypothesis("equivalent", 2))]))
    middle = sum(map(_percent, row.edges)) / 2
    assert middle == pytest.approx(_percent(row.zero), abs=0.1)  # positions have one decimal
    assert row.region.start == row.edges[0]


def test_factors_and_points_get_an_axis_each():
    """Unlike gains share no axis."""
    assert len(panels([a_cell("a"), a_log_cell("b"), a_cell("c")])) == 2


def test_cells_of_unlike_size_get_an_axis_each():
    """A cell a hundred times smaller would be a dot."""
    cells = [a_cell("a", mean=2000.0, spread=90.0), a_cell("b", mean=8.0)]
    assert len(panels(cells)) == 2
    assert len(panels([a_cell("a"), a_cell("b", mean=8.0)])) == 1


def test_a_cell_without_an_estimate_is_not_drawn():
    """An ERROR has nothing to draw, and its neighbour is drawn still."""
    (panel,) = panels([a_cell("fine"), a_broken_cell()])
    assert [row.label for row in panel.rows] == ["fine"]
    assert panels([a_broken_cell()]) == ()


def test_nulls_among_the_numbers_leave_gaps():
    """An interval without an end is not drawn; a seed without a gain is left out."""
    cell = a_cell(ci=[None, 3.0], ci95=None, gains=[1.0, None, 2.0], seeds=[0])
    ((row,),) = (panel.rows for panel in panels([cell]))
    assert row.deciding is None
    assert row.plain is None
    assert len(row.seeds) == 2


def test_equal_gains_have_a_point_for_an_interval():
    """The interval is the point, and the axis still has an extent."""
    same = {"gains": [0.0] * 10, "estimate": 0.0}
    same |= {"ci": [0.0, 0.0], "ci_refute": [0.0, 0.0], "ci95": [0.0, 0.0]}
    ((row,),) = (panel.rows for panel in panels([a_cell(hypothesis=a_hypothesis(bound=0)) | same]))
    assert row.estimate == row.deciding.start == row.deciding.end


def test_equal_seeds_take_different_lanes():
    """Three seeds at one place are three rings."""
    ((row,),) = (panel.rows for panel in panels([a_cell(gains=[5.0, 5.0, 5.0])]))
    assert len({seed.lane for seed in row.seeds}) == 3


def test_log_ticks_are_factors():
    """The axis of a log gain speaks of times."""
    (panel,) = panels([a_log_cell()])
    assert all(tick.text.endswith("\N{MULTIPLICATION SIGN}") for tick in panel.ticks)
    assert "Factor by which" in panel.caption
    assert "lower" in panel.caption


def test_a_curve_has_ours_and_the_papers():
    """The paper's line takes the style of ours in the same role, and is told apart."""
    figure = curve_figure(a_figure())
    assert [(trace.style, trace.paper) for trace in figure.traces] == [
        (0, False), (1, False), (0, True), (1, True)
    ]  # fmt: skip
    assert all(trace.marks for trace in figure.traces if not trace.paper)
    assert not any(trace.marks for trace in figure.traces if trace.paper)
    assert "VGG-A, BatchNorm 91.9 %" in figure.description


def test_lines_of_one_role_look_different():
    """Five arms, five styles."""
    lines = [dict(a_figure()["lines"][0], label=f"arm {i}") for i in range(4)]
    lines.append(a_figure()["lines"][1])
    figure = curve_figure(a_figure(lines=lines, paper=[]))
    assert len({trace.style for trace in figure.traces}) == 5


def test_long_curves_are_thinned_and_keep_their_spikes():
    """At most 120 points, and the band's spike survives."""
    progress = [i / 9999 for i in range(10_000)]
    high = [2.0] * 10_000
    high[5_003] = 40.0
    line = {"label": "a", "role": "treatment", "progress": progress, "mid": None}
    figure = curve_figure(
        a_band(lines=[line | {"low": [1.0] * 10_000, "high": high}], paper=[], axis="linear")
    )
    (trace,) = figure.traces
    assert all(len(edge.split()) <= 120 for edge in trace.edges)
    heights = {point.split(",")[1] for point in trace.edges[-1].split()}
    assert len(heights) == 2


def test_nulls_break_a_line():
    """A diverged stretch is a gap, and a lone point is still seen."""
    line = a_figure()["lines"][0] | {"mid": [1.0, 2.0, None, 3.0, None, 4.0, 5.0]}
    line |= {"progress": [i / 6 for i in range(7)], "low": None, "high": None}
    (trace,) = curve_figure(a_figure(lines=[line], paper=[])).traces
    assert [len(text.split()) for text in trace.lines] == [2, 2, 2]


def test_what_a_log_axis_cannot_show_is_left_out():
    """Zero and negative values have no logarithm."""
    line = a_figure()["lines"][0] | {"mid": [0.0, -1.0, 10.0, 100.0], "low": None, "high": None}
    line |= {"progress": [0.0, 0.3, 0.6, 1.0]}
    (trace,) = curve_figure(a_figure(lines=[line], paper=[], axis="log")).traces
    assert len(trace.lines[0].split()) == 2


@pytest.mark.parametrize("lines", [[], None])
def test_a_figure_without_numbers_is_none(lines):
    """Nothing to draw is no figure."""
    assert curve_figure(a_figure(lines=lines, paper=[])) is None
    empty = {"label": "a", "role": "other", "progress": [], "mid": [], "low": None, "high": None}
    assert curve_figure(a_figure(lines=[empty], paper=[empty])) is None


def test_a_blown_up_run_does_not_flatten_the_others():
    """A diverged arm leaves the axis, and the note says so."""
    progress = [i / 40 for i in range(41)]
    wild = [1e30 if i > 37 else 2.0 + i / 40 for i in range(41)]
    line = {"label": "a", "role": "treatment", "progress": progress, "mid": wild}
    figure = curve_figure(a_figure(lines=[line | {"low": None, "high": None}], paper=[], unit=""))
    assert "beyond the axis" in figure.note
    top = max(float(tick.text) for tick in figure.y_ticks)
    assert math.isfinite(top)
    assert top < 10


def test_a_refuted_cell_shows_the_interval_that_refuted_it():
    """Beside REFUTED stand its own interval and p value, not those of SUPPORTED."""
    cell = a_cell(ci=[1.0, 3.0], ci_refute=[0.5, 3.5], p=0.9, p_refute=0.0004)
    assert "0.5" not in cell_view(cell).interval
    refuted = cell_view(cell | {"verdict": "REFUTED", "refuted_kind": "too small"})
    assert "0.5" in refuted.interval
    assert "0.0004" in refuted.p


def test_two_intervals_have_two_names():
    """One name never stands for the supporting interval here and the refuting one there."""
    cell = a_cell(ci=[1.0, 3.0], ci_refute=[0.5, 3.5])
    refuted = cell | {"verdict": "REFUTED", "refuted_kind": "too small"}
    described = [panels([each])[0].rows[0].description for each in (cell, refuted)]
    assert "supporting interval +1.0 to +3.0" in described[0]
    assert "refuting interval +0.5 to +3.5" in described[1]
    facts = dict(cell_view(refuted).facts)
    assert facts["Supporting interval"].startswith("+1.0 to +3.0")
    assert facts["Refuting interval"].startswith("+0.5 to +3.5")


def _long_claim(*figures, steps=300):
    cell = a_cell()
    cell["arms"]["treatment"]["settings"]["steps"] = steps
    length = ["Length: 5,000 steps instead of 10,000.", "Length: 300 steps instead of 15,000."]
    return a_claim(cells=[cell], figures=list(figures), deviations=length)


def test_one_axis_of_two_lengths_says_both():
    """Progress of training is 300 steps of ours and 15,000 of the paper's."""
    both, profile = figure_views(_long_claim(a_figure(), a_profile()))
    assert both.x_label == "progress of training (ours 300 steps, the paper's 15,000)"
    assert "steps" not in profile.x_label
    for claim in (_long_claim(a_figure(paper=[])), _long_claim(a_figure(), steps=7), a_claim()):
        (alone,) = figure_views(claim)
        assert alone.x_label == "progress of training"


def test_a_figure_of_the_papers_without_its_curve_says_so():
    """Named in the title, and not drawn: the reader need not look for it."""
    missing = "This part of the paper's Figure 8 is not at hand as numbers."
    (ours,) = figure_views(a_claim(figures=[a_figure(title="Loss (Figure 8)", paper=[])]))
    assert ours.note.endswith(missing)
    drawn = a_claim(figures=[a_figure(title="Loss (Figure 8)"), a_figure(title="x", paper=[])])
    assert not any("at hand" in figure.note for figure in figure_views(drawn))


def test_a_card_draws_no_picture_twice():
    """Two cells with the same arms in other roles; another title, arm or number is another one."""
    one, *_ = figures = [a_figure() for _ in range(4)]
    figures[1]["lines"] = [
        {**line, "role": role, "label": role}
        for line, role in zip(reversed(one["lines"]), ("control", "other"), strict=True)
    ]
    figures[2]["lines"] = one["lines"][:1]
    figures[3]["title"] = "Another"
    drawn = figure_views(a_claim(figures=figures))
    assert [(each.title, len(each.traces)) for each in drawn] == [
        ("Training accuracy", 4),
        ("Training accuracy", 3),
        ("Another", 4),
    ]
    assert drawn[0].traces[0].label == "VGG-A, BatchNorm"


def _endpoint(phase, instead="", metric="train_accuracy"):
    return {"metric": metric, "phase": phase, "instead": instead}


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (_endpoint("the last tenth of training"), ("90.0%", "10.0%")),
        (_endpoint("the first third of training"), ("0.0%", "33.3%")),
        (
            _endpoint("x", "So the stretch from 67% to 100% of training stands for x."),
            ("67.0%", "33.0%"),
        ),
        (_endpoint("the last tenth of training", "all of training stands for it."), None),
        (_endpoint("the whole of training"), None),
        (_endpoint("the stretch after the control has passed 95"), None),
        (_endpoint("the last tenth of training", metric="test_accuracy"), None),
        (None, None),
    ],
)
def test_the_stretch_that_is_judged_is_marked_on_the_curve_of_what_is_measured(endpoint, expected):
    """Where the document says it in numbers or by the name of a fixed phase; else nothing."""
    claim = a_claim(cells=[a_cell(endpoint=endpoint)])
    assert judged_stretch(a_figure(), claim) == expected
    assert judged_stretch(a_band(), claim) is None
    page = render(a_document([claim]))
    assert ("judged here" in page) is (expected is not None)
