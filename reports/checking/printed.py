"""Whether what a cell says of the paper's numbers follows from its own values per seed."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.errors import ClaimError
from harness.verdicts.beside_printed import predicted
from harness.words import Transform
from reports.checking.same import interval_differs, number_differs


def printed_disagreements(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a cell says of the paper's numbers and its own values per seed do not."""
    for row in cell.get("printed") or []:
        where = f"printed, {row['where']}"
        if not row["values"]:
            if row["inside"] is not None:
                yield f"{where}: says inside {row['inside']} without the values of any seed"
            continue
        try:
            made = predicted(row["values"], Transform(row["transform"]), tuple(row["limits"]))
        except (ClaimError, TypeError, ValueError) as error:
            yield f"{where}: cannot be predicted again: {error}"
            continue
        inside = made.holds(row["value"]) if made else None
        size = max(map(abs, row["values"]))
        mean, interval = (made.mean, made.interval) if made else (None, None)
        yield from number_differs(f"{where}: mean", row["mean"], mean, "its values", scale=size)
        yield from interval_differs(where, row["interval"], interval, "its values", scale=size)
        if row["inside"] is not inside:
            yield f"{where}: says inside {row['inside']}, its values make {inside}"
