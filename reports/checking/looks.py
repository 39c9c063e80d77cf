"""Whether a cell's looks follow from its gains: each decided again, at what it may spend."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from harness.declarations.hypotheses import Hypothesis
from harness.declarations.spending import Look, check_looks, looks_at
from harness.errors import ClaimError
from harness.seeds import is_enough
from harness.verdicts.decision import decide
from harness.verdicts.evidence import Evidence
from harness.verdicts.sequential import FINAL
from harness.words import Transform, Verdict
from reports.checking.pairs import sits_at_a_limit
from reports.checking.same import interval_differs, number_differs, word_differs

Cell = Mapping[str, Any]
Reader = Callable[[Mapping[str, Any], str], Hypothesis]
_BY_RULE, _BY_GAINS = "the declared looks", "its gains"


def declared_looks(cell: Cell) -> tuple[int, ...]:
    """Return the looks that a cell declares; none for most."""
    return tuple((cell.get("looks") or {}).get("declared") or ())


def rows_of(cell: Cell) -> Sequence[Mapping[str, Any]]:
    """Return the looks that were taken at a cell."""
    return (cell.get("looks") or {}).get("rows") or ()


def level_of_look(cell: Cell, level: float | None) -> float | None:
    """Return the level of the cell's last look, of a claim with this level."""
    looks = _expected(cell, level)
    return looks[-1].alpha if looks else level


def seeds_of_look(cell: Cell, seeds: tuple[int, ...]) -> tuple[int, ...]:
    """Return the seeds of the cell's last look, of these that the claim declares."""
    rows, declared = rows_of(cell), declared_looks(cell)
    return seeds[: declared[len(rows) - 1]] if 0 < len(rows) <= len(declared) else seeds


def _expected(cell: Cell, level: float | None) -> tuple[Look, ...]:
    declared = declared_looks(cell)
    if not declared or level is None:
        return ()
    return looks_at(declared, level)[: len(rows_of(cell))]


def looks_disagreements(
    cell: Cell, level: float | None, cells: int, ruled: bool, read: Reader
) -> Iterator[str]:
    """Return what a cell's looks say and the rule and its gains do not.

    The spending is made anew from the declared numbers of seeds, each look's numbers and verdict
    from its gains, and that no look before the last decides the cell. ``read`` reads a hypothesis.
    """
    declared, rows = declared_looks(cell), rows_of(cell)
    if not declared:
        return
    try:
        check_looks("looks", declared)
    except ClaimError as error:
        yield str(error)
        return
    judged = Verdict(cell["verdict"]) not in (Verdict.ERROR, Verdict.NOT_RUN)
    if (bool(rows) is ruled and judged) or len(rows) > len(declared):
        yield f"looks: says {len(rows)} were taken of {len(declared)} declared"
        return
    for row, look in zip(rows, _expected(cell, level), strict=False):
        for name, made in (("look", look.number), ("n", look.n)):
            yield from word_differs(f"look {look.number}: {name}", row[name], made, _BY_RULE)
        for name, share in (("alpha", look.alpha), ("spent", look.spent)):
            yield from number_differs(f"look {look.number}: {name}", row[name], share, _BY_RULE)
    for row in rows:
        for text in _row(cell, row, cells, read):
            yield f"look {row['look']}: {text}"
    for row in rows[:-1]:
        if Verdict(row["verdict"]) in FINAL:
            yield f"look {row['look']}: says {row['verdict']}, and a later one was taken"
    if rows:
        yield from word_differs("looks: the last", rows[-1]["verdict"], cell["verdict"], "its cell")


