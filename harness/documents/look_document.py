"""What a document says of a cell's looks: those declared, and a row for each that was taken."""

from typing import Any

from harness.verdicts.looked import Looked, LookedAt


def looks_entry(looked: Looked | None) -> dict[str, Any] | None:
    """Return what is said of a cell's looks; None for a claim without.

    The last row is that of the verdict. A row has gains of its own only where they are not the
    first of the cell's: where the phase depends on all seeds so far.
    """
    if looked is None:
        return None
    final = looked.rows[-1].gains if looked.rows else ()
    return {
        "declared": list(looked.declared),
        "rows": [_row(row, final) for row in looked.rows],
    }


def _row(row: LookedAt, final: tuple[float, ...]) -> dict[str, Any]:
    return {
        "look": row.look.number,
        "n": row.look.n,
        "alpha": row.look.alpha,
        "spent": row.look.spent,
        "verdict": str(row.verdict),
        "estimate": row.estimate,
        "ci": row.ci,
        "ci_refute": row.ci_refute,
        "p": row.p,
        "p_refute": row.p_refute,
        "gains": None if row.gains == final[: row.look.n] else list(row.gains),
    }
