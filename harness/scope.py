"""Where a claim holds: a grid of two settings over which it is judged again, outside its level."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.bench import Setting
from harness.errors import ClaimDefinitionError

Axis = tuple[str, tuple[Setting, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One place of the grid: the values that both of its settings take there."""

    row: Setting
    column: Setting


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Scope:
    """Two settings of a claim's arms, each with its values: ``rows=("network", ("vgg-a", ...))``.

    ``alike`` are settings that every place has, such as fewer probes than the claim's own arms.
    Raises ClaimDefinitionError for axes that make no grid; a value that an arm does not know is
    refused where the claim is collected.
    """

    rows: Axis
    columns: Axis
    alike: Mapping[str, Setting] = field(default_factory=dict)

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
        if twice := {self.rows[0], self.columns[0]} & set(self.alike):
            raise ClaimDefinitionError(
                f"scope: alike: got {', '.join(sorted(twice))}, which is an axis; expected "
                "settings that every place has"
            )

    def __repr__(self) -> str:
        """Return the declaration, which is hashed: nothing is said of settings that are not."""
        alike = f", alike={dict(sorted(self.alike.items()))!r}" if self.alike else ""
        return f"Scope(rows={self.rows!r}, columns={self.columns!r}{alike})"

    def points(self) -> Iterator[Point]:
        """Return every place of the grid, row by row."""
        return (Point(row=row, column=column) for row in self.rows[1] for column in self.columns[1])

    def changes(self, point: Point) -> dict[str, Setting]:
        """Return the settings of every arm at a place of the grid."""
        return {**self.alike, **self.axes(point)}

    def axes(self, point: Point) -> dict[str, Setting]:
        """Return the values of the two axes at a place of the grid."""
        return {self.rows[0]: point.row, self.columns[0]: point.column}
