"""Triton kernels: what a normalisation needs to know of each channel, in two stages.

The rows are shared among programs, each of which leaves one partial result a channel; one program
then joins a channel's partial results in their order. No atomic additions: the same activations
give the same bits. Triton is imported here, so only what has made sure of it imports this.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from models.kernels.tiles import Tiling

PARTIALS_AT_ONCE, COLUMNS_AT_ONCE = 128, 16  # of the second stage


@triton.jit
def _first_stage(
    a_ptr,
    partial_ptr,
    rows,
    channels,
    tiles: tl.constexpr,
    kind: tl.constexpr,
    block_rows: tl.constexpr,
    block_columns: tl.constexpr,
):
    """Leave (program, 2, channels): mean and M2 for "batch", else sum and the part of N_p.

    M2 is the sum of squared differences from the mean. Both come from sums of a - k, with k the
    program's first row: a mean far from 0 costs no digits, and a constant channel has M2 = 0.
    """
    program, block = tl.program_id(0), tl.program_id(1)
    columns = block * block_columns + tl.arange(0, block_columns)
    inside = columns < channels
    first = program * tiles * block_rows
    last = tl.minimum(first + tiles * block_rows, rows)
    origin = tl.zeros([block_columns], tl.float32)
    if kind == "batch":
        start = first.to(tl.int64) * channels
        origin = tl.load(a_ptr + start + columns, mask=inside, other=0.0).to(tl.float32)
    one = tl.zeros([block_rows, block_columns], tl.float32)
    two = tl.zeros([block_rows, block_columns], tl.float32)
    for tile in range(tiles):
        index = first + tile * block_rows + tl.arange(0, block_rows)
        here = (index < last)[:, None] & inside[None, :]
        offsets = index.to(tl.int64)[:, None] * channels + columns[None, :]
        a = tl.load(a_ptr + offsets, mask=here, other=0.0).to(tl.float32)
        if kind == "batch":
            a = tl.where(here, a - origin[None, :], 0.0)
        one += a
        if kind == "l1":
            two += tl.abs(a)
        elif kind == "linf":
            two = tl.maximum(two, tl.abs(a))
        else:
            two += a * a
    first_result = tl.sum(one, axis=0)
    second_result = tl.max(two, axis=0) if kind == "linf" else tl.sum(two, axis=0)
    if kind == "batch":
        difference = first_result / (last - first).to(tl.float32)
        second_result = tl.maximum(second_result - first_result * difference, 0.0)
        first_result = origin + difference
    here = partial_ptr + program * 2 * channels + columns
    tl.store(here, first_result, mask=inside)
    tl.store(here + channels, second_result, mask=inside)


@triton.jit
def _second_stage(
    partial_ptr,
    mean_ptr,
    scale_ptr,
    running_mean_ptr,
    running_scale_ptr,
    rows,
    channels,
    rows_per_program,
    programs,
    eps,
    momentum,
    rounds: tl.constexpr,
    kind: tl.constexpr,
    at_once: tl.constexpr,
    block_columns: tl.constexpr,
):
    """Join the partial results into mean and scale, and move the running statistics towards them.

    The scale is 1 / sqrt(var + eps) for "batch", else N_p. Partial means are joined as Chan, Golub
    and LeVeque (1983) do: M2 = sum of the parts' M2 + sum of count (mean of the part - mean)^2.
    """
    columns = tl.program_id(0) * block_columns + tl.arange(0, block_columns)
    inside = columns < channels
    one = tl.zeros([at_once, block_columns], tl.float32)
    two = tl.zeros([at_once, block_columns], tl.float32)
    for round_ in range(rounds):
        program = round_ * at_once + tl.arange(0, at_once)
        here = (program < programs)[:, None] & inside[None, :]
        place = partial_ptr + program[:, None] * 2 * channels + columns[None, :]
        part = tl.load(place, mask=here, other=0.0)
        if kind == "batch":
            part *= _count(program, rows, rows_per_program)[:, None]
        one += part
        second = tl.load(place + channels, mask=here, other=0.0)
        if kind == "linf":
            two = tl.maximum(two, second)
        else:
            two += second
    count = tl.zeros([block_columns], tl.float32) + rows  # an argument of 1 has no .to()
    mean = tl.sum(one, axis=0) / count
    scale = tl.max(two, axis=0) if kind == "linf" else tl.sum(two, axis=0) / count
    if kind == "l2":
        scale = tl.sqrt_rn(scale)
    towards = scale
    if kind == "batch":
        between = tl.zeros([at_once, block_columns], tl.float32)
        for round_ in range(rounds):
            program = round_ * at_once + tl.arange(0, at_once)
            here = (program < programs)[:, None] & inside[None, :]
            place = partial_ptr + program[:, None] * 2 * channels + columns[None, :]
            part = tl.load(place, mask=here, other=0.0) - mean[None, :]
            weight = _count(program, rows, rows_per_program)[:, None]
            between += tl.where(here, part * part * weight, 0.0)
        variance = scale + tl.sum(between, axis=0) / count
        towards = variance * (count / (count - 1.0))
        scale = 1.0 / tl.sqrt_rn(variance + eps)
    tl.store(mean_ptr + columns, mean, mask=inside)
    tl.store(scale_ptr + columns, scale, mask=inside)
    was = tl.load(running_mean_ptr + columns, mask=inside, other=0.0)
    tl.store(running_mean_ptr + columns, was + momentum * (mean - was), mask=inside)
    was = tl.load(running_scale_ptr + columns, mask=inside, other=0.0)
    tl.store(running_scale_ptr + columns, was + momentum * (towards - was), mask=inside)


@triton.jit
def _count(program, rows, rows_per_program):
    """Return how many rows each of the programs went through."""
    left = rows - program * rows_per_program
    return tl.minimum(tl.maximum(left, 0), rows_per_program).to(tl.float32)


def moments(
    a: Tensor,
    cut: Tiling,
    kind: str,
    running: tuple[Tensor, Tensor],
    momentum: float,
    eps: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Return (mean, scale) of each channel of ``a`` (rows, channels), in float32.

    The scale is 1 / sqrt(var + eps) with the biased variance for ``kind`` "batch", and N_p for
    "l1", "l2" and "linf". ``running``, the running mean and variance (unbiased) or N_p, is moved in
    place by ``momentum``, on the device.
    """
    rows, channels = a.shape
    partial = a.new_empty((cut.row_programs, 2, channels), dtype=torch.float32)
    mean, scale = (a.new_empty((channels,), dtype=torch.float32) for _ in range(2))
    _first_stage[cut.reducing](
        a,
        partial,
        rows,
        channels,
        tiles=cut.tiles_per_program,
        kind=kind,
        block_rows=cut.block_rows,
        block_columns=cut.block_columns,
    )
    _second_stage[(-(-channels // COLUMNS_AT_ONCE),)](
        partial,
        mean,
        scale,
        *running,
        rows,
        channels,
        cut.rows_per_program,
        cut.row_programs,
        eps,
        momentum,
        rounds=-(-cut.row_programs // PARTIALS_AT_ONCE),
        kind=kind,
        at_once=PARTIALS_AT_ONCE,
        block_columns=COLUMNS_AT_ONCE,
    )
    return mean, scale
