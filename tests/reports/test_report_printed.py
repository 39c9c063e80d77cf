"""The paper's numbers beside ours on the page, and whether a document's are its own values'."""

import copy

import pytest
from documents import a_cell, a_claim, a_document, a_printed

from reports.checking.whole import disagreements
from reports.formats import NOTHING, TIMES
from reports.printed import printed_line, printed_rows
from reports.render import render
from reports.view import page_view

INSIDE = a_printed()
OUTSIDE = a_printed(value=99.0, inside=False, where="Figure 1a, step 5000")


def a_page(*rows, scale="desk", **changes):
    claim = a_claim(cells=[a_cell(printed=list(rows), **changes)])
    return a_document([claim], scale=scale)


def test_the_page_counts_them_in_a_line():
    """Inside and compared; one that has no interval is not counted."""
    unknown = a_printed(value=1.0, interval=None, mean=None, inside=None, values=[])
    page = page_view(a_page(INSIDE, OUTSIDE, unknown))
    assert page.printed == (
        "1 of 2 numbers that the paper printed or plotted lies inside the 95 % prediction interval "
        "of one new run."
    )
    assert printed_line([a_cell(printed=[OUTSIDE])]).startswith("None of 1 number that")
    assert page_view(a_page()).printed == ""


def test_a_number_that_cells_share_is_counted_once():
    """The control's number stands in every cell that has this control."""
    rows = printed_rows([a_cell("a", printed=[INSIDE]), a_cell("b", printed=[INSIDE, OUTSIDE])])
    assert [row.word for row in rows] == ["inside", "outside"]


def test_only_the_papers_own_scale_comes_without_a_caution():
    """Elsewhere another network sees other data."""
    assert "agreement is not expected" in render(a_page(INSIDE))
    assert "agreement is not expected" not in render(a_page(INSIDE, scale="paper"))


def test_the_caution_names_what_is_not_the_papers_and_nothing_else():
    """On the paper's own data the data is no reason to differ."""
    page = a_page(INSIDE)
    page["claims"][0]["deviations"] = [
        "Network: VGG-A instead of VGG-16.",
        "Length: 3 instead of 9",
    ]
    assert page_view(page).caution == (
        "At scale desk network and length are not the paper's: agreement is not expected."
    )
    page["claims"][0]["deviations"] = ["Network: VGG-A instead of VGG-16."]
    assert "network is not the paper's" in page_view(page).caution
    page["claims"][0]["deviations"] = []
    assert "desk not all is the paper's, as cards say:" in page_view(page).caution


def test_intervals_of_two_or_three_seeds_are_not_counted():
    """Nearly every number lies inside them: the count would say nothing."""
    assert page_view(a_page(INSIDE)).printed
    quick = page_view(a_page(INSIDE, scale="quick"))
    assert quick.printed == ""
    assert quick.judged[0].printed_line == ""
    assert quick.judged[0].printed


def test_a_row_says_the_number_ours_and_the_interval():
    """With units; a gain on log is a factor; what was read off says so."""
    (row,) = printed_rows([a_cell(printed=[INSIDE])])
    assert (row.paper, row.word, row.inside) == ("72 %", "inside", True)
    assert row.where == "Figure 1a, step 500"
    assert row.quantity.endswith("3.33 % of training, read off")
    factor = a_printed(of="gain", transform="log", unit="", value=2.17, mean=4.0,
                       interval=[2.0, 8.0], read_off=False, where="text")  # fmt: skip
    (row,) = printed_rows([a_cell(printed=[factor])])
    assert (row.paper, row.interval) == (f"2.17{TIMES}", f"2.0 to 8.0{TIMES}")
    assert not row.quantity.endswith("read off")


def test_a_note_stands_for_a_missing_interval():
    """And the word is not "outside"."""
    row = a_printed(interval=None, mean=None, inside=None, values=[], note="1 run has no spread")
    (shown,) = printed_rows([a_cell(printed=[row])])
    assert (shown.word, shown.interval, shown.note) == (
        "no interval",
        NOTHING,
        "1 run has no spread",
    )


def test_a_document_without_them_is_still_drawn():
    """Readers of older files, and cells that were not run."""
    document = a_page()
    del document["claims"][0]["cells"][0]["printed"]
    assert "numbers beside ours" not in render(document)


def test_what_follows_from_the_values_is_not_contradicted():
    """The interval, the mean and the word are recomputed from the values of the seeds."""
    found = disagreements(a_page(INSIDE, OUTSIDE))
    assert not [text for text in found if "printed" in text]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"inside": False}, "says inside False, its values make True"),
        ({"inside": None}, "says inside None, its values make True"),
        ({"interval": [0.0, 100.0]}, "low: says 0.0"),
        ({"interval": None}, "low: says None"),
        ({"mean": 1.0}, "mean: says 1.0"),
        ({"values": []}, "without the values of any seed"),
        ({"values": [None, 1.0]}, "cannot be predicted again"),
        ({"transform": "log", "values": [-1.0, 1.0]}, "cannot be predicted again"),
    ],
)
def test_what_does_not_follow_is_named(change, said):
    """Each planted change is found, with the place in the paper."""
    document = copy.deepcopy(a_page(INSIDE))
    document["claims"][0]["cells"][0]["printed"][0] |= change
    found = disagreements(document)
    assert any(said in text and "Figure 1a, step 500" in text for text in found)
