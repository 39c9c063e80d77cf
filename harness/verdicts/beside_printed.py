"""Would a number of the paper be one of ours: beside what one new run of ours would give."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.bench import Metric
from harness.declarations.measuring import measure
from harness.declarations.printed import GAIN, Printed
from harness.declarations.sweeps import Run
from harness.errors import EvidenceError
from harness.statistics import mean_of, prediction_interval
from harness.statistics.interval import Interval
from harness.verdicts.gains import gains
from harness.words import Transform

LEVEL = 0.95

Limits = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    """What one new run of ours would give: in the quantity's own unit, not on the transform."""

    mean: float  # on log the geometric mean
    interval: Interval

    def holds(self, value: float) -> bool:
        """Return whether a number lies inside, the ends included."""
        return self.interval.low <= value <= self.interval.high


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """A number of the paper beside our runs. ``note`` says why there is no prediction."""

    printed: Printed
    limits: Limits
    values: tuple[float, ...] = ()  # one per seed; a gain on log is a factor
    prediction: Prediction | None = None
    note: str = ""

    @property
    def inside(self) -> bool | None:
        """Return whether the paper's number lies in our interval, None where there is none."""
        return None if self.prediction is None else self.prediction.holds(self.printed.value)


def predicted(
    values: Sequence[float], transform: Transform, limits: Limits = (None, None)
) -> Prediction | None:
    """Return the 95 % prediction interval of one new run, None for fewer than two runs.

    Student's t on the transform's scale, mean +- t sd sqrt(1 + 1/n) (Hahn and Meeker, 1991, section
    4.7), turned back. No run can give what lies beyond ``limits``, so the interval ends there.
    """
    scaled = [_to(value, transform, limits) for value in values]
    interval = prediction_interval(scaled, LEVEL)
    if interval is None:
        return None
    mean, *ends = (_back(x, transform, limits) for x in (mean_of(scaled).value, *interval))
    low = -math.inf if limits[0] is None else limits[0]
    high = math.inf if limits[1] is None else limits[1]
    return Prediction(mean=mean, interval=Interval(*(min(max(x, low), high) for x in ends)))


def _to(value: float, transform: Transform, limits: Limits) -> float:
    match transform:
        case Transform.IDENTITY:
            return value
        case Transform.LOG:
            return math.log(value)
        case Transform.LOGIT:
            low, high = _both(limits)
            return math.log((value - low) / (high - value))


def _back(scaled: float, transform: Transform, limits: Limits) -> float:
    match transform:
        case Transform.IDENTITY:
            return scaled
        case Transform.LOG:
            return math.exp(scaled) if scaled < 700 else sys.float_info.max
        case Transform.LOGIT:
            low, high = _both(limits)
            return low + (high - low) / (1 + math.exp(min(-scaled, 700)))


def _both(limits: Limits) -> tuple[float, float]:
    low, high = limits
    if low is None or high is None:
        raise EvidenceError(f"logit: got limits {limits}; expected both")
    return low, high


def beside(
    printed: Printed,
    treatment: Sequence[Run],
    control: Sequence[Run],
    metrics: Mapping[str, Metric],
) -> Beside:
    """Return the paper's number beside our runs. What cannot be measured has a note instead."""
    metric = metrics.get(printed.quantity.metric, Metric(label=printed.quantity.metric, unit=""))
    limits = (None, None) if printed.of == GAIN else (metric.low, metric.high)
    try:
        values = _values(printed, treatment, control, metric)
        prediction = predicted(values, printed.quantity.transform, limits)
    except (EvidenceError, ValueError, ZeroDivisionError) as error:
        return Beside(printed=printed, limits=limits, note=str(error))
    note = "" if prediction else f"{len(values)} run has no spread"
    return Beside(printed=printed, limits=limits, values=values, prediction=prediction, note=note)


def _values(
    printed: Printed,
    treatment: Sequence[Run],
    control: Sequence[Run],
    metric: Metric,
) -> tuple[float, ...]:
    quantity = printed.quantity
    if printed.of == GAIN:
        found = gains(quantity, measure(quantity, treatment, control), metric)
        log = quantity.transform is Transform.LOG
        return tuple(math.exp(gain) for gain in found) if log else found
    runs = treatment if printed.of == "treatment" else control
    return measure(quantity, runs, ()).treatment
