"""The paper's own numbers beside one new run of ours: shown, never deciding."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import formats, gain

_INTERVAL = "the 95 % prediction interval of one new run"
_WORDS = {True: "inside", False: "outside", None: "no interval"}

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedRow:
    """One number of the paper."""

    quantity: str
    arm: str
    where: str
    paper: str
    ours: str
    interval: str
    word: str
    inside: bool
    note: str


def printed_rows(cells: Iterable[Mapping[str, Any]]) -> tuple[PrintedRow, ...]:
    """Return the rows of all cells; one that several cells share is named once."""
    return tuple(map(_row, _once(cells)))


def printed_line(cells: Iterable[Mapping[str, Any]]) -> str:
    """Return how many of the paper's numbers lie inside; empty where none is declared."""
    said = [row.get("inside") for row in _once(cells)]
    compared = [inside for inside in said if inside is not None]
    if not compared:
        return ""
    held = sum(compared)
    numbers = formats.counted(len(compared), "number")
    return (
        f"{held or 'None'} of {numbers} that the paper printed or plotted "
        f"{'lies' if held < 2 else 'lie'} inside {_INTERVAL}."
    )


def caution(scale: str, instead: Sequence[str]) -> str:
    """Return what must be known of the comparison: elsewhere than at scale paper, not to expect.

    ``instead`` names what is not the paper's, such as ``data``.
    """
    if scale == "paper":
        return ""
    what = f"{formats.listed(instead)} {'are' if len(instead) > 1 else 'is'} not the paper's"
    said = what if instead else "not all is the paper's, as cards say"
    return f"At scale {scale} {said}: agreement is not expected."


def _once(cells: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    seen = set()
    for cell in cells:
        for row in cell.get("printed") or []:
            key = (row["value"], row.get("text"), row.get("arm"))  # one curve, in several figures
            if key not in seen:
                seen.add(key)
                yield row


def _row(row: Row) -> PrintedRow:
    span = gain.span_of(row.get("interval"))
    factor = row["of"] == "gain" and row.get("transform") == "log"
    unit = formats.TIMES if factor else row.get("unit") or ""
    decimals = formats.decimals_for(span[1] - span[0]) if span else None
    inside = row.get("inside")
    return PrintedRow(
        quantity=(row.get("text") or "") + (", read off" if row.get("read_off") else ""),
        arm=row.get("arm") or row["of"],
        where=row["where"],
        paper=_with_unit(formats.short(row["value"]), unit),
        ours=_with_unit(formats.number(row.get("mean"), decimals=decimals), unit),
        interval=_interval(span, unit, decimals),
        word=_WORDS[inside if isinstance(inside, bool) else None],
        inside=inside is True,
        note=row.get("note") or "",
    )


def _interval(span: gain.Span | None, unit: str, decimals: int | None) -> str:
    if span is None:
        return formats.NOTHING
    low, high = (formats.number(end, decimals=decimals) for end in span)
    return _with_unit(f"{low} to {high}", unit)


def _with_unit(text: str, unit: str) -> str:
    if not unit or text == formats.NOTHING:
        return text
    return text + unit if unit == formats.TIMES else f"{text} {unit}"
