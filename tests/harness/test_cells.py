"""Cells: declared cases, their ids for -k and their labels for readers."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.declarations.cells import Cell, grid
from harness.errors import ClaimDefinitionError


def test_a_grid_is_every_combination_the_last_axis_fastest():
    """Order is the declared one, so that tests and documents keep it."""
    cells = grid(layer=(5, 10), norm=("l1", "l2"))
    assert [(c.layer, c.norm) for c in cells] == [(5, "l1"), (5, "l2"), (10, "l1"), (10, "l2")]
    assert [c.id for c in cells] == ["layer5-l1", "layer5-l2", "layer10-l1", "layer10-l2"]


def test_ids_and_labels():
    """The id is for -k, the label for a reader; floats are written short."""
    cell = grid(layer=(5,), lr=(0.1,), norm=("l = inf",))[0]
    assert cell.id == "layer5-lr0.1-l_inf"
    assert cell.label == "layer 5, LR 0.1, l = inf"
    assert (Cell().id, Cell().label) == ("", "")


@given(st.text(), st.floats(allow_nan=False) | st.integers())
def test_no_value_puts_an_equals_sign_or_space_into_an_id(word, number):
    """The option -k rejects = and splits at spaces: ids have neither, nor brackets or slashes."""
    identifier = Cell((("word", word), ("number", number))).id
    assert not set(identifier) & set("= []()/:\\\n\t")


def test_an_unknown_name_lists_the_known_ones():
    """A misspelt name in a claim file says what the cell has."""
    with pytest.raises(AttributeError, match="got 'lr'; expected one of its names: layer"):
        _ = grid(layer=(5,))[0].lr
    with pytest.raises(AttributeError, match="names: none"):
        _ = Cell().layer


def test_cells_can_be_copied_and_compared():
    """A cell is a value: equal, hashable, copied and pickled like one."""
    cell = grid(layer=(5,))[0]
    assert copy.deepcopy(cell) == pickle.loads(pickle.dumps(cell)) == cell  # noqa: S301
    assert len({cell, *grid(layer=(5, 6))}) == 2


@pytest.mark.parametrize("axis", [(), "abc"])
def test_an_axis_is_a_tuple_of_values(axis):
    """A string is not four cells, and no value is no cell."""
    with pytest.raises(ClaimDefinitionError, match="grid: axis norm got"):
        grid(norm=axis)


@pytest.mark.parametrize("name", ["id", "label", "values"])
def test_an_axis_cannot_hide_behind_a_cells_own_words(name):
    """cell.label would be the label of the cell, not the axis: refused."""
    with pytest.raises(ClaimDefinitionError, match=f"grid: axis {name}"):
        grid(**{name: (1, 2)})
