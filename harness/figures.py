"""What a claim's card draws: our curves beside the paper's own, as summaries of the records."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.bench import Arm
from harness.errors import ClaimDefinitionError
from harness.records import RunRecord

MOST_POINTS = 120
"""Points drawn of one line; longer series are cut into as many blocks, of which the median is
taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperCurves:
    """The paper's own curves: a CSV of the family's ``curves/`` folder.

    Columns: ``curve``, ``step``, and ``value`` or ``min`` and ``max``. ``curves`` names the ones to
    draw and whose role each has: ``{"standard": "control"}``.
    """

    file: str
    curves: tuple[tuple[str, str], ...]
    steps: int = 15_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One panel: a metric over training (``curve``), or the band between two metrics (``band``)."""

    title: str
    metric: str
    upper: str | None = None  # a band's upper metric; ``metric`` is its lower one
    axis: str = "linear"
    paper: PaperCurves | None = None
    extra: tuple[tuple[str, Arm], ...] = ()  # further arms to draw: (label, arm)
    note: str | None = None

    def __post_init__(self) -> None:
        if self.axis not in ("linear", "log"):
            raise ClaimDefinitionError(f"figure: axis: got {self.axis!r}; expected linear or log")

    @property
    def kind(self) -> str:
        """Return ``band`` where there are two metrics, else ``curve``."""
        return "band" if self.upper else "curve"

    @property
    def extra_arms(self) -> tuple[Arm, ...]:
        """Return the arms drawn besides treatment and control."""
        return tuple(arm for _, arm in self.extra)


def curve(
    title: str,
    metric: str,
    *,
    paper: PaperCurves | None = None,
    axis: str = "linear",
    extra: tuple[tuple[str, Arm], ...] = (),
    note: str | None = None,
) -> Figure:
    """Return a panel of a metric over training, one line per arm."""
    return Figure(title=title, metric=metric, paper=paper, axis=axis, extra=extra, note=note)


def band(
    title: str,
    lower: str,
    upper: str,
    *,
    paper: PaperCurves | None = None,
    axis: str = "linear",
    note: str | None = None,
) -> Figure:
    """Return a panel of the band between two metrics over training, one per arm."""
    return Figure(title=title, metric=lower, upper=upper, paper=paper, axis=axis, note=note)


def paper_curves(file: str, *, steps: int = 15_000, **roles: str) -> PaperCurves:
    """Return the paper's curves of one file: ``paper_curves("x.csv", standard="control")``.

    A curve's name holds what a Python name cannot (``lr0.1``): write ``standard_lr0_1``.
    """
    return PaperCurves(file=file, curves=tuple(roles.items()), steps=steps)


def line(figure: Figure, label: str, role: str, runs: Sequence[RunRecord]) -> dict[str, object]:
    """Return one arm's line: progress in [0, 1] with the median, smallest and largest over seeds.

    For a band, the medians over seeds of its lower and upper metric. A block of steps in which a
    seed is not finite has None: a gap, never a curve of the seeds that are left.
    """
    steps, lower = _matrix(figure.metric, runs)
    if figure.upper is None:
        progress, mid = _blocks(steps, np.median(lower, axis=0), runs[0].steps)
        _, low = _blocks(steps, lower.min(axis=0), runs[0].steps)
        _, high = _blocks(steps, lower.max(axis=0), runs[0].steps)
        return _line(label, role, progress, mid=mid, low=low, high=high)
    _, upper = _matrix(figure.upper, runs)
    progress, low = _blocks(steps, np.median(lower, axis=0), runs[0].steps)
    _, high = _blocks(steps, np.median(upper, axis=0), runs[0].steps)
    return _line(label, role, progress, mid=None, low=low, high=high)


def _line(
    label: str, role: str, progress: list[float], **values: list[float | None] | None
) -> dict[str, object]:
    return {"label": label, "role": role, "progress": progress, **values}


def _matrix(metric: str, runs: Sequence[RunRecord]) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps and the values (seeds, steps); NaN where a seed has no measurement."""
    series = [run.series[metric] for run in runs]
    steps = sorted({step for one in series for step in one.steps})
    by_step = [dict(zip(one.steps, one.values, strict=True)) for one in series]
    values = [[one.get(step, np.nan) for step in steps] for one in by_step]
    return np.asarray(steps), np.array(values, dtype=float)


def _blocks(
    steps: np.ndarray, values: np.ndarray, total: int
) -> tuple[list[float], list[float | None]]:
    if not len(steps):
        return [], []
    blocks = np.array_split(np.arange(len(steps)), min(MOST_POINTS, len(steps)))
    progress = [float(np.mean(steps[block]) / total) for block in blocks]
    return progress, [_finite(np.median(values[block])) for block in blocks]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def paper_lines(paper: PaperCurves, folder: Path) -> list[dict[str, object]]:
    """Return the paper's lines, or none where the family has no such file.

    Raises ClaimDefinitionError for a file that cannot be read as curves.
    """
    path = folder / paper.file
    if not path.is_file():
        return []
    try:
        rows = _rows_by_curve(path)
        return [
            _paper_line(key, role, rows[key], paper)
            for name, role in paper.curves
            if (key := _curve_key(name, rows)) is not None
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ClaimDefinitionError(
            f"{path}: got {error!r}; expected the columns curve, step, and value or min and max, "
            "as numbers"
        ) from error


def _rows_by_curve(path: Path) -> Mapping[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["curve"]].append(row)
    return rows


def _curve_key(name: str, rows: Mapping[str, object]) -> str | None:
    """Return the curve whose name is ``name`` once dots are written as underscores."""
    return next((key for key in rows if key.replace(".", "_") == name), None)


def _paper_line(
    curve_name: str, role: str, rows: list[dict[str, str]], paper: PaperCurves
) -> dict[str, object]:
    progress = [float(row["step"]) / paper.steps for row in rows]
    columns = {"mid": "value", "low": "min", "high": "max"}
    values = {
        key: [float(row[column]) for row in rows] if column in rows[0] else None
        for key, column in columns.items()
    }
    return {
        "label": f"paper: {curve_name.replace('_', ' ')}",
        "role": role,
        "progress": progress,
        "file": paper.file,
        **values,
    }
