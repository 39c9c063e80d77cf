"""Effective beta-smoothness over a finer grid of steps along the gradient (Figure 4c's measure).

On the paper's grid the measure sits at 1 / (smallest step) wherever that step turns the gradient
round, whatever the network: a finer grid tells a plateau of the measure from one of the network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from models.landscape import Landscape, read_along_gradient, step_sizes
from models.probing import Probe, ProbePoint, StepView


@dataclass(frozen=True, kw_only=True, slots=True)
class FineProbe(Probe):
    """``beta_fine``: max over eta of the gradient's change over the distance moved."""

    multiples: tuple[float, ...]
    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metric, measured at every probe step."""
        return {"beta_fine": probe_steps}

    def read(self, view: StepView) -> Tensor:
        """Return the landscape's numbers along the gradient."""
        return read_along_gradient(view, self.multiples)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:
        """Return beta over the finer grid."""
        found = Landscape.of(step_sizes(self.multiples, point.learning_rate), numbers)
        return {"beta_fine": found.beta}


def make(settings: Mapping[str, Any]) -> FineProbe:
    """Return the probe for resolved settings: ``multiples`` of the learning rate."""
    return FineProbe(multiples=tuple(settings["multiples"]))
