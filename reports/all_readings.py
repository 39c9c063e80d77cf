"""What readings change, over all claims: a sentence, and a table of a row for each claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.documents.side_document import LOOKED_AT
from reports.changes import Change, cases, change_of, counts_said, names_by_change, turned_cells
from reports.outcome import kind_said, refuted_cells


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
    cells = cases(claim["cells"])
    rows = claim["readings"]["rows"]
    judged = [row for row in rows if row["verdict"] in LOOKED_AT]
    by = {
        change: tuple(
            _in_words(row, change, cells)
            for row in judged
            if change_of(row, claim["verdict"], cells) is change
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
    turned = turned_cells(row["name"], cells) if change is Change.REVERSES else []
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
        found = names_by_change(claim["readings"]["rows"], claim["verdict"], cases(claim["cells"]))
        for change, names in found.items():
            counts[change] += len(names)
    whose = "a verdict, from SUPPORTED to REFUTED or back, of a claim or of one of its cells"
    return counts_said(counts, judged, "judged reading", whose)
