"""Stretches of training over which an endpoint is taken, declared by progress and not by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.declarations.declared import is_number, number
from harness.errors import ClaimDefinitionError
from harness.records import RunRecord

SMOOTHING_POINTS = 25
"""Points of a running mean that a level must be passed in: a batch of 128 scatters by 4 points."""

LEAST_SHARE = 0.1
"""Share of training that a stretch must have: less is too little to average over."""

Steps = NDArray[np.int_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A phase in steps: ``first <= step < stop``, and what must be said about it.

    A phase that ends with training has no stop: a measurement after the last step belongs to it.
    With ``nearest`` it is the one measurement nearest to that step, whatever it is.
    """

    first: float
    stop: float
    deviation: str | None = None
    nearest: float | None = None

    def picks(self, steps: Steps, *, ended: bool) -> NDArray[np.bool_]:
        """Return which of the measured steps belong to the phase.

        ``ended``: the run diverged, so that nothing measured before stands for what never came.
        """
        if self.nearest is None:
            return np.logical_and(steps >= self.first, steps < self.stop)
        if not len(steps) or (ended and self.nearest > steps[-1]):
            return np.zeros(len(steps), dtype=np.bool_)
        nearest = int(np.argmin(np.abs(steps - self.nearest)))
        return np.isin(np.arange(len(steps)), nearest)


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """A stretch of training from ``start`` to ``stop``, as shares of the declared steps.

    With ``level`` set, the stretch begins (or, with ``before``, stops) where ``metric`` of the
    *control* has passed ``level`` in every seed. Where that leaves less than a tenth of training to
    average over, or never comes, ``start`` and ``stop`` hold; a late phase that becomes an earlier
    one, or one that becomes all of training, is said on the card.
    """

    name: str
    start: float = 0.0
    stop: float = 1.0
    metric: str | None = None
    level: float | None = None
    before: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.start < self.stop <= 1.0:
            raise ClaimDefinitionError(
                f"phase {self.name!r}: got start {self.start} and stop {self.stop}; "
                "expected 0 <= start < stop <= 1"
            )
        if (self.metric is None) != (self.level is None):
            raise ClaimDefinitionError(f"phase {self.name!r}: give both metric and level, or none")
        if self.level is not None:
            number(f"phase {self.name!r}: level", self.level)

    def window(self, controls: Sequence[RunRecord]) -> Window:
        """Return the phase in steps, given the runs of the control (of all seeds)."""
        steps = controls[0].steps
        fixed = Window(first=self.start * steps, stop=_stop(self.stop, steps))
        if self.metric is None or self.level is None:
            return fixed
        latest = max(_passes(run, self.metric, self.level) for run in controls)
        if self.before:
            later = self._longer() if latest == float("inf") else None
            stop = max(latest, LEAST_SHARE * steps)
            return Window(first=fixed.first, stop=stop, deviation=later)
        if latest <= (self.stop - LEAST_SHARE) * steps:
            return Window(first=latest, stop=fixed.stop)
        return Window(first=fixed.first, stop=fixed.stop, deviation=self._earlier())

    def _longer(self) -> str:
        return (
            f"Longer phase than the paper: the control does not pass {self.level:g} in "
            f"{self.metric} in every seed, so all of training stands for {self.name}."
        )

    def _earlier(self) -> str:
        return (
            f"Earlier phase than the paper: the control does not pass {self.level:g} in "
            f"{self.metric} early enough in every seed, so the stretch from {self.start:.0%} to "
            f"{self.stop:.0%} of training stands for {self.name}."
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Point(Phase):
    """One moment of training, ``progress`` in [0, 1]: the measurement nearest to it."""

    progress: float

    def __post_init__(self) -> None:
        if not is_number(self.progress) or not 0.0 <= self.progress <= 1.0:
            raise ClaimDefinitionError(
                f"at: got progress {self.progress}; expected a share of training, 0 to 1"
            )

    def window(self, controls: Sequence[RunRecord]) -> Window:
        """Return the point in steps; a series says itself which measurement is nearest."""
        step = self.progress * controls[0].steps
        return Window(first=step, stop=float("inf"), nearest=step)


def at(progress: float) -> Point:
    """Return the one measurement nearest to a share of training: ``at(500 / 15_000)``.

    Of two that are equally near it is the earlier one.
    """
    name = f"{100 * progress:.3g} % of training" if is_number(progress) else "training"
    return Point(name=name, progress=progress)


def _stop(share: float, steps: int) -> float:
    return float("inf") if share == 1.0 else share * steps


def _passes(run: RunRecord, metric: str, level: float) -> float:
    """Return the first step at which the running mean is at or above ``level``, inf if never."""
    series = run.measured(metric)
    values = np.asarray(series.values, dtype=float)
    if not len(values):
        return float("inf")
    points = min(SMOOTHING_POINTS, len(values))
    means = np.convolve(values, np.ones(points) / points, mode="valid")
    reached = np.flatnonzero(means >= level)
    return float(series.steps[int(reached[0]) + points - 1]) if reached.size else float("inf")


def third(number: int) -> Phase:
    """Return the first, second or third third of training."""
    if number not in (1, 2, 3):
        raise ClaimDefinitionError(f"third: got {number}; expected 1, 2 or 3")
    word = ("first", "second", "last")[number - 1]
    return Phase(name=f"the {word} third of training", start=(number - 1) / 3, stop=number / 3)


def after(metric: str, level: float) -> Phase:
    """Return the stretch after the control has passed ``level`` of ``metric`` in every seed.

    Where that leaves less than a tenth of training it is the last third, listed as a deviation.
    """
    name = f"the stretch after the control has passed {number('after', level):g} in {metric}"
    return Phase(name=name, start=2 / 3, metric=metric, level=level)


def until(metric: str, level: float) -> Phase:
    """Return the stretch before the control has passed ``level`` of ``metric`` in every seed.

    Where it never does, that is the whole of training.
    """
    name = f"the stretch until the control has passed {number('until', level):g} in {metric}"
    return Phase(name=name, metric=metric, level=level, before=True)


whole = Phase(name="the whole of training")
end = Phase(name="the last tenth of training", start=0.9)
