"""The figure a paper drew, with our runs: curves and bands over the progress of training."""

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import formats
from reports.drawing import sweep_axis, ticks
from reports.drawing.palette import NO_PALETTE, Palette
from reports.drawing.ticks import Axis, Tick, css_percent

CANVAS = 1000  # the drawing's own units, in both directions
_MOST_POINTS = 120
_MARKS = (0.1, 0.3, 0.5, 0.7, 0.9)  # progress at which a line carries its marker
_ROLES = {"treatment": 0, "control": 1}
_OUTLIER = 20.0  # a value this many times the middle eight tenths is left off a linear axis

Point = tuple[float, float]  # progress, value on the axis


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Where a line carries its marker."""

    x: str
    y: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """One line or band. ``style`` picks colour and marker; a paper's trace is dashed, unmarked."""

    label: str
    style: int
    paper: bool
    lines: tuple[str, ...]  # SVG points in canvas units, one text per unbroken stretch
    areas: tuple[str, ...]
    edges: tuple[str, ...]  # outlines of a paper's band
    marks: tuple[Mark, ...]
    last: str  # value at the end of training


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveFigure:
    """A figure, ready to draw."""

    title: str
    kind: str
    axis_label: str
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    traces: tuple[Trace, ...]
    note: str
    reading: str
    description: str
    x_label: str = "progress of training"
    judged: tuple[str, str] | None = None  # the stretch that a verdict reads: its start and width


def curve_figure(figure: Mapping[str, Any], palette: Palette = NO_PALETTE) -> CurveFigure | None:
    """Return the figure as a record; None where it holds no number that can be drawn."""
    logarithmic = figure.get("axis") == "log"
    drawn = [(line, False) for line in by_role(figure.get("lines"))]
    drawn += [(line, True) for line in by_role(figure.get("paper"))]
    values = [value for line, _ in drawn for value in _values(line, logarithmic)]
    if not values:
        return None
    axis, clipped = _axis(values, figure)
    styles = palette.styles(drawn)
    traces = tuple(
        _trace(line, paper, style, axis, figure)
        for (line, paper), style in zip(drawn, styles, strict=True)
    )
    return CurveFigure(
        title=figure["title"],
        kind=figure["kind"],
        axis_label=_axis_label(figure),
        y_ticks=_y_ticks(axis, figure),
        x_ticks=sweep_axis.x_ticks(figure),
        x_label=sweep_axis.x_label(figure),
        traces=traces,
        note=" ".join(filter(None, [figure.get("note"), clipped])),
        reading=_reading(figure),
        description=sweep_axis.widths(figure)
        or "At the end of training: "
        + "; ".join(f"{trace.label} {trace.last}" for trace in traces)
        + ".",
    )


