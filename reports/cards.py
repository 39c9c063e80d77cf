"""One claim as a card: what it says, what became of it, and all that a doubter asks for."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from harness.words import Verdict
from reports import formats
from reports.attempts import attempt_facts
from reports.cells import CellView, Fact, cell_view, shared_facts, without_facts
from reports.drawing.figures import FigureView, figure_views
from reports.drawing.forest import Panel, panels
from reports.drawing.palette import Palette, palette_of
from reports.found import found_line
from reports.looks import LooksView, looks_view
from reports.naming import by_cell
from reports.outcome import (
    alternatives_line,
    attempt_marks,
    cells_line,
    cells_sentence,
    kind_said,
    refuted_cells,
)
from reports.printed import PrintedRow, printed_line, printed_rows
from reports.readings import ReadingsView, readings_view
from reports.recorded import ledger_mark
from reports.rows import Arm, Precondition
from reports.scope import ScopeMap, scope_map
from reports.searches import SearchView
from reports.titles import short_title

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """All that the page says about one claim."""

    anchor: str
    slug: str
    title: str  # empty where the claim's file has none
    statement: str
    place: str
    quote: str
    verdict: str
    kind: str
    opening: str  # what was found; of a void claim why it is void
    then: str  # the rule that made the verdict; of a void claim its numbers
    reason: str
    terms: tuple[Fact, ...]
    needed: tuple[str, ...]
    summary: str
    bound: str
    fragile: bool
    alternatives_line: str
    addition: bool
    by_search: bool
    attempts: tuple[str, ...]  # which attempt this is, and how the earlier ones ended
    ledger: str  # empty where the verdict is the recorded one
    was_run: bool
    ledger_facts: tuple[Fact, ...]
    deviations: tuple[str, ...]
    shared_deviations: str  # how many more it has; empty where there are none
    deviation_sets: tuple[tuple[str, str], ...]  # where those are listed: target and name
    panels: tuple[Panel, ...]
    figures: tuple[FigureView, ...]
    printed: tuple[PrintedRow, ...]  # the paper's numbers beside ours
    printed_line: str
    cells: tuple[CellView, ...]
    searches: tuple[SearchView, ...]  # of a claim decided by search, one for each cell
    shared: tuple[Fact, ...]  # what all cells have in common
    arms: tuple[Arm, ...]  # of all cells, each once
    preconditions: tuple[Precondition, ...]
    runs: str
    facts: tuple[Fact, ...]
    readings: ReadingsView | None
    scope: ScopeMap | None
    looks: LooksView | None
    command: str


def cards(claims: Sequence[Mapping[str, Any]], *, ruled: bool = False) -> tuple[Card, ...]:
    """Return a card per claim, with anchors that are unique whatever the slugs are.

    Where the verdicts are ``ruled`` (exploratory, quick), no card says how many seeds it needs, nor
    how many of the paper's numbers lie in intervals that two or three seeds make.
    """
    taken: set[str] = set()
    palette = palette_of(claims)
    made = (_card(claim, _anchor(claim["slug"], taken), palette) for claim in claims)
    return tuple(replace(card, needed=(), printed_line="") if ruled else card for card in made)


def _anchor(slug: str, taken: set[str]) -> str:
    base = "claim-" + (re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:60] or "x")
    anchor, count = base, 2
    while anchor in taken:
        anchor, count = f"{base}--{count}", count + 1
    taken.add(anchor)
    return anchor


def _card(claim: Mapping[str, Any], anchor: str, palette: Palette) -> Card:
    cells = tuple(cell_view(cell) for cell in claim["cells"])
    shared = shared_facts(cells)
    source = claim.get("source") or {}
    opening, then = _told(claim, cells)
    return Card(
        anchor=anchor,
        slug=claim["slug"],
        title=short_title(claim),
        statement=claim["statement"],
        place=_place(source),
        quote=source.get("quote") or "",
        verdict=Verdict(claim["verdict"]),
        kind=kind_said(claim.get("refuted_kind"), refuted_cells(claim["cells"])),
        opening=opening,
        then=then,
        reason=claim.get("reason") or "",
        terms=tuple(_terms(claim, cells)),
        needed=tuple(_needed(claim, cells)),
        summary=_summary(claim["verdict"], cells),
        bound=_bound(claim["verdict"], cells),
        fragile=bool(claim["fragile"]),
        alternatives_line=alternatives_line(claim),
        addition=bool(claim["addition"]),
        by_search=not claim["uses_p"],
        attempts=attempt_marks(claim),
        ledger=ledger_mark(claim),
        was_run=any(cell.verdict != Verdict.NOT_RUN for cell in cells) or _judged(claim),
        ledger_facts=tuple(_ledger_facts(claim.get("ledger") or {})),
        deviations=tuple(dict.fromkeys(claim["deviations"])),
        shared_deviations="",
        deviation_sets=(),
        panels=panels(claim["cells"]),
        figures=figure_views(claim, palette),
        printed=printed_rows(claim["cells"]),
        printed_line=printed_line(claim["cells"]),
        cells=tuple(without_facts(cell, shared) for cell in cells),
        searches=tuple(cell.search for cell in cells if cell.search),
        shared=shared,
        arms=_once(arm for cell in cells for arm in cell.arms),
        preconditions=_once(item for cell in cells for item in cell.preconditions),
        runs="\n".join(_once(run for cell in cells for run in cell.runs)),
        facts=tuple(_facts(claim)),
        readings=readings_view(claim),
        scope=scope_map(claim),
        looks=looks_view(claim),
        command=claim.get("command") or "",
    )


def _told(claim: Mapping[str, Any], cells: Sequence[CellView]) -> tuple[str, str]:
    """Return what a card says first, and what stands small beneath it."""
    reason = claim.get("reason") or ""
    found = found_line(claim["cells"])
    found = found or cells_sentence(
        claim["verdict"], [(cell.label, cell.verdict) for cell in cells]
    )
    if not found:
        return reason, ""
    if claim["verdict"] == Verdict.INVALID:
        return reason, found if len(cells) > 1 else f"For information: {found}"
    return found, reason


def _judged(claim: Mapping[str, Any]) -> bool:
    return bool(claim["verdict"] != Verdict.NOT_RUN)


def _terms(claim: Mapping[str, Any], cells: Sequence[CellView]) -> Iterator[Fact]:
    """Return what was asked, before what was found."""
    yield from attempt_facts(claim)
    yield "Read as", _shared(cell.search.reading for cell in cells if cell.search)
    yield "Measured", _shared(cell.endpoint for cell in cells)
    yield (
        "Compared",
        _shared(cell.compared for cell in cells),
    )
    yield "Refuted if", _refuted_if(claim)
    yield "Why this bound", _shared(cell.because for cell in cells)
    yield "Ledger", ledger_mark(claim)
    conditions = _once(item for cell in cells for item in cell.preconditions)
    if conditions:
        met = sum(item.passed for item in conditions)
        yield "Preconditions", f"{met} of {len(conditions)} met"


def _refuted_if(claim: Mapping[str, Any]) -> str:
    """Return what would refute the claim; where cells differ, each with its label."""
    said = [
        (cell.get("label") or cell["id"], (cell.get("hypothesis") or {}).get("refuted_if") or "")
        for cell in claim["cells"]
    ]
    if len({text for _, text in said}) < 2:
        return claim.get("refuted_if") or ""
    return f"in any one cell; {by_cell(said)}"


def _needed(claim: Mapping[str, Any], cells: Sequence[CellView]) -> Iterator[str]:
    """Return what an undecided claim would need; of a decided one the undecided cells may rest."""
    for cell in cells if claim["verdict"] == Verdict.INCONCLUSIVE else ():
        if cell.needed_line:
            yield f"{cell.label}: {cell.needed_line}" if len(cells) > 1 else cell.needed_line


def _once(items: Iterable[T]) -> tuple[T, ...]:
    """Return each item once: cells of one claim share runs and conditions."""
    return tuple(dict.fromkeys(items))


def _place(source: Mapping[str, Any]) -> str:
    parts = []
    if source.get("section"):
        parts.append(f"Section {source['section']}")
    if source.get("figure"):
        parts.append(f"Figure {source['figure']}")
    return ", ".join(parts)


def _shared(texts: Iterable[str]) -> str:
    """Return the text that all cells share; empty where they differ."""
    found = set(texts)
    return found.pop() if len(found) == 1 else ""


def _summary(verdict: str, cells: Sequence[CellView]) -> str:
    """Return the estimate of the one cell, or how many of the cells have which verdict."""
    if not cells:
        return ""
    if len(cells) == 1 and cells[0].search:
        return cells[0].search.summary
    if len(cells) == 1 and verdict == Verdict.INVALID:
        return "void"
    if len(cells) == 1:
        return "" if cells[0].estimate == formats.NOTHING else cells[0].estimate
    return cells_line(verdict, [cell.verdict for cell in cells])


def _bound(verdict: str, cells: Sequence[CellView]) -> str:
    """Return what the interval must do; what it would have had to, where nothing is compared."""
    bound = by_cell([(cell.label, cell.bound) for cell in cells])
    if not bound:
        return ""
    if len(cells) == 1 and verdict == Verdict.INVALID:
        numbers = "" if cells[0].estimate == formats.NOTHING else f"{cells[0].estimate}, "
        return f"for information: {numbers}had to be {bound}"
    return f"must be {bound}"


def _ledger_facts(ledger: Mapping[str, Any]) -> Iterator[Fact]:
    entry = ledger.get("entry") or {}
    if entry:
        where = f"{ledger['cell']}: " if ledger.get("cell") else ""
        recorded = f"{entry.get('verdict') or ''}, {formats.day(entry.get('date'))}"
        yield "Recorded", where + recorded
        yield "Recorded with", _entry_terms(entry)
    if ledger.get("reason"):
        yield "Reason", ledger["reason"]


def _entry_terms(entry: Mapping[str, Any]) -> str:
    seeds = f"n = {entry['n']}" if entry.get("n") is not None else ""
    return ", ".join(filter(None, [seeds, entry.get("environment")]))


def _facts(claim: Mapping[str, Any]) -> Iterator[Fact]:
    declaration, cost = claim.get("declaration") or {}, claim.get("cost") or {}
    if claim.get("path"):
        yield "File", claim["path"]
    if declaration.get("sha256"):
        yield "Declaration (SHA-256)", declaration["sha256"]
    if declaration.get("shown_sha256"):
        yield "Shown beside it (SHA-256)", declaration["shown_sha256"]
    if declaration.get("declared"):
        yield "Declared", formats.day(declaration["declared"])
    if declaration.get("first_judged"):
        yield "First judged", formats.day(declaration["first_judged"])
    if cost.get("runs") is not None and claim.get("uses_p", True):
        trained = formats.duration(cost.get("train_s"))
        yield "Cost", f"{formats.counted(cost['runs'], 'run')}, {trained} of training"
    if not claim.get("uses_p", True):
        yield "Error budget", "decided by search: no p value, no share of the budget"
