"""Where a claim holds: a grid of two settings over which it is judged again, outside its level."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.bench import Setting
from harness.errors import ClaimDefinitionError

Axis = tuple[str, tuple[Setting, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One place of the grid: the values that both of its settings take there."""

    row: Setting
    column: Setting


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Two settings of a claim's arms, each with its values: ``rows=("network", ("vgg-a", ...))``.

    Raises ClaimDefinitionError for axes that make no grid; a value that an arm does not know is
    refused where the claim is collected.
    """

    rows: Axis
    columns: Axis

    def __post_init__(self) -> None:
        for where, (name, values) in (("rows", self.rows), ("columns", self.columns)):
            if not isinstance(values, tuple) or not values or len(set(values)) < len(values):
                raise ClaimDefinitionError(
                    f"scope: {where}: got {name!r} with {values!r}; expected a tuple of at least "
                    "one value, each once"
                )
        if self.rows[0] == self.columns[0]:
            raise ClaimDefinitionError(
                f"scope: got {self.rows[0]!r} as rows and as columns; expected two settings"
            )

    def points(self) -> Iterator[Point]:
        """Return every place of the grid, row by row."""
        return (Point(row=row, column=column) for row in self.rows[1] for column in self.columns[1])

    def changes(self, point: Point) -> dict[str, Setting]:
        """Return the settings of every arm at a place of the grid."""
        return {self.rows[0]: point.row, self.columns[0]: point.column}
