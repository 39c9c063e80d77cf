"""The paper's own curves: files of the family's ``curves/`` folder, drawn over ours."""

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.declarations.summaries import spread
from harness.errors import ClaimDefinitionError

Row = Mapping[str, str]
Line = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperCurves:
    """Curves over training: a CSV with ``curve``, ``step``, and ``value`` or ``min`` and ``max``.

    ``curves`` names the ones to draw and whose role each has: ``("standard", "control")``;
    ``steps`` is how long the paper trained, the end of its axis.
    """

    file: str
    curves: tuple[tuple[str, str], ...]
    steps: int

    def lines(self, folder: Path) -> list[Line]:
        """Return the lines, none where the family has no such file.

        Raises ClaimDefinitionError for a file that cannot be read as curves.
        """
        expected = "the columns curve, step, and value or min and max, as numbers"
        return _read(folder / self.file, "curve", self.curves, self._line, expected)

    def _line(self, rows: Sequence[Row]) -> Line:
        columns = {"mid": "value", "low": "min", "high": "max"}
        values = {
            key: [float(row[column]) for row in rows] if column in rows[0] else None
            for key, column in columns.items()
        }
        return {"progress": [float(row["step"]) / self.steps for row in rows], **values}


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperProfile:
    """Values against x, several for each: drawn as the same summary as our own.

    ``name``, ``x`` and ``value`` are the file's columns; ``curves`` as in PaperCurves.
    """

    file: str
    curves: tuple[tuple[str, str], ...]
    name: str
    x: str
    value: str

    def lines(self, folder: Path) -> list[Line]:
        """Return the lines, none where the family has no such file.

        Raises ClaimDefinitionError for a file that cannot be read as profiles.
        """
        expected = f"the columns {self.name}, {self.x} and {self.value}, the last two as numbers"
        return _read(folder / self.file, self.name, self.curves, self._line, expected)

    def _line(self, rows: Sequence[Row]) -> Line:
        values: dict[float, list[float]] = defaultdict(list)
        for row in rows:
            values[float(row[self.x])].append(float(row[self.value]))
        places = sorted(values)
        return {"x": places, **spread([values[x] for x in places])}


def paper_curves(file: str, *, steps: int, **roles: str) -> PaperCurves:
    """Return the curves of one file: ``paper_curves("x.csv", steps=15_000, standard="control")``.

    ``steps`` is how long the paper trained. A curve's name holds what a Python name cannot
    (``lr0.1``): write ``standard_lr0_1``.
    """
    return PaperCurves(file=file, curves=tuple(roles.items()), steps=steps)


def paper_profile(file: str, *, name: str, x: str, value: str, **roles: str) -> PaperProfile:
    """Return the paper's profiles, as ``paper_curves`` does those over training.

    ``name``, ``x`` and ``value`` are columns of the file; the others say which curve has whose
    role, as in ``paper_curves``.
    """
    return PaperProfile(file=file, curves=tuple(roles.items()), name=name, x=x, value=value)


def _read(
    path: Path,
    key_column: str,
    curves: Sequence[tuple[str, str]],
    line: Callable[[Sequence[Row]], Line],
    expected: str,
) -> list[Line]:
    """Return a line for each of the wanted curves that the file has."""
    if not path.is_file():
        return []
    try:
        rows = _rows_by_curve(path, key_column)
        return [
            {
                "label": f"paper: {key.replace('_', ' ')}",
                "role": role,
                "file": path.name,
                **line(rows[key]),
            }
            for name, role in curves
            if (key := _curve_key(name, rows)) is not None
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ClaimDefinitionError(f"{path}: got {error!r}; expected {expected}") from error


def _rows_by_curve(path: Path, key_column: str) -> Mapping[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row[key_column]].append(row)
    return rows


def _curve_key(name: str, rows: Mapping[str, object]) -> str | None:
    """Return the curve whose name is ``name`` once dots are written as underscores."""
    return next((key for key in rows if key.replace(".", "_") == name), None)
