"""What a search for counterexamples promises to return. A paper's code implements ``Search``.

A statement with two sides is tried on many draws. ``slack`` is right minus left relative to a
declared scale, so a draw violates the statement where its slack is below minus the tolerance. For
an equality it is minus the distance of the sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

Shown = float | int | str | tuple["Shown", ...]
"""A number, or rows of numbers, or an exact number as text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPlan:
    """All that a search declares before it runs. The texts are for a reader."""

    relation: str  # "<=" or "="
    left: str
    right: str
    conditions: str  # under which the statement is made; "" for none
    planted: str  # the mistake in the planted twin, which the same draws must refute
    drawn: str  # what is drawn
    small: str  # what the second search tries, in search of a small counterexample
    draws: int
    examples: int
    needed: int  # draws that must meet the conditions
    tolerance: float  # relative to the scale
    scale: str  # what the slack is relative to
    because: str  # why this tolerance


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterexample:
    """One case that violates the statement, with all that a reader needs to check it by hand."""

    given: Mapping[str, Shown]
    worked_out: Mapping[str, Shown]
    left: float
    right: float
    scale: float
    found: str  # which search found it


@dataclass(frozen=True, kw_only=True, slots=True)
class Searched:
    """What a search found. ``slacks`` are those of the draws that meet the conditions."""

    draws: int
    slacks: tuple[float, ...]
    twin_violations: int
    counterexample: Counterexample | None


@runtime_checkable
class Search(Protocol):
    """A statement that can be searched. Made by a paper's menu; the same in every process."""

    @property
    def name(self) -> str:
        """Return what is searched, with its settings, in one line."""
        ...

    @property
    def modules(self) -> tuple[str, ...]:
        """Return the modules whose source decides what is found."""
        ...

    def plan(self, scale: str) -> SearchPlan:
        """Return what the search declares at a scale. Raises ArmError for an unknown statement."""
        ...

    def run(self, scale: str) -> Searched:
        """Search, and return what was found."""
        ...
