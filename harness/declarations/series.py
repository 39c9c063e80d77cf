"""The series that an endpoint reads: a metric, or one relative to another, up to a ceiling."""

import math

from harness.errors import EvidenceError
from harness.records import RunRecord, Series


def series_of(
    run: RunRecord, metric: str, *, relative_to: str | None = None, ceiling: float | None = None
) -> Series:
    """Return a run's series of a metric, divided by another one's where both are measured.

    What lies above the ceiling counts as it, and so does what is not finite at a step where the run
    is: a measurement can overflow where training does not. From the step at which a run diverged
    its values stay as they are. Raises EvidenceError for a metric that is missing.
    """
    series = run.measured(metric)
    if relative_to is not None:
        series = _ratio(run, metric, relative_to)
    return series if ceiling is None else _limited(series, ceiling, run.diverged_at)


def _ratio(run: RunRecord, metric: str, relative_to: str) -> Series:
    above, below = run.measured(metric), run.measured(relative_to)
    divisors = dict(zip(below.steps, below.values, strict=True))
    pairs = [
        (step, _divided(value, divisors[step]))
        for step, value in zip(above.steps, above.values, strict=True)
        if step in divisors
    ]
    if not pairs:
        raise EvidenceError(
            f"seed {run.seed}: {metric} and {relative_to} have no step in common; expected two "
            "metrics that are measured together"
        )
    return Series(steps=tuple(s for s, _ in pairs), values=tuple(v for _, v in pairs))


def _divided(value: float, divisor: float) -> float:
    """Return the quotient; of a division by 0, an infinity or (of 0 by 0) not a number."""
    if divisor:
        return value / divisor
    return math.nan if value == 0 or math.isnan(value) else math.copysign(math.inf, value)


def _limited(series: Series, ceiling: float, diverged_at: int | None) -> Series:
    end = math.inf if diverged_at is None else diverged_at
    values = (
        ceiling if step < end and not (math.isfinite(value) and value <= ceiling) else value
        for step, value in zip(series.steps, series.values, strict=True)
    )
    return Series(steps=series.steps, values=tuple(values))
