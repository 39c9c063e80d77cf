"""How many seeds a claim needs to be decided at its level, whatever its gains turn out to be."""

import math

from harness.declarations.hypotheses import Hypothesis, MoreOften, ShareAbove
from harness.verdicts.decision import check_level


def least_seeds(hypothesis: Hypothesis, alpha: float) -> int:
    """Return the fewest seeds with which the claim can be SUPPORTED whatever shape its gains have.

    The exact tests set it: n seeds that all favour a claim have p = 2**-n (``share**n`` for
    ``ShareAbove``). A t interval could decide with fewer, but not when the gains come out equal.
    """
    check_level(alpha, 1)
    share = hypothesis.share if isinstance(hypothesis, ShareAbove) else 0.5
    return _least_power(share, alpha)


def least_seeds_to_refute(hypothesis: Hypothesis, alpha: float, cells: int) -> int:
    """Return the fewest seeds with which a yes/no claim can be REFUTED in one of its cells.

    That is when none of them favours it: ``(1 - share)**n``. Without so many the claim could not
    fail. Measured gains need none: Student's t can refute with two.
    """
    check_level(alpha, cells)
    if not isinstance(hypothesis, MoreOften | ShareAbove):
        return 2
    share = hypothesis.share if isinstance(hypothesis, ShareAbove) else 0.5
    return _least_power(1 - share, alpha / cells)


def _least_power(share: float, alpha: float) -> int:
    """Return the smallest n >= 2 with ``share**n <= alpha``."""
    n = max(2, math.ceil(math.log(alpha) / math.log(share)) - 1)  # - 1: the logarithms round
    return n if share**n <= alpha else n + 1
