"""The stretch of training that a cell is judged over, for the curve of what it measures."""

import re
from collections.abc import Mapping
from typing import Any

from harness.declarations.phases import end, third
from reports.drawing.ticks import css_percent

Stretch = tuple[str, str]  # where it begins and how wide it is: CSS percentages

_PHASES = {phase.name: (phase.start, phase.stop) for phase in (end, *map(third, (1, 2, 3)))}
_INSTEAD = re.compile(r"the stretch from (\d+)% to (\d+)% of training stands for ")


def judged_stretch(figure: Mapping[str, Any], claim: Mapping[str, Any]) -> Stretch | None:
    """Return the stretch; None where it is all of training, or where the document has no numbers.

    Of a curve alone, and where all its cells read its metric over one stretch.
    """
    endpoints = [
        cell.get("endpoint") or {} for cell in claim["cells"] if cell["id"] in figure["cells"]
    ]
    found = {_stretch(each) for each in endpoints if each.get("metric") == figure["metric"]}
    if figure["kind"] != "curve" or len(found) != 1:
        return None
    return found.pop()


def _stretch(endpoint: Mapping[str, Any]) -> Stretch | None:
    instead = endpoint.get("instead") or ""
    moved = _INSTEAD.search(instead)
    if moved:
        start, stop = (int(share) / 100 for share in moved.groups())
    elif not instead and endpoint.get("phase") in _PHASES:
        start, stop = _PHASES[endpoint["phase"]]
    else:
        return None
    return css_percent(start), css_percent(stop - start)
