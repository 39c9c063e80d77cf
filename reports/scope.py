"""Where a claim holds: its map over two settings, a verdict and an estimate at each place."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.words import Verdict
from reports import formats, gain
from reports.drawing.forest import cell_scale
from reports.outcome import kind_said

CAVEAT = (
    "Outside the guarantee: a map is many looks at one claim, each at the claim's own level, "
    "adjusted for nothing."
)

SHORT = {
    Verdict.SUPPORTED: "SUP",
    Verdict.REFUTED: "REF",
    Verdict.INCONCLUSIVE: "INC",
    Verdict.INVALID: "INV",
    Verdict.ERROR: "ERR",
    Verdict.NOT_RUN: "NOT RUN",
}

_NONE_DIFFERS = "no seed differs"
_NAMES = {"lr": "learning rate", "init": "initialisation"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One place of a map."""

    verdict: str
    short: str
    estimate: str  # without its unit, which the map says
    own: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceRow:
    """One line of the numbers beneath a map: a cell at a place."""

    place: str
    cell: str
    verdict: str
    kind: str
    estimate: str
    interval: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ScopeMap:
    """A claim's map; without ``rows`` it was not run, and ``line`` says so."""

    row_name: str
    column_name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Place, ...]], ...]
    line: str
    reading: str  # what the numbers are, and whether the claim's own place is there
    legend: tuple[tuple[str, str], ...]  # (short word, verdict) of those on the map
    numbers: tuple[PlaceRow, ...]
    several_cells: bool


def scope_map(claim: Mapping[str, Any]) -> ScopeMap | None:
    """Return the claim's map; None for a claim that declares no scope."""
    said = claim.get("scope")
    if not said:
        return None
    cells = {cell["id"]: cell for cell in claim["cells"]}
    points = said["points"]
    width = len(said["columns"]["values"])
    places = [_place(point, cells) for point in points]
    lines = [places[start : start + width] for start in range(0, len(places), width)]
    seen = {point["verdict"] for point in points}
    return ScopeMap(
        row_name=_named(said["rows"]["name"]),
        column_name=_named(said["columns"]["name"]),
        columns=tuple(_value(value) for value in said["columns"]["values"]),
        rows=tuple(
            (_value(value), tuple(line))
            for value, line in zip(said["rows"]["values"], lines, strict=False)
        ),
        line=_line(said),
        reading=_reading(points, cells) if points else "",
        legend=tuple((SHORT[v], str(v)) for v in Verdict if v in seen),
        numbers=tuple(_numbers(points, cells)),
        several_cells=len(cells) > 1,
    )


def _named(setting: str) -> str:
    return _NAMES.get(setting, setting.replace("_", " "))


def _value(value: Any) -> str:
    if value is None:
        return formats.NOTHING
    return formats.short(value) if formats.is_number(value) else str(value)


def _place(point: Mapping[str, Any], cells: Mapping[str, Mapping[str, Any]]) -> Place:
    worst = cells.get(point.get("worst") or "")
    answer = next((a for a in point["cells"] if a["id"] == point.get("worst")), None)
    return Place(
        verdict=point["verdict"],
        short=SHORT[Verdict(point["verdict"])],
        estimate=_estimate(worst, answer, with_unit=False),
        own=bool(point["own"]),
    )


def _estimate(
    cell: Mapping[str, Any] | None, answer: Mapping[str, Any] | None, *, with_unit: bool
) -> str:
    if cell is None or answer is None or not formats.is_number(answer.get("estimate")):
        return _NONE_DIFFERS if _none_differs(cell, answer) else formats.NOTHING
    scale, span = cell_scale(cell), gain.span_of(answer.get(gain.deciding_interval(answer)))
    width = span[1] - span[0] if span else None
    say = scale.with_unit if with_unit else scale.text
    return say(answer["estimate"], width=width)


def _none_differs(cell: Mapping[str, Any] | None, answer: Mapping[str, Any] | None) -> bool:
    """Whether there is no estimate because both arms did the same on every seed."""
    gains = (answer or {}).get("gains") or []
    counted = ((cell or {}).get("hypothesis") or {}).get("kind") == "more often"
    return counted and bool(gains) and not any(gains)


def _line(said: Mapping[str, Any]) -> str:
    points = said["points"]
    if not points:
        count = len(said["rows"]["values"]) * len(said["columns"]["values"])
        return f"A map of {formats.counted(count, 'place')} is declared. {said.get('note') or ''}"
    counts = Counter(Verdict(point["verdict"]) for point in points)
    parts = [f"{verdict} at {counts[verdict]}" for verdict in Verdict if counts[verdict]]
    return f"Of {formats.counted(len(points), 'place')}: {', '.join(parts)}."


def _reading(points: Sequence[Mapping[str, Any]], cells: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what the numbers on the map are, and where the claim itself stands."""
    units = {_unit(cell) for cell in cells.values()}
    unit = f" ({units.pop()})" if len(units) == 1 and units != {""} else ""
    what = f"The number is the mean gain{unit}"
    what += " of the cell that does worst." if len(cells) > 1 else "."
    if any(point["own"] for point in points):
        return f"{what} The claim's own place is outlined."
    return f"{what} The claim's own settings are not on the map."


def _unit(cell: Mapping[str, Any]) -> str:
    scale = cell_scale(cell)
    return scale.unit or scale.saying.value


def _numbers(
    points: Sequence[Mapping[str, Any]], cells: Mapping[str, Mapping[str, Any]]
) -> Iterator[PlaceRow]:
    for point in points:
        for answer in point["cells"]:
            cell = cells.get(answer["id"])
            span = gain.span_of(answer.get(gain.deciding_interval(answer)))
            failed = [f"{text}." for text in answer.get("failed_preconditions") or []]
            yield PlaceRow(
                place=f"{_value(point['row'])}, {_value(point['column'])}",
                cell=answer.get("label") or answer["id"],
                verdict=answer["verdict"],
                kind=kind_said(answer.get("refuted_kind"), [cell] if cell else []),
                estimate=_estimate(cell, answer, with_unit=True),
                interval=cell_scale(cell).interval(span) if cell else formats.NOTHING,
                note=" ".join(filter(None, [*failed, answer.get("note")])),
            )
