"""Gradient ICS (Definition 2.1, Figure 3b): how the layers below shift a layer's gradient."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.dln import Parameters, evaluate
from models.dln_probes import Layers, Probe, Values, View, named


@dataclass(frozen=True, kw_only=True, slots=True)
class IcsProbe(Probe):
    """||G - G'||_2 and cos(G, G') of the weights of chosen layers, counted from 1.

    G' is layer i's gradient after layers 1 .. i - 1 alone took their step, with their norms'
    parameters. Other readings: ``compares`` the whole "layer", its norm's parameters included;
    ``steps`` of the "weights-below" without norms, or of "layers-and-own-norm".
    """

    layers: Layers
    compares: str = "weight"
    steps: str = "layers-below"

    def measure(self, view: View) -> Values:
        """Return both numbers of every layer."""
        values = {}
        for name, layer in named(self.layers).items():
            norms = {"weights-below": 0, "layers-and-own-norm": layer}.get(self.steps, layer - 1)
            along = view.gradients if view.directions is None else view.directions
            moved = view.parameters.moved(along, view.learning_rate, layers=layer - 1, norms=norms)
            before = self.compared(view.gradients, layer)
            after = self.compared(evaluate(moved, view.samples, view.size)[1], layer)
            sizes = torch.linalg.vector_norm(before, dim=1) * torch.linalg.vector_norm(after, dim=1)
            values[f"ics_l2_layer{name}"] = torch.linalg.vector_norm(before - after, dim=1)
            values[f"ics_cosine_layer{name}"] = (before * after).sum(1) / sizes
        return values

    def compared(self, gradients: Parameters, layer: int) -> Tensor:
        """Return the layer's gradient that counts, (seeds, width * width) or more."""
        weight = gradients.weight[layer - 1].flatten(1)
        if self.compares == "weight":
            return weight
        of_norm = gradients.gain[layer - 1 : layer], gradients.shift[layer - 1 : layer]
        return torch.cat([weight, *(part[0].flatten(1) for part in of_norm if len(part))], 1)


def make(settings: Mapping[str, Any]) -> IcsProbe:
    """Return the probe for resolved settings: ``layers``, and ``compares`` and ``steps`` if any."""
    options = {name: settings[name] for name in ("compares", "steps") if name in settings}
    return IcsProbe(layers=settings["layers"], **options)
