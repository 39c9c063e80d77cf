"""A figure as plain data: its arms' lines, the paper's own, and what is not drawn and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench import Metric
from harness.declarations.figures import Figure, line
from harness.declarations.profiles import profile_line
from harness.declarations.ridges import ridge_line
from harness.errors import EvidenceError
from harness.records import RunRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnArm:
    """One arm of a figure. ``runs`` is empty where they are missing."""

    label: str
    role: str  # treatment, control or other
    runs: tuple[RunRecord, ...]


def panel(
    figure: Figure, arms: Sequence[DrawnArm], metrics: Mapping[str, Metric], folder: Path
) -> dict[str, Any]:
    """Return one panel of a card. An arm that cannot be drawn is named in its note.

    It stops nothing, since no verdict rests on a panel.
    """
    lines, notes = [], [figure.note]
    for arm in arms:
        try:
            lines.append(_line(figure, arm))
            notes.append(_diverged(figure, arm))
        except EvidenceError as error:
            notes.append(f"{arm.label} is not drawn: {error}.")
    metric = metrics.get(figure.metric, Metric(label="", unit=""))
    return {
        "kind": figure.kind,
        "title": figure.title,
        "metric": figure.metric,
        "label": figure.label or metric.label,
        "unit": metric.unit,
        "axis": figure.axis,
        "x_label": figure.x_label,
        "lines": lines,
        "paper": figure.paper.lines(folder) if figure.paper else [],
        "note": " ".join(filter(None, notes)) or None,
    }


def _diverged(figure: Figure, arm: DrawnArm) -> str:
    """Return why a line over training ends early; nothing where no seed diverged."""
    ends = [run.diverged_at for run in arm.runs if run.diverged_at is not None]
    if not ends or figure.kind == "profile":
        return ""
    return (
        f"{arm.label}: {len(ends)} of {len(arm.runs)} seeds diverged, the first at step "
        f"{min(ends):,}, where its line ends: the seeds that are left would make another curve."
    )


def _line(figure: Figure, arm: DrawnArm) -> dict[str, object]:
    if not arm.runs:
        raise EvidenceError("its runs are missing")
    if figure.kind == "ridge":
        return ridge_line(figure.metric, arm.label, arm.role, arm.runs)
    if figure.kind == "profile":
        return profile_line(figure.points, arm.label, arm.role, arm.runs)
    return line(figure, arm.label, arm.role, arm.runs)
