"""Many measurements as a few numbers to draw: their median and the tenths at both ends."""

from collections.abc import Sequence

import numpy as np

LOW, HIGH = 0.1, 0.9
"""The shaded part of the measurements: from a tenth to nine tenths of them."""

Row = list[float | None]


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the linearly interpolated quantile (type 7 of Hyndman and Fan, 1996), or None.

    A value that is not finite counts as larger than any number, so that what blew up is not left
    out; a quantile that would rest on such a one, or on nothing, is None.
    """
    if not len(values):
        return None
    ascending = np.sort(np.where(np.isfinite(values), values, np.inf))
    place = share * (len(ascending) - 1)
    below, above = ascending[int(np.floor(place))], ascending[int(np.ceil(place))]
    if not np.isfinite(above):
        return None  # between a number and infinity there is nothing to interpolate
    return float(below + (place - np.floor(place)) * (above - below))


def spread(groups: Sequence[Sequence[float]]) -> dict[str, Row]:
    """Return of each group of measurements the median as ``mid``, the tenths as ``low``, ``high``.

    In the form of a figure's line: one list for each of the three.
    """
    shares = {"mid": 0.5, "low": LOW, "high": HIGH}
    return {name: [quantile(group, share) for group in groups] for name, share in shares.items()}
