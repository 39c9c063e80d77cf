"""What a comparison takes for granted of its control and its task, as one rule over all seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.endpoints import Endpoint, mean, measure
from harness.errors import ClaimDefinitionError
from harness.phases import Phase, end, whole
from harness.sweeps import Run
from harness.words import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Precondition:
    """Holds where the arm's ``endpoint`` is within its limits in at least ``share`` of the seeds.

    Where it does not hold the comparison is void (INVALID); no seed is ever dropped.
    """

    role: Role
    endpoint: Endpoint
    at_least: float | None = None
    at_most: float | None = None
    share: float = 0.9
    because: str

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ClaimDefinitionError("precondition: give at_least or at_most")
        if not self.because.strip():
            raise ClaimDefinitionError("precondition: got no reason; say why in because=")
        if not 0.0 < self.share <= 1.0:
            raise ClaimDefinitionError(f"precondition: share: got {self.share}; expected (0, 1]")

    def holds_for(self, value: float) -> bool:
        """Return whether one run's value lies within the limits."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, kw_only=True, slots=True)
class PreconditionResult:
    """How a precondition came out: the values per seed and the share of seeds within limits."""

    precondition: Precondition
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
            f"{p.endpoint.name} of the {p.role} is {' and '.join(limits)} in only {self.share:.0%} "
            f"of the seeds, {p.share:.0%} are needed"
        )


def check_precondition(
    precondition: Precondition, treatment: Sequence[Run], control: Sequence[Run]
) -> PreconditionResult:
    """Return the outcome over all seeds."""
    runs = control if precondition.role is Role.CONTROL else treatment
    values = measure(precondition.endpoint, runs, ()).treatment
    share = sum(precondition.holds_for(v) for v in values) / len(values)
    return PreconditionResult(
        precondition=precondition,
        values=values,
        share=share,
        passed=share >= precondition.share - 1e-12,
    )


def learns(role: str = "control", at_least: float = 50.0, *, over: Phase = end) -> Precondition:
    """Return: the arm gets to a training accuracy (in %) by the end.

    A network that never learned looks smooth because its gradients are dead.
    """
    return Precondition(
        role=Role(role),
        endpoint=mean("train_accuracy", over=over, if_diverged=0.0),
        at_least=at_least,
        because="a network that never learned looks smooth because its gradients are dead",
    )


def unsolved(role: str = "control", above: float = 0.1, *, over: Phase = whole) -> Precondition:
    """Return: the arm's mean training loss (in nats) stays above a level: the task is not solved.

    A solved task looks smooth whatever the network.
    """
    return Precondition(
        role=Role(role),
        endpoint=mean("train_loss", over=over, if_diverged=float("1e9")),
        at_least=above,
        because="a solved task looks smooth whatever the network",
    )


def falls_to(role: str = "control", at_most: float = 1.0, *, over: Phase = end) -> Precondition:
    """Return: the arm's mean training loss gets down to a level by the end.

    For a task without an accuracy; a diverged run does not get there.
    """
    return Precondition(
        role=Role(role),
        endpoint=mean("train_loss", over=over, if_diverged=float("1e99")),
        at_most=at_most,
        because="a network that never learned looks smooth because its gradients are dead",
    )
