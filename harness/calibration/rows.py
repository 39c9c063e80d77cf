"""One line of the calibration table: a rate that was counted, and what it may be."""

from dataclasses import dataclass

from harness.statistics.many import share_interval

LEVEL = 0.9999
"""Of the interval of a simulated rate: with 500 promised ones a chance miss in one table of 40."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How often something happened, where the truth was known.

    ``limit`` is what the rate of an error is promised to stay under, None where nothing is promised
    or where it is no error (power). ``simulations`` is 0 for a rate that was computed exactly.
    """

    rule: str  # "above", "equivalent, margin 2 SD", "cells", ...
    law: str
    n: int
    alpha: float
    truth: str
    counted: str  # "falsely SUPPORTED", "falsely REFUTED", "found", "drift"
    rate: float
    low: float
    high: float
    simulations: int
    limit: float | None
    nominal: float | None  # the level that an error's rate is compared with, promised or not

    @property
    def kept(self) -> bool | None:
        """Say whether the promise is kept within simulation error; None where none is made."""
        return None if self.limit is None else self.low <= self.limit * (1 + 1e-9)


def simulated(happened: int, of: int, **said: object) -> Rate:
    """Return a rate that was counted, with its Clopper-Pearson interval."""
    low, high = share_interval(happened, of, LEVEL)
    return Rate(rate=happened / of, low=low, high=high, simulations=of, **said)  # type: ignore[arg-type]


def exact(rate: float, **said: object) -> Rate:
    """Return a rate that was computed."""
    return Rate(rate=rate, low=rate, high=rate, simulations=0, **said)  # type: ignore[arg-type]
