"""A layer's activations before the ReLU (Figures 1c, 2, 6): stability, shape and histograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.records import Histograms
from models import streams
from models.probing import Probe, ProbePoint, StepView

STABILITY = ("mean_shift", "variance_shift", "mean_distance", "variance_distance")
SHAPE = ("excess_kurtosis", "kurtosis_size", "skewness", "non_gaussianity")
CENTRAL = ("mean", "second", "third", "fourth")


def moments(activations: Tensor) -> tuple[Tensor, Tensor]:
    """Return each unit's mean and (biased) variance over batch and positions, (units,) each.

    ``activations`` has shape (batch, units, ...).
    """
    rows = activations.movedim(1, -1).flatten(0, -2)  # (batch * positions, units)
    variance, mean = torch.var_mean(rows, 0, correction=0)
    return mean, variance


@dataclass(frozen=True, kw_only=True, slots=True)
class CentralMoments:
    """Mean and second to fourth biased central moment of each unit, (units,) each."""

    mean: Tensor
    second: Tensor
    third: Tensor
    fourth: Tensor

    @classmethod
    def of(cls, activations: Tensor) -> "CentralMoments":
        """Return those of activations (batch, units, ...) over batch and positions."""
        rows = activations.movedim(1, -1).flatten(0, -2)  # (batch * positions, units)
        mean = rows.mean(0)
        centred = rows - mean
        squares = centred.square()
        return cls(
            mean=mean,
            second=squares.mean(0),
            third=centred.mul_(squares).mean(0),
            fourth=squares.square_().mean(0),
        )

    def pooled(self) -> "CentralMoments":
        """Return those of all units' values together, (1,) each."""
        mean = self.mean.mean(0, keepdim=True)
        d = self.mean - mean
        second, third, fourth = self.second, self.third, self.fourth
        return CentralMoments(
            mean=mean,
            second=(second + d**2).mean(0, keepdim=True),
            third=(third + 3 * d * second + d**3).mean(0, keepdim=True),
            fourth=(fourth + 4 * d * third + 6 * d**2 * second + d**4).mean(0, keepdim=True),
        )

    def skewness(self) -> Tensor:
        """Return m3 / m2^(3/2): 0 for a Gaussian, NaN where the values do not vary."""
        return self.third / self.second.pow(1.5)

    def excess_kurtosis(self) -> Tensor:
        """Return m4 / m2^2 - 3: Gaussian 0, uniform -1.2, Laplace 3, NaN where nothing varies."""
        return self.fourth / self.second.square() - 3.0

    def non_gaussianity(self) -> Tensor:
        """Return S^2 / 6 + K^2 / 24, S the skewness and K the excess kurtosis.

        Jarque and Bera's statistic (1980) per value: Gaussian 0, uniform 0.06, Laplace 0.375.
        """
        return self.skewness().square() / 6 + self.excess_kurtosis().square() / 24


def sampled_units(seed: int, layer: int, units: int, most: int) -> np.ndarray:
    """Return at most ``most`` unit indices, ascending, from the run's own stream for probes."""
    draw = streams.generator(seed, "probes", "moments", layer)
    return np.sort(draw.permutation(units)[:most])


def least_above(edges: np.ndarray) -> np.ndarray:
    """Return the least float32 at or above each edge: a float32 reaches both or neither."""
    rounded = edges.astype(np.float32)
    return np.where(rounded < edges, np.nextafter(rounded, np.float32(np.inf)), rounded)


def counted(sample: Tensor, inner: Tensor) -> Tensor:
    """Return how many of the values lie between the ``inner`` edges, (bins,) int64.

    ``sample`` is (batch, units, ...) and float32, ``inner`` the float32 edges but the first and the
    last: what lies outside those is counted in the outermost bins, what is no number not at all.
    The counts are ``numpy.histogram``'s, which counts on a CPU: six times as fast there (half a
    million values, one AVX-512 core, torch 2.13, under load). Units are counted apart and then
    added: on a GPU, counts of one address wait for each other.
    """
    bins, units = len(inner) + 1, sample.shape[1]
    rows = sample.movedim(1, -1).flatten(0, -2).contiguous()  # (batch * positions, units)
    found = torch.bucketize(rows, inner, right=True)  # 0 .. bins - 1
    found = found.masked_fill_(rows.isnan(), bins)
    found += torch.arange(units, device=rows.device) * (bins + 1)
    counts = torch.zeros(units * (bins + 1), dtype=torch.int64, device=rows.device)
    one = torch.ones((), dtype=torch.int64, device=rows.device)
    counts.scatter_add_(0, found.flatten(), one.expand(found.numel()))
    return counts.view(units, bins + 1)[:, :bins].sum(0)


