"""Internal covariate shift of a layer's gradient (Definition 2.1).

G is the gradient of the loss with respect to a layer's weight at the parameters of step t; G' the
same after the preceding layers alone took their step, with this layer and all later ones unchanged,
on the same batch.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.probing import LossAt, Parameters, Probe, ProbePoint, StepView


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
    compared: Sequence[int],
    stepping: Collection[int],
    learning_rate: float,
    directions: Parameters | None = None,
) -> Shift:
    """Measure Definition 2.1 for the parameters with indices ``compared``, as one vector."""
    read = read_shift(
        loss_at,
        parameters,
        gradients,
        compared=compared,
        stepping=stepping,
        learning_rate=learning_rate,
        directions=directions,
    )
    l2, cosine = read.tolist()
    return Shift(l2=l2, cosine=cosine)


def read_shift(
    loss_at: LossAt,
    parameters: Parameters,
    gradients: Parameters,
    *,
    compared: Sequence[int],
    stepping: Collection[int],
    learning_rate: float,
    directions: Parameters | None = None,
) -> Tensor:
    """Return ||G - G'||_2 and cos(G, G') of the parameters ``compared``, as one vector: (2,).

    ``stepping`` holds the indices of the parameters that take the step ``- learning_rate *
    direction`` in a copy (by default their gradient); only those compared are differentiated.
    """
    along = gradients if directions is None else directions
    moved = [
        (p - learning_rate * d if i in stepping else p).detach()
        for i, (p, d) in enumerate(zip(parameters, along, strict=True))
    ]
    for i in compared:
        moved[i] = moved[i].clone().requires_grad_()
    there = torch.autograd.grad(loss_at(tuple(moved)), [moved[i] for i in compared])
    before = torch.cat([gradients[i].flatten() for i in compared])
    after = torch.cat([gradient.flatten() for gradient in there])
    size = torch.linalg.vector_norm
    l2 = size(before - after)
    cosine = torch.dot(before, after) / (size(before) * size(after))
    return torch.stack([l2, cosine]).double()


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftProbe(Probe):
    """The shift of chosen layers. ``layers`` maps the paper's layer to this network's.

    ``compares``: the gradient of the layer's "weight", or of the whole "layer". ``steps``: all
    parameters of the "layers-below", the "weights-below" alone, or "layers-and-own-norm".
    """

    layers: Mapping[int, int]
    compares: str = "weight"
    steps: str = "layers-below"
    taps: tuple[int, ...] = ()

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics, each measured at every probe step; the layer is the paper's."""
        names = [f"ics_{kind}_layer{layer}" for layer in self.layers for kind in ("l2", "cosine")]
        return dict.fromkeys(names, probe_steps)

    def read(self, view: StepView) -> Tensor:
        """Return l2 and cosine of every layer in turn."""
        shifts = [
            read_shift(
                view.loss_at,
                view.parameters,
                view.gradients,
                compared=compared_parameters(view.names, layer, self.compares),
                stepping=stepping_parameters(view.names, layer, self.steps),
                learning_rate=view.learning_rate,
                directions=view.directions,
            )
            for layer in self.layers.values()
        ]
        return torch.cat(shifts)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:  # noqa: ARG002
        """Return l2 and cosine of every layer."""
        return dict(zip(self.declared(()), numbers.tolist(), strict=True))


def compared_parameters(
    names: Sequence[str], layer: int, compares: str = "weight"
) -> tuple[int, ...]:
    """Return the indices of the layer's weight or, for "layer", of all its parameters."""
    prefix = f"layers.{layer - 1}." + ("linear.weight" if compares == "weight" else "")
    return tuple(i for i, name in enumerate(names) if name.startswith(prefix))


def stepping_parameters(
    names: Sequence[str], layer: int, steps: str = "layers-below"
) -> frozenset[int]:
    """Return the indices of all parameters (norms' too) of weight layers 1 .. ``layer`` - 1.

    "weights-below": of their weights alone; "layers-and-own-norm": of the layer's own norm, too.
    """
    part = "linear.weight" if steps == "weights-below" else ""
    prefixes = [f"layers.{i}.{part}" for i in range(layer - 1)]
    if steps == "layers-and-own-norm":
        prefixes.append(f"layers.{layer - 1}.norm.")
    return frozenset(i for i, name in enumerate(names) if name.startswith(tuple(prefixes)))


def make(settings: Mapping[str, Any]) -> ShiftProbe:
    """Return the probe for resolved settings: ``layers``, the paper's index to the network's.

    And, where given, ``compares`` and ``steps``.
    """
    options = {name: settings[name] for name in ("compares", "steps") if name in settings}
    return ShiftProbe(layers={int(k): v for k, v in settings["layers"].items()}, **options)
