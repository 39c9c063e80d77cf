"""One BatchNorm layer after one linear layer, and its derivatives by automatic differentiation.

Written from the definition of BatchNorm alone: no formula of the paper stands here. The derivatives
are torch.autograd's, in float64. Only `moments` and `standardised`, which the right sides of the
statements use, repeat the definition of the mean and of the biased standard deviation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor

Upstream = Callable[[Tensor, Tensor], Tensor]
"""A loss behind the layer: f(z, z0) with z, z0 (n, m, k) gives (n,); z0 are the layer's outputs."""


def normalised(y: Tensor) -> Tensor:
    """Return (y - mean) / sigma over the batch: y is (n, m, k), sigma biased, and no eps."""
    centred = y - y.mean(dim=-2, keepdim=True)
    return centred / centred.square().mean(dim=-2, keepdim=True).sqrt()


def batch_norm(y: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Return gamma * normalised(y) + beta: y is (n, m, k), gamma and beta (n, 1, k)."""
    return gamma * normalised(y) + beta


def moments(y: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and biased standard deviation over the batch, each (n, 1, k)."""
    return y.mean(dim=-2, keepdim=True), y.std(dim=-2, correction=0, keepdim=True)


def standardised(y: Tensor) -> Tensor:
    """Return the y_hat of the right sides, (n, m, k)."""
    mean, sigma = moments(y)
    return (y - mean) / sigma


@dataclass(frozen=True, kw_only=True)
class Cases:
    """``n`` layers on a batch of ``m`` samples each, with ``d`` inputs and ``k`` units.

    ``lam`` is the bound on the norm of X, where X varies; ``start`` are initial weights, where a
    statement has some; ``shown`` is what a reader needs to see of a small case.
    """

    x: Tensor  # (n, m, d)
    w: Tensor  # (n, d, k)
    gamma: Tensor  # (n, 1, k)
    beta: Tensor  # (n, 1, k)
    upstream: Upstream
    lam: Tensor  # (n,)
    start: Tensor | None = None  # (n, d, k)
    shown: dict[str, object] = field(default_factory=dict)

    def with_upstream(self, upstream: Upstream) -> "Cases":
        """Return the same layers under another loss."""
        return replace(self, upstream=upstream)


class Layer:
    """The layer's outputs and derivatives at one point, for each of n cases.

    L is the loss without BatchNorm, Lh with it. Their upstream gradients and Hessians agree: L is
    the same loss, moved so that it sees at y what Lh sees at z. ``unit`` j = 0 is the one whose
    outputs y_j the statements differentiate; the others are exchangeable.
    """

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self.y = (cases.x @ cases.w).detach()  # (n, m, k)
        self.z = batch_norm(self.y, cases.gamma, cases.beta).detach()

    def loss(self, y: Tensor) -> Tensor:
        """Return L(y), (n,)."""
        return self.cases.upstream(y + (self.z - self.y), self.z)

    def loss_with_norm(self, y: Tensor) -> Tensor:
        """Return Lh(y), (n,)."""
        z = batch_norm(y, self.cases.gamma, self.cases.beta)
        return self.cases.upstream(z, self.z)

    @cached_property
    def grad(self) -> Tensor:
        """Return dL/dy of the unit, (n, m)."""
        return _gradient(self.loss, self.y)[..., 0]

    @cached_property
    def grad_with_norm(self) -> Tensor:
        """Return dLh/dy of the unit, (n, m)."""
        return _gradient(self.loss_with_norm, self.y)[..., 0]

    @cached_property
    def hessian(self) -> Tensor:
        """Return d2L/dy dy of the unit, (n, m, m)."""
        return _hessian(self.loss, self.y)

    @cached_property
    def hessian_with_norm(self) -> Tensor:
        """Return d2Lh/dy dy of the unit, (n, m, m)."""
        return _hessian(self.loss_with_norm, self.y)

    @cached_property
    def jacobian_of_normalised(self) -> Tensor:
        """Return d y_hat_b / d y_k of the unit, (n, m, m)."""
        y = self.y.clone().requires_grad_()
        y_hat = normalised(y)
        rows = [
            torch.autograd.grad(y_hat[:, b, 0].sum(), y, retain_graph=True)[0][..., 0]
            for b in range(y.shape[1])
        ]
        return torch.stack(rows, dim=1)

    @property
    def sigma(self) -> Tensor:
        """Return the unit's sigma, (n,)."""
        return moments(self.y)[1][:, 0, 0]

    @property
    def y_hat(self) -> Tensor:
        """Return the unit's normalised outputs, (n, m)."""
        return standardised(self.y)[..., 0]

    @property
    def gamma(self) -> Tensor:
        """Return the unit's gamma, (n,)."""
        return self.cases.gamma[:, 0, 0]

    @property
    def m(self) -> int:
        """Return the size of the batch."""
        return self.y.shape[1]


def _gradient(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    at = at.clone().requires_grad_()
    return torch.autograd.grad(function(at).sum(), at)[0]  # cases are independent of one another


def _hessian(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    at = at.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(function(at).sum(), at, create_graph=True)
    rows = []
    for b in range(at.shape[1]):
        if gradient.requires_grad:
            (row,) = torch.autograd.grad(
                gradient[:, b, 0].sum(), at, retain_graph=True, materialize_grads=True,
                allow_unused=True,
            )  # fmt: skip
        else:  # a linear loss has no second derivative for autograd to follow
            row = torch.zeros_like(at)
        rows.append(row[..., 0])
    return torch.stack(rows, dim=1)  # (n, m, m)
