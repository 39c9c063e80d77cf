"""The landscape along the gradient (Section 3.1, Figures 10 and 11): what lies at theta - eta g."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.dln import Parameters, evaluate
from models.dln_probes import Point, Probe, Values, View


def along(view: View, direction: Parameters, step_sizes: Sequence[float]) -> Values:
    """Measure loss and gradient at theta - eta d for each eta.

    The direction d is as long as the gradient, ||d|| = ||g||. Effective beta is the greatest change
    of the gradient over the distance moved, eta ||g||.
    """
    return summed_up(view, step_sizes, [point(view, direction, eta) for eta in step_sizes])


def along_gradient(view: View, step_sizes: Sequence[float]) -> list[Point]:
    """Return the points along the gradient, each of them evaluated once for all probes."""
    found = view.along_gradient
    for eta in step_sizes:
        if eta not in found:
            found[eta] = point(view, view.gradients, eta)
    return [found[eta] for eta in step_sizes]


def point(view: View, direction: Parameters, eta: float) -> Point:
    """Return the loss at theta - eta d, and the distance of the gradient there from here's."""
    loss, there = evaluate(view.parameters.moved(direction, eta), view.samples, view.size)
    return loss, there.distance(view.gradients)


def beta(view: View, step_sizes: Sequence[float], points: Sequence[Point]) -> Tensor:
    """Return effective beta, (seeds,)."""
    norm = view.gradients.norm()
    ratios = [change / (eta * norm) for eta, (_, change) in zip(step_sizes, points, strict=True)]
    return torch.stack(ratios).amax(0)


def summed_up(view: View, step_sizes: Sequence[float], points: Sequence[Point]) -> Values:
    """Return minima, maxima, beta and the values at each step size."""
    found_losses, found_changes = zip(*points, strict=True)
    losses, changes = torch.stack(found_losses), torch.stack(found_changes)  # (sizes, seeds)
    low, high = losses.amin(0), losses.amax(0)  # both keep a NaN
    values = {
        "loss_min": low,
        "loss_max": high,
        "loss_range": high - low,
        "loss_ratio": high / low,
        "gradient_change_min": changes.amin(0),
        "gradient_change_max": changes.amax(0),
        "beta": beta(view, step_sizes, points),
    }
    for eta, (loss, change) in zip(step_sizes, points, strict=True):
        values[f"loss_at_eta{eta:g}"] = loss
        values[f"gradient_change_at_eta{eta:g}"] = change
    return values


@dataclass(frozen=True, kw_only=True, slots=True)
class LandscapeProbe(Probe):
    """The landscape along the step's own gradient."""

    step_sizes: tuple[float, ...]

    def measure(self, view: View) -> Values:
        """Return minima, maxima, beta and the values at each step size."""
        points = along_gradient(view, self.step_sizes)
        return summed_up(view, self.step_sizes, points)


def make(settings: Mapping[str, Any]) -> LandscapeProbe:
    """Return the probe for resolved settings: ``step_sizes``."""
    return LandscapeProbe(step_sizes=tuple(settings["step_sizes"]))
