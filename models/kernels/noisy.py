"""Noisy BatchNorm and the noise alone (Algorithm 1) in fused kernels, for autograd.

The noise is made where it is used and made again in the backward pass: it never lies in memory.
Triton is imported here, so only what has made sure of it imports this.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from models.kernels.moments import moments
from models.kernels.noise import NoiseLaw, drawn
from models.kernels.noise_passes import backward, forward, reduce
from models.kernels.tiles import Tiling, matrix, shaped, tiling

MOST_BLOCKS = 2**31


def pairs(a: Tensor) -> tuple[int, int, int, Tiling]:
    """Return rows, channels, pairs of channels and how (rows, pairs) is cut."""
    rows, channels = a.shape
    half = -(-channels // 2)
    if rows * half >= MOST_BLOCKS:
        raise ValueError(
            f"activations: got {rows} rows of {channels} channels, "
            "expected fewer than 2^31 pairs of channels, which the kernels count in 32 bits"
        )
    return rows, channels, half, tiling(rows, half, rectangles=2)


class _Noise(torch.autograd.Function):
    """s a + m."""

    @staticmethod
    def forward(ctx: Any, activations: Tensor, law: NoiseLaw) -> Tensor:
        a = matrix(activations)
        rows, channels, half, cut = pairs(a)
        noise, y = drawn(law, channels), torch.empty_like(a)
        forward[cut.elementwise](
            a, y, None, None, None, None, law.key, law.step, noise,
            rows, channels, half, law.mean_spread, law.scale_spread,
            place="alone", block_rows=cut.block_rows, block_columns=cut.block_columns,
        )  # fmt: skip
        ctx.save_for_backward(law.step, noise)  # and so autograd notices a step advanced too early
        ctx.law = law
        return shaped(y, activations.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Any, ...]:
        law, (step, noise) = ctx.law, ctx.saved_tensors
        gy = matrix(upstream)
        rows, channels, half, cut = pairs(gy)
        ga = torch.empty_like(gy)
        backward[cut.elementwise](
            None, gy, ga, None, None, None, None, law.key, step, noise,
            rows, channels, half, law.mean_spread, law.scale_spread,
            place="alone", block_rows=cut.block_rows, block_columns=cut.block_columns,
        )  # fmt: skip
        return shaped(ga, upstream.shape), None


class _NoisyBatchNorm(torch.autograd.Function):
    """BatchNorm with the noise after or before gamma and beta; moves the running statistics."""

    @staticmethod
    def forward(
        ctx: Any,
        activations: Tensor,
        gamma: Tensor,
        beta: Tensor,
        running: tuple[Tensor, Tensor],
        law: NoiseLaw,
        place: str,
        momentum: float,
        eps: float,
    ) -> Tensor:
        a = matrix(activations)
        rows, channels, half, cut = pairs(a)
        mean, scale = moments(a, tiling(rows, channels), "batch", running, momentum, eps)
        noise, y = drawn(law, channels), torch.empty_like(a)
        forward[cut.elementwise](
            a, y, mean, scale, gamma, beta, law.key, law.step, noise,
            rows, channels, half, law.mean_spread, law.scale_spread,
            place=place, block_rows=cut.block_rows, block_columns=cut.block_columns,
        )  # fmt: skip
        ctx.save_for_backward(activations, gamma, mean, scale, law.step, noise)
        ctx.law, ctx.place = law, place
        return shaped(y, activations.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Any, ...]:
        activations, gamma, mean, scale, step, noise = ctx.saved_tensors
        law, place = ctx.law, ctx.place
        a, gy = matrix(activations), matrix(upstream)
        rows, channels, half, cut = pairs(a)
        sums = 2 if place == "after-affine" else 4
        partial = a.new_empty((cut.row_programs, sums, channels), dtype=torch.float32)
        reduce[cut.reducing](
            a, gy, mean, scale, law.key, step, noise, partial,
            rows, channels, half, law.mean_spread, law.scale_spread,
            sums=sums, tiles=cut.tiles_per_program,
            block_rows=cut.block_rows, block_columns=cut.block_columns,
        )  # fmt: skip
        joined = partial.sum(0)  # (sums, channels), in a fixed order
        ga = torch.empty_like(a)
        backward[cut.elementwise](
            a, gy, ga, mean, scale, gamma, joined, law.key, step, noise,
            rows, channels, half, law.mean_spread, law.scale_spread,
            place=place, block_rows=cut.block_rows, block_columns=cut.block_columns,
        )  # fmt: skip
        of_beta, of_gamma = (joined[0], joined[1]) if sums == 2 else (joined[3], joined[2])
        return shaped(ga, activations.shape), of_gamma, of_beta, *([None] * 5)


def noisy(a: Tensor, law: NoiseLaw) -> Tensor:
    """Return s a + m for ``a`` (batch, channels, ...), in its type, channels innermost."""
    with torch.cuda.device_of(a):  # Triton launches on the current device, wherever `a` is
        y: Tensor = _Noise.apply(a, law)
    return y


def noisy_batch_norm(
    a: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: tuple[Tensor, Tensor],
    law: NoiseLaw,
    *,
    place: str,
    momentum: float,
    eps: float,
) -> Tensor:
    """Return BatchNorm of ``a`` with noise, in its type, channels innermost.

    ``place`` is "after-affine" or "before-affine"; ``running``, the running mean and variance, is
    moved in place by ``momentum``; statistics are float32. Raises ValueError for a single row.
    """
    if a.numel() <= a.shape[1]:
        raise ValueError(f"batch: got {tuple(a.shape)}, expected two values a channel at least")
    with torch.cuda.device_of(a):
        y: Tensor = _NoisyBatchNorm.apply(a, gamma, beta, running, law, place, momentum, eps)
    return y
