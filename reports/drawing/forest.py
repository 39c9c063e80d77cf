"""The interval plot: every cell's estimate, intervals and seeds against its bound."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.words import Verdict
from reports import formats, gain, naming
from reports.drawing import ticks
from reports.drawing.strips import Strip, strips
from reports.drawing.ticks import Axis, Tick, css_percent
from reports.gain import GainScale, Saying

_VOID = "void"
_LANES = (33, 40, 47)  # px from the top of the row
_NEAR = 0.018  # seeds closer than this share of the axis take different lanes
_WIDEST_SPREAD = 25.0  # cells whose extents differ by more get an axis each


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A horizontal stretch: CSS percentages of the axis."""

    start: str
    end: str
    width: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seed:
    """One seed's gain as a point."""

    at: str
    lane: int  # px from the top of the row


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One cell of the plot. Absent parts are None."""

    label: str
    verdict: str
    value: str
    interval: str
    region: Bar | None
    edges: tuple[str, ...]
    zero: str | None
    deciding: Bar | None
    wide: Bar | None
    plain: Bar | None
    estimate: str | None
    seeds: tuple[Seed, ...]
    strips: tuple[Strip, ...]  # of a yes or no: each arm's seeds
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """Rows on one axis."""

    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    caption: str
    bound: str


def panels(cells: Sequence[Mapping[str, Any]]) -> tuple[Panel, ...]:
    """Return the cells that have an estimate, in panels of one axis each."""
    drawn = [cell for cell in cells if formats.is_number(cell.get("estimate"))]
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for cell in drawn:
        groups.setdefault(_axis_name(cell), []).append(cell)
    return tuple(_panel(part) for group in groups.values() for part in _alike_in_extent(group))


def cell_scale(cell: Mapping[str, Any]) -> GainScale:
    """Return the gain scale of a cell."""
    kind = (cell.get("hypothesis") or {}).get("kind")
    return gain.scale_of(cell.get("transform"), cell.get("unit"), kind)


def _axis_name(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what cells on one axis have in common."""
    scale, hypothesis = cell_scale(cell), cell.get("hypothesis") or {}
    bound = gain.bound_text(scale, hypothesis)
    return scale.saying, scale.unit, bound, str(cell.get("better"))


