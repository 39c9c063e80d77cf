"""Stability of a layer's activations before the ReLU (Figures 1c, 2): moments and histograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.records import Histograms
from models import streams
from models.probing import StepView


def moments(activations: Tensor) -> tuple[Tensor, Tensor]:
    """Return each unit's mean and (biased) variance over batch and positions, (units,) each.

    ``activations`` has shape (batch, units, ...).
    """
    rows = activations.movedim(1, -1).flatten(0, -2)  # (batch * positions, units)
    variance, mean = torch.var_mean(rows, 0, correction=0)
    return mean, variance


def sampled_units(seed: int, layer: int, units: int, most: int) -> np.ndarray:
    """Return at most ``most`` unit indices, ascending, from the run's own stream for probes."""
    draw = streams.generator(seed, "probes", "moments", layer)
    return np.sort(draw.permutation(units)[:most])


@dataclass(kw_only=True, slots=True)
class MomentProbe:
    """Mean over sampled units of |change of mean| and |change of variance| since the last probe.

    ``layers`` maps the paper's layer to this network's. Histograms pool the sampled units; what
    lies outside the bins is counted in the outermost ones.
    """

    layers: Mapping[int, int]
    units: int
    edges: np.ndarray  # (bins + 1,)
    taps: tuple[int, ...] = field(init=False)
    _last: dict[int, tuple[Tensor, Tensor]] = field(init=False, default_factory=dict)
    _steps: list[int] = field(init=False, default_factory=list)
    _counts: dict[int, list[tuple[int, ...]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.taps = tuple(self.layers.values())

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics: changes are measured from the second probe step on."""
        return {
            f"activation_{kind}_shift_layer{layer}": probe_steps[1:]
            for layer in self.layers
            for kind in ("mean", "variance")
        }

    def measure(self, view: StepView) -> Mapping[str, float]:
        """Return the changes since the last probe; nothing at the first one."""
        values: dict[str, float] = {}
        self._steps.append(view.step)
        for declared, layer in self.layers.items():
            tapped = view.taps[layer]
            chosen = sampled_units(view.seed, declared, tapped.shape[1], self.units)
            sample = tapped[:, torch.from_numpy(chosen).to(tapped.device)].float()
            now, before = moments(sample), self._last.get(declared)
            if before is not None:
                for kind, new, old in zip(("mean", "variance"), now, before, strict=True):
                    name = f"activation_{kind}_shift_layer{declared}"
                    values[name] = float((new - old).abs().mean())
            self._last[declared] = now
            self._counts.setdefault(declared, []).append(self._count(sample))
        return values

    def _count(self, sample: Tensor) -> tuple[int, ...]:
        inside = np.clip(sample.cpu().numpy().ravel(), self.edges[0], self.edges[-1])
        counts, _ = np.histogram(inside, self.edges)
        return tuple(int(count) for count in counts)

    def histograms(self) -> Mapping[str, Histograms]:
        """Return the counts of each layer at each probe step."""
        return {
            f"activations_layer{layer}": Histograms(
                steps=tuple(self._steps), edges=tuple(self.edges.tolist()), counts=tuple(counts)
            )
            for layer, counts in self._counts.items()
        }


def make(settings: Mapping[str, Any]) -> MomentProbe:
    """Return the probe for resolved settings: layers, units, bins, low, high."""
    return MomentProbe(
        layers={int(k): v for k, v in settings["layers"].items()},
        units=settings["units"],
        edges=np.linspace(settings["low"], settings["high"], settings["bins"] + 1),
    )
