"""Random draws of layers, in groups of one shape and one loss each; the same in every process.

A draw whose sigma is below 1/20 of its largest output is not taken: the rounding error of y - mean
is eps |y|, so of y_hat it is eps |y| / sigma, and below that ratio it would be rounding, not the
statement, that is tested.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from models.streams import generator
from models.theory import losses
from models.theory.layer import Cases, Layer

BATCHES = (2, 3, 4, 6, 10, 16)
LEAST_SIGMA = 0.05
"""Of the largest output."""

SPARE = 6  # draws made for each that is taken


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))


def _steady(y: Tensor) -> Tensor:
    """Return which draws have no tiny sigma: y (n, m, k) gives (n,)."""
    return (y.std(dim=1, correction=0) >= LEAST_SIGMA * y.abs().amax(dim=(1, 2))[:, None]).all(1)


def _taken(keep: Tensor, n: int, *tensors: Tensor) -> list[Tensor]:
    """Return the first n draws that are kept."""
    places = keep.nonzero()[:n, 0]
    if len(places) < n:
        raise ValueError(f"draws: got {len(places)} steady ones of {len(keep)}, expected {n}")
    return [tensor[places] for tensor in tensors]


def _log_uniform(rng: np.random.Generator, low: float, high: float, *shape: int) -> Tensor:
    return _tensor(np.exp(rng.uniform(np.log(low), np.log(high), shape)))


def _sign(rng: np.random.Generator, *shape: int) -> Tensor:
    return _tensor(rng.choice([-1.0, 1.0], shape))


def layers(rng: np.random.Generator, per_group: int) -> Iterator[Cases]:
    """Yield layers of every shape under each family of losses."""
    inputs = itertools.cycle((1, 2, 3, 4))
    for m, k, family in itertools.product(BATCHES, (1, 3), losses.FAMILIES):
        d, n = next(inputs), SPARE * per_group
        x = _tensor(rng.standard_normal((n, m, d)) + 2 * rng.standard_normal((n, 1, d)))
        w = _tensor(rng.standard_normal((n, d, k))) * _log_uniform(rng, 0.01, 100, n, 1, 1)
        x, w = _taken(_steady(x @ w), per_group, x, w)
        yield Cases(
            x=x,
            w=w,
            gamma=_log_uniform(rng, 0.1, 10, per_group, 1, k) * _sign(rng, per_group, 1, k),
            beta=_tensor(rng.standard_normal((per_group, 1, k))),
            upstream=family(rng, per_group, m, k),
            lam=_log_uniform(rng, 0.1, 10, per_group),
        )


Shape = Callable[[np.random.Generator, Layer], Tensor]
"""Draws the Hessian of a local loss, (n, m, m), knowing g and G."""


def _any_hessian(rng: np.random.Generator, layer: Layer) -> Tensor:
    n, m = layer.grad.shape
    a = _tensor(rng.standard_normal((n, m, m)))
    return (a + a.mT) / 2


def _preserving(rng: np.random.Generator, layer: Layer) -> Tensor:
    """Return positive semi-definite H with G'HG / |G|^2 = g'Hg / |g|^2.

    The smaller of the two is raised by s p p', where p is the part of its direction that is
    orthogonal to the other's.
    """
    n, m = layer.grad.shape
    root = _tensor(rng.standard_normal((n, m, m))) / m**0.5
    h = root @ root.mT
    a = torch.nn.functional.normalize(layer.grad, dim=1)
    b = torch.nn.functional.normalize(layer.grad_with_norm, dim=1)
    short = ((b[:, None] @ h @ b[..., None]) - (a[:, None] @ h @ a[..., None]))[:, 0, 0]
    inner = (a * b).sum(dim=1, keepdim=True)
    raised = torch.where(short[:, None] > 0, a - inner * b, b - inner * a)
    grown = (1 - inner[:, 0].square()).clamp(min=1e-6)  # |p|^2, and what p has of its direction
    return h + (short.abs() / grown.square())[:, None, None] * raised[:, :, None] * raised[:, None]


def local(
    shape: Shape, *, small_gamma: bool = False, along: bool = False
) -> Callable[[np.random.Generator, int], Iterator[Cases]]:
    """Return what yields layers of one unit under losses with a given gradient and Hessian."""

    def draw(rng: np.random.Generator, per_group: int) -> Iterator[Cases]:
        for m in BATCHES[1:]:
            n = 12 * per_group
            y = _tensor(rng.standard_normal((SPARE * n, m, 1)))
            y = y + _tensor(2 * rng.standard_normal((SPARE * n, 1, 1)))
            (y,) = _taken(_steady(y), n, y)
            sigma = y.std(dim=1, correction=0, keepdim=True)
            gamma = _log_uniform(rng, 0.1, 10, n, 1, 1) * _sign(rng, n, 1, 1)
            g = _tensor(rng.standard_normal((n, m)))
            if small_gamma:
                gamma = sigma * _log_uniform(rng, 0.1, 1, n, 1, 1)
            if along:  # turn g where it points against y_hat
                turn = ((y - y.mean(dim=1, keepdim=True))[..., 0] * g).sum(dim=1, keepdim=True)
                g = g * torch.where(turn < 0, -1.0, 1.0)
            flat = torch.zeros((n, m, m), dtype=torch.float64)
            cases = Cases(
                x=y,
                w=torch.ones((n, 1, 1), dtype=torch.float64),
                gamma=gamma,
                beta=_tensor(rng.standard_normal((n, 1, 1))),
                upstream=losses.local(g, flat),
                lam=_log_uniform(rng, 0.1, 10, n),
            )
            yield cases.with_upstream(losses.local(g, shape(rng, Layer(cases))))

    return draw


def optima(rng: np.random.Generator, per_group: int) -> Iterator[Cases]:
    """Yield tasks with an optimum W* of the layer without BatchNorm, and initial weights W0."""
    for m, d in itertools.product(BATCHES, (1, 2, 3, 4)):
        n = 2 * per_group
        x = _tensor(rng.standard_normal((SPARE * n, m, d)))
        w = _tensor(rng.standard_normal((SPARE * n, d, 1)))
        x, w = _taken(_steady(x @ w), n, x, w)
        one = torch.ones((n, 1, 1), dtype=torch.float64)
        yield Cases(
            x=x,
            w=w,
            gamma=one,
            beta=0 * one,
            upstream=losses.valley(rng, n, m, x @ w),
            lam=one[:, 0, 0],
            start=_tensor(rng.standard_normal((n, d, 1))),
        )


RANDOM: dict[str, Callable[[np.random.Generator, int], Iterator[Cases]]] = {
    "layers": layers,
    "none": local(_any_hessian),
    "preserving": local(_preserving),
    "small-gamma": local(_preserving, small_gamma=True),
    "mild": local(_preserving, small_gamma=True, along=True),
    "optima": optima,
}


def drawn(kind: str, per_group: int) -> Iterator[Cases]:
    """Yield the groups of a kind of draws: the same for every statement that uses the kind."""
    yield from RANDOM[kind](generator(0, "theory", kind), per_group)
