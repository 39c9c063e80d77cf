"""Triton functions that make Algorithm 1's noise from counters, inside the kernels that add it.

They read the counters of ``models.norms.noisy_batch.draw_by_counter`` and give its numbers to
rounding. Channel c of the first half of the channels shares a block of random words with channel
c + half. Triton is imported here, so only what has made sure of it imports this.
"""

from dataclasses import dataclass

import torch
import triton
import triton.language as tl
from torch import Tensor

ELEMENT_LANE, CHANNEL_LANE = tl.constexpr(0), tl.constexpr(1)
CHANNELS_AT_ONCE = 128


@dataclass(frozen=True, kw_only=True, slots=True)
class NoiseLaw:
    """Algorithm 1's constants, and the key and step (int64 scalars on the device) of one pass."""

    key: Tensor
    step: Tensor
    mean_centre: float
    mean_spread: float
    scale_low: float
    scale_range: float
    scale_spread: float


@triton.jit
def _words(key_ptr, step_ptr, block, lane):
    """Return four tensors of random words for tensors of blocks, as ``philox.words`` does."""
    key = tl.load(key_ptr)
    step = tl.load(step_ptr)
    low, high = (step & 0xFFFFFFFF).to(tl.uint32), (step >> 32 & 0xFFFFFFFF).to(tl.uint32)
    nought = block * 0
    return tl.philox(key, block, nought + lane, nought + low, nought + high)


@triton.jit
def _uniform(word):
    return (word >> 8).to(tl.float32) * 5.9604644775390625e-08  # 2^-24


@triton.jit
def _turned(share):
    """Return cosine and sine of ``share`` of a turn, in [0, 1), to 1.2e-7.

    The angle is taken from the nearest quarter turn, exactly, and the polynomials are those of
    Cephes' sinf and cosf. libdevice's functions must cope with any angle: their branches and stack
    made half of the instructions of a kernel.
    """
    quarter = tl.floor(4.0 * share + 0.5)
    x = (4.0 * share - quarter) * 1.5707963267948966
    square = x * x
    sine = -1.9515295891e-4 * square + 8.3321608736e-3
    sine = (sine * square - 1.6666654611e-1) * square * x + x
    cosine = 2.443315711809948e-5 * square - 1.388731625493765e-3
    cosine = (cosine * square + 4.166664568298827e-2) * square * square - 0.5 * square + 1.0
    odd, far = (quarter.to(tl.int32) & 1) == 1, (quarter.to(tl.int32) & 2) == 2
    first, second = tl.where(odd, -sine, cosine), tl.where(odd, cosine, sine)
    return tl.where(far, -first, first), tl.where(far, -second, second)


@triton.jit
def _channels(
    noise_ptr,
    key_ptr,
    step_ptr,
    channels,
    mean_centre,
    scale_low,
    scale_range,
    block_columns: tl.constexpr,
):
    """Write sigma_j and mu_j, (2, channels)."""
    columns = tl.program_id(0) * block_columns + tl.arange(0, block_columns)
    first, second, _third, _fourth = _words(key_ptr, step_ptr, columns.to(tl.uint32), CHANNEL_LANE)
    inside = columns < channels
    sigma = scale_low + scale_range * _uniform(second)
    tl.store(noise_ptr + columns, sigma, mask=inside)
    mu = (2 * _uniform(first) - 1) * mean_centre
    tl.store(noise_ptr + channels + columns, mu, mask=inside)


@triton.jit
def pair_noise(
    key_ptr, step_ptr, noise_ptr, index, pair, channels, half, mean_spread, scale_spread
):
    """Return s and m of the pairs' first channels, then of their second ones."""
    block = (index[:, None] * half + pair[None, :]).to(tl.uint32)
    one, two, three, four = _words(key_ptr, step_ptr, block, ELEMENT_LANE)
    radius = tl.sqrt(-2.0 * tl.log((one.to(tl.float32) + 1.0) * 2.3283064365386963e-10))  # 2^-32
    cosine, sine = _turned(_uniform(two))
    s_first, s_second = radius * cosine * scale_spread, radius * sine * scale_spread
    m_first = (2 * _uniform(three) - 1) * mean_spread
    m_second = (2 * _uniform(four) - 1) * mean_spread
    first, second = pair < half, pair + half < channels
    s_first += tl.load(noise_ptr + pair, mask=first, other=0.0)[None, :]
    m_first += tl.load(noise_ptr + channels + pair, mask=first, other=0.0)[None, :]
    s_second += tl.load(noise_ptr + half + pair, mask=second, other=0.0)[None, :]
    m_second += tl.load(noise_ptr + channels + half + pair, mask=second, other=0.0)[None, :]
    return s_first, m_first, s_second, m_second


def drawn(law: NoiseLaw, channels: int) -> Tensor:
    """Return sigma_j and mu_j of the step, (2, channels)."""
    noise = law.step.new_empty((2, channels), dtype=torch.float32)
    _channels[(-(-channels // CHANNELS_AT_ONCE),)](
        noise,
        law.key,
        law.step,
        channels,
        law.mean_centre,
        law.scale_low,
        law.scale_range,
        block_columns=CHANNELS_AT_ONCE,
    )
    return noise
