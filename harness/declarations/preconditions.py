"""What a claim takes for granted of its control, its task or another arm: a rule over all seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.bench import Arm
from harness.declarations.declared import number, of_kind, text
from harness.declarations.endpoints import Endpoint, mean
from harness.declarations.measuring import measure
from harness.declarations.phases import Phase, Window, end, whole
from harness.declarations.sweeps import Run, single_runs
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.records import RunRecord
from harness.seeds import is_enough
from harness.words import Role

Whose = str | Arm
"""Whose numbers a precondition reads: "control", "treatment", or an arm that no side compares."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Precondition:
    """Holds where the arm's ``endpoint`` is within its limits in at least ``share`` of the seeds.

    Where it does not hold the comparison is void (INVALID); no seed is ever dropped. ``role`` is
    the side that it is about, or an arm that no side compares, trained over the same seeds.
    """

    role: Role | Arm
    endpoint: Endpoint
    at_least: float | None = None
    at_most: float | None = None
    share: float = 0.9
    because: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", _role(self.role))  # "control" is no Role.CONTROL
        of_kind("precondition: endpoint", self.endpoint, Endpoint)
        if self.at_least is None and self.at_most is None:
            raise ClaimDefinitionError("precondition: give at_least or at_most")
        for name in ("at_least", "at_most"):
            if getattr(self, name) is not None:
                number(f"precondition: {name}", getattr(self, name))
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise ClaimDefinitionError(
                f"precondition: got at least {low:g} and at most {high:g}; expected the other way"
            )
        if not text("precondition: because", self.because).strip():
            raise ClaimDefinitionError("precondition: got no reason; say why in because=")
        if not 0.0 < number("precondition: share", self.share) <= 1.0:
            raise ClaimDefinitionError(f"precondition: share: got {self.share}; expected (0, 1]")

    @property
    def other_arm(self) -> Arm | None:
        """Return the arm that it is about, where that is none of the claim's sides."""
        return self.role if isinstance(self.role, Arm) else None

    def whose(self, describe: Callable[[Arm], str]) -> str:
        """Return whose numbers are looked at: "the control", or what ``describe`` calls the arm."""
        return describe(self.role) if isinstance(self.role, Arm) else f"the {self.role}"

    def looked_at(self, whose: str) -> str:
        """Return what is looked at, in a sentence on the outcome."""
        return f"{self.endpoint.name} of {whose}"

    @property
    def rule(self) -> str:
        """Return what is looked at, in the declaration's words."""
        endpoint = self.endpoint
        return endpoint.name if endpoint.span else f"{endpoint.aggregate} of {endpoint.metric}"

    def values_of(self, runs: Sequence[Run]) -> tuple[float, ...]:
        """Return the number of each run that must lie within the limits."""
        return measure(self.endpoint, runs, ()).treatment

    def holds_for(self, value: float) -> bool:
        """Return whether one run's value lies within the limits."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


def _role(got: object) -> Role | Arm:
    if isinstance(got, Arm):
        return got
    try:
        return Role(str(got))
    except ValueError:
        expected = " or ".join(repr(str(role)) for role in Role)
        raise ClaimDefinitionError(
            f"precondition: role: got {got!r}; expected {expected}, or one arm that the claim does "
            "not compare"
        ) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepsTraining(Precondition):
    """A precondition on how much of a phase the arm trains in, as a share of its measurements.

    Those at which the endpoint's metric, a size of the gradient, is at least ``of_first`` times its
    first value. What is not finite is not training, nor is what starts at 0.
    """

    of_first: float

    def __post_init__(self) -> None:
        Precondition.__post_init__(self)
        if not 0.0 < number("precondition: of_first", self.of_first) < 1.0:
            raise ClaimDefinitionError(
                f"precondition: of_first: got {self.of_first!r}; expected a share between 0 and 1"
            )
        if self.at_least is None or not 0.0 < self.at_least <= 1.0:
            raise ClaimDefinitionError(
                f"precondition: at_least: got {self.at_least!r}; expected a share of the "
                "measurements, above 0 and up to 1"
            )

    def looked_at(self, whose: str) -> str:
        """Return what is looked at, in a sentence on the outcome."""
        return (
            f"the share of measurements at which {self.endpoint.metric} of {whose} is at "
            f"least {self.of_first:g} times its first"
        )

    @property
    def rule(self) -> str:
        """Return what is looked at, in the declaration's words."""
        return (
            f"share of measurements with {self.endpoint.metric} at least {self.of_first:g} times "
            "its first"
        )

    def values_of(self, runs: Sequence[Run]) -> tuple[float, ...]:
        """Return each run's share. Raises EvidenceError where the phase has no measurement."""
        window = self.endpoint.over.window(single_runs(runs))
        return tuple(self._share(run, window) for run in single_runs(runs))

    def _share(self, run: RunRecord, window: Window) -> float:
        series = run.measured(self.endpoint.metric)
        inside = window.picks(np.asarray(series.steps), ended=run.diverged_at is not None)
        values = np.asarray(series.values, dtype=float)
        if not inside.any():
            raise EvidenceError(
                f"seed {run.seed}: {self.endpoint.metric} has no measurement in "
                f"{self.endpoint.over.name}"
            )
        if not values[0] > 0:  # NaN is not, either
            return 0.0
        trains = np.isfinite(values) & (values >= self.of_first * values[0])
        return float(trains[inside].mean())


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherRuns:
    """The runs of an arm that no side compares: a precondition alone is about it."""

    arm: Arm
    label: str  # what a reader calls the arm
    runs: tuple[RunRecord, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PreconditionResult:
    """How a precondition came out: the values per seed and the share of seeds within limits."""

    precondition: Precondition
    whose: str  # "the control", or another arm's label
    values: tuple[float, ...]
    share: float
    passed: bool

    @property
    def shortfall(self) -> str:
        """Return how many seeds are within the limits, and how many are needed, in words."""
        p = self.precondition
        limits = [f"at least {p.at_least:g}"] if p.at_least is not None else []
        limits += [f"at most {p.at_most:g}"] if p.at_most is not None else []
        return (
            f"{p.looked_at(self.whose)} is {' and '.join(limits)} in only {self.share:.0%} of the "
            f"seeds, {p.share:.0%} are needed"
        )


def check_precondition(
    precondition: Precondition,
    treatment: Sequence[Run],
    control: Sequence[Run],
    others: Sequence[OtherRuns] = (),
) -> PreconditionResult:
    """Return the outcome over all seeds. Raises EvidenceError where the arm has no runs here."""
    runs = control if precondition.role is Role.CONTROL else treatment
    labels = {other.arm: other.label for other in others}
    if precondition.other_arm is not None:
        runs = _runs_of(precondition.other_arm, others)
    values = precondition.values_of(runs)
    share = sum(precondition.holds_for(v) for v in values) / len(values)
    return PreconditionResult(
        precondition=precondition,
        whose=precondition.whose(labels.__getitem__),
        values=values,
        share=share,
        passed=is_enough(share, precondition.share),
    )


def _runs_of(arm: Arm, others: Sequence[OtherRuns]) -> tuple[RunRecord, ...]:
    found = [other.runs for other in others if other.arm == arm]
    if not found:
        raise EvidenceError(
            f"precondition: got no runs of {arm}; expected its runs over the seeds of the claim"
        )
    return found[0]


DEAD = "a network that never learned looks smooth because its gradients are dead"


def learns(
    arm: Whose = "control", at_least: float = 50.0, *, over: Phase = end, because: str = DEAD
) -> Precondition:
    """Return: the arm gets to a training accuracy (in %) by the end.

    ``because`` says why that matters where the claim is not about a landscape.
    """
    return Precondition(
        role=_role(arm),
        endpoint=mean("train_accuracy", over=over, if_diverged=0.0),
        at_least=at_least,
        because=because,
    )


def unsolved(arm: Whose = "control", above: float = 0.1, *, over: Phase = whole) -> Precondition:
    """Return: the arm's mean training loss (in nats) stays above a level: the task is not solved.

    A solved task looks smooth whatever the network.
    """
    return Precondition(
        role=_role(arm),
        endpoint=mean("train_loss", over=over, if_diverged=float("1e9")),
        at_least=above,
        because="a solved task looks smooth whatever the network",
    )


def falls_to(arm: Whose = "control", at_most: float = 1.0, *, over: Phase = end) -> Precondition:
    """Return: the arm's mean training loss gets down to a level by the end.

    For a task without an accuracy; a diverged run does not get there.
    """
    return Precondition(
        role=_role(arm),
        endpoint=mean("train_loss", over=over, if_diverged=float("1e99")),
        at_most=at_most,
        because=DEAD,
    )


def keeps_training(
    arm: Whose = "control",
    of_first: float = 0.01,
    *,
    in_share: float = 0.9,
    metric: str = "gradient_norm",
    over: Phase = whole,
) -> Precondition:
    """Return: at most measurements the arm's gradient is at least a share of its first one.

    A loss that has fallen may have come to rest far from its end; ``falls_to`` does not see that.
    """
    return KeepsTraining(
        role=_role(arm),
        endpoint=mean(metric, over=over),
        at_least=in_share,
        of_first=of_first,
        because="a network that has come to rest looks smooth because its gradients are dead",
    )
