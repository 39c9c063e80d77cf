"""Triton kernels that normalise and add noise in one pass, and their backward pass.

A tile is two rectangles of the activations, of channels c and of channels c + half, which share
random words; each rectangle's rows lie together in memory. Called by ``noisy``. Triton is imported
here, so only what has made sure of it imports this.
"""

import triton
import triton.language as tl

from models.kernels.noise import pair_noise


@triton.jit
def _noisy(
    a_ptr,
    y_ptr,
    mean_ptr,
    scale_ptr,
    gamma_ptr,
    beta_ptr,
    offsets,
    here,
    columns,
    inside,
    s,
    m,
    place: tl.constexpr,
):
    """Store the noisy activations of one rectangle."""
    a = tl.load(a_ptr + offsets, mask=here, other=0.0).to(tl.float32)
    if place == "alone":
        y = s * a + m
    else:
        mean = tl.load(mean_ptr + columns, mask=inside, other=0.0)
        scale = tl.load(scale_ptr + columns, mask=inside, other=0.0)
        gamma = tl.load(gamma_ptr + columns, mask=inside, other=0.0)
        beta = tl.load(beta_ptr + columns, mask=inside, other=0.0)
        a_hat = (a - mean[None, :]) * scale[None, :]
        if place == "after-affine":
            y = s * (gamma[None, :] * a_hat + beta[None, :]) + m
        else:
            y = gamma[None, :] * (s * a_hat + m) + beta[None, :]
    tl.store(y_ptr + offsets, y.to(y_ptr.dtype.element_ty), mask=here)


@triton.jit
def forward(
    a_ptr,
    y_ptr,
    mean_ptr,
    scale_ptr,
    gamma_ptr,
    beta_ptr,
    key_ptr,
    step_ptr,
    noise_ptr,
    rows,
    channels,
    half,
    mean_spread,
    scale_spread,
    place: tl.constexpr,
    block_rows: tl.constexpr,
    block_columns: tl.constexpr,
):
    """Store one tile of y: s (gamma a_hat + beta) + m, gamma (s a_hat + m) + beta, or s a + m."""
    pair = tl.program_id(1) * block_columns + tl.arange(0, block_columns)
    index = tl.program_id(0) * block_rows + tl.arange(0, block_rows)
    s_one, m_one, s_two, m_two = pair_noise(
        key_ptr, step_ptr, noise_ptr, index, pair, channels, half, mean_spread, scale_spread
    )
    row, inside = (index < rows)[:, None], pair < half
    offsets = index.to(tl.int64)[:, None] * channels + pair[None, :]
    here = row & inside[None, :]
    _noisy(
        a_ptr, y_ptr, mean_ptr, scale_ptr, gamma_ptr, beta_ptr,
        offsets, here, pair, inside, s_one, m_one, place,
    )  # fmt: skip
    inside = pair + half < channels
    here = row & inside[None, :]
    _noisy(
        a_ptr, y_ptr, mean_ptr, scale_ptr, gamma_ptr, beta_ptr,
        offsets + half, here, pair + half, inside, s_two, m_two, place,
    )  # fmt: skip


@triton.jit
def _loaded(a_ptr, gy_ptr, offsets, here, mean, scale):
    """Return a_hat and gy of one rectangle, 0 outside of it."""
    a = tl.load(a_ptr + offsets, mask=here, other=0.0).to(tl.float32)
    gy = tl.load(gy_ptr + offsets, mask=here, other=0.0).to(tl.float32)
    return (a - mean[None, :]) * scale[None, :], gy


