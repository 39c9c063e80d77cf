"""From the raw numbers of a run to one scalar, by the endpoint's rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.declarations.endpoints import Aggregate, Endpoint
from harness.declarations.loss_levels import first_step_at_loss, loss_range, value_at_loss
from harness.declarations.phases import Window
from harness.declarations.series import series_of
from harness.declarations.sweeps import Run, SweptRun, single_runs
from harness.errors import EvidenceError
from harness.records import RunRecord, Series

Floats = NDArray[np.float64]
Reduce = Callable[[RunRecord], Floats]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """Endpoint values of both arms, in the order of the seeds, and what must be said of them."""

    treatment: tuple[float, ...]
    control: tuple[float, ...]  # empty for a claim about one arm
    deviations: tuple[str, ...] = ()


def measure(endpoint: Endpoint, treatment: Sequence[Run], control: Sequence[Run]) -> Measured:
    """Return one scalar per run of both arms; of a sweep's runs with one seed, one in all.

    The phase is set by the control (by the treatment, where there is no control). Raises
    EvidenceError for a metric that is missing, a phase without a measurement, a non-finite value.
    """
    window = endpoint.over.window(single_runs(control or treatment))
    runs = single_runs((*treatment, *control))
    reduce = _reducer(endpoint, window, runs)
    notes = (window.deviation or "", _levels_note(endpoint, runs))
    return Measured(
        treatment=tuple(_scalar(endpoint, reduce, run) for run in treatment),
        control=tuple(_scalar(endpoint, reduce, run) for run in control),
        deviations=tuple(note for note in notes if note),
    )


def _reducer(endpoint: Endpoint, window: Window, runs: Sequence[RunRecord]) -> Reduce:
    """Return the function that picks a run's values: those of a phase, or those at loss levels."""
    if not endpoint.at_losses:
        return lambda run: _in_window(run, endpoint, window)
    levels = levels_reached(endpoint, runs)
    if not levels:
        raise EvidenceError(
            f"{endpoint.metric}: no loss level of {endpoint.at_losses} is reached by every seed; "
            "expected levels that the smoothed training loss of each run passes from above: "
            f"{_passed_by_all(runs)}"
        )
    return lambda run: np.array([value_at_loss(run, _series(endpoint, run), x) for x in levels])


def _passed_by_all(runs: Sequence[RunRecord]) -> str:
    """Return between which losses every run passes, in words."""
    ranges = [loss_range(run) for run in runs]
    low, high = max(low for low, _ in ranges), min(high for _, high in ranges)
    return f"those from {low:.4g} to {high:.4g}" if low < high else "there are none"


def _levels_note(endpoint: Endpoint, runs: Sequence[RunRecord]) -> str:
    """Return which declared loss levels were used, where some seed does not pass them all."""
    used = levels_reached(endpoint, runs)
    if len(used) == len(endpoint.at_losses):
        return ""
    left_out = ", ".join(f"{level:g}" for level in endpoint.at_losses if level not in used)
    return (
        f"At a loss of {', '.join(f'{level:g}' for level in used)} alone: not every seed passes "
        f"{left_out} from above."
    )


def levels_reached(endpoint: Endpoint, runs: Sequence[RunRecord]) -> list[float]:
    """Return the endpoint's loss levels that every run passes, from above."""
    return [
        x for x in endpoint.at_losses if all(first_step_at_loss(r, x) is not None for r in runs)
    ]


def _series(endpoint: Endpoint, run: RunRecord) -> Series:
    return series_of(
        run, endpoint.metric, relative_to=endpoint.relative_to, ceiling=endpoint.ceiling
    )


def _in_window(run: RunRecord, endpoint: Endpoint, window: Window) -> Floats:
    series = _series(endpoint, run)
    inside = window.picks(np.asarray(series.steps), ended=run.diverged_at is not None)
    if inside.any():
        return np.array(series.values, dtype=float)[np.flatnonzero(inside)]
    if not series.steps or window.stop < np.inf:
        raise EvidenceError(
            f"seed {run.seed}: {endpoint.metric} has no measurement in {endpoint.over.name}"
        )
    if run.diverged_at is not None:
        return np.array([np.nan])  # it went on no longer, so nothing stands for its end
    return np.array(series.values[-1:])  # probes are sparse: the last one stands for the end


def _scalar(endpoint: Endpoint, reduce: Reduce, run: Run) -> float:
    if isinstance(run, SweptRun) and endpoint.span is not None:
        held = [_of_one(endpoint, reduce, one) == 1.0 for one in run.runs]
        return endpoint.span.width(run.sweep, held)
    if isinstance(run, SweptRun) or endpoint.span is not None:
        raise EvidenceError(f"{endpoint.metric}: a sweep and a span endpoint need each other")
    return _of_one(endpoint, reduce, run)


def _of_one(endpoint: Endpoint, reduce: Reduce, run: RunRecord) -> float:
    values = reduce(run)
    # a median or a floor would swallow an infinity: one such value makes the run a diverged one
    wrong = values[~np.isfinite(values)]
    value = float(wrong[0]) if wrong.size else _aggregated(endpoint, values)
    if not np.isfinite(value):
        if endpoint.if_diverged is None:
            raise EvidenceError(
                f"seed {run.seed}: {endpoint.metric} is {value}, and the claim does not say what a "
                "diverged run counts as; declare if_diverged in its endpoint"
            )
        value = endpoint.if_diverged
    return value if endpoint.at_least is None else float(value >= endpoint.at_least)


def _aggregated(endpoint: Endpoint, values: Floats) -> float:
    if endpoint.floor is not None:
        values = np.maximum(values, endpoint.floor)
    # rounding puts the mean of equal values beside them, and a limit is a limit
    return float(np.clip(_joined(endpoint, values), values.min(), values.max()))


def _joined(endpoint: Endpoint, values: Floats) -> float:
    match endpoint.aggregate:
        case Aggregate.MEAN:
            return float(np.mean(values))
        case Aggregate.MEDIAN:
            return float(np.median(values))
        case Aggregate.MAXIMUM:
            return float(np.max(values))
        case Aggregate.GEOMETRIC_MEAN:
            return _geometric_mean(endpoint, values)


def _geometric_mean(endpoint: Endpoint, values: Floats) -> float:
    if (values <= 0).any():
        raise EvidenceError(
            f"{endpoint.metric}: got {values.min():g}; a geometric mean needs values above 0; "
            "declare a floor in the endpoint"
        )
    return float(np.exp(np.mean(np.log(values))))
