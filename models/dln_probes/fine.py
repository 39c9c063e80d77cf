"""Effective beta-smoothness over a finer grid of steps along the gradient (Figure 10c's measure).

On the figures' grid the measure sits at 1 / (smallest step) wherever that step turns the gradient
round: a finer grid tells a plateau of the measure from one of the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.dln_probes import Probe, Values, View
from models.dln_probes.landscape import along_gradient, beta


@dataclass(frozen=True, kw_only=True, slots=True)
class FineProbe(Probe):
    """``beta_fine``: max over eta of the gradient's change over the distance moved."""

    step_sizes: tuple[float, ...]

    def measure(self, view: View) -> Values:
        """Return beta over the finer grid."""
        points = along_gradient(view, self.step_sizes)
        return {"beta_fine": beta(view, self.step_sizes, points)}


def make(settings: Mapping[str, Any]) -> FineProbe:
    """Return the probe for resolved settings: ``step_sizes``."""
    return FineProbe(step_sizes=tuple(settings["step_sizes"]))
