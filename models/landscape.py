"""The landscape along the gradient (Section 3.1, Figure 4): loss and gradient at theta - eta g."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.probing import (
    LandscapePoint,
    LossAt,
    Parameters,
    Probe,
    ProbePoint,
    StepView,
    norm_of,
)

SUMMARY = (
    "loss_min",
    "loss_max",
    "loss_range",
    "loss_ratio",
    "gradient_change_min",
    "gradient_change_max",
    "beta",
)
"""The metrics that sum up a landscape."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Landscape:
    """Measured at one point theta with gradient g, for each step size eta along -d.

    The direction d is g, or another one that is as long.
    """

    step_sizes: tuple[float, ...]
    losses: tuple[float, ...]  # L(theta - eta d)
    gradient_changes: tuple[float, ...]  # ||grad L(theta - eta d) - g||_2
    gradient_norm: float  # ||g||_2

    @classmethod
    def of(cls, step_sizes: Sequence[float], numbers: Tensor) -> "Landscape":
        """Return what ``read_landscape`` read at the step sizes."""
        plain, count = numbers.tolist(), len(step_sizes)
        return cls(
            step_sizes=tuple(step_sizes),
            losses=tuple(plain[:count]),
            gradient_changes=tuple(plain[count:-1]),
            gradient_norm=plain[-1],
        )

    @property
    def beta(self) -> float:
        """Effective beta-smoothness: max over eta of the gradient's change over distance moved."""
        moved = np.array(self.step_sizes) * self.gradient_norm
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.max(np.array(self.gradient_changes) / moved))

    def summary(self) -> dict[str, float]:
        """Return the values of ``SUMMARY``: smallest and largest over the steps, and beta."""
        losses, changes = np.array(self.losses), np.array(self.gradient_changes)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return {
                "loss_min": float(losses.min()),  # numpy's min and max keep a NaN
                "loss_max": float(losses.max()),
                "loss_range": float(losses.max() - losses.min()),
                "loss_ratio": float(losses.max() / losses.min()),
                "gradient_change_min": float(changes.min()),
                "gradient_change_max": float(changes.max()),
                "beta": self.beta,
            }


def landscape(
    loss_at: LossAt,
    parameters: Parameters,
    gradients: Parameters,
    step_sizes: Sequence[float],
    direction: Parameters | None = None,
) -> Landscape:
    """Measure loss and gradient at ``parameters - eta * direction`` for each eta."""
    read = read_landscape(loss_at, parameters, gradients, step_sizes, direction)
    return Landscape.of(step_sizes, read.cpu())


def read_landscape(
    loss_at: LossAt,
    parameters: Parameters,
    gradients: Parameters,
    step_sizes: Sequence[float],
    direction: Parameters | None = None,
) -> Tensor:
    """Return each eta's loss, then each eta's change of the gradient, then the gradient's norm.

    ``loss_at`` maps a tuple of tensors to a scalar; without a ``direction``, which must be as long
    as the gradient, it is the gradient. The parameters stay as they are: every point is a copy, its
    gradient is taken on its own (nothing accumulates) and compared with ``gradients``.
    """
    along = direction or gradients
    points = [_read_point(loss_at, parameters, gradients, eta, along) for eta in step_sizes]
    return _stacked(points, gradients)


def read_along_gradient(view: StepView, multiples: Sequence[float]) -> Tensor:
    """Return ``read_landscape`` of a step along its own gradient, at multiples of the rate.

    The grids of several probes share step sizes: what one has read at a step serves the others.
    """
    found = view.along_gradient
    sizes = step_sizes(multiples, view.learning_rate)
    for eta in sizes:
        if eta not in found:
            found[eta] = _read_point(
                view.loss_at, view.parameters, view.gradients, eta, view.gradients
            )
    return _stacked([found[eta] for eta in sizes], view.gradients)


def _read_point(
    loss_at: LossAt, parameters: Parameters, gradients: Parameters, eta: float, along: Parameters
) -> LandscapePoint:
    """Return the loss at ``parameters - eta * along``, and how far the gradient is from here's."""
    here = [parameter.detach() for parameter in parameters]
    moved = tuple(torch._foreach_sub(here, torch._foreach_mul(along, eta)))
    for tensor in moved:
        tensor.requires_grad_()
    loss = loss_at(moved)
    there = torch.autograd.grad(loss, moved)
    change = norm_of(torch._foreach_sub(there, gradients))
    return loss.detach(), change


def _stacked(points: Sequence[LandscapePoint], gradients: Parameters) -> Tensor:
    losses, changes = zip(*points, strict=True)
    return torch.stack([*losses, *changes, norm_of(gradients)]).double()


def step_sizes(multiples: Sequence[float], learning_rate: float) -> tuple[float, ...]:
    """Return the step sizes eta that are these multiples of the learning rate."""
    return tuple(multiple * learning_rate for multiple in multiples)


@dataclass(frozen=True, kw_only=True, slots=True)
class LandscapeProbe(Probe):
    """The landscape at multiples of the learning rate, on the step's own batch and gradient."""

    multiples: tuple[float, ...]
    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics, each measured at every probe step."""
        names = [*SUMMARY]
        for multiple in self.multiples:
            names += [f"loss_at_x{multiple:g}", f"gradient_change_at_x{multiple:g}"]
        return dict.fromkeys(names, probe_steps)

    def read(self, view: StepView) -> Tensor:
        """Return the landscape's numbers along the gradient."""
        return read_along_gradient(view, self.multiples)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:
        """Return minima, maxima, beta and the values at each multiple."""
        found = Landscape.of(step_sizes(self.multiples, point.learning_rate), numbers)
        values = found.summary()
        for i, multiple in enumerate(self.multiples):
            values[f"loss_at_x{multiple:g}"] = found.losses[i]
            values[f"gradient_change_at_x{multiple:g}"] = found.gradient_changes[i]
        return values


def make(settings: Mapping[str, Any]) -> LandscapeProbe:
    """Return the probe for resolved settings: ``multiples`` of the learning rate."""
    return LandscapeProbe(multiples=tuple(settings["multiples"]))
