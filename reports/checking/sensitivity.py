"""Whether the alternatives beside a verdict follow from the gains that they were given."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.declarations.hypotheses import Hypothesis
from harness.errors import ClaimError
from harness.verdicts.other_ways import rng_seed_of
from harness.verdicts.sensitivity import Sensitivity, other_definition, other_tests
from harness.words import Transform, Verdict
from reports.checking.same import interval_differs, number_differs, word_differs

Row = Mapping[str, Any]
Reader = Callable[[Mapping[str, Any], str], Hypothesis]


def sensitivity_disagreements(
    cell: Mapping[str, Any], hypothesis: Hypothesis, read: Reader, slug: str
) -> Iterator[str]:
    """Return what a cell's alternatives say and their gains do not.

    The other tests are made again from the cell's gains, drawing as the run drew (another version
    of scipy may draw otherwise); other definitions from the gains recorded with them, held against
    the hypothesis ``read`` from their row.
    """
    rows: list[Row] = cell.get("sensitivity") or []
    tests = other_tests(
        tuple(cell["gains"]),
        hypothesis,
        Transform(cell["transform"]),
        cell["unit"] or "",
        verdict=Verdict(cell["verdict"]),
        rng_seed=rng_seed_of(slug, cell["id"], tuple(cell["seeds"])),
    )
    said = {row["name"]: row for row in rows if row.get("kind") == "test"}
    if list(said) != [test.name for test in tests]:
        yield f"says the tests {list(said)}, expected {[test.name for test in tests]}"
        return
    for test in tests:
        yield from _row(said[test.name], test, "its gains")
    for row in rows:
        if row.get("kind") != "test" and "gains" in row:
            yield from _definition(row, cell, read)


def _definition(row: Row, cell: Mapping[str, Any], read: Reader) -> Iterator[str]:
    transform = Transform(row["transform"])
    if not row["gains"]:
        gone = Sensitivity(name="", kind="definition", transform=transform, available=False)
        yield from _row(row, gone, "its missing gains")
        return
    try:
        rule = read({"kind": row["hypothesis"], "bound": row["bound"]}, row["transform"])
        made = other_definition(
            row["name"], tuple(row["gains"]), rule, transform, verdict=Verdict(cell["verdict"])
        )
    except (ClaimError, OverflowError) as error:
        yield f"{row['name']}: cannot be decided again: {error}"
        return
    yield from _row(row, made, "its gains")
    if len(row["gains"]) != len(cell["seeds"]):
        yield f"{row['name']}: {len(row['gains'])} gains of {len(cell['seeds'])} seeds"


def _row(row: Row, made: Sensitivity, made_by: str) -> Iterator[str]:
    name = row["name"]
    size = max(map(abs, (*(made.ci95 or ()), made.estimate or 0.0)))
    yield from number_differs(f"{name}: estimate", row["estimate"], made.estimate, made_by,
                              scale=size)  # fmt: skip
    yield from interval_differs(f"{name}: ci95", row["ci95"], made.ci95, made_by, scale=size)
    yield from number_differs(f"{name}: p", row["p"], made.p, made_by)
    words = ("contradicts", "available", "kind", "transform")
    for word in words if made.kind == "definition" else (*words, "unit"):
        yield from word_differs(f"{name}: {word}", row[word], getattr(made, word), made_by)
