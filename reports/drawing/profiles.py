"""A metric against what it was measured at, such as a step size, on a logarithmic axis."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from reports import formats
from reports.drawing import ticks
from reports.drawing.curves import CurveFigure, by_role, curve_figure
from reports.drawing.palette import NO_PALETTE, Palette
from reports.drawing.ticks import Axis

Line = Mapping[str, Any]


def profile_figure(figure: Mapping[str, Any], palette: Palette = NO_PALETTE) -> CurveFigure | None:
    """Return the figure as a record; None where it holds no number that can be drawn."""
    places = sorted({x for line in _lines(figure) for x in line.get("x") or [] if _drawable(x)})
    if not places:
        return None
    axis = ticks.axis_over(map(math.log, places), margin=0.06)
    placed = {
        name: [_placed(line, axis) for line in figure.get(name) or []]
        for name in ("lines", "paper")
    }
    drawn = curve_figure({**figure, **placed}, palette)
    if drawn is None:
        return None
    marked = ticks.ticks(
        axis, [math.log(x) for x in places], lambda v: formats.short(formats.exponential(v))
    )
    return replace(
        drawn,
        x_ticks=marked,
        x_label=f"{figure.get('x_label') or 'x'}, logarithmic",
        description=_description(figure),
    )


def _drawable(x: Any) -> bool:
    return formats.is_number(x) and bool(x > 0)


def _placed(line: Line, axis: Axis) -> dict[str, Any]:
    """Return the line with its place on the axis for each x; None where x has no logarithm."""
    places = [axis.share(math.log(x)) if _drawable(x) else None for x in line.get("x") or []]
    return {**line, "progress": places}


def _lines(figure: Mapping[str, Any]) -> Iterable[Line]:
    return [*by_role(figure.get("lines")), *by_role(figure.get("paper"))]


def _description(figure: Mapping[str, Any]) -> str:
    return f"Medians by {figure.get('x_label') or 'x'}. " + " ".join(
        f"{line['label']}: {', '.join(_medians(line))}." for line in _lines(figure)
    )


def _medians(line: Line) -> Iterator[str]:
    for x, mid in zip(line.get("x") or [], line.get("mid") or [], strict=False):
        yield f"{formats.number(mid)} at {formats.short(x)}"
