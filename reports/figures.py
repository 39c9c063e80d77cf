"""Any figure of a document as the record that its template draws."""

from collections.abc import Mapping
from typing import Any

from reports.curves import CurveFigure, curve_figure
from reports.palette import NO_PALETTE, Palette
from reports.profiles import profile_figure
from reports.ridges import RidgeFigure, ridge_figure

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
