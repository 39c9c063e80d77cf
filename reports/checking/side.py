"""Whether a document's side questions (readings, scope) follow from its own numbers."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.documents.side_document import combined, readings_summary
from harness.words import Verdict
from reports.checking.same import word_differs

CellCheck = Callable[[Mapping[str, Any], bool], Iterator[str]]


def side_disagreements(
    claim: Mapping[str, Any], ruled: bool, check_cell: CellCheck
) -> Iterator[str]:
    """Return what a claim's readings and scope say and their own numbers do not.

    Each answer is decided again (``check_cell``) by its cell's rule, each reading's and place's
    verdict combined again from those of its cells, and the readings that say another are counted.
    """
    cells = {cell["id"]: cell for cell in claim["cells"]}
    for cell in claim["cells"]:
        for row in cell.get("readings") or []:
            where = f"reading {row['name']!r}{_where(cell, cells)}"
            yield from _answer(where, row, cell, ruled, check_cell)
    yield from _summary(claim)
    for point in (claim.get("scope") or {}).get("points") or []:
        yield from _point(point, cells, ruled, check_cell)


def _where(cell: Mapping[str, Any], cells: Mapping[str, Any]) -> str:
    return f", {cell.get('label') or cell['id']}" if len(cells) > 1 else ""


def _answer(
    where: str,
    answer: Mapping[str, Any],
    cell: Mapping[str, Any],
    ruled: bool,
    check_cell: CellCheck,
) -> Iterator[str]:
    judged_alike = {**cell, **answer, "treatment": [], "control": []}  # the gains alone are kept
    for text in check_cell(judged_alike, ruled):
        yield f"{where}: {text}"


def _summary(claim: Mapping[str, Any]) -> Iterator[str]:
    said, made = claim.get("readings"), readings_summary(Verdict(claim["verdict"]), claim["cells"])
    if said is None or made is None:
        if said is not made:
            yield f"says {said and 'some'} readings, its cells list {made and 'some'}"
        return
    for key in ("judged", "other"):
        if said[key] != made[key]:
            yield f"readings: says {said[key]} {key}, its cells make {made[key]}"
    if [row["name"] for row in said["rows"]] != [row["name"] for row in made["rows"]]:
        yield "readings: its cells list others"
        return
    for row, other in zip(said["rows"], made["rows"], strict=True):
        for key in ("verdict", "refuted_kind", "same"):
            name = f"reading {row['name']!r}: {key}"
            yield from word_differs(name, row.get(key), other[key], "its cells")


def _point(
    point: Mapping[str, Any], cells: Mapping[str, Any], ruled: bool, check_cell: CellCheck
) -> Iterator[str]:
    where = f"scope at {point['row']}, {point['column']}"
    for answer in point["cells"]:
        if answer["id"] not in cells:
            yield f"{where}: got the cell {answer['id']!r}, which the claim has not"
        else:
            yield from _answer(where, answer, cells[answer["id"]], ruled, check_cell)
    if not point["cells"]:
        return
    verdict, worst = combined(point["cells"])
    own = any(answer["same"] for answer in point["cells"])
    for key, made in (
        ("verdict", str(verdict)),
        ("refuted_kind", worst["refuted_kind"]),
        ("worst", worst["id"]),
        ("own", own),
    ):
        yield from word_differs(f"{where}: {key}", point.get(key), made, "its cells")
    if worst["estimate"] != point["estimate"]:
        yield f"{where}: says {point['estimate']}, its worst cell has {worst['estimate']}"
