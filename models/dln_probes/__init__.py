"""Probes of the deep linear network, one file each, found by name.

A file defines ``make(settings) -> Probe`` for the probe's resolved settings. A probe changes
nothing: it works on copies of the parameters and draws from no stream that training uses.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor

from harness.records import Histograms
from models.dln import Parameters, Samples, Size

Values = dict[str, Tensor]
"""Numbers measured at one step by metric, (seeds,) each."""

Point = tuple[Tensor, Tensor]
"""Loss and change of the gradient after a step, (seeds,) each."""

Layers = Sequence[int] | Mapping[str, int]
"""Layers counted from 1; or, under the names that metrics give them, those that are read."""


def named(layers: Layers) -> dict[str, int]:
    """Return the layers that are read, each under its name in metrics."""
    if isinstance(layers, Mapping):
        return dict(layers)
    return {str(layer): layer for layer in layers}


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One training step of all seeds before its update.

    The step subtracts ``learning_rate * directions``: the gradients unless there is momentum.
    ``along_gradient`` keeps, by step size, what was read along the gradient, so that no probe
    evaluates a point that another one has.
    """

    step: int
    seeds: Sequence[int]
    learning_rate: float
    parameters: Parameters
    gradients: Parameters
    samples: Samples
    size: Size | None
    directions: Parameters | None = None
    along_gradient: dict[float, Point] = field(default_factory=dict)


class Probe(Protocol):
    """A measurement taken at declared steps, of all seeds at once."""

    def measure(self, view: View) -> Values:
        """Return the metrics' values at a step; nothing that the view holds is changed."""

    def histograms(self, position: int) -> Mapping[str, Histograms]:  # noqa: ARG002
        """Return the histograms collected so far of the seed at a position: none by default."""
        return {}


def made(settings: Mapping[str, Mapping[str, Any]]) -> list[Probe]:
    """Return the probes of an arm's resolved settings, ``{name: settings}``, in their order."""
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in settings}
    return [modules[name].make(chosen) for name, chosen in settings.items()]
