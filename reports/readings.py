"""Whether a verdict depends on how the paper is read: a table per card, and one of all claims."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from harness.documents.side_document import LOOKED_AT
from harness.words import Verdict
from reports import formats, gain
from reports.forest import cell_scale
from reports.outcome import cells_line, kind_said, refuted_cells

DECIDING = "as judged"

_OPPOSITE = {Verdict.SUPPORTED: Verdict.REFUTED, Verdict.REFUTED: Verdict.SUPPORTED}


class Change(StrEnum):
    """What a reading does to the verdict that it is held against."""

    NONE = ""  # the same verdict, or not judged
    REVERSES = "reverses"  # SUPPORTED and REFUTED, of the claim or of one of its cells
    VOID = "void"
    OTHER = "differs"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingsOfClaim:
    """One claim in the table of all: its readings by what they change, each in a few words."""

    name: str
    anchor: str  # of its card
    verdict: str
    kind: str
    reversing: tuple[str, ...]
    void: tuple[str, ...]
    other: tuple[str, ...]
    same: tuple[str, ...]
    unjudged: tuple[str, ...]


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
    change, turned = _change(row, verdict, cells), len(_turned(row["name"], cells))
    mark = f"reverses {turned} of {formats.counted(len(cells), 'cell')}" if turned else change
    return replace(made, change=change, mark=mark)


def _read_as(name: str, cell: Mapping[str, Any]) -> str:
    """Return the verdict of a cell with this reading; its own where it has no such reading."""
    rows = (row for row in cell.get("readings") or [] if row["name"] == name)
    return str(next(rows, cell)["verdict"])


def _change(
    row: Mapping[str, Any], verdict: str, cells: Sequence[Mapping[str, Any]] = ()
) -> Change:
    """Return what a reading changes, of the verdict and of the verdicts of ``cells``."""
    if row.get("same"):
        return Change.NONE
    if _reverses(row["verdict"], verdict) or _turned(row["name"], cells):
        return Change.REVERSES
    if not _differs(row["verdict"], verdict):
        return Change.NONE
    return Change.VOID if row["verdict"] == Verdict.INVALID else Change.OTHER


def _turned(name: str, cells: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
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
        change=(change := _change(said, verdict)),
        mark=change,
    )


_SAME = "At this scale the claim itself is judged so."


def _differs(verdict: str, own: str) -> bool:
    return verdict in LOOKED_AT and own in LOOKED_AT and verdict != own


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
    several = cells if len(cells) > 1 else ()
    names = _by_change(said["rows"], verdict, several)
    what = "the verdict or a cell's" if several else "the verdict"
    return _counts({kind: len(of) for kind, of in names.items()}, judged, "reading", what, names)


def _by_change(
    rows: Iterable[Mapping[str, Any]], verdict: str, cells: Sequence[Mapping[str, Any]]
) -> dict[Change, list[str]]:
    """Return the names of judged readings by what they change."""
    names: dict[Change, list[str]] = {change: [] for change in Change if change}
    for row in rows:
        change = _change(row, verdict, cells) if row["verdict"] in LOOKED_AT else Change.NONE
        if change:
            names[change].append(row["name"])
    return names


def _counts(
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


def readings_table(
    claims: Sequence[Mapping[str, Any]], cards: Mapping[str, tuple[str, str]]
) -> tuple[ReadingsOfClaim, ...]:
    """Return a row for each claim of which a reading was judged.

    ``cards`` has the anchor and the name of each by slug.
    """
    return tuple(
        _of_claim(claim, *cards[claim["slug"]])
        for claim in claims
        if any(r["verdict"] in LOOKED_AT for r in (claim.get("readings") or {}).get("rows", []))
    )


def _of_claim(claim: Mapping[str, Any], anchor: str, name: str) -> ReadingsOfClaim:
    cells = claim["cells"] if len(claim["cells"]) > 1 else ()
    rows = claim["readings"]["rows"]
    judged = [row for row in rows if row["verdict"] in LOOKED_AT]
    by = {
        change: tuple(
            _in_words(row, change, cells)
            for row in judged
            if _change(row, claim["verdict"], cells) is change
        )
        for change in Change
    }
    return ReadingsOfClaim(
        name=name,
        anchor=anchor,
        verdict=claim["verdict"],
        kind=kind_said(claim.get("refuted_kind"), refuted_cells(claim["cells"])),
        reversing=by[Change.REVERSES],
        void=by[Change.VOID],
        other=by[Change.OTHER],
        same=by[Change.NONE],
        unjudged=tuple(
            f"{row['name']}: {row['verdict']}" for row in rows if row["verdict"] not in LOOKED_AT
        ),
    )


def _in_words(row: Mapping[str, Any], change: Change, cells: Sequence[Mapping[str, Any]]) -> str:
    """Return a reading's name, and the verdict that it gives where that needs saying."""
    turned = _turned(row["name"], cells) if change is Change.REVERSES else []
    if turned:
        said = "; ".join(f"{label} {verdict}" for label, verdict in turned)
        return f"{row['name']}: {len(turned)} of {len(cells)} cells ({said})"
    return f"{row['name']}: {row['verdict']}" if change in _WITH_VERDICT else row["name"]


_WITH_VERDICT = (Change.REVERSES, Change.OTHER)


def readings_line(claims: Sequence[Mapping[str, Any]]) -> str:
    """Return over all claims what readings change; empty where none was run."""
    said = [claim for claim in claims if (claim.get("readings") or {}).get("other") is not None]
    judged = sum(claim["readings"]["judged"] or 0 for claim in said)
    if not judged:
        return ""
    counts = dict.fromkeys((change for change in Change if change), 0)
    for claim in said:
        cells = claim["cells"] if len(claim["cells"]) > 1 else ()
        found = _by_change(claim["readings"]["rows"], claim["verdict"], cells)
        for change, names in found.items():
            counts[change] += len(names)
    whose = "a verdict, from SUPPORTED to REFUTED or back, of a claim or of one of its cells"
    return _counts(counts, judged, "judged reading", whose)
