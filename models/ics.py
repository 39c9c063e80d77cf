"""Internal covariate shift of a layer's gradient (Definition 2.1).

G is the gradient of the loss with respect to a layer's weight at the parameters of step t; G' the
same after the preceding layers alone took their step, with this layer and all later ones unchanged,
on the same batch.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from harness.records import Histograms
from models.probing import LossAt, Parameters, StepView


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """How far a gradient moves: ||G - G'||_2 (ideal 0) and cos(G, G') (ideal 1, NaN at G = 0)."""

    l2: float
    cosine: float


def gradient_shift(
    loss_at: LossAt,
    parameters: Parameters,
    gradients: Parameters,
    *,
    weight: int,
    preceding: Collection[int],
    learning_rate: float,
) -> Shift:
    """Measure Definition 2.1 for the parameter with index ``weight``.

    ``preceding`` holds the indices of every parameter of the layers before it; these take the step
    ``- learning_rate * gradient`` in a copy, and only the one weight is differentiated.
    """
    moved = [
        (p - learning_rate * g if i in preceding else p).detach()
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True))
    ]
    moved[weight] = moved[weight].clone().requires_grad_()
    before = gradients[weight].flatten()
    after = torch.autograd.grad(loss_at(tuple(moved)), moved[weight])[0].flatten()
    size = torch.linalg.vector_norm
    l2 = size(before - after)
    cosine = torch.dot(before, after) / (size(before) * size(after))
    return Shift(l2=float(l2), cosine=float(cosine))


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftProbe:
    """The shift of chosen layers. ``layers`` maps the paper's layer to this network's."""

    layers: Mapping[int, int]
    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics, each measured at every probe step; the layer is the paper's."""
        names = [f"ics_{kind}_layer{layer}" for layer in self.layers for kind in ("l2", "cosine")]
        return dict.fromkeys(names, probe_steps)

    def measure(self, view: StepView) -> Mapping[str, float]:
        """Return l2 and cosine of every layer."""
        values = {}
        for declared, layer in self.layers.items():
            shift = gradient_shift(
                view.loss_at,
                view.parameters,
                view.gradients,
                weight=view.names.index(f"layers.{layer - 1}.linear.weight"),
                preceding=preceding_parameters(view.names, layer),
                learning_rate=view.learning_rate,
            )
            values[f"ics_l2_layer{declared}"] = shift.l2
            values[f"ics_cosine_layer{declared}"] = shift.cosine
        return values

    def histograms(self) -> Mapping[str, Histograms]:
        """Return none."""
        return {}


def preceding_parameters(names: Sequence[str], layer: int) -> frozenset[int]:
    """Return the indices of all parameters (norms' too) of weight layers 1 .. ``layer`` - 1."""
    prefixes = tuple(f"layers.{i}." for i in range(layer - 1))
    return frozenset(i for i, name in enumerate(names) if name.startswith(prefixes))


def make(settings: Mapping[str, Any]) -> ShiftProbe:
    """Return the probe for resolved settings: ``layers``, the paper's index to the network's."""
    return ShiftProbe(layers={int(k): v for k, v in settings["layers"].items()})
