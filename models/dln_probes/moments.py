"""Stability of a layer's activations (Figure 9): moments and histograms of all units.

What is read is a layer's output: after its norm where it has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.records import Histograms
from models.dln import Samples, activations
from models.dln_probes import Layers, Probe, Values, View, named

KINDS = ("mean", "variance")


def moments(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return each unit's mean and (biased) variance over the samples, (seeds, units) each.

    ``a`` are activations in coordinates, (seeds, units, coordinates), which hold both exactly.
    """
    mean = a[:, :, 0] / sqrt(samples.count)
    return mean, a[:, :, 1:].square().sum(2) / samples.count


def counted(values: Tensor, low: float, high: float, bins: int) -> Tensor:
    """Return how many values lie in each of equal bins: (seeds, bins), of values (seeds, any).

    A bin holds its left end, to rounding. What lies outside is counted in the outermost bins, what
    is not a number in the first. A search among edges takes 17 times as long.
    """
    where = values.sub(low).mul_(bins / (high - low)).floor_().clamp_(0, bins - 1)
    where = where.nan_to_num_(0).long()
    rows = torch.arange(len(values), device=values.device)[:, None] * bins
    return torch.bincount((where + rows).flatten(), minlength=len(values) * bins).view(-1, bins)


@dataclass(kw_only=True, slots=True)
class MomentProbe(Probe):
    """Mean over units of |change of mean| and |change of variance|, by layer.

    ``..._shift_layer{n}`` since the last probe point, ``..._distance_layer{n}`` since the first.
    """

    layers: Layers
    low: float
    high: float
    bins: int
    _first: dict[str, tuple[Tensor, Tensor]] = field(init=False, default_factory=dict)
    _last: dict[str, tuple[Tensor, Tensor]] = field(init=False, default_factory=dict)
    _steps: list[int] = field(init=False, default_factory=list)
    _counts: dict[str, list[Tensor]] = field(init=False, default_factory=dict)

    def measure(self, view: View) -> Values:
        """Return the changes, from the second point on."""
        values: Values = {}
        layers = named(self.layers)
        found = activations(view.parameters, view.samples, view.size, tuple(layers.values()))
        self._steps.append(view.step)
        for layer, a in ((name, found[read]) for name, read in layers.items()):
            now = moments(a, view.samples)
            for word, since in (("shift", self._last), ("distance", self._first)):
                for kind, new, old in zip(KINDS, now, since.get(layer, ()), strict=False):
                    name = f"activation_{kind}_{word}_layer{layer}"
                    values[name] = (new - old).abs().mean(1)
            self._first.setdefault(layer, now)
            self._last[layer] = now
            each = torch.bmm(a, view.samples.basis).flatten(1)  # (seeds, units * samples)
            counts = counted(each, self.low, self.high, self.bins)
            self._counts.setdefault(layer, []).append(counts)
        return values

    def histograms(self, position: int) -> Mapping[str, Histograms]:
        """Return the counts of each layer at each probe point, of one seed."""
        edges = tuple(np.linspace(self.low, self.high, self.bins + 1).tolist())
        return {
            f"activations_layer{layer}": Histograms(
                steps=tuple(self._steps),
                edges=edges,
                counts=tuple(tuple(row[position].tolist()) for row in counts),
            )
            for layer, counts in self._counts.items()
        }


def make(settings: Mapping[str, Any]) -> MomentProbe:
    """Return the probe for resolved settings: layers, bins, low, high."""
    given = ("low", "high", "bins")
    return MomentProbe(layers=settings["layers"], **{name: settings[name] for name in given})
