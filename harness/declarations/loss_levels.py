"""Where training passes a loss, and what a metric is there: runs compared at the same progress."""

import numpy as np
from numpy.typing import NDArray

from harness.records import RunRecord, Series

Floats = NDArray[np.float64]


def _smoothed_loss(run: RunRecord) -> tuple[Floats, Floats]:
    """Return steps and training loss, each a running mean over 25 steps (fewer in short runs)."""
    series = run.measured("train_loss")
    points = max(1, min(25, len(series.values) // 4))
    kernel = np.ones(points) / points
    steps = np.convolve(np.asarray(series.steps, dtype=float), kernel, mode="valid")
    return steps, np.convolve(np.asarray(series.values, dtype=float), kernel, mode="valid")


def first_step_at_loss(run: RunRecord, level: float) -> float | None:
    """Return the step at which the smoothed training loss first falls to the level.

    None where it never does, or where it begins below: then no step has that loss.
    """
    steps, losses = _smoothed_loss(run)
    reached = np.flatnonzero(losses <= level)
    return float(steps[int(reached[0])]) if reached.size and reached[0] > 0 else None


def loss_range(run: RunRecord) -> tuple[float, float]:
    """Return the lowest smoothed training loss that is a number, and the first one."""
    _, losses = _smoothed_loss(run)
    finite = losses[np.isfinite(losses)]
    return (float(finite.min()), float(losses[0])) if finite.size else (np.inf, -np.inf)


def value_at_loss(run: RunRecord, series: Series, level: float) -> float:
    """Return one of the run's series, linear between measurements, where the loss falls so far."""
    step = first_step_at_loss(run, level)
    return float(np.interp(step if step is not None else np.nan, series.steps, series.values))
