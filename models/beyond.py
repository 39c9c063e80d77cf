"""The landscape along the gradient beyond the largest step that the paper's figures show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from models.landscape import SUMMARY, Landscape, read_along_gradient, step_sizes
from models.probing import Probe, ProbePoint, StepView


@dataclass(frozen=True, kw_only=True, slots=True)
class BeyondProbe(Probe):
    """``beyond_loss_range`` and so on, and the values at each multiple of the learning rate.

    The network may be far from anything sensible there: a value that overflows is recorded as the
    infinity or the NaN that it is.
    """

    multiples: tuple[float, ...]
    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics, each measured at every probe step."""
        names = [f"beyond_{name}" for name in SUMMARY]
        for multiple in self.multiples:
            names += [f"beyond_loss_at_x{multiple:g}", f"beyond_gradient_change_at_x{multiple:g}"]
        return dict.fromkeys(names, probe_steps)

    def read(self, view: StepView) -> Tensor:
        """Return the landscape's numbers along the gradient."""
        return read_along_gradient(view, self.multiples)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:
        """Return minima, maxima, beta and the values at each multiple."""
        found = Landscape.of(step_sizes(self.multiples, point.learning_rate), numbers)
        values = {f"beyond_{name}": value for name, value in found.summary().items()}
        for i, multiple in enumerate(self.multiples):
            values[f"beyond_loss_at_x{multiple:g}"] = found.losses[i]
            values[f"beyond_gradient_change_at_x{multiple:g}"] = found.gradient_changes[i]
        return values


def make(settings: Mapping[str, Any]) -> BeyondProbe:
    """Return the probe for resolved settings: ``multiples`` of the learning rate."""
    return BeyondProbe(multiples=tuple(settings["multiples"]))