def by_role(lines: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Return the lines, the treatment first: ours and the paper's in one order."""
    return sorted(lines or [], key=lambda line: _ROLES.get(line["role"], len(_ROLES)))


def _values(line: Mapping[str, Any], logarithmic: bool) -> Iterator[float]:
    for name in ("mid", "low", "high"):
        for value in line.get(name) or []:
            if formats.is_number(value) and (value > 0 or not logarithmic):
                yield math.log(value) if logarithmic else float(value)


def _axis(values: list[float], figure: Mapping[str, Any]) -> tuple[Axis, str]:
    if figure.get("axis") == "log":
        return ticks.axis_over(values), ""
    kept = _without_outliers(values)
    clipped = "Some values lie beyond the axis." if len(kept) < len(values) else ""
    if figure.get("unit") == "%" and min(kept) >= 0 and 40 < max(kept) <= 100:
        return Axis(low=0.0, high=100.0), clipped
    axis = ticks.axis_over(kept)
    if 0 <= min(kept) < 0.35 * max(kept):
        axis = Axis(low=0.0, high=axis.high)
    return axis, clipped


def _without_outliers(values: list[float]) -> list[float]:
    if len(values) < 20:
        return values
    ends = statistics.quantiles(values, n=10)
    middle, reach = statistics.median(values), (ends[-1] - ends[0]) * _OUTLIER
    if reach == 0:
        return values
    return [value for value in values if abs(value - middle) <= reach]


def _trace(
    line: Mapping[str, Any], paper: bool, style: int, axis: Axis, figure: Mapping[str, Any]
) -> Trace:
    logarithmic = figure.get("axis") == "log"
    mid = list(_points(line, "mid", logarithmic))
    low, high = list(_points(line, "low", logarithmic)), list(_points(line, "high", logarithmic))
    outlined = paper or line.get("mid") is None
    return Trace(
        label=line["label"],
        style=style,
        paper=paper,
        lines=tuple(_stretches(mid, axis)),
        areas=_area(low, high, axis),
        edges=(*_stretches(low, axis), *_stretches(high, axis)) if outlined else (),
        marks=() if paper else tuple(_marks(mid or high, axis, sweep_axis.marked_at(figure))),
        last=_last(line, figure),
    )


def _points(line: Mapping[str, Any], name: str, logarithmic: bool) -> Iterator[Point | None]:
    """At most 120 points of a line; None where it breaks off."""
    found = list(zip(line.get("progress") or [], line.get(name) or [], strict=False))
    size = max(1, math.ceil(len(found) / _MOST_POINTS))
    for start in range(0, len(found), size):
        yield _merged(found[start : start + size], name, logarithmic)


def _merged(part: list[tuple[Any, Any]], name: str, logarithmic: bool) -> Point | None:
    """One point for a few: the extremes of a band survive the thinning."""
    whole = [
        (x, y)
        for x, y in part
        if formats.is_number(x) and formats.is_number(y) and (y > 0 or not logarithmic)
    ]
    if not whole:
        return None
    choose = {"low": min, "high": max}.get(name, statistics.median)
    value = choose(y for _, y in whole)
    return statistics.mean(x for x, _ in whole), math.log(value) if logarithmic else value


def _stretches(points: Iterable[Point | None], axis: Axis) -> Iterator[str]:
    stretch: list[str] = []
    for point in [*points, None]:
        if point is not None:
            stretch.append(_place(point, axis))
        elif stretch:
            # A single point has no length: doubled, its round line cap still shows it.
            yield " ".join(stretch if len(stretch) > 1 else stretch * 2)
            stretch = []


def _area(low: Sequence[Point | None], high: Sequence[Point | None], axis: Axis) -> tuple[str, ...]:
    lower = [point for point in low if point is not None]
    upper = [point for point in high if point is not None]
    if not lower or not upper:
        return ()
    return (" ".join(_place(point, axis) for point in [*lower, *reversed(upper)]),)


def _marks(
    points: Sequence[Point | None], axis: Axis, at: Sequence[float] | None
) -> Iterator[Mark]:
    present = [point for point in points if point is not None]
    for wanted in at or _MARKS:
        near = min(present, key=lambda point: abs(point[0] - wanted), default=None)
        if near is not None and 0 <= axis.share(near[1]) <= 1:
            yield Mark(x=css_percent(near[0]), y=css_percent(1 - axis.share(near[1])))


def _place(point: Point, axis: Axis) -> str:
    height = min(max(1 - axis.share(point[1]), -1.0), 2.0)  # far outside is cut off there
    return f"{CANVAS * point[0]:.0f},{CANVAS * height:.0f}"


def _last(line: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
    unit = figure.get("unit") or ""

    def final(name: str) -> float | None:
        found = [value for value in line.get(name) or [] if formats.is_number(value)]
        return found[-1] if found else None

    mid, low, high = final("mid"), final("low"), final("high")
    if mid is None and low is None:
        return "no value"
    if mid is None:
        return f"{formats.number(low)} to {formats.number(high)} {unit}".rstrip()
    return f"{formats.number(mid)} {unit}".rstrip()


def _y_ticks(axis: Axis, figure: Mapping[str, Any]) -> tuple[Tick, ...]:
    if figure.get("axis") == "log":
        values = ticks.log_values(axis)
        labels = [formats.short(formats.exponential(value)) for value in values]
    else:
        values = ticks.linear_values(axis, about=4)
        decimals = ticks.decimals_of(values)
        labels = [formats.number(value, decimals=decimals) for value in values]
    return tuple(
        Tick(at=css_percent(1 - axis.share(value)), text=label)
        for value, label in zip(values, labels, strict=True)
    )


def _axis_label(figure: Mapping[str, Any]) -> str:
    """Return what the vertical axis shows; what a band lies between is in its title."""
    name = "" if figure["kind"] == "band" else figure.get("label") or figure.get("metric") or ""
    unit = figure.get("unit") or ""
    scale = "logarithmic" if figure.get("axis") == "log" else ""
    return ", ".join(filter(None, [name, unit, scale]))


def _reading(figure: Mapping[str, Any]) -> str:
    """Return what is to know of this figure alone; what all of its kind show is said once."""
    if figure["kind"] == "sweep":
        intervals = "Shaded: 95 % intervals of the shares (Clopper-Pearson)."
        return f"{intervals} {sweep_axis.widths(figure)}"
    return ""
