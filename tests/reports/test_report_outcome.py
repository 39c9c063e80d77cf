"""What became of a claim's cells: how many have which verdict, and who contradicts."""

import pytest
from documents import a_cell, a_claim, a_hypothesis, some_alternatives

from reports.cards import cards
from reports.cells import cell_view
from reports.outcome import cells_line, cells_sentence


@pytest.mark.parametrize(
    ("verdict", "cells", "expected"),
    [
        ("SUPPORTED", ["SUPPORTED"] * 3, "3 of 3 cells hold"),
        ("INVALID", ["INVALID"] * 3, "3 of 3 cells void"),
        ("REFUTED", ["SUPPORTED", "SUPPORTED", "REFUTED"], "1 of 3 cells refuted, 2 hold"),
        (
            "INCONCLUSIVE",
            ["INCONCLUSIVE", "SUPPORTED", "SUPPORTED", "INCONCLUSIVE"],
            "2 of 4 cells undecided, 2 hold",
        ),
        ("ERROR", ["SUPPORTED", "ERROR"], "1 of 2 cells failed to run, 1 holds"),
        ("NOT RUN", ["SUPPORTED", "NOT RUN"], "1 of 2 cells not run, 1 holds"),
        ("ERROR", ["SUPPORTED", "SUPPORTED"], "2 of 2 cells hold"),
    ],
)
def test_the_cells_that_made_the_verdict_are_counted_first(verdict, cells, expected):
    """A refuted or void claim is no count of cells that hold."""
    assert cells_line(verdict, cells) == expected


def test_a_void_claim_is_summed_up_as_void_and_its_cells_have_no_p():
    """What is not compared is not tested: the dash says so beside INVALID."""
    void = [a_cell(name, verdict="INVALID", p=0.5) for name in ("a", "b")]
    (card,) = cards([a_claim(verdict="INVALID", cells=void)])
    assert card.summary == "2 of 2 cells void"
    assert {cell.p for cell in card.cells} == {"\N{EM DASH}"}
    assert cell_view(a_cell(p=0.5)).p == "p = 0.50"
    assert "p = " not in str(cell_view(void[0]).facts)
    assert "p = " in str(cell_view(a_cell(p=0.5)).facts)


def test_the_alternatives_named_are_those_counted_each_with_its_cell():
    """A refuted claim rests on its refuted cells: doubts about another one are not listed."""
    doubted = some_alternatives(-3.0, [-4.0, -2.0])
    doubted[0]["contradicts"] = True
    cells = [
        a_cell("holds", sensitivity=some_alternatives(24.0, [20.0, 28.0])),
        a_cell("fails", verdict="REFUTED", sensitivity=doubted),
    ]
    (card,) = cards([a_claim(verdict="REFUTED", cells=cells, contradicting=2, alternatives=4)])
    assert card.alternatives_line == (
        "2 of 4 alternatives contradict: exact sign flip and last third of training in fails"
    )
    (alone,) = cards([a_claim()])
    assert alone.alternatives_line == "1 of 4 alternatives contradicts: last third of training"


def test_cells_that_the_same_alternative_contradicts_are_named_together():
    """One name for twelve layers is said once."""
    cells = [a_cell(f"layer{i}") for i in range(12)]
    (card,) = cards([a_claim(cells=cells, contradicting=12, alternatives=48)])
    assert card.alternatives_line == ("12 of 48 alternatives contradict: last third of training")
    silent = a_cell("calm", sensitivity=[])
    (card,) = cards([a_claim(cells=[*cells[:2], silent], contradicting=2, alternatives=8)])
    assert card.alternatives_line.endswith(": last third of training in layer0 and layer1")


def test_cells_whose_labels_have_commas_are_told_apart_by_quotes():
    """Two layers of two kinds each would read as four cells."""
    cells = [a_cell(f"l{i}-shift") for i in (1, 2)]
    calm = [a_cell("l1-loss", sensitivity=[]), a_cell("l3-shift", sensitivity=[])]
    (card,) = cards([a_claim(cells=[*cells, *calm], contradicting=2, alternatives=8)])
    assert card.alternatives_line == (
        "2 of 8 alternatives contradict: last third of training in \u201cl1, shift\u201d and "
        "\u201cl2, shift\u201d"
    )


