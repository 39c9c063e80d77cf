"""A sweep: one network at several places of an axis, whose runs of one seed are judged together."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.bench import Arm
from harness.declarations.declared import is_number
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.records import RunRecord

PLACES_DIGITS = 9
"""Decimals of a decade that count, of each stretch: a third is a third wherever it lies."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """Arms that differ in one setting, along a logarithmic axis such as the learning rate.

    ``points`` are (place, arm) pairs, the places positive and ascending. A place stands for its
    stretch of the axis: half of the way to either neighbour, and as much beyond the ends.
    """

    axis: str
    points: tuple[tuple[float, Arm], ...]

    def __post_init__(self) -> None:
        pairs = isinstance(self.points, tuple) and all(
            isinstance(p, tuple) and len(p) == 2 and isinstance(p[1], Arm) for p in self.points
        )
        if not pairs:
            raise ClaimDefinitionError(
                f"sweep of the {self.axis}: got points {self.points!r}; expected (place, arm) pairs"
            )
        places = _checked_places(self.axis, self.places)
        if len(set(self.arms)) < len(places):
            raise ClaimDefinitionError(
                f"sweep of the {self.axis}: got one arm at two places; expected an arm for each"
            )

    @property
    def places(self) -> tuple[float, ...]:
        """Return where on the axis the arms stand."""
        return tuple(place for place, _ in self.points)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Return the arms in the order of their places."""
        return tuple(arm for _, arm in self.points)

    @property
    def decades(self) -> float:
        """Return the width of the whole axis, the stretches at its ends included."""
        return round(sum(self._stretches()), PLACES_DIGITS)

    def width(self, held: Sequence[bool]) -> float:
        """Return the decades of the axis at whose places something held; 0 where it never did."""
        stretches = zip(self._stretches(), held, strict=True)
        return round(sum(width for width, holds in stretches if holds), PLACES_DIGITS)

    def _stretches(self) -> list[float]:
        logs = [math.log10(place) for place in self.places]
        steps = [b - a for a, b in itertools.pairwise(logs)]
        around = zip([steps[0], *steps], [*steps, steps[-1]], strict=True)
        return [round((before + after) / 2, PLACES_DIGITS) for before, after in around]


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """How wide a stretch of a sweep's axis is on which a yes/no rule holds, in decades.

    The measure of the set of places at which it holds, each counted with its stretch: 0 where it
    holds nowhere, one stretch where it holds once. A place in between at which it fails is not
    counted, unlike in the ratio of the largest to the smallest place, unless ``filled``.
    """

    axis: str
    filled: bool = False

    def width(self, sweep: Sweep, held: Sequence[bool]) -> float:
        """Return the width for one seed, from whether the rule holds at each place."""
        if not self.filled:
            return sweep.width(held)
        where = [i for i, holds in enumerate(held) if holds]
        filled = range(where[0], where[-1] + 1) if where else range(0)
        return sweep.width([i in filled for i in range(len(held))])

    def text(self, held: str) -> str:
        """Return the rule in words, given what must hold."""
        between = " (or between two such)" if self.filled else ""
        return f"decades of the {self.axis} at which {held}{between}"


Side = Arm | Sweep
"""What stands on one side of a comparison."""


def sweep(axis: str, places: Sequence[float], arm: Callable[[float], Arm]) -> Sweep:
    """Return the sweep of an axis, with an arm for each of its places."""
    checked = _checked_places(axis, places)
    return Sweep(axis=axis, points=tuple((place, arm(place)) for place in checked))


def _checked_places(axis: str, places: Sequence[float]) -> tuple[float, ...]:
    """Return the places. Raises ClaimDefinitionError unless they are numbers that make an axis."""
    numbers = isinstance(places, Sequence) and all(_is_positive(place) for place in places)
    if not numbers or len(places) < 2 or any(b <= a for a, b in itertools.pairwise(places)):
        raise ClaimDefinitionError(
            f"sweep of the {axis}: got places {places!r}; expected at least two finite numbers, "
            "above 0 and ascending"
        )
    return tuple(places)