@triton.jit
def reduce(
    a_ptr,
    gy_ptr,
    mean_ptr,
    scale_ptr,
    key_ptr,
    step_ptr,
    noise_ptr,
    partial_ptr,
    rows,
    channels,
    half,
    mean_spread,
    scale_spread,
    sums: tl.constexpr,
    tiles: tl.constexpr,
    block_rows: tl.constexpr,
    block_columns: tl.constexpr,
):
    """Leave (program, sums, channels): sum g and <g, a_hat> with g = s gy.

    Two more where the noise comes before gamma: <gy, s a_hat + m> and sum gy.
    """
    program = tl.program_id(0)
    pair = tl.program_id(1) * block_columns + tl.arange(0, block_columns)
    in_one, in_two = pair < half, pair + half < channels
    mean_one = tl.load(mean_ptr + pair, mask=in_one, other=0.0)
    scale_one = tl.load(scale_ptr + pair, mask=in_one, other=0.0)
    mean_two = tl.load(mean_ptr + half + pair, mask=in_two, other=0.0)
    scale_two = tl.load(scale_ptr + half + pair, mask=in_two, other=0.0)
    first = program * tiles * block_rows
    g_one = tl.zeros([block_rows, block_columns], tl.float32)
    dot_one = tl.zeros([block_rows, block_columns], tl.float32)
    g_two = tl.zeros([block_rows, block_columns], tl.float32)
    dot_two = tl.zeros([block_rows, block_columns], tl.float32)
    gamma_one = tl.zeros([block_rows, block_columns], tl.float32)
    beta_one = tl.zeros([block_rows, block_columns], tl.float32)
    gamma_two = tl.zeros([block_rows, block_columns], tl.float32)
    beta_two = tl.zeros([block_rows, block_columns], tl.float32)
    for tile in range(tiles):
        index = first + tile * block_rows + tl.arange(0, block_rows)
        s_one, m_one, s_two, m_two = pair_noise(
            key_ptr, step_ptr, noise_ptr, index, pair, channels, half, mean_spread, scale_spread
        )
        row = (index < rows)[:, None]
        offsets = index.to(tl.int64)[:, None] * channels + pair[None, :]
        here = row & in_one[None, :]
        a_hat, gy = _loaded(a_ptr, gy_ptr, offsets, here, mean_one, scale_one)
        g_one += s_one * gy
        dot_one += s_one * gy * a_hat
        if sums == 4:
            gamma_one += gy * (s_one * a_hat + m_one)
            beta_one += gy
        here = row & in_two[None, :]
        a_hat, gy = _loaded(a_ptr, gy_ptr, offsets + half, here, mean_two, scale_two)
        g_two += s_two * gy
        dot_two += s_two * gy * a_hat
        if sums == 4:
            gamma_two += gy * (s_two * a_hat + m_two)
            beta_two += gy
    place = partial_ptr + program * sums * channels + pair
    tl.store(place, tl.sum(g_one, axis=0), mask=in_one)
    tl.store(place + half, tl.sum(g_two, axis=0), mask=in_two)
    tl.store(place + channels, tl.sum(dot_one, axis=0), mask=in_one)
    tl.store(place + channels + half, tl.sum(dot_two, axis=0), mask=in_two)
    if sums == 4:
        tl.store(place + 2 * channels, tl.sum(gamma_one, axis=0), mask=in_one)
        tl.store(place + 2 * channels + half, tl.sum(gamma_two, axis=0), mask=in_two)
        tl.store(place + 3 * channels, tl.sum(beta_one, axis=0), mask=in_one)
        tl.store(place + 3 * channels + half, tl.sum(beta_two, axis=0), mask=in_two)


@triton.jit
def _gradient(
    a_ptr,
    gy_ptr,
    ga_ptr,
    mean_ptr,
    scale_ptr,
    gamma_ptr,
    sums_ptr,
    offsets,
    here,
    columns,
    inside,
    s,
    rows,
    channels,
    place: tl.constexpr,
):
    """Store dL/da of one rectangle: gamma scale (g - mean(g) - a_hat mean(g a_hat)), g = s gy."""
    if place == "alone":
        ga = s * tl.load(gy_ptr + offsets, mask=here, other=0.0).to(tl.float32)
    else:
        mean = tl.load(mean_ptr + columns, mask=inside, other=0.0)
        scale = tl.load(scale_ptr + columns, mask=inside, other=0.0)
        gamma = tl.load(gamma_ptr + columns, mask=inside, other=0.0)
        total = tl.load(sums_ptr + columns, mask=inside, other=0.0) / rows
        dot = tl.load(sums_ptr + channels + columns, mask=inside, other=0.0) / rows
        a_hat, gy = _loaded(a_ptr, gy_ptr, offsets, here, mean, scale)
        ga = (gamma * scale)[None, :] * (s * gy - total[None, :] - a_hat * dot[None, :])
    tl.store(ga_ptr + offsets, ga.to(ga_ptr.dtype.element_ty), mask=here)


@triton.jit
def backward(
    a_ptr,
    gy_ptr,
    ga_ptr,
    mean_ptr,
    scale_ptr,
    gamma_ptr,
    sums_ptr,
    key_ptr,
    step_ptr,
    noise_ptr,
    rows,
    channels,
    half,
    mean_spread,
    scale_spread,
    place: tl.constexpr,
    block_rows: tl.constexpr,
    block_columns: tl.constexpr,
):
    """Store one tile of dL/da."""
    pair = tl.program_id(1) * block_columns + tl.arange(0, block_columns)
    index = tl.program_id(0) * block_rows + tl.arange(0, block_rows)
    s_one, _m_one, s_two, _m_two = pair_noise(
        key_ptr, step_ptr, noise_ptr, index, pair, channels, half, mean_spread, scale_spread
    )
    row, inside = (index < rows)[:, None], pair < half
    offsets = index.to(tl.int64)[:, None] * channels + pair[None, :]
    here = row & inside[None, :]
    _gradient(
        a_ptr, gy_ptr, ga_ptr, mean_ptr, scale_ptr, gamma_ptr, sums_ptr,
        offsets, here, pair, inside, s_one, rows, channels, place,
    )  # fmt: skip
    inside = pair + half < channels
    here = row & inside[None, :]
    _gradient(
        a_ptr, gy_ptr, ga_ptr, mean_ptr, scale_ptr, gamma_ptr, sums_ptr,
        offsets + half, here, pair + half, inside, s_two, rows, channels, place,
    )  # fmt: skip
