"""Batch normalisation followed by noise whose own distribution changes every step (Algorithm 1)."""

from math import prod, sqrt
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import streams
from models.kernels import philox, tiles
from models.norms.batch import EPS, MOMENTUM, BatchNorm

MEAN_CENTRE = 0.5  # mu_j ~ U(-0.5, 0.5)
MEAN_SPREAD = 0.1  # m_ij ~ U(mu_j - 0.1, mu_j + 0.1)
SCALE_LOW, SCALE_HIGH = 1.0, 1.25  # sigma_j ~ U(1, 1.25)
SCALE_SPREAD = {"deviation": 0.1, "variance": sqrt(0.1)}  # s_ij ~ N(sigma_j, 0.1), by reading

ELEMENT_LANE, CHANNEL_LANE = 0, 1  # of the counter: where m and s, and where mu and sigma come from


def draw(
    seed: int,
    step: int,
    layer: str,
    shape: torch.Size,
    like: Tensor,
    into: tuple[Tensor, Tensor] | None = None,
    spread: str = "deviation",
) -> tuple[Tensor, Tensor]:
    """Return (s, m) of Algorithm 1 for activations of ``shape`` (batch, channels, ...).

    mu_j and sigma_j are drawn once for each step, layer and channel; m and s for every sample and
    position. The elements are filled with the channels innermost, the layout that training uses.
    One torch generator a layer and step: 2.7 ns a number, normal or uniform, where numpy takes 8.2
    and 1.7 (one AVX-512 core, torch 2.13, numpy 2, median of 25). ``into``, an earlier answer of
    the same shape, is overwritten and returned: fresh memory costs page faults.
    """
    source = torch.Generator(device=like.device)
    source.manual_seed(streams.torch_seed(seed, "noise", layer, step))
    channels = shape[1]
    options: dict[str, Any] = {"dtype": like.dtype, "device": like.device}
    unit = torch.rand(2, channels, generator=source, **options)
    mu = (2 * unit[0] - 1) * MEAN_CENTRE
    sigma = SCALE_LOW + (SCALE_HIGH - SCALE_LOW) * unit[1]
    inner = (shape[0], *shape[2:], channels)
    if into is None or into[0].shape != shape:
        into = (
            torch.empty(inner, **options).movedim(-1, 1),
            torch.empty(inner, **options).movedim(-1, 1),
        )
    s, m = (noise.movedim(1, -1) for noise in into)  # as laid out in memory
    s.normal_(0.0, SCALE_SPREAD[spread], generator=source).add_(sigma)
    m.uniform_(-MEAN_SPREAD, MEAN_SPREAD, generator=source).add_(mu)
    return into


def draw_by_counter(
    key: int, step: Tensor, shape: torch.Size, spread: str = "deviation"
) -> tuple[Tensor, Tensor]:
    """Return (s, m) as ``draw`` does, in float32, without host work: the step stays on its device.

    Another stream with the same distribution (``models.kernels`` says which is used when). Channel
    j takes mu and sigma from block j of its lane. In each row, a sample and position, channel c of
    the first half shares a block with channel c + half: two words make both of their normals, one
    word each of the others a uniform. A block is ten rounds of multiplications; one for each
    element would take a card longer than to move the element.
    """
    channels = shape[1]
    rows, pairs = prod(shape) // channels, -(-channels // 2)
    unit = philox.words(key, step, channels, CHANNEL_LANE)
    mu = (2 * philox.as_uniform(unit[0]) - 1) * MEAN_CENTRE
    sigma = SCALE_LOW + (SCALE_HIGH - SCALE_LOW) * philox.as_uniform(unit[1])
    words = philox.words(key, step, rows * pairs, ELEMENT_LANE)
    normals = [n.view(rows, pairs) for n in philox.as_normals(words[0], words[1])]
    uniforms = [philox.as_uniform(word).view(rows, pairs) for word in words[2:]]
    s = torch.cat(normals, dim=1)[:, :channels].mul_(SCALE_SPREAD[spread]) + sigma
    m = torch.cat(uniforms, dim=1)[:, :channels].mul_(2).sub_(1).mul_(MEAN_SPREAD) + mu
    inner = (shape[0], *shape[2:], channels)
    return s.view(inner).movedim(-1, 1), m.view(inner).movedim(-1, 1)


