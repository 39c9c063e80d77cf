"""Readings and scopes as records: what they change, and what is no reading or scope."""

import pytest

from harness import Arm, Reading, Scope
from harness.errors import ClaimDefinitionError

WORDS = {"name": "momentum 0.9", "leaves_open": "momentum is not stated", "because": "usual"}


def test_a_replaced_setting_leaves_the_others_and_equal_arms_equal():
    """In place of the arm's own or beside them; the order of naming does not matter."""
    arm = Arm.of("vgg", norm="batch", lr=0.1)
    assert arm.replaced(lr=0.5) == Arm.of("vgg", lr=0.5, norm="batch")
    assert arm.replaced(momentum=0.9, lr=0.1) == Arm.of("vgg", momentum=0.9, norm="batch", lr=0.1)
    assert arm.replaced() == arm


def test_changes_may_be_of_every_arm_or_of_each_kind():
    """A kind that is not named stays as it is."""
    every = Reading(changes={"momentum": 0.9}, **WORDS)
    assert every.of_kind("vgg") == every.of_kind("dln") == {"momentum": 0.9}
    kinds = Reading(changes={"vgg": {"momentum": 0.9, "init": "he"}}, **WORDS)
    assert kinds.of_kind("vgg") == {"momentum": 0.9, "init": "he"}
    assert kinds.of_kind("dln") == {}


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"leaves_open": ""}, {"because": ""}, {"changes": {}}, {"changes": "momentum"},
     {"changes": {"vgg": {"momentum": 0.9}, "lr": 0.1}}],
)  # fmt: skip
def test_a_reading_says_what_it_changes_and_why(wrong):
    """Refused with the reading's name."""
    with pytest.raises(ClaimDefinitionError, match="reading"):
        Reading(**({"changes": {"momentum": 0.9}} | WORDS | wrong))


def test_a_scope_is_a_grid_row_by_row():
    """Every pair of values, as settings of both arms."""
    scope = Scope(rows=("network", ("a", "b")), columns=("lr", (0.1, 0.5)))
    changes = [scope.changes(point) for point in scope.points()]
    assert changes == [
        {"network": "a", "lr": 0.1}, {"network": "a", "lr": 0.5},
        {"network": "b", "lr": 0.1}, {"network": "b", "lr": 0.5},
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [("lr", (1.0,)), ("network", ()), ("network", ("a", "a")),
                                  ("network", "vgg")])  # fmt: skip
def test_axes_that_make_no_grid_are_refused(rows):
    """One setting twice, no values, a value twice, text for a tuple."""
    with pytest.raises(ClaimDefinitionError, match="scope"):
        Scope(rows=rows, columns=("lr", (0.1,)))
