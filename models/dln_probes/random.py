"""The landscape along a random direction (Section 3.1), as far out as along the gradient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from models import streams
from models.dln import Parameters
from models.dln_probes import Probe, Values, View
from models.dln_probes.landscape import along


def random_direction(like: Parameters, seeds: Sequence[int], step: int) -> Parameters:
    """Return a Gaussian direction over all parameters of each seed, as long as ``like``.

    A draw belongs to seed and step alone. Weights come first, so that networks with and without a
    norm that share a seed move their weights in one direction.
    """
    parts: list[list[np.ndarray]] = []
    for seed in seeds:
        source = streams.generator(seed, "probes", "random", step)
        shapes = [(part.shape[0], *part.shape[2:]) for part in (like.weight, like.gain, like.shift)]
        parts.append([source.standard_normal(shape) for shape in shapes])
    weight, gain, shift = (
        torch.from_numpy(np.stack(drawn, axis=1)).to(like.weight.device, like.weight.dtype)
        for drawn in zip(*parts, strict=True)
    )
    drawn = Parameters(weight=weight, gain=gain, shift=shift)
    scale = (like.norm() / drawn.norm())[:, None, None]  # (seeds, 1, 1)
    return Parameters(weight=weight * scale, gain=gain * scale, shift=shift * scale)


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomProbe(Probe):
    """The landscape along one random direction for each seed and probe point."""

    step_sizes: tuple[float, ...]

    def measure(self, view: View) -> Values:
        """Return minima, maxima and beta, named ``random_...``."""
        direction = random_direction(view.gradients, view.seeds, view.step)
        found = along(view, direction, self.step_sizes)
        return {f"random_{name}": value for name, value in found.items() if "_at_eta" not in name}


def make(settings: Mapping[str, Any]) -> RandomProbe:
    """Return the probe for resolved settings: ``step_sizes``."""
    return RandomProbe(step_sizes=tuple(settings["step_sizes"]))
