"""The horizontal axis of a figure and its words: progress of training, or a sweep's places."""

from collections.abc import Mapping
from typing import Any

from reports import formats, gain
from reports.drawing import ticks
from reports.drawing.ticks import Axis, Tick

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def x_ticks(figure: Mapping[str, Any]) -> tuple[Tick, ...]:
    """Return the ticks: quarters of training, or every place of a sweep."""
    axis, x = Axis(low=0.0, high=1.0), figure.get("sweep")
    if not x:
        return ticks.ticks(axis, _QUARTERS, lambda value: formats.percent(value))
    place_at = dict(zip(x["progress"], x["places"], strict=True))
    return ticks.ticks(axis, x["progress"], lambda value: _place(place_at[value]), ends_first=True)


def _place(place: float) -> str:
    return formats.short(float(f"{place:.2g}"))  # half decades: 0.032, 0.1, 0.32, 1


def x_label(figure: Mapping[str, Any]) -> str:
    """Return what the horizontal axis shows."""
    x = figure.get("sweep")
    return f"{x['axis']}, logarithmic" if x else "progress of training"


def marked_at(figure: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Return where every line of a sweep carries its marker; None for any other figure."""
    x = figure.get("sweep")
    return tuple(x["progress"]) if x else None


def widths(figure: Mapping[str, Any]) -> str:
    """Return the mean width of each line's range with its interval; empty but for a sweep."""
    said = [
        f"{line['label']} {_width(line['width'])}"
        for line in figure.get("lines") or []
        if line.get("width")
    ]
    return f"Mean width of the range: {'; '.join(said)}." if said else ""


def _width(width: Mapping[str, Any]) -> str:
    text = f"{formats.number(width['mean'])} {width['unit']}"
    span = gain.span_of(width.get("ci95"))
    if span is None:
        return text
    low, high = (formats.number(end) for end in span)
    return f"{text} (95 % interval {low} to {high})"
