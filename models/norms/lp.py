"""What the l_p normalisations share: y = gamma (a - mean(a)) / (N_p(a) + eps) + beta.

The mean is removed as in BatchNorm, the scale is the average l_p norm of the *un-centred* a, per
unit over batch and positions (the paper gives no formula; this reading fits its plotted supports).
Forward and backward are written out by hand, because autograd's own chain of element-wise
operations takes several times BatchNorm's time on a CPU.
"""

from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from models.kernels import tiles

EPS = 1e-5
MOMENTUM = 0.1  # of the running statistics


class AverageNorm(Protocol):
    """N_p of each unit and what its gradient needs. ``dims`` are all axes but the units'.

    ``kernel`` is its name in ``models.kernels.lp``, empty where there is no fused kernel.
    """

    kernel: str

    def value(self, a: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return N_p(a), of shape (channels,)."""

    def gradient(self, a: Tensor, n_p: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return d N_p / d a, of the shape of a; ``n_p`` has the shape of a unit's broadcast."""


def _spread(per_unit: Tensor, like: Tensor) -> Tensor:
    """Return ``per_unit`` (channels,) in the shape that broadcasts over (batch, channels, ...)."""
    return per_unit.view(1, -1, *([1] * (like.dim() - 2)))


class _Normalise(torch.autograd.Function):
    """The normalisation over a training batch; returns (y, mean, N_p)."""

    @staticmethod
    def forward(
        ctx: Any, a: Tensor, gamma: Tensor, beta: Tensor, norm: AverageNorm, dims: tuple[int, ...]
    ) -> tuple[Tensor, Tensor, Tensor]:
        mean, n_p = a.mean(dims), norm.value(a, dims)
        inverse = 1 / (n_p + EPS)
        # One pass: y = (gamma / N) a + (beta - gamma mean / N)
        scale = gamma * inverse
        y = torch.addcmul(_spread(beta - scale * mean, a), a, _spread(scale, a))
        ctx.save_for_backward(a, gamma, mean, n_p, inverse)
        ctx.norm, ctx.dims = norm, dims
        ctx.mark_non_differentiable(mean, n_p)
        return y, mean, n_p

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gy: Tensor, _mean: Tensor, _n_p: Tensor) -> tuple[Any, ...]:
        """Return dL/da = (gamma/N) (gy - mean(gy) - <gy, a_hat> dN/da), and the others."""
        a, gamma, mean, n_p, inverse = ctx.saved_tensors
        dims = ctx.dims
        count = a.numel() // a.shape[1]
        sum_gy = gy.sum(dims)
        dot = ((gy * a).sum(dims) - mean * sum_gy) * inverse  # <gy, a_hat>, (channels,)
        scale = gamma * inverse
        ga = ctx.norm.gradient(a, _spread(n_p, a), dims)
        ga = torch.addcmul(_spread(-scale * sum_gy / count, a), ga, _spread(-scale * dot, a))
        ga.addcmul_(gy, _spread(scale, a))
        return ga, dot, sum_gy, None, None


class LpNorm(nn.Module):
    """The normalisation with scale, shift, eps and running statistics as in BatchNorm."""

    running_mean: Tensor
    running_scale: Tensor

    def __init__(self, channels: int, norm: AverageNorm) -> None:
        super().__init__()
        self.norm = norm
        self._fused = False
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_scale", torch.ones(channels))

    def fuse(self) -> None:
        """Use the fused kernels from now on, where there are some for this norm."""
        self._fused = bool(self.norm.kernel)

    def forward(self, a: Tensor) -> Tensor:
        """Return the normalised activations, of the shape of ``a`` (batch, channels, ...)."""
        if self._fused and self.training and tiles.fits(a):
            return self._in_one_pass(a)
        a = a.to(self.weight.dtype)  # under autocast, statistics in fp32 as BatchNorm's
        if not self.training:
            scale = self.weight / (self.running_scale + EPS)
            return torch.addcmul(
                _spread(self.bias - scale * self.running_mean, a), a, _spread(scale, a)
            )
        dims = (0, *range(2, a.dim()))
        y: Tensor
        y, mean, n_p = _Normalise.apply(a, self.weight, self.bias, self.norm, dims)
        with torch.no_grad():
            self.running_mean.lerp_(mean, MOMENTUM)
            self.running_scale.lerp_(n_p, MOMENTUM)
        return y

    def _in_one_pass(self, a: Tensor) -> Tensor:
        from models.kernels import lp

        return lp.normalise(
            a,
            self.weight,
            self.bias,
            (self.running_mean, self.running_scale),
            kind=self.norm.kernel,
            momentum=MOMENTUM,
            eps=EPS,
        )
