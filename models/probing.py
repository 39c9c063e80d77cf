"""What a probe is given at a step, and what it must promise.

A probe changes nothing: it works on copies of parameters and running statistics, draws from no
stream that training uses, and sees the same batch, the same noise and train mode.

It measures in two parts. ``read`` works on the device alone: no ``.item()``, no numpy, no draws of
the host's, no shape that depends on data, so that a CUDA graph can hold it and nobody waits for a
GPU. ``values`` turns the numbers that were read into metrics on the host, and keeps what compares
one probe point with another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call

from harness.records import Histograms
from models.descent import Descent

Parameters = tuple[Tensor, ...]
LandscapePoint = tuple[Tensor, Tensor]
"""Loss and change of the gradient after a step, two scalars on the device."""
LossAt = Callable[[Parameters], Tensor]
"""The loss of a step's batch (a scalar), L2 term and all, as a function of all parameters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbePoint:
    """Where in training a probe measured."""

    step: int
    learning_rate: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StepView:
    """One training step before its update.

    ``names``, ``parameters``, ``gradients`` and ``directions`` are in one order. The step subtracts
    ``learning_rate * directions``, which without momentum are the gradients. ``taps`` maps a weight
    layer's index to its activations before the ReLU, (batch, units, ...), in the step's forward
    pass. With a ``counter``, an int64 scalar on the device, it alone knows the step (``step`` is
    -1), and what is random is drawn by it. ``along_gradient`` keeps, by step size, what was read
    along the gradient, so that no probe evaluates a point that another one has.
    """

    step: int
    seed: int
    learning_rate: float
    names: tuple[str, ...]
    parameters: Parameters
    gradients: Parameters
    loss_at: LossAt
    taps: Mapping[int, Tensor]
    directions: Parameters = ()
    counter: Tensor | None = None
    along_gradient: dict[float, LandscapePoint] = field(default_factory=dict)

    @property
    def point(self) -> ProbePoint:
        """Return where in training this is."""
        return ProbePoint(step=self.step, learning_rate=self.learning_rate)


class Probe(Protocol):
    """A measurement taken at declared steps. Made by ``make(settings)`` of a probe's module."""

    taps: tuple[int, ...]

    def declared(self, probe_steps: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Return the metrics and at which of the steps each is measured."""

    def read(self, view: StepView) -> Tensor:
        """Return the raw numbers of a step, (numbers,) float64, by operations on the device."""

    def values(self, numbers: Tensor, point: ProbePoint) -> Mapping[str, float]:
        """Return the metrics' values from what was read at a point, moved to the host.

        Called for every probe point in the order of training.
        """

    def measure(self, view: StepView) -> Mapping[str, float]:
        """Return the metrics' values at a step: both parts, with one wait for a GPU."""
        return self.values(self.read(view).cpu(), view.point)

    def histograms(self) -> Mapping[str, Histograms]:
        """Return the histograms collected so far: none by default."""
        return {}


def loss_function(
    network: nn.Module,
    names: Sequence[str],
    images: Tensor,
    labels: Tensor,
    loss_of: Callable[[Tensor, Tensor], Tensor],
    descent: Descent,
) -> LossAt:
    """Return the batch's loss as a function of the parameters, leaving the network as it is.

    Buffers (running statistics) are cloned for every call, because a training pass writes to them.
    """

    def loss_at(parameters: Parameters) -> Tensor:
        state = dict(zip(names, parameters, strict=True))
        state |= {name: buffer.clone() for name, buffer in network.named_buffers()}
        loss = loss_of(functional_call(network, state, (images,)), labels)
        return descent.objective(loss, parameters)

    return loss_at


def norm_of(tensors: Sequence[Tensor]) -> Tensor:
    """Return the l2 norm of all entries of all tensors together, a scalar tensor."""
    norms = torch.stack([torch.linalg.vector_norm(tensor) for tensor in tensors])
    total: Tensor = torch.linalg.vector_norm(norms)
    return total