class Noise(nn.Module):
    """a <- s a + m in train mode, a in eval mode.

    ``begin_step(seed, step)`` sets whose noise the next training passes get; passes of one step
    (a probe that replays it) get the same. So do passes after ``follow(seed, step)`` while the
    tensor ``step`` holds one value. The last call of the two decides.
    """

    def __init__(self, layer: str, spread: str = "deviation") -> None:
        super().__init__()
        self.layer, self.spread = layer, spread
        self._step: tuple[int, int] | None = None
        self._drawn: tuple[Tensor, Tensor] | None = None
        self._stale = True
        self._followed: tuple[int, Tensor] | None = None
        self._key: Tensor | None = None  # on the step's device
        self._fused = False

    def begin_step(self, seed: int, step: int) -> None:
        """Discard the last step's draws; those of (seed, step) are made when first needed."""
        self._step, self._stale, self._followed = (seed, step), True, None

    def follow(self, seed: int, step: Tensor) -> None:
        """Draw by counter from now on, for the step that the int64 scalar ``step`` then holds."""
        key = streams.torch_seed(seed, "noise", self.layer)
        self._followed, self._key = (key, step), torch.full_like(step, key)

    def fuse(self) -> None:
        """Use the fused kernels from now on, where the module follows a step."""
        self._fused = True

    def fuses(self, a: Tensor) -> bool:
        """Return whether a pass of ``a`` takes the fused kernels."""
        follows = self.training and self._followed is not None
        return self._fused and follows and tiles.fits(a)

    def law(self) -> Any:
        """Return what the fused kernels must know to draw the step's noise."""
        from models.kernels.noise import NoiseLaw

        if self._followed is None or self._key is None:
            raise RuntimeError(f"{self.layer}: no step followed; call follow(seed, step) first")
        return NoiseLaw(
            key=self._key,
            step=self._followed[1],
            mean_centre=MEAN_CENTRE,
            mean_spread=MEAN_SPREAD,
            scale_low=SCALE_LOW,
            scale_range=SCALE_HIGH - SCALE_LOW,
            scale_spread=SCALE_SPREAD[self.spread],
        )

    def forward(self, a: Tensor) -> Tensor:
        """Return the noisy activations, of the shape of ``a`` (batch, channels, ...)."""
        if not self.training:
            return a
        if self.fuses(a):
            from models.kernels import noisy

            return noisy.noisy(a, self.law())
        if self._followed is not None:
            s, m = draw_by_counter(*self._followed, a.shape, self.spread)
            return torch.addcmul(m, s, a.to(torch.promote_types(a.dtype, m.dtype))).to(a.dtype)
        if self._step is None:
            raise RuntimeError(f"{self.layer}: no step begun; call begin_step(seed, step) first")
        if self._drawn is None or self._stale or self._drawn[0].shape != a.shape:
            self._drawn = draw(*self._step, self.layer, a.shape, a, self._drawn, self.spread)
            self._stale = False
        s, m = self._drawn
        return torch.addcmul(m, s, a)


class NoisyBatchNorm(Noise):
    """Noise after BatchNorm's gamma and beta."""

    place = "after-affine"

    def __init__(self, channels: int, layer: str, spread: str = "deviation") -> None:
        super().__init__(layer, spread)
        self.norm = BatchNorm(channels)

    def forward(self, a: Tensor) -> Tensor:
        """Return the noisy normalised activations, of the shape of ``a`` (batch, channels, ...)."""
        if self.fuses(a):
            return self._in_one_pass(a)
        normalised = self.norm(a).to(self.norm.weight.dtype)  # under autocast, noise in fp32
        return super().forward(normalised)

    def _in_one_pass(self, a: Tensor) -> Tensor:
        from models.kernels import noisy

        norm = self.norm
        return noisy.noisy_batch_norm(
            a,
            norm.weight,
            norm.bias,
            (norm.running_mean, norm.running_var),
            self.law(),
            place=self.place,
            momentum=MOMENTUM,
            eps=EPS,
        )


class NoiseBeforeAffine(NoisyBatchNorm):
    """Noise between BatchNorm's division and its gamma and beta: gamma (s a_hat + m) + beta."""

    place = "before-affine"

    def forward(self, a: Tensor) -> Tensor:
        """Return the noisy normalised activations, of the shape of ``a`` (batch, channels, ...)."""
        if self.fuses(a):
            return self._in_one_pass(a)
        norm = self.norm
        running = norm.running_mean, norm.running_var
        a_hat = F.batch_norm(a, *running, None, None, self.training, MOMENTUM, EPS)
        noisy = Noise.forward(self, a_hat.to(norm.weight.dtype))
        per_unit = (1, -1, *([1] * (a.dim() - 2)))  # broadcasts over (batch, channels, ...)
        return torch.addcmul(norm.bias.view(per_unit), noisy, norm.weight.view(per_unit))


def make(
    channels: int, layer: str, *, place: str = "after-affine", spread: str = "deviation"
) -> nn.Module:
    """Return noisy batch normalisation of ``channels`` units of the named layer.

    ``place``: the noise comes "after-affine" or "before-affine"; ``spread``: r_sigma is a
    "deviation" or a "variance".
    """
    kind = NoisyBatchNorm if place == "after-affine" else NoiseBeforeAffine
    return kind(channels, layer, spread)
