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

Gradients = Mapping[str, Tensor]
"""Gradients by their parameters' names."""


def random_direction(seed: int, step: int, gradients: Gradients) -> Parameters:
    """Return a uniformly random direction in the space of all parameters, as long as the gradient.

    A Gaussian draw for each seed, step and parameter, so that networks that share a seed move the
    weights that they share alike, whatever a norm adds; then normalised over all of them together,
    so that a step of eta moves as far as eta g does. Torch generators, for the reason in
    ``models.norms.noisy_batch``: at VGG-16's size numpy takes a tenth of a second a draw.
    """

    def drawn(name: str, like: Tensor) -> Tensor:
        source = torch.Generator(device=like.device)
        source.manual_seed(streams.torch_seed(seed, "probes", "random", name, step))
        return torch.randn(like.shape, generator=source, device=like.device)

    return _as_long([drawn(name, g) for name, g in gradients.items()], gradients)


def counted_direction(seed: int, counter: Tensor, gradients: Gradients) -> Parameters:
    """Return such a direction drawn by counter, on the device, in one pass."""
    keys = [streams.torch_seed(seed, "probes", "random", name) for name in gradients]
    shapes = [gradient.shape for gradient in gradients.values()]
    return _as_long(philox.normals(keys, counter, shapes), gradients)


def _as_long(drawn: Sequence[Tensor], gradients: Gradients) -> Parameters:
    """Return what is drawn, all of it together as long as the gradient."""
    scale = norm_of(tuple(gradients.values())) / norm_of(drawn)
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
        gradients = dict(zip(view.names, view.gradients, strict=True))
        if view.counter is None:
            along = random_direction(view.seed, view.step, gradients)
        else:
            along = counted_direction(view.seed, view.counter, gradients)
        return read_landscape(view.loss_at, view.parameters, view.gradients, sizes, along)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:
        """Return minima, maxima and beta along that direction."""
        found = Landscape.of(step_sizes(self.multiples, point.learning_rate), numbers)
        return {f"random_{name}": value for name, value in found.summary().items()}


def make(settings: Mapping[str, Any]) -> RandomProbe:
    """Return the probe for resolved settings: ``multiples`` of the learning rate."""
    return RandomProbe(multiples=tuple(settings["multiples"]))
