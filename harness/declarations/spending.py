"""Looks declared in advance: at how many seeds a claim may stop, and what each spends of alpha.

A look is a test of the seeds so far. The levels of all looks add up to the claim's alpha, so that
by the union bound a claim is falsely decided at any look with at most that chance, in either
direction, whatever the joint law of the test statistics over the looks, given that each look's
test keeps its own level. Where gains are so skewed that it does not, a small look may exceed its
level by more than a fixed number of seeds would (reports/calibration.json). The split follows the
spending function alpha (n / N)^2 (Lan and DeMets 1983, Biometrika 70, 659-663; the power family of
Kim and DeMets 1987; Jennison and Turnbull 2000, Group Sequential Methods, chapter 7):

    alpha_k = alpha (n_k^2 - n_(k-1)^2) / N^2      for looks at n_1 < ... < n_K = N seeds

Why not the joint boundary that goes with that function? It asks for the law of the statistics
over the looks. For Student's t at n = 6 that is not the Brownian motion which the tables assume,
and for exact yes/no tests, two one-sided tests and several cells it is another each time. The union
bound needs none of that: each look keeps its level alone, as it does in a claim without looks. It
costs little: with normal gains and looks at 6, 10 and 16 a claim at its bound is falsely decided,
to either side, in 0.93 alpha of the cases for alpha 0.0019 and in 0.82 alpha for 0.05.

Why squared? Chosen by simulation of such claims alone, before any declared looks (alpha 0.0019, the
same looks, normal gains), by what they cost against a fixed number of seeds of equal power. Levels
in proportion to the seeds save 1.9 of 14 seeds on average at an effect of 1.5 SD and lose 1.2 at
1 SD; their squares save 2.4 of 15 and lose 0.2; cubes save as much there, and less at 3 SD (8.8
seeds instead of 8.0).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import ClaimDefinitionError

POWER = 2

LEAST_SEEDS = 3
"""Of a look at measured gains. With two, Student's t has one degree of freedom: at a level of 0.001
the interval is 300 standard errors wide to each side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look: the first ``n`` seeds, judged at level ``alpha``."""

    number: int  # from 1
    n: int
    alpha: float
    spent: float  # of the claim's alpha by this look and those before it


def looks_at(ns: Sequence[int], alpha: float) -> tuple[Look, ...]:
    """Return the looks at these numbers of seeds, whose levels add up to ``alpha``."""
    shares = [0.0, *((n / ns[-1]) ** POWER for n in ns)]
    return tuple(
        Look(number=k, n=n, alpha=alpha * (shares[k] - shares[k - 1]), spent=alpha * shares[k])
        for k, n in enumerate(ns, start=1)
    )


def check_looks(slug: str, looks: object) -> None:
    """Raise ClaimDefinitionError for what are no numbers of seeds, ascending."""
    listed = list(looks) if isinstance(looks, tuple) else [None]
    numbers = [n for n in listed if type(n) is int and n >= LEAST_SEEDS]
    if len(numbers) < len(listed) or any(b <= a for a, b in itertools.pairwise(numbers)):
        raise ClaimDefinitionError(
            f"{slug}: looks: got {looks!r}; expected numbers of seeds, ascending, each at least "
            f"{LEAST_SEEDS}, as in (6, 10, 16)"
        )