def _alike_in_extent(cells: list[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    sizes = [max((abs(value) for value in _extent(cell)), default=0.0) for cell in cells]
    smallest = min((size for size in sizes if size > 0), default=1.0)
    if max(sizes) / smallest <= _WIDEST_SPREAD:
        return [cells]
    return [[cell] for cell in cells]


def _extent(cell: Mapping[str, Any]) -> list[float]:
    """Every number that the row of this cell must show."""
    scale, hypothesis = cell_scale(cell), cell.get("hypothesis") or {}
    spans = (gain.span_of(cell.get(name)) for name in ("ci", "ci_refute", "ci95"))
    numbers: list[float | None] = [end for span in spans if span for end in span]
    numbers += [cell.get("estimate"), *gain.region_of(hypothesis)]
    numbers.append(gain.no_effect(scale, hypothesis))
    if scale.saying is not Saying.SHARE:
        numbers += cell.get("gains") or []
    return [float(value) for value in numbers if value is not None and formats.is_number(value)]


def _panel(cells: list[Mapping[str, Any]]) -> Panel:
    scale = cell_scale(cells[0])
    axis = _axis(scale, itertools.chain.from_iterable(_extent(cell) for cell in cells))
    return Panel(
        rows=tuple(_row(cell, axis) for cell in cells),
        ticks=_ticks(scale, axis),
        caption=_caption(scale, cells),
        bound=gain.bound_of(cells[0], scale),
    )


def _axis(scale: GainScale, values: Iterable[float]) -> Axis:
    if scale.saying is Saying.SHARE:
        return Axis(low=-0.02, high=1.02)
    return ticks.axis_over(values)


def _ticks(scale: GainScale, axis: Axis) -> tuple[Tick, ...]:
    if scale.saying in (Saying.FACTOR, Saying.ODDS):
        return ticks.ticks(
            axis, ticks.log_values(axis), lambda value: formats.factor(value, chosen=True)
        )
    values = ticks.linear_values(axis)
    if scale.saying is Saying.SHARE:
        return ticks.ticks(axis, values, lambda value: formats.percent(value))
    decimals = ticks.decimals_of(values)
    return ticks.ticks(axis, values, lambda value: formats.signed(value, decimals=decimals))


def _caption(scale: GainScale, cells: Sequence[Mapping[str, Any]]) -> str:
    name, one = naming.endpoints([_name(cell) for cell in cells])
    word, arms = cells[0].get("better") or "better", naming.compared(cells)
    match scale.saying:
        case Saying.DIFFERENCE:
            unit = f" ({scale.unit})" if scale.unit else ""
            return f"Gain in {name}{unit}; to the right: {word} {arms}"
        case Saying.FACTOR:
            return f"Factor by which {name} {'is' if one else 'are'} {word} {arms} (logarithmic)"
        case Saying.ODDS:
            return f"Odds ratio of {name}; to the right: {word} {arms} (logarithmic)"
        case Saying.SHARE:
            return _share_caption(cells)


def _share_caption(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return what the share is of: all seeds of one arm, or the seeds on which two arms differ."""
    if (cells[0].get("hypothesis") or {}).get("kind") != "more often":
        return "Share of the seeds on which the statement holds"
    names = {names[0] if (names := naming.arm_names(cell)) else "" for cell in cells}
    treatment = names.pop() if len(names) == 1 else ""
    return (
        "Of the seeds on which it holds for exactly one arm, the share where that is "
        f"{treatment or 'the treatment'}"
    )


def _name(cell: Mapping[str, Any]) -> str:
    endpoint = cell.get("endpoint") or {}
    return endpoint.get("label") or endpoint.get("metric") or "the endpoint"


def _seed_count(cell: Mapping[str, Any]) -> str:
    return formats.counted(cell["n"], "seed") if cell.get("n") else "estimate"


def _row(cell: Mapping[str, Any], axis: Axis) -> Row:
    scale, hypothesis = cell_scale(cell), cell.get("hypothesis") or {}
    estimate, span = float(cell["estimate"]), gain.span_of(cell.get(gain.deciding_interval(cell)))
    width = span[1] - span[0] if span else None
    zero = gain.no_effect(scale, hypothesis)
    value, interval = scale.with_unit(estimate, width=width), scale.interval(span)
    void = cell["verdict"] == Verdict.INVALID  # its numbers are for information
    said = "Void; for information: estimate" if void else "Estimate"
    return Row(
        label=cell.get("label") or cell.get("id") or _seed_count(cell),
        verdict=cell["verdict"],
        value=_VOID if void else value,
        interval=f"{value} ({interval})" if void else interval,
        region=_region(hypothesis, axis),
        edges=_edges(hypothesis, axis),
        zero=None if zero is None else css_percent(axis.held(zero)),
        deciding=_bar(cell.get("ci"), axis),
        wide=_bar(cell.get("ci_refute"), axis),
        plain=_bar(cell.get("ci95"), axis),
        estimate=css_percent(axis.held(estimate)),
        seeds=_seeds(cell, scale, axis),
        strips=strips(cell) if scale.saying is Saying.SHARE else (),
        description=f"{said} {value}, {gain.interval_name(cell)} interval {interval}, "
        f"must be {gain.bound_text(scale, hypothesis)}.",
    )


def _bar(pair: object, axis: Axis) -> Bar | None:
    span = gain.span_of(pair)
    if span is None:
        return None
    start, end = axis.held(span[0]), axis.held(span[1])
    return Bar(start=css_percent(start), end=css_percent(end), width=css_percent(end - start))


def _region(hypothesis: Mapping[str, Any], axis: Axis) -> Bar | None:
    low, high = gain.region_of(hypothesis)
    if low is None:
        return None
    return _bar((low, axis.high if high is None else high), axis)


def _edges(hypothesis: Mapping[str, Any], axis: Axis) -> tuple[str, ...]:
    limits = gain.region_of(hypothesis)
    return tuple(css_percent(axis.held(limit)) for limit in limits if limit is not None)


def _seeds(cell: Mapping[str, Any], scale: GainScale, axis: Axis) -> tuple[Seed, ...]:
    if scale.saying is Saying.SHARE:
        return ()  # a seed is a yes or a no here: its arm has a strip
    shares = [axis.held(value) for value in cell.get("gains") or [] if formats.is_number(value)]
    last = [-1.0] * len(_LANES)
    seeds = []
    for share in sorted(shares):
        lane = next((n for n, x in enumerate(last) if share - x > _NEAR), last.index(min(last)))
        last[lane] = share
        seeds.append(Seed(at=css_percent(share), lane=_LANES[lane]))
    return tuple(seeds)
