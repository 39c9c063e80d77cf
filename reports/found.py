"""What was found, said plainly: both arms' own numbers before the test of their difference."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from reports import formats, gain
from reports.drawing.forest import cell_scale
from reports.gain import Saying
from reports.naming import arm_names


def found_line(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return what each arm comes to and what the gain must be; empty unless there is one cell.

    Means over the seeds: geometric ones where the gain is a factor, counts where it is yes or no.
    """
    if len(cells) != 1 or not formats.is_number(cells[0].get("estimate")):
        return ""
    (cell,) = cells
    names = arm_names(cell)
    values = cell.get("treatment") or (), cell.get("control") or ()
    if names is None or not all(values) or None in (*values[0], *values[1]):
        return ""
    said = [f"{_of_arm(cell, own)} with {name}" for own, name in zip(values, names, strict=True)]
    scale, hypothesis = cell_scale(cell), cell.get("hypothesis") or {}
    must = f"must be {gain.bound_text(scale, hypothesis)}"
    return f"{said[0]}, {said[1]}: {scale.with_unit(cell['estimate'])}, {must}."


def _of_arm(cell: Mapping[str, Any], values: Sequence[float]) -> str:
    saying = cell_scale(cell).saying
    if saying is Saying.SHARE:
        return f"{sum(value == 1 for value in values)} of {formats.counted(len(values), 'seed')}"
    if saying is Saying.FACTOR and min(values) > 0:
        mean = math.exp(fmean(map(math.log, values)))
    else:
        mean = fmean(values)
    unit = (cell.get("endpoint") or {}).get("unit") or ""
    return f"{formats.number(mean)} {unit}".rstrip()