def _row(cell: Cell, row: Mapping[str, Any], cells: int, read: Reader) -> Iterator[str]:
    gains = cell["gains"][: row["n"]] if row["gains"] is None else row["gains"]
    if not gains or None in gains:
        for name in ("estimate", "p", "p_refute", "ci", "ci_refute"):
            yield from word_differs(name, row[name], None, "its missing gains")
        if Verdict(row["verdict"]) not in (Verdict.INVALID, Verdict.ERROR):
            yield f"says {row['verdict']} without gains"
        return
    try:
        evidence = _decided(cell, row, cells, gains, read)
    except (ClaimError, OverflowError) as error:
        yield f"cannot be decided again: {error}"
        return
    size = max(map(abs, gains))
    yield from number_differs("estimate", row["estimate"], evidence.estimate, _BY_GAINS, scale=size)
    for name in ("ci", "ci_refute"):
        made = getattr(evidence, name)
        yield from interval_differs(name, row[name], made, _BY_GAINS, scale=size)
    for name in ("p", "p_refute"):
        yield from number_differs(name, row[name], getattr(evidence, name), _BY_GAINS)
    if len(gains) != row["n"]:
        yield f"n: says {row['n']}, it has {len(gains)} gains"
    void = _void(cell, row)
    if void or (void is None and row["verdict"] == Verdict.INVALID):
        yield from word_differs("verdict", row["verdict"], str(Verdict.INVALID), "its values")
    else:
        yield from word_differs("verdict", row["verdict"], str(evidence.verdict), _BY_GAINS)


def _decided(
    cell: Cell, row: Mapping[str, Any], cells: int, gains: Sequence[float], read: Reader
) -> Evidence:
    return decide(
        tuple(gains),
        read(cell["hypothesis"], cell["transform"]),
        row["alpha"],
        cells=cells,
        transform=Transform(cell["transform"]),
        paired=(cell.get("arms") or {}).get("control") is not None,
    )


def _void(cell: Cell, row: Mapping[str, Any]) -> bool | None:
    """Return whether the comparison was void at a look; None where that cannot be made again."""
    if row["gains"] is not None:
        return None  # its phase was another, and so are the values beside it
    n, conditions = row["n"], cell.get("preconditions") or []
    earlier = row is not rows_of(cell)[-1]  # a condition's phase may have been another there
    for condition in [] if earlier else conditions:
        values, low, high = condition["values"][:n], condition["at_least"], condition["at_most"]
        held = sum(
            value is not None and (low is None or value >= low) and (high is None or value <= high)
            for value in values
        )
        if not is_enough(held / n, condition["required"]):
            return True
    values = cell["treatment"][:n], cell["control"][:n]
    unsure = None if earlier and conditions else False
    if cell["hypothesis"]["kind"] in ("more often", "share above") or not all(values):
        return unsure
    void = None in (*values[0], *values[1]) or sits_at_a_limit(cell, *values)
    return void or unsure


def stopping_disagreements(cells: Sequence[Cell]) -> Iterator[str]:
    """Return where a claim's cells did not stop together as the rule of looks says.

    A cell stops where it is decided, at the first look that refutes any of them, or at the last.
    Of cells that were not run one may have refuted the claim: then all others that are undecided
    stopped at one look.
    """
    if len({declared_looks(cell) for cell in cells}) > 1:
        yield "looks: its cells declare different ones"
        return
    refuted = [len(rows_of(c)) for c in cells if rows_of(c) and c["verdict"] == Verdict.REFUTED]
    end = min(refuted, default=len(declared_looks(cells[0])) if cells else 0)
    if any(cell["verdict"] == Verdict.NOT_RUN for cell in cells):
        left = [len(rows_of(c)) for c in cells if rows_of(c) and Verdict(c["verdict"]) not in FINAL]
        end = min([end, *left])
    for cell in (cell for cell in cells if rows_of(cell)):
        taken, decided = len(rows_of(cell)), Verdict(cell["verdict"]) in FINAL
        if taken > end or (taken < end and not decided):
            name = cell.get("label") or cell["id"] or "its cell"
            yield f"looks: {name} stopped at look {taken} with {cell['verdict']}, expected {end}"
