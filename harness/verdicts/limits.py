"""Where a comparison has no room: both arms at one limit of what their endpoint can tell apart."""

import math
from collections.abc import Sequence

from harness.errors import EvidenceError


def at_a_limit(
    treatment: Sequence[float],
    control: Sequence[float],
    low: float | None,
    high: float | None,
    stand_in: float | None = None,
) -> bool:
    """Say whether both arms sit wholly at one floor, one ceiling or one stand-in.

    Takes the endpoints before the transform. Such a comparison is INVALID: it cannot tell the arms
    apart. Arms at opposite limits differ as much as they can, and are not at *a* limit.
    ``stand_in`` is what a run counts as that has no value, as it diverged.
    """
    values = (*treatment, *control)
    if not treatment or not control or any(math.isnan(value) for value in values):
        raise EvidenceError(
            f"limit: got {len(treatment)} treatment and {len(control)} control endpoints, expected "
            "at least one of each and none NaN; declare what a diverged run counts as"
        )
    at_floor = low is not None and all(value <= low for value in values)
    at_ceiling = high is not None and all(value >= high for value in values)
    at_stand_in = stand_in is not None and all(value == stand_in for value in values)
    return at_floor or at_ceiling or at_stand_in
