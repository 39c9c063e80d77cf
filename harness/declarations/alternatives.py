"""Other reasonable definitions of a claim: shown beside its verdict, never deciding it."""

from dataclasses import dataclass, replace

from harness.declarations.declared import of_kind, text
from harness.declarations.endpoints import Endpoint
from harness.declarations.hypotheses import Hypothesis
from harness.declarations.phases import third


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """Another reasonable definition of a claim: shown, never deciding."""

    name: str
    endpoint: Endpoint
    hypothesis: Hypothesis | None = None  # None: the claim's own

    def __post_init__(self) -> None:
        what = f"alternative {text('alternative: name', self.name)!r}"
        of_kind(f"{what}: endpoint", self.endpoint, Endpoint)
        if self.hypothesis is not None:
            of_kind(f"{what}: hypothesis", self.hypothesis, Hypothesis, "a hypothesis")  # type: ignore[arg-type]


def thirds(endpoint: Endpoint) -> tuple[Alternative, ...]:
    """Return the endpoint over each third of training, as alternatives."""
    of_kind("thirds", endpoint, Endpoint)
    return tuple(
        Alternative(name=third(k).name, endpoint=replace(endpoint, over=third(k)))
        for k in (1, 2, 3)
    )
