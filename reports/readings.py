"""Whether a verdict depends on how the paper is read: what a card says of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.documents.side_document import LOOKED_AT
from harness.words import Verdict
from reports import formats, gain
from reports.changes import Change, cases, change_of, counts_said, names_by_change, turned_cells
from reports.drawing.forest import cell_scale
from reports.outcome import cells_line, kind_said, refuted_cells

DECIDING = "as judged"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingRow:
    """One reading of one claim, or of one of its cells; the first row is the deciding one."""

    name: str
    leaves_open: str
    because: str
    verdict: str
    kind: str
    estimate: str
    interval: str
    note: str
    change: Change
    mark: str  # the change in words: ``reverses 2 of 3 cells``


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingsView:
    """What a card says of readings."""

    line: str
    note: str  # why none was run, where that is one reason for all
    judged: bool  # any of them
    rows: tuple[ReadingRow, ...]
    by_cell: tuple[tuple[str, tuple[ReadingRow, ...]], ...]  # of a claim with several cells

    @property
    def changing(self) -> tuple[ReadingRow, ...]:
        """Return the deciding row and those that change something."""
        return (*self.rows[:1], *(row for row in self.rows[1:] if row.change))

    @property
    def others(self) -> tuple[ReadingRow, ...]:
        """Return the rows that change nothing."""
        return tuple(row for row in self.rows[1:] if not row.change)


def readings_view(claim: Mapping[str, Any]) -> ReadingsView | None:
    """Return what a card says of its claim's readings; None for a claim without any."""
    said = claim.get("readings")
    if not said or not said["rows"]:
        return None
    cells = claim["cells"]
    one = cells[0] if len(cells) == 1 else None
    rows = [_claim_row(row, cells, claim["verdict"], one) for row in said["rows"]]
    judged = any(row["verdict"] in LOOKED_AT for row in said["rows"])
    deciding = _row(
        {
            **claim,
            "name": DECIDING,
            "held": _held(claim["verdict"], cells),
            "refuted_in": refuted_cells(cells),
        },
        claim["verdict"],
        one,
        one,
    )
    return ReadingsView(
        line=_line(said, claim["verdict"], cells),
        note="" if judged else _shared_note(rows),
        judged=judged,
        rows=(deciding, *rows) if judged else tuple(_without_shared_note(rows)),
        by_cell=tuple(_by_cell(cells)) if judged and one is None else (),
    )


def _shared_note(rows: Sequence[ReadingRow]) -> str:
    notes = {row.note for row in rows}
    return notes.pop() if len(notes) == 1 else ""


def _without_shared_note(rows: Sequence[ReadingRow]) -> Iterator[ReadingRow]:
    shared = _shared_note(rows)
    for row in rows:
        yield replace(row, note="") if row.note == shared else row


def _claim_row(
    row: Mapping[str, Any],
    cells: Sequence[Mapping[str, Any]],
    verdict: str,
    one: Mapping[str, Any] | None,
) -> ReadingRow:
    answers = [r for c in cells for r in c.get("readings") or [] if r["name"] == row["name"]]
    if one is not None and answers:
        return _row({**row, "failed": _failures(answers[0])}, verdict, one, answers[0])
    held = _held(row["verdict"], answers) if row["verdict"] in LOOKED_AT else ""
    refuted_in = [c for c in cells if _read_as(row["name"], c) == Verdict.REFUTED]
    row = {**row, "refuted_in": refuted_in}
    made = _row({**row, "failed": _void_cells(answers), "held": held}, verdict, None, None)
    change, turned = change_of(row, verdict, cells), len(turned_cells(row["name"], cells))
    mark = f"reverses {turned} of {formats.counted(len(cells), 'cell')}" if turned else change
    return replace(made, change=change, mark=mark)


def _read_as(name: str, cell: Mapping[str, Any]) -> str:
    """Return the verdict of a cell with this reading; its own where it has no such reading."""
    rows = (row for row in cell.get("readings") or [] if row["name"] == name)
    return str(next(rows, cell)["verdict"])


def _held(verdict: str, answers: Sequence[Mapping[str, Any]]) -> str:
    """Return how many cells of several have which verdict."""
    found = [answer["verdict"] for answer in answers]
    return cells_line(verdict, found) if len(found) > 1 else ""


def _failures(answer: Mapping[str, Any]) -> str:
    """Return what made a comparison void; nothing where another rule spoke first."""
    failed = answer.get("failed_preconditions") or []
    return " ".join(f"{text}." for text in failed) if answer["verdict"] == Verdict.INVALID else ""


def _void_cells(answers: Sequence[Mapping[str, Any]]) -> str:
    void = sum(answer["verdict"] == Verdict.INVALID for answer in answers)
    return f"Void in {void} of {formats.counted(len(answers), 'cell')}." if void else ""


def _row(
    said: Mapping[str, Any],
    verdict: str,
    cell: Mapping[str, Any] | None,
    numbers: Mapping[str, Any] | None,
) -> ReadingRow:
    """Return a row; ``numbers`` are said on the gain scale of their ``cell``."""
    estimate, interval = said.get("held") or "", ""
    if cell is not None and numbers is not None and formats.is_number(numbers.get("estimate")):
        scale, span = cell_scale(cell), gain.span_of(numbers.get(gain.deciding_interval(numbers)))
        estimate = scale.with_unit(numbers["estimate"], width=span[1] - span[0] if span else None)
        interval = scale.interval(span)
    notes = (said.get("failed"), said.get("note"), _SAME if said.get("same") else None)
    return ReadingRow(
        name=said["name"],
        leaves_open=said.get("leaves_open") or "",
        because=said.get("because") or "",
        verdict=said["verdict"],
        kind=kind_said(said.get("refuted_kind"), said.get("refuted_in") or [cell or {}]),
        estimate=estimate,
        interval=interval,
        note=" ".join(filter(None, notes)),
        change=(change := change_of(said, verdict)),
        mark=change,
    )


_SAME = "At this scale the claim itself is judged so."


def _by_cell(
    cells: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[str, tuple[ReadingRow, ...]]]:
    for cell in cells:
        rows = [
            _row({**row, "failed": _failures(row)}, cell["verdict"], cell, row)
            for row in cell.get("readings") or []
        ]
        if rows:
            deciding = _row({**cell, "name": DECIDING, "note": None}, cell["verdict"], cell, cell)
            yield cell.get("label") or cell["id"], (deciding, *rows)


def _line(said: Mapping[str, Any], verdict: str, cells: Sequence[Mapping[str, Any]]) -> str:
    """Return whether the verdict depends on the reading, in one sentence."""
    judged, declared = said["judged"] or 0, len(said["rows"])
    if not any(row["verdict"] in LOOKED_AT for row in said["rows"]):
        return f"{formats.counted(declared, 'reading')} declared, none of them run."
    if said["other"] is None:
        return f"{formats.counted(judged, 'reading')} judged beside a claim that was not."
    if not judged:
        return "No reading has runs of its own."
    several = cases(cells)
    names = names_by_change(said["rows"], verdict, several)
    what = "the verdict or a cell's" if several else "the verdict"
    return counts_said(
        {kind: len(of) for kind, of in names.items()}, judged, "reading", what, names
    )
