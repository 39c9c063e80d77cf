"""Triton kernels of the l_p normalisations: y = gamma (a - mean(a)) / (N_p(a) + eps) + beta.

The formulas, tie rule and eps are those of ``models.norms.lp``, whose plain functions these are
tested against. Triton is imported here, so only what has made sure of it imports this.
"""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from models.kernels.moments import moments
from models.kernels.tiles import matrix, shaped, tiling


@triton.jit
def _forward(
    a_ptr,
    y_ptr,
    mean_ptr,
    norm_ptr,
    gamma_ptr,
    beta_ptr,
    rows,
    channels,
    eps,
    block_rows: tl.constexpr,
    block_columns: tl.constexpr,
):
    columns = tl.program_id(1) * block_columns + tl.arange(0, block_columns)
    inside = columns < channels
    index = tl.program_id(0) * block_rows + tl.arange(0, block_rows)
    here = (index < rows)[:, None] & inside[None, :]
    offsets = index.to(tl.int64)[:, None] * channels + columns[None, :]
    a = tl.load(a_ptr + offsets, mask=here, other=0.0).to(tl.float32)
    mean = tl.load(mean_ptr + columns, mask=inside, other=0.0)
    norm = tl.load(norm_ptr + columns, mask=inside, other=1.0)
    gamma = tl.load(gamma_ptr + columns, mask=inside, other=0.0)
    beta = tl.load(beta_ptr + columns, mask=inside, other=0.0)
    scale = gamma / (norm + eps)
    y = (a - mean[None, :]) * scale[None, :] + beta[None, :]
    tl.store(y_ptr + offsets, y.to(y_ptr.dtype.element_ty), mask=here)


@triton.jit
def _reduce(
    a_ptr,
    gy_ptr,
    mean_ptr,
    norm_ptr,
    partial_ptr,
    rows,
    channels,
    eps,
    tiles: tl.constexpr,
    sums: tl.constexpr,
    block_rows: tl.constexpr,
    block_columns: tl.constexpr,
):
    """Leave (program, sums, channels): sum gy, <gy, a_hat> and, for l_inf, how many tie."""
    program, block = tl.program_id(0), tl.program_id(1)
    columns = block * block_columns + tl.arange(0, block_columns)
    inside = columns < channels
    mean = tl.load(mean_ptr + columns, mask=inside, other=0.0)
    norm = tl.load(norm_ptr + columns, mask=inside, other=1.0)
    first = program * tiles * block_rows
    last = tl.minimum(first + tiles * block_rows, rows)
    total = tl.zeros([block_rows, block_columns], tl.float32)
    dot = tl.zeros([block_rows, block_columns], tl.float32)
    ties = tl.zeros([block_rows, block_columns], tl.float32)
    for tile in range(tiles):
        index = first + tile * block_rows + tl.arange(0, block_rows)
        here = (index < last)[:, None] & inside[None, :]
        offsets = index.to(tl.int64)[:, None] * channels + columns[None, :]
        a = tl.load(a_ptr + offsets, mask=here, other=0.0).to(tl.float32)
        gy = tl.load(gy_ptr + offsets, mask=here, other=0.0).to(tl.float32)
        total += gy
        dot += gy * (a - mean[None, :])
        if sums == 3:
            ties += tl.where(here & (tl.abs(a) == norm[None, :]), 1.0, 0.0)
    place = partial_ptr + program * sums * channels + columns
    tl.store(place, tl.sum(total, axis=0), mask=inside)
    tl.store(place + channels, tl.sum(dot, axis=0) / (norm + eps), mask=inside)
    if sums == 3:
        tl.store(place + 2 * channels, tl.sum(ties, axis=0), mask=inside)


