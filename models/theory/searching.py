"""The search: a statement's two sides on many random draws, then on small whole numbers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor

from harness.declarations.searches import Counterexample, Searched, SearchPlan, Shown
from harness.errors import ArmError
from models.numerics import numerics
from models.theory import curvature, gradients, optima
from models.theory.draws import drawn
from models.theory.layer import Cases, moments, standardised
from models.theory.small import Small, smallest
from models.theory.statement import Sides, Statement, slacks

STATEMENTS: dict[str, Callable[..., Statement]] = {
    "fact-c1": gradients.fact_c1,
    "fact-c2": gradients.fact_c2,
    "theorem-4-1": gradients.theorem_4_1,
    "theorem-4-2-first": curvature.theorem_4_2_first,
    "theorem-4-2-second": curvature.theorem_4_2_second,
    "theorem-4-4": gradients.theorem_4_4,
    "theorem-c-1": curvature.theorem_c_1,
    "observation-4-3": optima.observation_4_3,
    "lemma-4-5": optima.lemma_4_5,
}

TOLERANCE = 1e-9
BECAUSE = (
    "rounding is at most about 1e-12 of what cancels, as no draw has a sigma below 1/20 of its "
    "largest output; the mistakes that a misprint makes are above 1e-3 of it in most draws"
)
SCALE = "the sizes of all terms that are added or cancel"
SMALL = "whole numbers from -3 to 4, batches of 2 to 5"

PER_GROUP = {"quick": 2}  # draws of each shape and loss
EXAMPLES = {"quick": 40}
DESK_PER_GROUP, DESK_EXAMPLES = 100, 300
NEEDED = 0.1  # of the draws must meet the conditions


def statement_of(name: str, settings: Mapping[str, Any]) -> Statement:
    """Return a reading of a statement. Raises ArmError for one that there is none of."""
    try:
        return STATEMENTS[name](**settings)
    except (KeyError, TypeError) as error:
        raise ArmError(
            f"search: got {name!r} with {dict(settings)}; expected one of {', '.join(STATEMENTS)} "
            "with its settings; take it from models.theory.menu"
        ) from error


def plan(name: str, settings: Mapping[str, Any], scale: str) -> SearchPlan:
    """Return what the search declares at a scale."""
    statement = statement_of(name, settings)
    draws = _draws(statement, scale)
    return SearchPlan(
        relation=statement.relation,
        left=statement.left,
        right=statement.right,
        conditions=statement.conditions,
        planted=statement.planted,
        drawn=statement.drawn,
        small=SMALL,
        draws=draws,
        examples=EXAMPLES.get(scale, DESK_EXAMPLES),
        needed=round(NEEDED * draws),
        tolerance=TOLERANCE,
        scale=SCALE,
        because=BECAUSE,
    )


def _draws(statement: Statement, scale: str) -> int:
    groups = {"layers": 72, "optima": 48}.get(statement.random, 60)
    return groups * PER_GROUP.get(scale, DESK_PER_GROUP)


def search(name: str, settings: Mapping[str, Any], scale: str) -> Searched:
    """Search a statement on one thread in float64: the same in every process."""
    statement = statement_of(name, settings)
    with numerics("cpu", "fp32"):  # for its one thread; the tensors themselves are float64
        tried = [
            _Tried(statement, cases)
            for cases in drawn(statement.random, PER_GROUP.get(scale, DESK_PER_GROUP))
        ]
        small = smallest(
            statement.small,
            lambda case: _Tried(statement, case.cases()).violates,
            EXAMPLES.get(scale, DESK_EXAMPLES),
        )
        counterexample = _counterexample(statement, small, tried)
    return Searched(
        draws=sum(len(group.sides.met) for group in tried),
        slacks=tuple(value for group in tried for value in group.met_slacks),
        twin_violations=sum(group.twin_violations for group in tried),
        counterexample=counterexample,
    )


class _Tried:
    """A statement on the cases of one group."""

    def __init__(self, statement: Statement, cases: Cases) -> None:
        self.cases = cases
        self.sides: Sides = statement.sides(cases)
        self._relation = statement

    @property
    def slack(self) -> Tensor:
        """Return the slack of each case, (n,)."""
        sides = self.sides
        return slacks(self._relation, sides.left, sides.right, sides.scale)

    @property
    def met_slacks(self) -> list[float]:
        """Return the slacks of the cases that meet the conditions."""
        found: list[float] = self.slack[self.sides.met].tolist()
        return found

    @property
    def violations(self) -> Tensor:
        """Return which cases meet the conditions and violate the statement, (n,)."""
        return self.sides.met & (self.slack < -TOLERANCE)

    @property
    def violates(self) -> bool:
        """Return whether the first case does."""
        return bool(self.violations[0])

    @property
    def twin_violations(self) -> int:
        """Return how many cases violate the planted twin."""
        sides = self.sides
        slack = slacks(self._relation, sides.left, sides.twin, sides.scale)
        return int((sides.met & (slack < -TOLERANCE)).sum())


def _counterexample(
    statement: Statement, small: Small | None, tried: Iterable[_Tried]
) -> Counterexample | None:
    """Return the small case found; else, of the draws that violate, the first of least batch."""
    if small is not None:
        return _shown(statement, _Tried(statement, small.cases()), 0, "among small whole numbers")
    groups = [group for group in tried if group.violations.any()]
    if not groups:
        return None
    group = min(groups, key=lambda each: each.cases.x.shape[1])
    place = int(group.violations.nonzero()[0, 0])
    return _shown(statement, group, place, "among the random draws")


def _shown(statement: Statement, group: _Tried, place: int, found: str) -> Counterexample:
    """Return one case as numbers in full; of several parts the one that is violated most."""
    sides, cases = group.sides, group.cases
    left, right = (side[place].reshape(-1) for side in (sides.left, sides.right))
    gap = right - left
    part = int((-gap.abs() if statement.relation == "=" else gap).argmin())
    y = cases.x[place] @ cases.w[place]  # (m, k)
    small = {name: cases.shown[name] for name in statement.shown if name in cases.shown}
    given = small or {"m": len(y), "y": y[:, 0], "gamma": cases.gamma[place, 0, 0]}
    mean, sigma = moments(y)
    worked = {"mean of y": mean[0, 0], "sigma": sigma[0, 0], "y_hat": standardised(y)[:, 0]}
    terms = {name: term[place] for name, term in sides.terms.items()}
    parts = {"part": part} if len(left) > 1 else {}
    return Counterexample(
        given={name: _plain(value) for name, value in given.items()},
        worked_out={name: _plain(value) for name, value in (worked | terms | parts).items()},
        left=float(left[part]),
        right=float(right[part]),
        scale=float(sides.scale[place]),
        found=found,
    )


def _plain(value: object) -> Shown:
    if isinstance(value, Tensor):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return tuple(_plain(each) for each in value)
    if isinstance(value, float | int | str):
        return value
    raise TypeError(f"counterexample: got {value!r}; expected numbers")
