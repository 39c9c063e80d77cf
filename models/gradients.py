"""The size of the gradient that a step uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.records import Histograms
from models.probing import StepView, norm_of


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientProbe:
    """``gradient_norm``: l2 norm of the batch's gradient over all parameters."""

    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metric, measured at every probe step."""
        return {"gradient_norm": probe_steps}

    def measure(self, view: StepView) -> Mapping[str, float]:
        """Return the norm at a step."""
        return {"gradient_norm": float(norm_of(view.gradients))}

    def histograms(self) -> Mapping[str, Histograms]:
        """Return none."""
        return {}


def make(settings: Mapping[str, Any]) -> GradientProbe:  # noqa: ARG001 (the signature of all probes)
    """Return the probe."""
    return GradientProbe()