@triton.jit
def _backward(
    a_ptr,
    gy_ptr,
    ga_ptr,
    norm_ptr,
    gamma_ptr,
    sums_ptr,
    rows,
    channels,
    eps,
    kind: tl.constexpr,
    block_rows: tl.constexpr,
    block_columns: tl.constexpr,
):
    """(gamma / N) (gy - mean(gy) - <gy, a_hat> dN/da)."""
    columns = tl.program_id(1) * block_columns + tl.arange(0, block_columns)
    inside = columns < channels
    index = tl.program_id(0) * block_rows + tl.arange(0, block_rows)
    here = (index < rows)[:, None] & inside[None, :]
    offsets = index.to(tl.int64)[:, None] * channels + columns[None, :]
    a = tl.load(a_ptr + offsets, mask=here, other=0.0).to(tl.float32)
    gy = tl.load(gy_ptr + offsets, mask=here, other=0.0).to(tl.float32)
    norm = tl.load(norm_ptr + columns, mask=inside, other=1.0)
    gamma = tl.load(gamma_ptr + columns, mask=inside, other=0.0)
    total = tl.load(sums_ptr + columns, mask=inside, other=0.0)
    dot = tl.load(sums_ptr + channels + columns, mask=inside, other=0.0)
    count = tl.zeros([block_columns], tl.float32) + rows  # an argument of 1 has no .to()
    scale = gamma / (norm + eps)
    sign = tl.where(a > 0, 1.0, tl.where(a < 0, -1.0, 0.0))
    if kind == "l1":
        gradient = sign * (1.0 / count)
    elif kind == "l2":
        per_unit = tl.where(norm == 0.0, 0.0, 1.0 / (count * norm))
        gradient = a * per_unit[None, :]
    else:
        ties = tl.load(sums_ptr + 2 * channels + columns, mask=inside, other=1.0)
        share = 1.0 / ties
        gradient = tl.where(tl.abs(a) == norm[None, :], sign * share[None, :], 0.0)
    ga = scale[None, :] * (gy - (total / count)[None, :] - dot[None, :] * gradient)
    tl.store(ga_ptr + offsets, ga.to(ga_ptr.dtype.element_ty), mask=here)


class _Normalise(torch.autograd.Function):
    """The normalisation over a training batch; moves the running statistics on its way."""

    @staticmethod
    def forward(
        ctx: Any,
        activations: Tensor,
        gamma: Tensor,
        beta: Tensor,
        running: tuple[Tensor, Tensor],
        kind: str,
        momentum: float,
        eps: float,
    ) -> Tensor:
        a = matrix(activations)
        rows, channels = a.shape
        cut = tiling(rows, channels)
        mean, norm = moments(a, cut, kind, running, momentum)
        y = torch.empty_like(a)
        _forward[cut.elementwise](
            a,
            y,
            mean,
            norm,
            gamma,
            beta,
            rows,
            channels,
            eps,
            block_rows=cut.block_rows,
            block_columns=cut.block_columns,
        )
        ctx.save_for_backward(activations, gamma, mean, norm)
        ctx.kind, ctx.eps = kind, eps
        return shaped(y, activations.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Any, ...]:
        activations, gamma, mean, norm = ctx.saved_tensors
        a, gy = matrix(activations), matrix(upstream)
        rows, channels = a.shape
        cut = tiling(rows, channels)
        sums = 3 if ctx.kind == "linf" else 2
        partial = a.new_empty((cut.row_programs, sums, channels), dtype=torch.float32)
        _reduce[cut.reducing](
            a,
            gy,
            mean,
            norm,
            partial,
            rows,
            channels,
            ctx.eps,
            tiles=cut.tiles_per_program,
            sums=sums,
            block_rows=cut.block_rows,
            block_columns=cut.block_columns,
        )
        joined = partial.sum(0)  # (sums, channels), in a fixed order
        ga = torch.empty_like(a)
        _backward[cut.elementwise](
            a,
            gy,
            ga,
            norm,
            gamma,
            joined,
            rows,
            channels,
            ctx.eps,
            kind=ctx.kind,
            block_rows=cut.block_rows,
            block_columns=cut.block_columns,
        )
        return shaped(ga, activations.shape), joined[1], joined[0], None, None, None, None


def normalise(
    a: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: tuple[Tensor, Tensor],
    *,
    kind: str,
    momentum: float,
    eps: float,
) -> Tensor:
    """Return the normalised ``a`` (batch, channels, ...), in its type, channels innermost.

    ``kind`` is "l1", "l2" or "linf"; statistics are float32; ``running`` is the running mean and
    N_p, moved in place by ``momentum``.
    """
    with torch.cuda.device_of(a):  # Triton launches on the current device, wherever `a` is
        y: Tensor = _Normalise.apply(a, gamma, beta, running, kind, momentum, eps)
    return y
