"""Deep linear networks W_L ... W_1 x fitted to A x, of many seeds in one batched computation.

Loss of a seed: half the sum of squared errors over all samples (or another multiple of it). After
every layer but the last (or every layer) comes the norm: y = gamma (a - mean(a)) / N(a) + beta,
statistics over all samples.

**Coordinates.** Between norms everything is linear in the samples, and every norm here only shifts
and scales a unit. So a unit's 1000 activations always lie in the span of the inputs' 10 units and
the constant: its 11 coordinates in an orthonormal basis of that span hold them exactly, with the
same inner products, hence the same loss, mean and variance. Only N_1 and N_inf need the samples
themselves, which the basis gives. What differs from a computation on samples is rounding alone.

**Eager on purpose.** ``torch.compile`` makes a step faster with BatchNorm and l_2, and takes longer
to compile than that saves in all of the paper's steps; without a norm and with l_1 it gains
nothing, with l_inf it loses. models/README.md has the figures, which ``models.dln_benchmark``
measures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from models import streams


@dataclass(frozen=True, kw_only=True, slots=True)
class Samples:
    """The data of each seed. Coordinate 0 is along the constant: sqrt(count) times the mean."""

    inputs: Tensor  # (seeds, width, coordinates)
    targets: Tensor  # (seeds, width, coordinates), A x
    basis: Tensor  # (seeds, coordinates, count), orthonormal rows, the first one constant
    centre: Tensor  # (coordinates,), 0 then ones: times a, it removes the mean
    constant: Tensor  # (coordinates,), sqrt(count) then zeros: the coordinates of all ones
    room: Tensor  # (seeds, width, count), overwritten at will: allocating 0.4 MB takes 30 us
    count: int
    error_weight: float = 0.5  # the loss is this times the sum of squared errors


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """All parameters (or their gradients) of all seeds; without a norm gain and shift are empty."""

    weight: Tensor  # (layers, seeds, width, width)
    gain: Tensor  # (normed layers, seeds, width, 1), gamma
    shift: Tensor  # (normed layers, seeds, width, 1), beta

    def moved(
        self,
        along: "Parameters",
        by: float,
        layers: int | None = None,
        norms: int | None = None,
    ) -> "Parameters":
        """Return a copy of which the first ``layers`` (all) layers moved by ``-by * along``.

        And the first ``norms`` norms, by default those of the layers that moved.
        """
        norms = layers if norms is None else norms
        new = Parameters(
            weight=self.weight.clone(), gain=self.gain.clone(), shift=self.shift.clone()
        )
        new.weight[:layers].sub_(along.weight[:layers], alpha=by)
        new.gain[:norms].sub_(along.gain[:norms], alpha=by)
        new.shift[:norms].sub_(along.shift[:norms], alpha=by)
        return new

    def plus(self, other: "Parameters", times: float) -> "Parameters":
        """Return ``self + times * other``."""
        return Parameters(
            weight=torch.add(self.weight, other.weight, alpha=times),
            gain=torch.add(self.gain, other.gain, alpha=times),
            shift=torch.add(self.shift, other.shift, alpha=times),
        )

    def double(self) -> "Parameters":
        """Return a copy in float64."""
        return Parameters(
            weight=self.weight.double(), gain=self.gain.double(), shift=self.shift.double()
        )

    def zeros(self) -> "Parameters":
        """Return as many zeros."""
        weight, gain, shift = (torch.zeros_like(part) for part in self.parts())
        return Parameters(weight=weight, gain=gain, shift=shift)

    def become(self, other: "Parameters") -> None:
        """Take the other's values in place."""
        for part, new in zip(self.parts(), other.parts(), strict=True):
            part.copy_(new)

    def parts(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return weight, gain and shift."""
        return self.weight, self.gain, self.shift

    def step(self, gradients: "Parameters", learning_rate: float) -> None:
        """Take a step of plain gradient descent in place."""
        self.weight.sub_(gradients.weight, alpha=learning_rate)
        self.gain.sub_(gradients.gain, alpha=learning_rate)
        self.shift.sub_(gradients.shift, alpha=learning_rate)

    def distance(self, other: "Parameters") -> Tensor:
        """Return the l2 norm of the difference over all parameters, (seeds,)."""
        return Parameters(
            weight=self.weight - other.weight,
            gain=self.gain - other.gain,
            shift=self.shift - other.shift,
        ).norm()

    def norm(self) -> Tensor:
        """Return the l2 norm over all parameters, (seeds,)."""
        size = torch.linalg.vector_norm
        parts = [size(part, dim=(0, 2, 3)) for part in (self.weight, self.gain, self.shift)]
        total: Tensor = size(torch.stack(parts), dim=0)
        return total


Size: TypeAlias = Callable[[Tensor, Samples], tuple[Tensor, Tensor]]
"""Of activations (seeds, width, coordinates): N (seeds, width, 1) and dN/da. See dln_norms."""


def draw_arrays(seed: int, width: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return A (width, width) and x (width, count), i.i.d. N(0, 1), each from its own stream."""
    matrix = streams.generator(seed, "linear target").standard_normal((width, width))
    inputs = streams.generator(seed, "linear inputs").standard_normal((width, count))
    return matrix, inputs


def draw_samples(
    seeds: Sequence[int],
    *,
    width: int,
    count: int,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    error_weight: float = 0.5,
) -> Samples:
    """Return the data of the seeds, in coordinates; the basis is found in float64."""
    inputs, targets, bases = [], [], []
    for seed in seeds:
        matrix, x = draw_arrays(seed, width, count)
        columns = np.concatenate([np.ones((1, count)), x]).T  # (count, 1 + width)
        basis, triangle = np.linalg.qr(columns)
        sign = np.sign(basis[0, 0])  # the first vector is constant; make it positive
        basis[:, 0] *= sign
        triangle[0] *= sign
        inputs.append(triangle[:, 1:].T)  # (width, 1 + width): x = inputs @ basis.T
        targets.append(matrix @ inputs[-1])
        bases.append(basis.T)

    def stacked(arrays: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays)).to(device, dtype)

    room = torch.empty((len(seeds), width, count), device=device, dtype=dtype)
    first = torch.zeros(1 + width, device=device, dtype=dtype)
    first[0] = 1
    return Samples(
        inputs=stacked(inputs),
        targets=stacked(targets),
        basis=stacked(bases),
        centre=1 - first,
        constant=first * sqrt(count),
        room=room,
        count=count,
        error_weight=error_weight,
    )


