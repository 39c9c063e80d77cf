"""The figure of a sweep: shares of the seeds over a logarithmic axis, record and page."""

from documents import a_cell, a_claim, a_document, a_figure

from reports.drawing.curves import curve_figure
from reports.render import render
from reports.rows import runs
from reports.shape import first_misfit

PLACES = [0.01, 0.0316227766, 0.1, 0.316227766, 1.0]


def a_line(label, role, shares, width):
    """Return one network's shares; its interval is as wide as it likes."""
    return {
        "label": label, "role": role, "progress": [i / 4 for i in range(5)], "mid": shares,
        "low": [max(x - 30, 0) for x in shares], "high": [min(x + 30, 100) for x in shares],
        "yes": [round(x / 10) for x in shares], "n": 10,
        "width": {"mean": width, "ci95": [width - 0.2, width + 0.2], "unit": "decades"},
    }  # fmt: skip


def a_sweep(**changes):
    """Return the figure of two networks at five rates."""
    lines = [
        a_line("standard", "control", [100, 100, 90, 0, 0], 1.45),
        a_line("BatchNorm", "treatment", [100, 100, 100, 100, 20], 2.1),
    ]
    return a_figure(
        kind="sweep", title="Seeds in which it trains", label="share of the seeds", lines=lines,
        paper=[], note="Holds at the lowest rate.",
        sweep={"axis": "learning rate", "places": PLACES, "progress": [i / 4 for i in range(5)]},
    ) | changes  # fmt: skip


def test_the_ends_of_a_sweep_keep_their_ticks():
    """Where texts would touch the neighbour gives way: a range is read from its ends."""
    sweep = a_sweep()["sweep"] | {"places": [10 ** (i / 2 - 2) for i in range(7)]}
    figure = curve_figure(a_sweep(sweep=sweep | {"progress": [i / 6 for i in range(7)]}))
    assert [tick.text for tick in figure.x_ticks] == ["0.01", "0.1", "0.32", "1", "3.2", "10"]


def test_every_place_has_a_tick_and_a_marker():
    """The reader sees at which rates the networks were trained."""
    figure = curve_figure(a_sweep())
    assert [tick.text for tick in figure.x_ticks] == ["0.01", "0.032", "0.1", "0.32", "1"]
    assert [tick.at for tick in figure.x_ticks] == ["0.0%", "25.0%", "50.0%", "75.0%", "100.0%"]
    assert figure.x_label == "learning rate, logarithmic"
    assert [len(trace.marks) for trace in figure.traces] == [5, 5]


def test_it_says_what_is_shaded_and_how_wide_the_ranges_are():
    """Treatment first, with the intervals of the widths; nothing about an end of training."""
    figure = curve_figure(a_sweep())
    assert "Clopper-Pearson" in figure.reading
    said = "BatchNorm 2.10 decades (95 % interval 1.90 to 2.30)"
    assert said in figure.reading.replace("\u202f", " ")
    assert "training:" not in figure.description


def test_a_curve_still_runs_over_the_progress_of_training():
    """Other figures keep their axis."""
    figure = curve_figure(a_figure())
    assert figure.x_label == "progress of training"
    assert len(figure.x_ticks) == 5
    assert figure.traces[0].marks[0].x != "0.0%"


def test_a_page_with_a_sweep_is_drawn_from_a_document_that_fits_the_schema():
    """One figure, its axis in words; an arm of each place in the list of runs."""
    cell = a_cell("")
    cell["arms"]["control"]["places"] = [{"at": 0.1, "label": "a", "settings": {}}]
    cell["runs"]["control"] = [
        {"seed": 0, "at": "learning rate 10", "key": "k", "wall_s": 1.0, "diverged_at": 3}
    ]
    document = a_document([a_claim(cells=[cell], figures=[a_sweep()])])
    assert first_misfit(document) is None
    page = render(document)
    assert "learning rate, logarithmic" in page
    assert "control at learning rate 10, seed 0: k" in "\n".join(runs(cell))
