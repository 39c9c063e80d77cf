"""Losses behind the layer: convex and not, coupling all samples and units of the batch."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.theory.layer import Upstream


def _normal(rng: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(rng.standard_normal(shape))


def quadratic(rng: np.random.Generator, n: int, m: int, k: int) -> Upstream:
    """Return |A (z - t)|^2 / 2: convex."""
    size = m * k
    a, t = _normal(rng, n, size, size) / size**0.5, _normal(rng, n, size)
    return lambda z, _: ((a @ (z.flatten(1) - t)[..., None]).square()).sum(dim=(1, 2)) / 2


def log_cosh(rng: np.random.Generator, n: int, m: int, k: int) -> Upstream:
    """Return the sum over rows r of log cosh(B_r z + c_r): convex."""
    b, c = _normal(rng, n, m * k, m * k) / (m * k) ** 0.5, _normal(rng, n, m * k)

    def loss(z: Tensor, _: Tensor) -> Tensor:
        seen = (b @ z.flatten(1)[..., None])[..., 0] + c
        return (seen.abs() + F.softplus(-2 * seen.abs())).sum(dim=1)  # log cosh, and log 2

    return loss


def cross_entropy(rng: np.random.Generator, n: int, m: int, k: int) -> Upstream:
    """Return the mean cross-entropy of three classes whose logits are linear in z: convex."""
    c, labels = _normal(rng, n, k, 3), torch.from_numpy(rng.integers(0, 3, (n, m)))

    def loss(z: Tensor, _: Tensor) -> Tensor:
        logits = z @ c  # (n, m, 3)
        right = logits.gather(2, labels[..., None])[..., 0]
        return (logits.logsumexp(dim=2) - right).mean(dim=1)

    return loss


def cosine(rng: np.random.Generator, n: int, m: int, k: int) -> Upstream:
    """Return the sum over rows r of cos(B_r z + c_r): not convex."""
    b, c = _normal(rng, n, m * k, m * k) / (m * k) ** 0.5, _normal(rng, n, m * k)
    return lambda z, _: ((b @ z.flatten(1)[..., None])[..., 0] + c).cos().sum(dim=1)


def saddle(rng: np.random.Generator, n: int, m: int, k: int) -> Upstream:
    """Return z'Sz / 2 + sum (Bz)^3 / 6 with an indefinite S: not convex."""
    size = m * k
    s, b = _normal(rng, n, size, size), _normal(rng, n, size, size) / size**0.5

    def loss(z: Tensor, _: Tensor) -> Tensor:
        flat = z.flatten(1)[..., None]
        return (flat.mT @ s @ flat)[:, 0, 0] / 2 + (b @ flat).pow(3).sum(dim=(1, 2)) / 6

    return loss


def network(rng: np.random.Generator, n: int, m: int, k: int) -> Upstream:
    """Return the squared error of a network with one hidden layer of five tanh: not convex."""
    c, v, t = _normal(rng, n, k, 5), _normal(rng, n, 5, 1), _normal(rng, n, m, 1)
    return lambda z, _: ((torch.tanh(z @ c) @ v - t).square()).sum(dim=(1, 2))


FAMILIES = (quadratic, log_cosh, cross_entropy, cosine, saddle, network)


def local(gradient: Tensor, hessian: Tensor) -> Upstream:
    """Return the loss of one unit with this gradient (n, m) and Hessian (n, m, m) at z0."""

    def loss(z: Tensor, z0: Tensor) -> Tensor:
        step = (z - z0)[..., 0]  # (n, m)
        curved = (step[:, None, :] @ hessian @ step[..., None])[:, 0, 0] / 2
        return (gradient * step).sum(dim=1) + curved

    return loss


def valley(rng: np.random.Generator, n: int, m: int, target: Tensor) -> Upstream:
    """Return a loss with a local optimum at ``target`` (n, m, 1), and third-order terms there."""
    a = _normal(rng, n, m, m) / m**0.5 + torch.eye(m, dtype=torch.float64)
    b = _normal(rng, n, m, m) / m**0.5

    def loss(z: Tensor, _: Tensor) -> Tensor:
        off = z - target  # (n, m, 1)
        return (a @ off).square().sum(dim=(1, 2)) / 2 + (b @ off).sin().pow(3).sum(dim=(1, 2)) / 6

    return loss
