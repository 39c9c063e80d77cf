"""What every estimate here comes with."""

from typing import NamedTuple


class Interval(NamedTuple):
    """A confidence interval, both ends on the gain scale."""

    low: float
    high: float