def _is_positive(value: object) -> bool:
    """Return whether a value is a finite number above 0; True is none."""
    return is_number(value) and value > 0  # type: ignore[operator]


def decades(low: float, high: float, per_decade: int) -> tuple[float, ...]:
    """Return places from ``low`` to ``high``, so many a decade: 0.1, 0.316..., 1.

    Raises ClaimDefinitionError where ``high`` is not one of them.
    """
    if not (_is_positive(low) and _is_positive(high) and _is_positive(per_decade)):
        raise ClaimDefinitionError(
            f"decades: got {low!r} to {high!r} with {per_decade!r} a decade; expected numbers "
            "above 0, as in decades(0.01, 10.0, 2)"
        )
    first, last = (per_decade * math.log10(end) for end in (low, high))
    steps = round(last - first)
    if steps < 1 or abs(last - first - steps) > 1e-6:
        raise ClaimDefinitionError(
            f"decades: got {low:g} to {high:g} with {per_decade} a decade, which does not end "
            "there; expected whole steps"
        )
    return tuple(float(f"{10 ** ((first + i) / per_decade):.12g}") for i in range(steps + 1))


def changed_side(side: Side, change: Callable[[Arm], Arm]) -> Side:
    """Return the side with its arms changed; a sweep keeps its places."""
    if isinstance(side, Arm):
        return change(side)
    points = tuple((place, change(arm)) for place, arm in side.points)
    return Sweep(axis=side.axis, points=points)


def arms_of(side: Side | None) -> tuple[Arm, ...]:
    """Return a side's arms: one, those of a sweep, or none."""
    if side is None:
        return ()
    return side.arms if isinstance(side, Sweep) else (side,)


@dataclass(frozen=True, kw_only=True, slots=True)
class SweptRun:
    """The runs of one seed at a sweep's places, in their order. It stands for one run."""

    sweep: Sweep
    runs: tuple[RunRecord, ...]

    def __post_init__(self) -> None:
        if {run.seed for run in self.runs} != {self.seed}:
            seeds = [run.seed for run in self.runs]
            raise EvidenceError(f"sweep: got runs of seeds {seeds}; expected one seed")

    @property
    def seed(self) -> int:
        """Return the seed that the runs share."""
        return self.runs[0].seed

    @property
    def hardware(self) -> Mapping[str, str]:
        """Return what trained the runs, part by part."""
        parts = {part for run in self.runs for part in run.hardware}
        return {
            part: "; ".join(sorted({r.hardware[part] for r in self.runs if part in r.hardware}))
            for part in sorted(parts)
        }


Run = RunRecord | SweptRun
"""What a side holds for one seed."""


def swept(sweep: Sweep, records: Sequence[Sequence[RunRecord]]) -> tuple[SweptRun, ...]:
    """Return one swept run per seed, from the records of each arm in the order of the seeds."""
    return tuple(SweptRun(sweep=sweep, runs=runs) for runs in zip(*records, strict=True))


def single_runs(runs: Sequence[Run]) -> tuple[RunRecord, ...]:
    """Return the records themselves: those of a swept run one by one."""
    return tuple(r for run in runs for r in (run.runs if isinstance(run, SweptRun) else (run,)))


def by_arm(side: Side, runs: Sequence[Run]) -> Iterator[tuple[str, Arm, tuple[RunRecord, ...]]]:
    """Yield each arm of a side with where it stands ("" for the only one) and its records."""
    if isinstance(side, Arm):
        yield "", side, single_runs(runs)
        return
    swept_runs = [run.runs for run in runs if isinstance(run, SweptRun)]
    columns = zip(*swept_runs, strict=True) if swept_runs else [()] * len(side.points)
    for (place, arm), records in zip(side.points, columns, strict=True):
        yield f"{side.axis} {place:.3g}", arm, records
