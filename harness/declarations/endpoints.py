"""From the raw numbers of a run to one scalar: the endpoint, by a rule declared before the run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.bench import Metric
from harness.declarations.declared import is_number, of_kind, text
from harness.declarations.loss_levels import first_step_at_loss, loss_range, value_at_loss
from harness.declarations.phases import Phase, Point, Window, end, whole
from harness.declarations.series import series_of
from harness.declarations.sweeps import Run, Span, SweptRun, single_runs
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.records import RunRecord, Series
from harness.words import Better, Transform

Floats = NDArray[np.float64]
Reduce = Callable[[RunRecord], Floats]
W = TypeVar("W", bound=StrEnum)


class Aggregate(StrEnum):
    """How the values of a phase become one number."""

    MEAN = "mean"
    MEDIAN = "median"
    GEOMETRIC_MEAN = "geometric mean"
    MAXIMUM = "maximum"


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One scalar per run.

    ``floor``: values below it count as it, before a logarithm. ``if_diverged``: what a run counts
    as that has a value in the phase which is not finite; without it such a run makes the verdict
    ERROR. ``at_least``: makes the endpoint a yes (1) or no (0). ``at_losses``: instead of a phase,
    the values where the smoothed training loss first falls to each level that every seed of both
    arms reaches. ``relative_to``: a metric that each value is divided by. ``ceiling``: what a value
    counts as that is above it, or not finite while the run goes on. ``span``: makes a yes/no rule
    the width of a sweep's places at which it holds. ``against``: the number, printed in the paper,
    that the one arm of a claim is held against.
    """

    metric: str
    aggregate: Aggregate
    over: Phase = whole
    better: Better = Better.HIGHER
    transform: Transform = Transform.IDENTITY
    floor: float | None = None
    if_diverged: float | None = None
    at_least: float | None = None
    at_losses: tuple[float, ...] = ()
    relative_to: str | None = None
    ceiling: float | None = None
    span: Span | None = None
    against: float | None = None

    def __post_init__(self) -> None:
        text("endpoint: metric", self.metric)
        of_kind(f"endpoint {self.metric}: over", self.over, Phase)
        object.__setattr__(self, "aggregate", _word(Aggregate, self.aggregate, "aggregate"))
        object.__setattr__(self, "better", _word(Better, self.better, "better"))
        object.__setattr__(self, "transform", _word(Transform, self.transform, "transform"))
        if self.at_least is not None and self.transform is not Transform.IDENTITY:
            self._refuse("transform", str(self.transform), "none beside a yes/no rule")
        if self.span is not None and (self.at_least is None or self.at_losses):
            raise ClaimDefinitionError(
                f"endpoint {self.metric}: span: got no yes/no rule over a phase; expected, say, "
                'span(reaches("train_accuracy", 30.0), "learning rate")'
            )
        if self.against is not None and (self.at_least, self.transform) != (None, "identity"):
            expected = "a measured endpoint on identity, without a yes/no rule or a transform"
            self._refuse("against", self.against, expected)
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name in ("floor", "if_diverged", "at_least", "ceiling", "against"):
            value = getattr(self, name)
            if value is not None and not is_number(value):
                self._refuse(name, value, "a finite number")
        if self.ceiling is not None and self.ceiling <= (self.floor or 0.0):
            self._refuse("ceiling", self.ceiling, "a number above the floor and above 0")
        levels = self.at_losses
        if not isinstance(levels, tuple) or not all(is_number(x) and x > 0 for x in levels):
            self._refuse("at_losses", levels, "losses above 0, as in (1.8, 1.0)")
        if self.relative_to == self.metric:
            self._refuse(
                "relative_to", self.relative_to, "another metric: this one over itself is 1"
            )

    def _refuse(self, name: str, got: object, expected: str) -> None:
        raise ClaimDefinitionError(
            f"endpoint {self.metric}: {name}: got {got!r}; expected {expected}"
        )

    @property
    def is_yes_no(self) -> bool:
        """Whether the endpoint is 1 or 0 for each run."""
        return self.at_least is not None and self.span is None

    @property
    def name(self) -> str:
        """The metric, or what a sweep makes of it."""
        return self.metric if self.span is None else f"decades of the {self.span.axis}"

    def limits(self, metric: Metric) -> tuple[float | None, float | None]:
        """Return the least and the greatest value that the endpoint can tell from others.

        The tighter of what the metric can be and of what values count as: floor and ceiling.
        """
        return (
            max((x for x in (metric.low, self.floor) if x is not None), default=None),
            min((x for x in (metric.high, self.ceiling) if x is not None), default=None),
        )

    def text(self, metric: Metric) -> str:
        """Return the rule in words."""
        where = self.over.name
        if self.at_losses:
            where = f"training losses of {', '.join(f'{x:g}' for x in self.at_losses)}"
        over = f" relative to {self.relative_to}" if self.relative_to else ""
        rule = f"{self.aggregate} of {metric.label}{over} over {where}"
        if isinstance(self.over, Point):
            rule = f"{metric.label}{over} at {where}"
        if self.at_least is not None:
            word = "at least" if self.better is Better.HIGHER else "below"
            held = f"the {rule} is {word} {self.at_least:g} {metric.unit}".rstrip()
            return self.span.text(held) if self.span else f"whether {held}"
        return rule if self.against is None else f"{rule}, less {self.against:g} {metric.unit}"

    def unit(self, metric: Metric) -> str:
        """Return the unit of a gain: points for percentages, none for factors and yes/no."""
        if self.span is not None:
            return "decades"
        if self.transform is not Transform.IDENTITY or self.is_yes_no:
            return ""
        return "points" if metric.unit == "%" else metric.unit


def _word(kind: type[W], value: str, name: str) -> W:
    try:
        return kind(value)
    except ValueError:
        expected = ", ".join(repr(str(word)) for word in kind)
        raise ClaimDefinitionError(f"{name}: got {value!r}; expected one of {expected}") from None


def mean(metric: str, **rule: object) -> Endpoint:
    """Return the mean of a metric over a phase (``over=whole``)."""
    return Endpoint(metric=metric, aggregate=Aggregate.MEAN, **rule)  # type: ignore[arg-type]


def median(metric: str, **rule: object) -> Endpoint:
    """Return the median of a metric over a phase (``over=whole``)."""
    return Endpoint(metric=metric, aggregate=Aggregate.MEDIAN, **rule)  # type: ignore[arg-type]


def gmean(metric: str, **rule: object) -> Endpoint:
    """Return the geometric mean of a positive metric; its gains are taken on the log scale."""
    rule = {"transform": Transform.LOG} | rule
    return Endpoint(metric=metric, aggregate=Aggregate.GEOMETRIC_MEAN, **rule)  # type: ignore[arg-type]


def reaches(metric: str, at_least: float, **rule: object) -> Endpoint:
    """Return yes (1) where the mean of a metric over a phase is at least a level, else no (0)."""
    rule = {"over": end} | rule
    return Endpoint(metric=metric, aggregate=Aggregate.MEAN, at_least=at_least, **rule)  # type: ignore[arg-type]


def span(rule: Endpoint, axis: str, *, filled: bool = False) -> Endpoint:
    """Return the decades of a sweep's axis at whose places a yes/no rule holds; see ``Span``."""
    return replace(rule, span=Span(axis=text("span: axis", axis), filled=filled))


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
