"""What a search found, as text and as a figure: the slack of every draw, the counterexample."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.words import Verdict
from reports import formats
from reports.drawing.ticks import Tick, css_percent
from reports.notation import mathematics, power_of_ten

HEIGHT = 150  # pixels of the plot
_LEAST = 2.0  # pixels of a bar that counts anything

_ROUNDING = 1e-12  # of the largest number of a case: below it a sum is 0

MEANING = {
    Verdict.SUPPORTED: "SUPPORTED means that a search which does refute a planted mistake found no "
    "counterexample. It is no proof.",
    Verdict.REFUTED: "One case that violates the statement beyond rounding refutes it.",
}

_NAMES = {0.0: "least", 0.5: "median", 1.0: "largest"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bin of the slack: CSS percentages across, pixels up."""

    start: str
    width: str
    top: float
    height: float
    kind: str  # violated, equal or room


@dataclass(frozen=True, kw_only=True, slots=True)
class SlackFigure:
    """The distribution of the slack, ready to draw."""

    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    key: tuple[tuple[str, str], ...]  # kind and what it counts
    description: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CounterexampleView:
    """One case that violates the statement, with its numbers."""

    given: tuple[tuple[str, str], ...]
    worked_out: tuple[tuple[str, str], ...]
    left: str
    right: str
    line: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchView:
    """All that the page says of one searched cell."""

    label: str
    verdict: str
    reason: str
    statement: str
    reading: str
    summary: str
    meaning: str
    facts: tuple[tuple[str, str], ...]
    details: tuple[tuple[str, str], ...]  # how it was searched
    figure: SlackFigure | None
    counterexample: CounterexampleView | None


def search_view(cell: Mapping[str, Any]) -> SearchView | None:
    """Return a searched cell as text; None for a cell that is judged by gains."""
    search = cell.get("search")
    if not search:
        return None
    verdict = Verdict(cell["verdict"])
    relation = search["relation"]
    case = search["counterexample"]
    return SearchView(
        label=cell["label"] or "",
        verdict=verdict,
        reason=cell["reason"] or "",
        statement=mathematics(f"{search['left']} {relation} {search['right']}"),
        reading=search.get("reading") or "",
        summary=_summary(search),
        meaning=MEANING.get(verdict, ""),
        facts=tuple(_facts(search)),
        details=tuple(_details(search)),
        figure=_figure(search) if search["met"] and not _all_equal(search) else None,
        counterexample=_counterexample(case, relation) if case else None,
    )


def _count(number: int) -> str:
    return formats.number(number, decimals=0)


def _summary(search: Mapping[str, Any]) -> str:
    """Return what was found, for the table of all claims."""
    if search["met"] is None:
        return ""
    if search["violations"]:
        return f"{_count(search['violations'])} of {_count(search['met'])} draws violate it"
    if search["counterexample"]:
        return "violated by a small case"
    equal = ", an equality" if search["equality"] else ""
    return f"no counterexample in {_count(search['met'])} draws{equal}"


