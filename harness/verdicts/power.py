"""What a comparison could have found: shown beside a verdict, never deciding it."""

from bisect import bisect_left
from dataclasses import dataclass

from harness.declarations.hypotheses import Equivalent, MoreOften, ShareAbove
from harness.statistics import equivalence_power, root_of, t_power
from harness.verdicts.enough_seeds import least_seeds
from harness.verdicts.evidence import Evidence
from harness.words import Verdict

MOST_SEEDS = 10_000
"""Seeds beyond which an answer to "how many would it need" helps nobody."""


NEXT_ATTEMPT_HAS = 0.25
"""Of a first attempt's level; a third has half of the second's, and needs a few seeds less."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Power:
    """The power of a paired t comparison, from the observed SD and the declared bound.

    ``detectable`` is on the gain scale: the smallest true mean gain that this n and alpha find with
    this power (not its distance from the bound); for ``Equivalent`` the smallest margin that would
    be shown if the true gain were 0. ``n_needed`` is for an undecided claim: the new seeds with
    which another attempt, at a quarter of the level, would find the estimate, were it the truth;
    None where the estimate is on the wrong side of the bound, or more than 10,000 would be needed.
    All None where it is not defined: yes/no tests, equal gains, one seed.
    """

    power: float
    sd: float | None = None
    detectable: float | None = None
    n_needed: int | None = None


def power_of(evidence: Evidence, power: float = 0.8) -> Power:
    """Return what the comparison could have found with this probability."""
    yes_no = isinstance(evidence.hypothesis, MoreOften | ShareAbove)
    if yes_no or not evidence.sd or evidence.estimate is None:
        return Power(power=power)
    undecided = evidence.verdict is Verdict.INCONCLUSIVE
    return Power(
        power=power,
        sd=evidence.sd,
        detectable=_detectable(evidence, evidence.sd, power),
        n_needed=_seeds_needed(evidence, evidence.estimate, evidence.sd, power)
        if undecided
        else None,
    )


def _detectable(evidence: Evidence, sd: float, power: float) -> float:
    n, alpha = evidence.n, evidence.alpha
    if isinstance(evidence.hypothesis, Equivalent):
        return sd * root_of(lambda margin: equivalence_power(0, margin, n, alpha) - power)
    return evidence.bound + sd * root_of(lambda effect: t_power(effect, n, alpha) - power)


def _seeds_needed(evidence: Evidence, estimate: float, sd: float, power: float) -> int | None:
    """Return the fewest seeds of another attempt, by bisection: power rises with n."""
    hypothesis, bound = evidence.hypothesis, evidence.bound
    alpha = evidence.alpha * NEXT_ATTEMPT_HAS

    def found(n: int) -> bool:
        if isinstance(hypothesis, Equivalent):
            return equivalence_power(estimate / sd, bound / sd, n, alpha) >= power
        return t_power((estimate - bound) / sd, n, alpha) >= power

    wrong_side = abs(estimate) >= bound if isinstance(hypothesis, Equivalent) else estimate <= bound
    if wrong_side or not found(MOST_SEEDS):
        return None
    seeds = range(least_seeds(hypothesis, alpha), MOST_SEEDS + 1)
    return seeds[bisect_left(seeds, True, key=found)]