@dataclass(kw_only=True, slots=True)
class MomentProbe(Probe):
    """Moments of sampled units: how far they move, and how Gaussian the activations are.

    ``shift``: mean over units of |change| of a unit's mean (variance) since the last probe;
    ``distance``: the same since the first one. ``excess_kurtosis``, its size (``kurtosis_size``)
    and the size of the ``skewness`` are medians over units, as a mean over units would be that of a
    single unit that fires on few images. ``non_gaussianity`` pools the sampled units, as histograms
    do.

    ``layers`` maps the paper's layer to this network's. In histograms, what lies outside the bins
    is counted in the outermost ones.
    """

    layers: Mapping[int, int]
    units: int
    edges: np.ndarray  # (bins + 1,)
    taps: tuple[int, ...] = field(init=False)
    _last: dict[int, tuple[Tensor, Tensor]] = field(init=False, default_factory=dict)
    _first: dict[int, tuple[Tensor, Tensor]] = field(init=False, default_factory=dict)
    _steps: list[int] = field(init=False, default_factory=list)
    _counts: dict[int, list[tuple[int, ...]]] = field(init=False, default_factory=dict)
    _chosen: dict[int, Tensor] = field(init=False, default_factory=dict)  # units, by layer
    _inner: Tensor | None = field(init=False, default=None)  # edges, on the device

    def __post_init__(self) -> None:
        self.taps = tuple(self.layers.values())

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics: what compares two measurements from the second probe step on."""
        found: dict[str, Sequence[int]] = {}
        for layer in self.layers:
            names = [f"activation_{name}_layer{layer}" for name in STABILITY]
            found |= dict.fromkeys(names, probe_steps[1:])
            found |= dict.fromkeys(
                [f"activation_{name}_layer{layer}" for name in SHAPE], probe_steps
            )
        return found

    def read(self, view: StepView) -> Tensor:
        """Return of each layer its sampled units' moments and the counts of its histogram."""
        parts: list[Tensor] = []
        for declared, layer in self.layers.items():
            tapped = view.taps[layer]
            sample = tapped[:, self._units_of(declared, view.seed, tapped)].float()
            by_unit = CentralMoments.of(sample)
            parts += moments(sample)
            parts += [by_unit.mean, by_unit.second, by_unit.third, by_unit.fourth]
            parts.append(self._count(sample))
        return torch.cat([part.double() for part in parts])

    def _units_of(self, declared: int, seed: int, tapped: Tensor) -> Tensor:
        """Return the indices of a layer's sampled units: made once, as a run keeps its sample."""
        if declared not in self._chosen:
            chosen = sampled_units(seed, declared, tapped.shape[1], self.units)
            self._chosen[declared] = torch.from_numpy(chosen).to(tapped.device)
        return self._chosen[declared]

    def _count(self, sample: Tensor) -> Tensor:
        if sample.device.type == "cpu":
            inside = np.clip(sample.numpy().ravel(), self.edges[0], self.edges[-1])
            return torch.from_numpy(np.histogram(inside, self.edges)[0])
        if self._inner is None:
            self._inner = torch.from_numpy(least_above(self.edges[1:-1])).to(sample.device)
        return counted(sample, self._inner)

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:
        """Return every layer's shape and, from the second probe on, how far its moments moved."""
        values: dict[str, float] = {}
        self._steps.append(point.step)
        bins = len(self.edges) - 1
        for declared in self.layers:
            units = len(self._chosen[declared])
            by_unit, counts, numbers = numbers.split(
                [6 * units, bins, len(numbers) - 6 * units - bins]
            )
            mean, variance, *central = by_unit.float().view(6, units)
            shape = _shape(CentralMoments(**dict(zip(CENTRAL, central, strict=True))))
            found = shape | self._moved(declared, (mean, variance))
            values |= {f"activation_{name}_layer{declared}": x for name, x in found.items()}
            row = tuple(int(count) for count in counts.tolist())
            self._counts.setdefault(declared, []).append(row)
        return values

    def _moved(self, declared: int, now: tuple[Tensor, Tensor]) -> dict[str, float]:
        """Return shift and distance of a layer's moments; nothing at the first probe."""
        before, self._last[declared] = self._last.get(declared), now
        first = self._first.setdefault(declared, now)
        if before is None:
            return {}
        values = {}
        for kind, new, last, origin in zip(("mean", "variance"), now, before, first, strict=True):
            values[f"{kind}_shift"] = float((new - last).abs().mean())
            values[f"{kind}_distance"] = float((new - origin).abs().mean())
        return values

    def histograms(self) -> Mapping[str, Histograms]:
        """Return the counts of each layer at each probe step."""
        return {
            f"activations_layer{layer}": Histograms(
                steps=tuple(self._steps), edges=tuple(self.edges.tolist()), counts=tuple(counts)
            )
            for layer, counts in self._counts.items()
        }


def _shape(by_unit: CentralMoments) -> dict[str, float]:
    """Return the metrics of ``SHAPE`` from the moments of sampled units."""
    return {
        "excess_kurtosis": float(by_unit.excess_kurtosis().nanmedian()),
        "kurtosis_size": float(by_unit.excess_kurtosis().abs().nanmedian()),
        "skewness": float(by_unit.skewness().abs().nanmedian()),
        "non_gaussianity": float(by_unit.pooled().non_gaussianity()),
    }


def make(settings: Mapping[str, Any]) -> MomentProbe:
    """Return the probe for resolved settings: layers, units, bins, low, high."""
    return MomentProbe(
        layers={int(k): v for k, v in settings["layers"].items()},
        units=settings["units"],
        edges=np.linspace(settings["low"], settings["high"], settings["bins"] + 1),
    )
