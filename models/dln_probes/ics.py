"""Gradient ICS (Definition 2.1, Figure 3b): how the layers below shift a layer's gradient."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from models.dln import evaluate
from models.dln_probes import Probe, Values, View


@dataclass(frozen=True, kw_only=True, slots=True)
class IcsProbe(Probe):
    """||G - G'||_2 and cos(G, G') of the weights of chosen layers, counted from 1.

    G' is layer i's gradient after layers 1 .. i - 1 alone took their step, with their norms'
    parameters.
    """

    layers: tuple[int, ...]

    def measure(self, view: View) -> Values:
        """Return both numbers of every layer."""
        values = {}
        for layer in self.layers:
            before = view.gradients.weight[layer - 1].flatten(1)  # (seeds, width * width)
            moved = view.parameters.moved(view.gradients, view.learning_rate, layers=layer - 1)
            there = evaluate(moved, view.samples, view.size)[1]
            after = there.weight[layer - 1].flatten(1)
            sizes = torch.linalg.vector_norm(before, dim=1) * torch.linalg.vector_norm(after, dim=1)
            values[f"ics_l2_layer{layer}"] = torch.linalg.vector_norm(before - after, dim=1)
            values[f"ics_cosine_layer{layer}"] = (before * after).sum(1) / sizes
        return values


def make(settings: Mapping[str, Any]) -> IcsProbe:
    """Return the probe for resolved settings: ``layers``."""
    return IcsProbe(layers=tuple(settings["layers"]))
