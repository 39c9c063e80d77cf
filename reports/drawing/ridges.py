"""Distributions over training as ridges: a column per arm, time downwards."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import formats
from reports.drawing import ticks
from reports.drawing.curves import CANVAS, by_role
from reports.drawing.palette import NO_PALETTE, Palette
from reports.drawing.ticks import Axis, Tick

_ROW = 22  # pixels between two ridges
_HILL = 40  # pixels of the highest one: it may cover the ridge above
_FOOT = 3
_ROOM = 0.28  # of a column's width: the room of a tick's text on a phone
_SHOWN = 0.001  # a bin at an end with less of every distribution is left off the axis

Line = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One arm: its ridges from the first to the last moment of training."""

    label: str
    style: int
    hills: tuple[str, ...]  # SVG points, x in canvas units and y in pixels
    times: tuple[tuple[float, str], ...]  # of each ridge: its baseline in pixels, and its time
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RidgeFigure:
    """A figure of ridges, ready to draw."""

    title: str
    kind: str
    height: int
    columns: tuple[Column, ...]
    x_ticks: tuple[Tick, ...]
    x_label: str
    note: str


def ridge_figure(figure: Mapping[str, Any], palette: Palette = NO_PALETTE) -> RidgeFigure | None:
    """Return the figure as a record; None where no arm has a distribution."""
    lines = [line for line in by_role(figure.get("lines")) if any(_rows(line))]
    if not lines:
        return None
    shown, hidden = _shown(lines)
    styles = palette.styles([(line, False) for line in lines])
    columns = tuple(_column(line, style, shown) for line, style in zip(lines, styles, strict=True))
    most = max(len(column.times) for column in columns)
    return RidgeFigure(
        title=figure["title"],
        kind="ridge",
        height=_HILL + (most - 1) * _ROW + _FOOT,
        columns=columns,
        x_ticks=_x_ticks(shown),
        x_label=figure.get("x_label") or "value",
        note=" ".join(filter(None, [figure.get("note"), _clipped(lines), hidden])),
    )


def _rows(line: Line) -> Iterator[tuple[float, list[float]]]:
    """Yield the progress and the density of each ridge that has one."""
    for progress, density in zip(
        line.get("progress") or [], line.get("density") or [], strict=False
    ):
        if formats.is_number(progress) and density and all(map(formats.is_number, density)):
            yield progress, density


def _shares(line: Line) -> Iterator[list[float]]:
    """Yield the share of every bin, for each ridge."""
    edges = line["edges"]
    for _, density in _rows(line):
        yield [d * (edges[i + 1] - edges[i]) for i, d in enumerate(density)]


def _shown(lines: Sequence[Line]) -> tuple[Axis, str]:
    """Return the stretch that holds all but the emptiest ends, and what a reader is not shown."""
    held = [
        (line["edges"][i], line["edges"][i + 1])
        for line in lines
        for share in _shares(line)
        for i, s in enumerate(share)
        if s >= _SHOWN
    ]
    axis = Axis(low=min(low for low, _ in held), high=max(high for _, high in held))
    beyond = max(_beyond(line, axis) for line in lines)
    if beyond == 0:
        return axis, ""
    part = "less than 0.1 %" if beyond < 0.001 else f"at most {formats.percent(_up(beyond))}"
    return axis, f"The axis leaves out {part} of each distribution."


def _beyond(line: Line, axis: Axis) -> float:
    edges = line["edges"]
    outside = [i for i in range(len(edges) - 1) if not axis.low <= edges[i] < axis.high]
    return max((sum(share[i] for i in outside) for share in _shares(line)), default=0.0)


def _up(share: float) -> float:
    """Return the share in whole tenths of a per cent, rounded up: it is said as "at most"."""
    return math.ceil(share * 1000 - 1e-9) / 1000


def _column(line: Line, style: int, axis: Axis) -> Column:
    rows = list(zip(line["progress"], line["density"], strict=False))
    tallest = max(max(density) for _, density in _rows(line))
    baselines = [_HILL + place * _ROW for place in range(len(rows))]
    return Column(
        label=line["label"],
        style=style,
        hills=tuple(
            _hill(line["edges"], density, base, _HILL / tallest, axis)
            for (_, density), base in zip(rows, baselines, strict=True)
            if density
        ),
        times=tuple(
            (base, formats.percent(round(progress, 2)))
            for (progress, _), base in zip(rows, baselines, strict=True)
        ),
        description=_description(line),
    )


def _hill(
    edges: Sequence[float], density: Sequence[float], base: float, scale: float, axis: Axis
) -> str:
    """Return the outline through the middles of the bins, down to the baseline at both ends."""
    points = [(axis.low, 0.0)]
    points += [
        ((edges[i] + edges[i + 1]) / 2, value)
        for i, value in enumerate(density)
        if axis.low <= edges[i] < axis.high
    ]
    points.append((axis.high, 0.0))
    return " ".join(
        f"{CANVAS * axis.share(x):.0f},{_short(base - scale * value)}" for x, value in points
    )


def _short(pixels: float) -> str:
    return f"{pixels:.1f}".removesuffix(".0")


def _x_ticks(axis: Axis) -> tuple[Tick, ...]:
    """Return few ticks: on a phone a column is 90 px wide."""
    values = ticks.linear_values(axis, about=4)
    step = values[1] - values[0] if len(values) > 1 else 1.0
    if step / (axis.high - axis.low) < _ROOM:
        values = [value for value in values if round(value / step) % 2 == 0]
    decimals = ticks.decimals_of(values)
    return ticks.ticks(axis, values, lambda v: formats.number(v, decimals=decimals))


def _clipped(lines: Sequence[Line]) -> str:
    """Return how much lies in the outermost bins, which count whatever is beyond them."""
    found = []
    for line in lines:
        shares = [share[0] + share[-1] for share in _shares(line)]
        if max(shares) >= _SHOWN:
            found.append(f"{formats.percent(_up(max(shares)))} of {line['label']}")
    if not found:
        return ""
    low, high = lines[0]["edges"][0], lines[0]["edges"][-1]
    return (
        f"Values beyond {formats.short(low)} and {formats.short(high)} are counted in the "
        f"outermost bins, which hold at most {formats.listed(found)}."
    )


def _description(line: Line) -> str:
    """Return mean and standard deviation of the first and the last ridge, from their bins."""
    rows = list(zip(_rows(line), _shares(line), strict=True))
    said = [_moments(line["edges"], share, row[0]) for row, share in (rows[0], rows[-1])]
    return f"{line['label']}: {'; '.join(dict.fromkeys(said))}."


def _moments(edges: Sequence[float], share: Sequence[float], progress: float) -> str:
    middles = [(a + b) / 2 for a, b in itertools.pairwise(edges)]
    mean = sum(s * m for s, m in zip(share, middles, strict=True))
    variance = sum(s * (m - mean) ** 2 for s, m in zip(share, middles, strict=True))
    return (
        f"at {formats.percent(round(progress, 2))} of training mean "
        f"{formats.number(round(mean, 2), decimals=2)} and standard deviation "
        f"{formats.number(math.sqrt(variance), decimals=2)}"
    )