def _facts(search: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Under the conditions", mathematics(search.get("conditions") or "")
    if search["met"] is not None:
        yield "Planted false twin", _twin(search)
    if _all_equal(search):
        yield "Slack", f"all {_count(search['met'])} draws are equal to rounding"


def _all_equal(search: Mapping[str, Any]) -> bool:
    """Return whether both sides were the same in every draw: one bar would say no more."""
    counts = search["histogram"]["counts"] if search["met"] else ()
    return bool(counts) and sum(counts) == counts[len(counts) // 2]


def _details(search: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Drawn", mathematics(search.get("drawn") or "")
    if search["met"] is not None:
        met = f"{_count(search['met'])} of {_count(search['draws'])} meet the conditions"
        yield "Draws", f"{met}; at least {_count(search['needed'])} must"
        yield "Slack", _quantiles(search["quantiles"] or [])
    small = search.get("small")
    if small:
        yield "Second search", f"{small}, at most {search['examples']} cases before shrinking"
    limit = f"{power_of_ten(search['tolerance'])} of {search.get('scale') or 'the scale'}"
    yield "Beyond rounding", f"more than {limit}: {search.get('because') or ''}".rstrip(": ")


def _twin(search: Mapping[str, Any]) -> str:
    times = search["twin_violations"]
    planted = mathematics(search.get("planted") or "a mistake in one side")
    if not times:
        return f"{planted}: not refuted by these draws, so the search is blind"
    return f"{planted}: refuted by {_count(times)} of these draws"


def _quantiles(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = (row for row in rows if row["at"] in (0.0, 0.01, 0.5, 1.0))
    return ", ".join(
        f"{_NAMES.get(row['at']) or formats.percent(row['at'])} "
        f"{formats.number(row['slack'], digits=2)}"
        for row in shown
    )


def _figure(search: Mapping[str, Any]) -> SlackFigure | None:
    histogram = search["histogram"]
    edges, counts = histogram["edges"], histogram["counts"]
    beyond = bool(counts[0] or counts[-1])  # past the scale itself: rare, and then shown
    shown = counts if beyond else counts[1:-1]
    middle, width = len(shown) // 2, 100 / len(shown)
    highest = math.sqrt(max(shown))
    bars = []
    for place, count in enumerate(shown):
        height = max(_LEAST, HEIGHT * math.sqrt(count) / highest) if count else 0.0
        kind = "equal" if place == middle else "violated" if place < middle else "room"
        if count:
            bars.append(
                Bar(
                    start=css_percent(place / len(shown) + 0.06 * width / 100),
                    width=css_percent(0.88 * width / 100),
                    top=HEIGHT - height,
                    height=height,
                    kind=kind,
                )
            )
    below, equal, above = (sum(counts[: len(counts) // 2]), counts[len(counts) // 2], 0)
    above = sum(counts) - below - equal
    key = (
        ("violated", f"violated: {_count(below)}"),
        ("equal", f"equal to rounding: {_count(equal)}"),
        ("room", f"holds with room: {_count(above)}"),
    )
    return SlackFigure(
        height=HEIGHT,
        bars=tuple(bars),
        ticks=_ticks(edges, beyond=beyond),
        key=tuple(item for item in key if search["relation"] == "<=" or item[0] != "room"),
        description=", ".join(text for _, text in key),
        note="Right side minus left, relative to its scale, in decades; bars grow with the square "
        "root of the count."
        if search["relation"] == "<="
        else "Minus the distance of the two sides, relative to its scale, in decades; bars grow "
        "with the square root of the count.",
    )


def _ticks(edges: Sequence[float], *, beyond: bool) -> tuple[Tick, ...]:
    """Return ticks at the ends, half-way to the middle and in the middle."""
    bins = len(edges) + (1 if beyond else -1)
    offset = 1 if beyond else 0
    half, last = len(edges) // 4, len(edges) - 1
    middle = Tick(at="50.0%", text="0")
    places = (0, half, last - half, last)
    around = [
        Tick(
            at=css_percent((place + offset) / bins),
            text=power_of_ten(edges[place]),
            anchor="start"
            if place + offset == 0
            else "end"
            if place + offset == bins
            else "middle",
        )
        for place in places
    ]
    return (*around[:2], middle, *around[2:])


def _counterexample(case: Mapping[str, Any], relation: str) -> CounterexampleView:
    rows = [row["value"] for row in (*case["given"], *case["worked_out"])]
    scale = max(map(abs, _numbers([*rows, case["left"], case["right"]])), default=0.0)
    left, right = rounded(case["left"], scale), rounded(case["right"], scale)
    if left == right:  # told apart by later digits alone
        left, right = exact(case["left"]), exact(case["right"])
    found = case.get("found")
    where = f" Found {found}." if found else ""
    return CounterexampleView(
        given=_rows(case["given"], scale),
        worked_out=_rows(case["worked_out"], scale),
        left=left,
        right=right,
        line=f"{left} is not {mathematics(relation)} {right}.{where}",
    )


def _rows(rows: Sequence[Mapping[str, Any]], scale: float) -> tuple[tuple[str, str], ...]:
    return tuple((mathematics(row["name"]), rounded(row["value"], scale)) for row in rows)


def _numbers(value: object) -> Iterator[float]:
    """Yield every finite number of a value, whatever its rows."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float) and formats.is_number(value):
        yield value


def rounded(value: object, scale: float) -> str:
    """Return numbers with six digits, rows in brackets; what is 0 but for rounding is 0."""
    if isinstance(value, list | tuple):
        return f"({', '.join(rounded(each, scale) for each in value)})"
    if isinstance(value, float) and formats.is_number(value):
        if abs(value) < _ROUNDING * scale:
            return "0"
        return exact(value) if value.is_integer() else formats.short(value, digits=6)
    return exact(value)


def exact(value: object) -> str:
    """Return a number in full digits."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return formats.NOTHING if value is None else str(value)
