"""Effective beta-smoothness over a finer grid of steps along the gradient (Figure 4c's measure).

On the paper's grid the measure sits at 1 / (smallest step) wherever that step turns the gradient
round, whatever the network: a finer grid tells a plateau of the measure from one of the network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.records import Histograms
from models.landscape import landscape
from models.probing import StepView


@dataclass(frozen=True, kw_only=True, slots=True)
class FineProbe:
    """``beta_fine``: max over eta of the gradient's change over the distance moved."""

    multiples: tuple[float, ...]
    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metric, measured at every probe step."""
        return {"beta_fine": probe_steps}

    def measure(self, view: StepView) -> Mapping[str, float]:
        """Return beta over the finer grid."""
        sizes = [multiple * view.learning_rate for multiple in self.multiples]
        return {
            "beta_fine": landscape(view.loss_at, view.parameters, view.gradients, sizes).beta,
        }

    def histograms(self) -> Mapping[str, Histograms]:
        """Return none."""
        return {}


def make(settings: Mapping[str, Any]) -> FineProbe:
    """Return the probe for resolved settings: ``multiples`` of the learning rate."""
    return FineProbe(multiples=tuple(settings["multiples"]))
