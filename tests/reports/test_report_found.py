"""The line that says what both arms come to, before the test of their difference."""

import math

import pytest
from documents import a_cell, a_claim, a_document

from reports.found import found_line
from reports.render import render

ARMS = {
    "treatment": {"label": "VGG-A, BatchNorm, LR 0.1", "settings": {}},
    "control": {"label": "VGG-A, no norm, LR 0.1", "settings": {}},
}


def cell(treatment, control, **changes):
    """Return a cell of two arms with these endpoints, of three seeds."""
    return a_cell(treatment=treatment, control=control, arms=ARMS, **changes)


def test_a_difference_is_said_beside_the_means_of_both_arms():
    """Means over the seeds, with the endpoint's unit, by what tells the arms apart."""
    one = cell(
        [80.0, 81.0, 82.0], [50.0, 50.0, 53.0], estimate=30.0,
        endpoint={"metric": "accuracy", "unit": "%"},
    )  # fmt: skip
    assert found_line([one]) == (
        "81.0 % with BatchNorm, 51.0 % with no norm: +30.0 points, must be above 5 points."
    )


def test_a_factor_is_said_beside_geometric_means():
    """Their quotient is the factor: arithmetic ones would not give it."""
    one = cell(
        [1.0, 4.0], [4.0, 16.0], transform="log", unit="", estimate=math.log(4.0),
        endpoint={"metric": "loss", "unit": ""},
    )  # fmt: skip
    assert found_line([one]).startswith("2.00 with BatchNorm, 8.00 with no norm: 4")


def test_a_yes_or_no_is_counted():
    """Ten of ten, not a mean of one."""
    one = cell([1.0] * 4, [1.0, 0.0, 0.0, 0.0], estimate=1.0, unit="")
    one["hypothesis"]["kind"] = "more often"
    assert found_line([one]).startswith("4 of 4 seeds with BatchNorm, 1 of 4 seeds with no norm: ")


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [cell([1.0], [2.0]), cell([1.0], [2.0])],
        [cell([1.0], [])],
        [cell([None], [2.0])],
        [cell([1.0], [2.0], estimate=None)],
    ],
)
def test_nothing_is_said_of_several_cells_of_one_arm_or_without_numbers(cells):
    """The table of cells, the search or the reason has it."""
    assert found_line(cells) == ""


def test_the_card_begins_with_it():
    """The test's own sentence comes after it."""
    one = cell([80.0], [50.0], estimate=30.0)
    page = render(a_document([a_claim(cells=[one], reason="The interval lies above the bound.")]))
    assert page.index("with no norm: +30") < page.index("The interval lies above the bound.")
