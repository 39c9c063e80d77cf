"""Any figure of a document as the record that its template draws, and the figures of a card."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reports.drawing.curves import CurveFigure, curve_figure
from reports.drawing.palette import NO_PALETTE, Palette
from reports.drawing.profiles import profile_figure
from reports.drawing.ridges import RidgeFigure, ridge_figure
from reports.drawing.stretch import judged_stretch

FigureView = CurveFigure | RidgeFigure


def figure_view(figure: Mapping[str, Any], palette: Palette = NO_PALETTE) -> FigureView | None:
    """Return the figure as a record by its kind; None where there is nothing to draw."""
    match figure["kind"]:
        case "ridge":
            return ridge_figure(figure, palette)
        case "profile":
            return profile_figure(figure, palette)
        case _:
            return curve_figure(figure, palette)


def figure_views(claim: Mapping[str, Any], palette: Palette = NO_PALETTE) -> tuple[FigureView, ...]:
    """Return what a card draws: no picture twice, and of each what of the paper is not in it."""
    drawn = (_beside_the_paper(figure, claim, palette) for figure in _once_each(claim["figures"]))
    return tuple(figure for figure in drawn if figure is not None)


def _once_each(figures: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield figures but for those with the title and the lines of an earlier one.

    Two cells may draw the same three arms in other roles, and so under other labels.
    """
    seen: set[tuple[str, ...]] = set()
    for figure in figures:
        lines = sorted(_numbers(line) for line in (*figure["lines"], *(figure["paper"] or ())))
        key = (figure["title"], figure["kind"], str(figure.get("metric")), *lines)
        if key not in seen:
            seen.add(key)
            yield figure


def _numbers(line: Mapping[str, Any]) -> str:
    said = {key: value for key, value in line.items() if key not in ("label", "role", "file")}
    return json.dumps(said, sort_keys=True)


def _beside_the_paper(
    figure: Mapping[str, Any], claim: Mapping[str, Any], palette: Palette
) -> FigureView | None:
    made = figure_view(figure, palette)
    if made is None:
        return None
    if isinstance(made, CurveFigure):
        made = replace(made, judged=judged_stretch(figure, claim))
    if not figure["paper"]:
        return replace(made, note=" ".join(filter(None, [made.note, _ours_alone(figure)])))
    if figure["kind"] in _OVER_TRAINING:
        return replace(made, x_label=f"{made.x_label}{_lengths(figure, claim)}")
    return made


_OVER_TRAINING = ("curve", "band")
_OF_THE_PAPER = re.compile(r"\((Figure [A-Z0-9]+[\w.]*)\)$")
_LENGTH = re.compile(r"([\d,]+) steps instead of ([\d,]+)\b")


def _ours_alone(figure: Mapping[str, Any]) -> str:
    """Return what a reader misses who sees a figure of the paper in the title."""
    found = _OF_THE_PAPER.search(figure["title"])
    return f"This part of the paper's {found[1]} is not at hand as numbers." if found else ""


def _lengths(figure: Mapping[str, Any], claim: Mapping[str, Any]) -> str:
    """Return how many steps one axis stands for, ours and the paper's; empty where not known."""
    steps = {
        (((cell.get("arms") or {}).get("treatment") or {}).get("settings") or {}).get("steps")
        for cell in claim["cells"]
        if cell["id"] in figure["cells"]
    }
    for text in claim["deviations"]:
        if (found := _LENGTH.search(text)) and steps == {int(found[1].replace(",", ""))}:
            return f" (ours {found[1]} steps, the paper's {found[2]})"
    return ""