def test_the_p_of_an_undecided_cell_says_what_it_is_of():
    """INCONCLUSIVE is no statement that could have a p value."""
    assert cell_view(a_cell(p=0.5, verdict="INCONCLUSIVE")).p == "p = 0.50 for SUPPORTED"
    assert cell_view(a_cell(p=None, verdict="INCONCLUSIVE")).p == "\N{EM DASH}"


@pytest.mark.parametrize(
    ("verdict", "cells", "expected"),
    [
        ("SUPPORTED", {"a": "SUPPORTED"}, ""),
        ("SUPPORTED", {"a": "SUPPORTED", "b": "SUPPORTED"}, "All 2 cells hold."),
        ("INVALID", {"a": "INVALID", "b": "INVALID"}, "All 2 cells are void."),
        (
            "REFUTED",
            {"l1": "SUPPORTED", "l2": "SUPPORTED", "linf": "REFUTED"},
            "1 of 3 cells is refuted: linf; 2 hold.",
        ),
        (
            "REFUTED",
            {"x, a": "REFUTED", "y, b": "REFUTED", "c": "SUPPORTED", "d": "SUPPORTED"},
            "2 of 4 cells are refuted: \u201cx, a\u201d and \u201cy, b\u201d; 2 hold.",
        ),
        (
            "INCONCLUSIVE",
            {**{f"layer{i}": "INCONCLUSIVE" for i in range(5)}, "x": "SUPPORTED"},
            "5 of 6 cells are undecided; 1 holds.",
        ),
        (
            "REFUTED",
            {"layer 1, l2": "REFUTED", "layer 2, l2": "REFUTED", "layer 1, cos": "ERROR"},
            "2 of 3 cells are refuted: l2; 1 failed to run.",
        ),
    ],
)
def test_several_cells_are_summed_up_in_a_plain_sentence(verdict, cells, expected):
    """Those that made the verdict first, by name while they are few."""
    assert cells_sentence(verdict, list(cells.items())) == expected


def test_a_card_of_several_cells_opens_with_it():
    """The test's own words come after it."""
    cells = [a_cell("l1"), a_cell("linf", verdict="REFUTED")]
    (card,) = cards([a_claim(verdict="REFUTED", cells=cells, reason="The test says so.")])
    assert card.opening == "1 of 2 cells is refuted: linf; 1 holds."
    assert card.then == "The test says so."


def test_a_void_claim_says_why_before_its_numbers():
    """What is void is no estimate: on card, table and plot it is for information."""
    why = "The control did not learn."
    claim = a_claim(verdict="INVALID", reason=why, cells=[a_cell(verdict="INVALID", estimate=24.0)])
    (card,) = cards([claim])
    assert card.opening == why
    assert card.then.startswith("For information: ")
    assert (card.summary, card.bound) == (
        "void",
        "for information: +24.0 points, had to be above 5 points",
    )
    ((row,),) = (panel.rows for panel in card.panels)
    assert row.value == "void"
    assert row.interval.startswith("+24.0 points (")
    (sound,) = cards([a_claim()])
    assert sound.bound == "must be above 5 points"


def test_what_lies_beyond_a_margin_is_not_called_opposite():
    """Not more than 3 points below: at 6 below nothing is reversed."""
    margin = a_hypothesis("not below", -3.0)
    refuted = {"verdict": "REFUTED", "refuted_kind": "opposite"}
    (card,) = cards([a_claim(cells=[a_cell(hypothesis=margin, **refuted), a_cell("x")], **refuted)])
    assert card.kind == card.cells[0].kind == "beyond the margin"
    (card,) = cards([a_claim(cells=[a_cell(**refuted)], **refuted)])
    assert card.kind == card.cells[0].kind == "opposite"
