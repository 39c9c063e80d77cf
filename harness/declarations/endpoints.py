"""The endpoint: one scalar per run, by a rule declared before the run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.bench import Metric
from harness.declarations.declared import is_number, of_kind, text
from harness.declarations.phases import Phase, Point, end, whole
from harness.declarations.sweeps import Span
from harness.errors import ClaimDefinitionError
from harness.records import RunRecord
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
        if levels and self.over is not whole:
            self._refuse("over", self.over.name, "no phase beside at_losses, which is read instead")
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
            held = f"the {rule} is at least {self.at_least:g} {metric.unit}".rstrip()
            favours = " (no favours the claim)" if self.better is Better.LOWER else ""
            return self.span.text(held) if self.span else f"whether {held}{favours}"
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
    if not rule.get("at_losses"):
        rule = {"over": end} | rule
    return Endpoint(metric=metric, aggregate=Aggregate.MEAN, at_least=at_least, **rule)  # type: ignore[arg-type]


def span(rule: Endpoint, axis: str, *, filled: bool = False) -> Endpoint:
    """Return the decades of a sweep's axis at whose places a yes/no rule holds; see ``Span``."""
    return replace(rule, span=Span(axis=text("span: axis", axis), filled=filled))
