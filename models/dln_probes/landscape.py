"""The landscape along the gradient (Section 3.1, Figures 10 and 11): what lies at theta - eta g."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from models.dln import Parameters, evaluate
from models.dln_probes import Probe, Values, View


def along(view: View, direction: Parameters, step_sizes: Sequence[float]) -> Values:
    """Measure loss and gradient at theta - eta d for each eta.

    The direction d is as long as the gradient, ||d|| = ||g||. Effective beta is the greatest change
    of the gradient over the distance moved, eta ||g||.
    """
    found_losses, found_changes, betas = [], [], []
    norm = view.gradients.norm()
    for eta in step_sizes:
        loss, there = evaluate(view.parameters.moved(direction, eta), view.samples, view.size)
        change = there.distance(view.gradients)
        found_losses.append(loss)
        found_changes.append(change)
        betas.append(change / (eta * norm))
    losses, changes = torch.stack(found_losses), torch.stack(found_changes)  # (sizes, seeds)
    low, high = losses.amin(0), losses.amax(0)  # both keep a NaN
    values = {
        "loss_min": low,
        "loss_max": high,
        "loss_range": high - low,
        "loss_ratio": high / low,
        "gradient_change_min": changes.amin(0),
        "gradient_change_max": changes.amax(0),
        "beta": torch.stack(betas).amax(0),
    }
    for eta, loss, change in zip(step_sizes, found_losses, found_changes, strict=True):
        values[f"loss_at_eta{eta:g}"] = loss
        values[f"gradient_change_at_eta{eta:g}"] = change
    return values


@dataclass(frozen=True, kw_only=True, slots=True)
class LandscapeProbe(Probe):
    """The landscape along the step's own gradient."""

    step_sizes: tuple[float, ...]

    def measure(self, view: View) -> Values:
        """Return minima, maxima, beta and the values at each step size."""
        return along(view, view.gradients, self.step_sizes)


def make(settings: Mapping[str, Any]) -> LandscapeProbe:
    """Return the probe for resolved settings: ``step_sizes``."""
    return LandscapeProbe(step_sizes=tuple(settings["step_sizes"]))