def draw_parameters(
    seeds: Sequence[int],
    *,
    layers: int,
    width: int,
    normed: bool | int,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    init: str = "glorot",
) -> Parameters:
    """Return initial parameters: Glorot's U(-b, b), b = sqrt(6 / (2 width)); gamma 1, beta 0.

    With ``init`` "glorot-normal" N(0, b^2 / 3) instead, of the same variance; with "orthogonal" a
    rotation, uniformly (Mezzadri 2007), that no depth shrinks (Saxe et al. 2014). ``normed`` says
    whether a norm follows all layers but the last, or how many layers it follows. Each weight comes
    from the stream of its seed and layer, so all norms share them.
    """
    bound = sqrt(6 / (2 * width))

    def draw(seed: int, layer: int) -> np.ndarray:
        stream = streams.generator(seed, "init", f"linear{layer}")
        if init == "glorot-normal":
            return stream.normal(0.0, bound / sqrt(3), (width, width))
        if init == "orthogonal":
            rotation, triangle = np.linalg.qr(stream.standard_normal((width, width)))
            return np.asarray(rotation * np.sign(np.diag(triangle)))
        return stream.uniform(-bound, bound, (width, width))

    drawn = [[draw(seed, layer) for seed in seeds] for layer in range(1, layers + 1)]
    followed = (layers - 1 if normed else 0) if isinstance(normed, bool) else normed
    per_unit = (followed, len(seeds), width, 1)
    return Parameters(
        weight=torch.from_numpy(np.array(drawn)).to(device, dtype),
        gain=torch.ones(per_unit, device=device, dtype=dtype),
        shift=torch.zeros(per_unit, device=device, dtype=dtype),
    )


def _normed(
    a: Tensor, gain: Tensor, shift: Tensor, samples: Samples, size: Size
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return gamma a_hat + beta, and a_hat, 1 / N, dN/da for its gradient."""
    n, slope = size(a, samples)
    inverse = n.reciprocal_()
    hat = (a * inverse).mul_(samples.centre)
    return torch.addcmul(shift * samples.constant, hat, gain), hat, inverse, slope


@torch.no_grad()
def activations(
    parameters: Parameters, samples: Samples, size: Size | None, layers: Sequence[int]
) -> dict[int, Tensor]:
    """Return the outputs of chosen layers, counted from 1, after the norm where there is one.

    In coordinates, (seeds, width, coordinates) each.
    """
    found, h = {}, samples.inputs
    for layer in range(1, max(layers, default=0) + 1):
        h = torch.bmm(parameters.weight[layer - 1], h)
        if layer <= len(parameters.gain) and size is not None:
            gain, shift = parameters.gain[layer - 1], parameters.shift[layer - 1]
            h = _normed(h, gain, shift, samples, size)[0]
        if layer in layers:
            found[layer] = h
    return found


@torch.no_grad()
def evaluate(
    parameters: Parameters, samples: Samples, size: Size | None
) -> tuple[Tensor, Parameters]:
    """Return each seed's loss, (seeds,), and the gradients, by backpropagation written out.

    With a_hat = (a - mean(a)) / N: dL/da = (gamma / N) (gy - mean(gy) - <gy, a_hat> dN/da). Eager
    autograd takes twice the time. Nothing that is given is changed.
    """
    weights, gains = parameters.weight.unbind(), parameters.gain.unbind()
    shifts = parameters.shift.unbind()
    gradients = Parameters(
        weight=torch.empty_like(parameters.weight),
        gain=torch.empty_like(parameters.gain),
        shift=torch.empty_like(parameters.shift),
    )
    h = samples.inputs  # (seeds, width, coordinates)
    inputs, kept = [], []
    for layer, weight in enumerate(weights):
        inputs.append(h)
        h = torch.bmm(weight, h)
        if layer < len(gains) and size is not None:
            h, *of_norm = _normed(h, gains[layer], shifts[layer], samples, size)
            kept.append(of_norm)
    g = h - samples.targets
    loss = g.square().sum((1, 2)).mul_(samples.error_weight)
    g.mul_(2 * samples.error_weight)
    for layer in reversed(range(len(weights))):
        if layer < len(kept):
            hat, inverse, slope = kept[layer]
            dot = torch.sum(g * hat, 2, keepdim=True, out=gradients.gain[layer])
            torch.mul(g[:, :, :1], samples.constant[0], out=gradients.shift[layer])
            g = (g * samples.centre).addcmul_(dot, slope, value=-1).mul_(inverse * gains[layer])
        torch.bmm(g, inputs[layer].mT, out=gradients.weight[layer])
        if layer:
            g = torch.bmm(weights[layer].mT, g)
    return loss, gradients
