"""What stopping early saves, as the page says it: simulated beside the error rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports import formats

LEAST_POWER_OF_NOTE = 0.9995
"""From here on a fixed number of equal power is a matter of a few samples: it is not shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedsRow:
    """One truth: power, seeds with looks, and the fixed number of seeds with that power."""

    truth: str
    power: str
    seeds: str
    fixed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedsSpent:
    """The table of the seeds that claims with looks take."""

    lead: str
    rows: tuple[SeedsRow, ...]


def seeds_spent(found: Mapping[str, Any]) -> SeedsSpent | None:
    """Return the table at the smallest level, normal gains; None where it was not simulated."""
    table = found.get("seeds_spent")
    if not table or not table["rows"]:
        return None
    level = min(row["alpha"] for row in table["rows"])
    chosen = [r for r in table["rows"] if (r["alpha"], r["law"]) == (level, "normal")]
    at = formats.listed([str(n) for n in table["looks"]])
    return SeedsSpent(
        lead=(
            f"Claims with looks, here at {at} seeds, share their level over the looks: where the "
            "test of each look keeps its own level, no error exceeds the limit it has without. "
            "Where gains break that, as skewed ones do, looks can break it further. What "
            f"stopping early saves, for normal gains and the level of {level:.2g}: the seeds that "
            "a claim takes on average, beside the fixed number that finds the same effect as often "
            "(none is given where either finds it practically always)."
        ),
        rows=tuple(_row(row) for row in chosen),
    )


def _row(row: Mapping[str, Any]) -> SeedsRow:
    kind = "equivalent within 2 SD, " if row["rule"].startswith("equivalent") else ""
    certain = row["power"] >= LEAST_POWER_OF_NOTE
    none = certain or row["fixed"] is None
    beyond = formats.NOTHING if none else formats.number(row["fixed"], decimals=1)
    return SeedsRow(
        truth=f"{kind}{row['truth']}",
        power="above 0.999" if certain else formats.number(row["power"], decimals=2),
        seeds=formats.number(row["seeds"], decimals=1),
        fixed=beyond,
    )
