"""Where a claim holds: a grid of two settings over which it is judged again, outside its level."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.bench import Setting
from harness.declarations.declared import of_kind
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
        for where, axis in (("rows", self.rows), ("columns", self.columns)):
            _check_axis(where, axis)
        of_kind("scope: alike", self.alike, Mapping, 'settings by name, as in {"probes": ()}')  # type: ignore[type-abstract]
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


def _check_axis(where: str, axis: object) -> None:
    """Raise ClaimDefinitionError for what is no name of a setting with its values, each once."""
    if not isinstance(axis, tuple) or len(axis) != 2 or not isinstance(axis[0], str):
        raise ClaimDefinitionError(
            f'scope: {where}: got {axis!r}; expected a setting and its values, as in ("lr", (0.1,))'
        )
    name, values = axis
    each_once = isinstance(values, tuple) and len({repr(value) for value in values}) == len(values)
    if not each_once or not values or any(isinstance(value, list | dict) for value in values):
        raise ClaimDefinitionError(
            f"scope: {where}: got {name!r} with {values!r}; expected a tuple of at least one "
            "value, each once"
        )
