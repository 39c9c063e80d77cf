"""The size of the gradient that a step uses."""

from collections.abc import Mapping
from typing import Any

from models.dln_probes import Probe, Values, View


class GradientProbe(Probe):
    """``gradient_norm``: l2 norm of the gradient over all parameters."""

    def measure(self, view: View) -> Values:
        """Return the norm at a step."""
        return {"gradient_norm": view.gradients.norm()}


def make(settings: Mapping[str, Any]) -> GradientProbe:  # noqa: ARG001 (the signature of all probes)
    """Return the probe."""
    return GradientProbe()
