"""Random numbers by counter: Philox4x32-10 (Salmon et al. 2011, "Random123") in plain torch.

A number is a pure function of (key, step, lane, element): no state, no host work, so it may be
drawn in any order, on a CPU or a card, and inside a CUDA graph. Triton's ``tl.philox`` is the same
function, which is what lets fused kernels be tested against this module.

The counter's four words are (block, lane, step's low word, step's high word), where block b holds
the four words of the elements 4b to 4b + 3. A lane is a separate stream under the same key.
"""

from collections.abc import Sequence
from math import pi, prod
from typing import Any

import torch
from torch import Tensor

Words = tuple[Tensor, Tensor, Tensor, Tensor]

ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)  # the golden ratio and sqrt(3) - 1, times 2^32
WORD = 0xFFFFFFFF
MOST_BLOCKS = 2**32  # the block is one word of the counter


def philox(counter: Words, key: int | Tensor) -> Words:
    """Return the four 32-bit words of each counter, as int64 in 0 to 2^32 - 1.

    ``counter`` holds int64 tensors in the same range that broadcast; ``key`` has up to 63 bits, or
    is such a number for each counter.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key & WORD, key >> 32 & WORD
    for _ in range(ROUNDS):
        high0, low0 = _product(MULTIPLIERS[0], c0)
        high1, low1 = _product(MULTIPLIERS[1], c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + KEY_STEPS[0]) & WORD, (k1 + KEY_STEPS[1]) & WORD
    return c0, c1, c2, c3


def _product(multiplier: int, word: Tensor) -> tuple[Tensor, Tensor]:
    """Return the high and low word of a 32x32-bit product.

    The product may need 64 bits, and int64 has 63. Both multipliers are above 2^31, so
    ``multiplier - 2^32`` is below 2^31 in size and its product fits: the low word is the same, and
    the high word is short by ``word``.
    """
    product = word * (multiplier - 2**32)
    return ((product >> 32) + word) & WORD, product & WORD


def words(key: int, step: Tensor, blocks: int, lane: int = 0) -> Words:
    """Return the words of blocks 0 to ``blocks`` - 1, four tensors (blocks,) on step's device.

    ``step`` is an int64 scalar tensor, and is read on its device. Raises ValueError for more blocks
    than the counter can tell apart.
    """
    if blocks > MOST_BLOCKS:
        raise ValueError(f"blocks: got {blocks}, expected at most 2^32; draw in several lanes")
    block = torch.arange(blocks, dtype=torch.int64, device=step.device)
    return philox(_counter(block, step, lane), key)


def _counter(block: Tensor, step: Tensor, lane: int = 0) -> Words:
    return block, torch.full_like(step, lane), step & WORD, step >> 32 & WORD


def _blocks(shape: Sequence[int]) -> int:
    """Return how many blocks of four words the elements of a shape take."""
    return -(-prod(shape) // 4)


def as_uniform(word: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the word's upper 24 bits as a multiple of 2^-24 in [0, 1), exact in float32."""
    return (word >> 8).to(dtype) * 2.0**-24


def as_normals(
    first: Tensor, second: Tensor, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    """Return two independent N(0, 1) of two words (Box and Muller 1958), at most 6.7 in size.

    The radius is made of all 32 bits of ``first``, as a number in (0, 1], so that its logarithm is
    finite and the tails reach as far as a sample of 2^32 would.
    """
    radius = ((first.to(dtype) + 1.0) * 2.0**-32).log_().mul_(-2.0).sqrt_()
    angle = as_uniform(second, dtype).mul_(2 * pi)
    return radius * angle.cos(), radius * angle.sin()


def uniform(
    key: int,
    step: Tensor,
    shape: Sequence[int],
    device: torch.device,
    dtype: torch.dtype,
    lane: int = 0,
) -> Tensor:
    """Return U[0, 1) of ``shape``. Element i, counted in row-major order, depends on i alone.

    ``key`` comes from ``models.streams.torch_seed(seed, *names)``; ``step`` is an int64 scalar
    tensor on ``device``. 24 random bits a number, whatever the dtype. Raises ValueError.
    """
    drawn = [as_uniform(word, _working(dtype)) for word in _words(key, step, shape, device, lane)]
    return _shaped(drawn, shape, dtype)


def normal(
    key: int,
    step: Tensor,
    shape: Sequence[int],
    device: torch.device,
    dtype: torch.dtype,
    lane: int = 0,
) -> Tensor:
    """Return N(0, 1) of ``shape``, as ``uniform`` does."""
    a, b, c, d = _words(key, step, shape, device, lane)
    working = _working(dtype)
    return _shaped([*as_normals(a, b, working), *as_normals(c, d, working)], shape, dtype)


def normals(
    keys: Sequence[int], step: Tensor, shapes: Sequence[Sequence[int]]
) -> tuple[Tensor, ...]:
    """Return N(0, 1) of each shape under its own key, float32, with the numbers of ``normal``.

    All in one pass on step's device: a network's parameters one by one are as many passes, whose
    launches take longer than their numbers.
    """
    blocks = [_blocks(shape) for shape in shapes]
    whole: dict[str, Any] = {"dtype": torch.int64, "device": step.device}
    key = torch.cat([torch.full((n,), k, **whole) for k, n in zip(keys, blocks, strict=True)])
    block = torch.cat([torch.arange(n, **whole) for n in blocks])
    a, b, c, d = philox(_counter(block, step), key)
    flat = torch.stack([*as_normals(a, b), *as_normals(c, d)], dim=-1).flatten()
    parts = flat.split([4 * n for n in blocks])
    return tuple(part[: prod(s)].view(tuple(s)) for part, s in zip(parts, shapes, strict=True))


def _words(key: int, step: Tensor, shape: Sequence[int], device: torch.device, lane: int) -> Words:
    device = torch.device(device)
    if step.dtype != torch.int64 or step.dim() or step.device.type != device.type:
        raise ValueError(
            f"step: got a tensor {tuple(step.shape)} of {step.dtype} on {step.device}, "
            f"expected an int64 scalar on {device}; make it torch.zeros((), dtype=torch.int64, ...)"
        )
    return words(key, step, _blocks(shape), lane)


def _working(dtype: torch.dtype) -> torch.dtype:
    """Return float64 for float64, else float32: shorter types are rounded to once, at the end."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def _shaped(by_word: Sequence[Tensor], shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    flat = torch.stack(list(by_word), dim=-1).flatten()  # (blocks, 4) -> element by element
    return flat[: prod(shape)].view(tuple(shape)).to(dtype)
