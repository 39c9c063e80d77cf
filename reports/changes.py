"""What a reading changes of a verdict, and of the verdicts of a claim's cells."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from harness.documents.side_document import LOOKED_AT
from harness.words import Verdict
from reports import formats

_OPPOSITE = {Verdict.SUPPORTED: Verdict.REFUTED, Verdict.REFUTED: Verdict.SUPPORTED}


class Change(StrEnum):
    """What a reading does to the verdict that it is held against."""

    NONE = ""  # the same verdict, or not judged
    REVERSES = "reverses"  # SUPPORTED and REFUTED, of the claim or of one of its cells
    VOID = "void"
    OTHER = "differs"


def cases(cells: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return a claim's cells where it has several; one alone has the claim's verdict."""
    return cells if len(cells) > 1 else ()


def change_of(
    row: Mapping[str, Any], verdict: str, cells: Sequence[Mapping[str, Any]] = ()
) -> Change:
    """Return what a reading changes, of the verdict and of the verdicts of ``cells``."""
    if row.get("same"):
        return Change.NONE
    if _reverses(row["verdict"], verdict) or turned_cells(row["name"], cells):
        return Change.REVERSES
    if not _differs(row["verdict"], verdict):
        return Change.NONE
    return Change.VOID if row["verdict"] == Verdict.INVALID else Change.OTHER


def turned_cells(name: str, cells: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the cells that this reading turns from SUPPORTED to REFUTED or back, and to what."""
    return [
        (cell.get("label") or cell["id"], row["verdict"])
        for cell in cells
        for row in cell.get("readings") or []
        if row["name"] == name
        and not row.get("same")
        and _reverses(row["verdict"], cell["verdict"])
    ]


def _reverses(verdict: str, own: str) -> bool:
    return _OPPOSITE.get(Verdict(own)) == verdict


def _differs(verdict: str, own: str) -> bool:
    return verdict in LOOKED_AT and own in LOOKED_AT and verdict != own


def names_by_change(
    rows: Iterable[Mapping[str, Any]], verdict: str, cells: Sequence[Mapping[str, Any]]
) -> dict[Change, list[str]]:
    """Return the names of judged readings by what they change."""
    names: dict[Change, list[str]] = {change: [] for change in Change if change}
    for row in rows:
        change = change_of(row, verdict, cells) if row["verdict"] in LOOKED_AT else Change.NONE
        if change:
            names[change].append(row["name"])
    return names


def counts_said(
    counts: Mapping[Change, int],
    judged: int,
    what: str,
    verdict: str,
    names: Mapping[Change, Sequence[str]] | None = None,
) -> str:
    """Return how many readings reverse a verdict, are void, or change it otherwise."""
    verbs = {
        Change.REVERSES: (f"reverses {verdict}", f"reverse {verdict}"),
        Change.VOID: ("is void", "are void"),
        Change.OTHER: ("gives another verdict", "give another verdict"),
    }
    said = [
        f"{counts[change]} {one if counts[change] == 1 else many}"
        + (f" ({formats.listed(names[change])})" if names else "")
        for change, (one, many) in verbs.items()
        if counts[change]
    ]
    if not said:
        return f"None of {formats.counted(judged, what)} gives another verdict."
    return f"Of {formats.counted(judged, what)}, {formats.listed(said)}."
