"""What a claim's card draws: our own curves and bands, as summaries of the records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.bench import Arm
from harness.declarations.declared import text
from harness.declarations.paper import PaperCurves, PaperProfile
from harness.errors import ClaimDefinitionError
from harness.records import RunRecord

MOST_POINTS = 120
"""Points drawn of one line; longer series are cut into as many blocks, of which the median is
taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One panel of a card. Make one with the function that is named after its ``kind``.

    A metric over training (``curve``), the band between two metrics (``band``), distributions over
    training (``ridge``: ``metric`` is the name of a histogram), metrics against what they were
    measured at, such as a step size (``profile``).
    """

    title: str
    metric: str
    kind: str = "curve"
    upper: str | None = None  # a band's upper metric; ``metric`` is its lower one
    points: tuple[tuple[float, str], ...] = ()  # a profile's: (x, metric), x ascending
    label: str | None = None  # of the values; None: the metric's own
    x_label: str | None = None  # of a ridge or profile; over training it is the progress
    axis: str = "linear"
    paper: PaperCurves | PaperProfile | None = None
    extra: tuple[tuple[str, Arm], ...] = ()  # further arms to draw: (label, arm)
    note: str | None = None

    def __post_init__(self) -> None:
        if self.axis not in ("linear", "log"):
            raise ClaimDefinitionError(f"figure: axis: got {self.axis!r}; expected linear or log")
        text("figure: title", self.title)
        pairs = isinstance(self.extra, tuple) and all(
            isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], Arm)
            for pair in self.extra
        )
        if not pairs:
            raise ClaimDefinitionError(
                f"figure {self.title!r}: extra: got {self.extra!r}; expected (label, arm) pairs"
            )

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return every metric that an arm must measure to be drawn; a ridge's is no metric."""
        if self.kind == "ridge":
            return ()
        if self.kind == "profile":
            return tuple(name for _, name in self.points)
        return tuple(name for name in (self.metric, self.upper) if name)

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
    extra: tuple[tuple[str, Arm], ...] = (),
    note: str | None = None,
) -> Figure:
    """Return a panel of the band between two metrics over training, one per arm."""
    return Figure(
        title=title,
        metric=lower,
        kind="band",
        upper=upper,
        paper=paper,
        axis=axis,
        extra=extra,
        note=note,
    )


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
