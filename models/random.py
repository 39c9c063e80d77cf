"""The landscape along a random direction (Section 3.1: "random directions" behave alike)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models import streams
from models.kernels import philox
from models.landscape import SUMMARY, Landscape, read_landscape, step_sizes
from models.probing import Parameters, Probe, ProbePoint, StepView, norm_of


def random_direction(seed: int, step: int, gradients: Parameters) -> Parameters:
    """Return a uniformly random direction in the space of all parameters, as long as the gradient.

    One Gaussian draw for each seed and step, normalised over all parameters together, so that a
    step of eta moves as far as eta g does. A torch generator, for the reason in
    ``models.norms.noisy_batch``: at VGG-16's size numpy takes a tenth of a second a draw.
    """
    device = gradients[0].device
    source = torch.Generator(device=device)
    source.manual_seed(streams.torch_seed(seed, "probes", "random", step))
    drawn = [torch.randn(g.shape, generator=source, device=device) for g in gradients]
    return _as_long(drawn, gradients)


def counted_direction(seed: int, counter: Tensor, gradients: Parameters) -> Parameters:
    """Return such a direction drawn by counter, on the device: another one for seed and step."""
    key = streams.torch_seed(seed, "probes", "random")
    drawn = [
        philox.normal(key, counter, g.shape, g.device, torch.float32, lane=i)
        for i, g in enumerate(gradients)
    ]
    return _as_long(drawn, gradients)


def _as_long(drawn: Sequence[Tensor], gradients: Parameters) -> Parameters:
    """Return what is drawn, all of it together as long as the gradient."""
    scale = norm_of(gradients) / norm_of(drawn)
    return tuple(scale * one for one in drawn)


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomProbe(Probe):
    """``random_loss_range`` and so on: the landscape's numbers along one random direction."""

    multiples: tuple[float, ...]
    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics, each measured at every probe step."""
        return dict.fromkeys([f"random_{name}" for name in SUMMARY], probe_steps)

    def read(self, view: StepView) -> Tensor:
        """Return the landscape's numbers along the step's own direction."""
        sizes = step_sizes(self.multiples, view.learning_rate)
        if view.counter is None:
            along = random_direction(view.seed, view.step, view.gradients)
        else:
            along = counted_direction(view.seed, view.counter, view.gradients)
        return read_landscape(view.loss_at, view.parameters, view.gradients, sizes, along)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:
        """Return minima, maxima and beta along that direction."""
        found = Landscape.of(step_sizes(self.multiples, point.learning_rate), numbers)
        return {f"random_{name}": value for name, value in found.summary().items()}


def make(settings: Mapping[str, Any]) -> RandomProbe:
    """Return the probe for resolved settings: ``multiples`` of the learning rate."""
    return RandomProbe(multiples=tuple(settings["multiples"]))
