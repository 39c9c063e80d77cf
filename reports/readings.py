"""Whether a verdict depends on how the paper is read: a table per card, and one of all claims."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.documents.side_document import LOOKED_AT
from harness.words import Verdict
from reports import formats, gain
from reports.forest import cell_scale
from reports.outcome import cells_line

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
    differs: bool  # another verdict than the claim's own


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingsView:
    """What a card says of readings."""

    line: str
    note: str  # why none was run, where that is one reason for all
    judged: bool  # any of them
    rows: tuple[ReadingRow, ...]
    by_cell: tuple[tuple[str, tuple[ReadingRow, ...]], ...]  # of a claim with several cells


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One verdict in the table of all claims; an empty word where a claim lacks the reading."""

    verdict: str
    kind: str
    differs: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingsTable:
    """Claims by readings, the deciding one first; ``rows`` are (slug, its card, marks)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Mark, ...]], ...]


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
        {**claim, "name": DECIDING, "held": _held(claim["verdict"], cells)},
        claim["verdict"],
        one,
        one,
    )
    return ReadingsView(
        line=_line(said, claim["verdict"]),
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
    return _row({**row, "failed": _void_cells(answers), "held": held}, verdict, None, None)


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
        kind=said.get("refuted_kind") or "",
        estimate=estimate,
        interval=interval,
        note=" ".join(filter(None, notes)),
        differs=_differs(said["verdict"], verdict),
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


def _line(said: Mapping[str, Any], verdict: str) -> str:
    """Return whether the verdict depends on the reading, in one sentence."""
    judged, other = said["judged"] or 0, said["other"]
    declared = len(said["rows"])
    if not any(row["verdict"] in LOOKED_AT for row in said["rows"]):
        return f"{formats.counted(declared, 'reading')} declared, none of them run."
    if other is None:
        return f"{formats.counted(judged, 'reading')} judged beside a claim that was not."
    if not judged:
        return "No reading has runs of its own."
    names = [
        row["name"]
        for row in said["rows"]
        if not row.get("same") and _differs(row["verdict"], verdict)
    ]
    which = f": {formats.listed(names)}" if names else ""
    verb = "gives" if other < 2 else "give"
    return (
        f"{other or 'None'} of {formats.counted(judged, 'reading')} {verb} another verdict{which}."
    )


def readings_tables(
    claims: Sequence[Mapping[str, Any]], cards: Mapping[str, str]
) -> tuple[ReadingsTable, ...]:
    """Return claims by readings, of the claims of which one was judged; ``cards`` by slug.

    Claims that share no reading, however indirectly, stand in tables of their own.
    """
    named = {
        claim["slug"]: {row["name"]: row for row in claim["readings"]["rows"]}
        for claim in claims
        if any(r["verdict"] in LOOKED_AT for r in (claim.get("readings") or {}).get("rows", []))
    }
    own = {claim["slug"]: claim for claim in claims if claim["slug"] in named}
    return tuple(_table(group, named, own, cards) for group in _groups(named))


def _groups(named: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """Return slugs that share readings, in their order."""
    groups: list[tuple[set[str], list[str]]] = []
    for slug, rows in named.items():
        touching = [group for group in groups if group[0] & rows.keys()]
        names, slugs = set(rows), [slug]
        for group in touching:
            groups.remove(group)
            names |= group[0]
            slugs = [*group[1], *slugs]
        groups.append((names, slugs))
    order = list(named)
    return [sorted(slugs, key=order.index) for _, slugs in groups]


def _table(
    slugs: Sequence[str],
    named: Mapping[str, Mapping[str, Mapping[str, Any]]],
    own: Mapping[str, Mapping[str, Any]],
    cards: Mapping[str, str],
) -> ReadingsTable:
    columns = tuple(dict.fromkeys(name for slug in slugs for name in named[slug]))
    rows = []
    for slug in slugs:
        verdict = own[slug]["verdict"]
        said = [own[slug], *(named[slug].get(name) for name in columns)]
        rows.append((slug, cards[slug], tuple(_mark(each, verdict) for each in said)))
    return ReadingsTable(columns=(DECIDING, *columns), rows=tuple(rows))


def _mark(said: Mapping[str, Any] | None, own: str) -> Mark:
    if said is None:
        return Mark(verdict="", kind="", differs=False)
    return Mark(
        verdict=said["verdict"],
        kind=said.get("refuted_kind") or "",
        differs=_differs(said["verdict"], own),
    )


def readings_line(claims: Sequence[Mapping[str, Any]]) -> str:
    """Return over all claims how many readings give another verdict; empty where none was run."""
    said = [claim["readings"] for claim in claims if claim.get("readings")]
    judged = sum(each["judged"] or 0 for each in said if each["other"] is not None)
    if not judged:
        return ""
    other = sum(each["other"] or 0 for each in said)
    on = sum(bool(each["other"]) for each in said)
    verb = "gives" if other < 2 else "give"
    tail = f", on {formats.counted(on, 'claim')}" if on else ""
    return (
        f"{other or 'None'} of {formats.counted(judged, 'judged reading')} {verb} another verdict "
        f"than its claim's own{tail}."
    )
