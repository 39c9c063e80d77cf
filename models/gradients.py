"""The size of the gradient that a step uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from models.probing import Probe, ProbePoint, StepView, norm_of


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientProbe(Probe):
    """``gradient_norm``: l2 norm of the batch's gradient over all parameters."""

    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metric, measured at every probe step."""
        return {"gradient_norm": probe_steps}

    def read(self, view: StepView) -> Tensor:
        """Return the norm at a step."""
        return norm_of(view.gradients).double().view(1)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:  # noqa: ARG002
        """Return the norm."""
        return {"gradient_norm": float(numbers)}


def make(settings: Mapping[str, Any]) -> GradientProbe:  # noqa: ARG001 (the signature of all probes)
    """Return the probe."""
    return GradientProbe()
