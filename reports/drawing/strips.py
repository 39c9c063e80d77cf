"""The seeds of a yes or no claim: a point each, filled where it is yes, a strip for each arm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports import formats, naming

_STEP = 14  # px from seed to seed


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """One arm: ``points`` are px from the left and whether it is yes, of the seeds with a value."""

    arm: str
    said: str
    width: int
    points: tuple[tuple[int, bool], ...]


def strips(cell: Mapping[str, Any]) -> tuple[Strip, ...]:
    """Return the strip of each arm that has values."""
    names = naming.arm_names(cell)
    alone = ((cell.get("arms") or {}).get("treatment") or {}).get("label") or "treatment"
    labels = names or (alone, "control")
    sides = (cell.get("treatment") or [], cell.get("control") or [])
    return tuple(
        _strip(label, [value if value is None else bool(value) for value in values])
        for label, values in zip(labels, sides, strict=True)
        if values
    )


def _strip(arm: str, held: list[bool | None]) -> Strip:
    points = [(place, yes) for place, yes in enumerate(held) if yes is not None]
    yes = sum(1 for _, yes in points if yes)
    return Strip(
        arm=arm,
        said=f"yes on {yes} of {formats.counted(len(points), 'seed')}",
        width=_STEP * len(held),
        points=tuple((_STEP // 2 + _STEP * place, yes) for place, yes in points),
    )
