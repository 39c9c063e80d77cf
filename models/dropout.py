"""Dropout whose masks are functions of (seed, step, layer), so that a probe replays its step's."""

import torch
from torch import Tensor, nn

from models import streams
from models.kernels import philox


class Dropout(nn.Module):
    """In train mode, each element is 0 with chance ``rate`` and else divided by 1 - rate.

    ``begin_step(seed, step)`` sets whose mask the next training passes get; passes of one step get
    the same. So do passes after ``follow(seed, step)`` while the tensor ``step`` holds one value;
    the last call of the two decides. In eval mode nothing changes.
    """

    def __init__(self, rate: float, layer: str) -> None:
        super().__init__()
        self.rate, self.layer = rate, layer
        self._step: tuple[int, int] | None = None
        self._mask: Tensor | None = None
        self._followed: tuple[int, Tensor] | None = None

    def begin_step(self, seed: int, step: int) -> None:
        """Discard the last step's mask; that of (seed, step) is drawn when first needed."""
        self._step, self._mask, self._followed = (seed, step), None, None

    def follow(self, seed: int, step: Tensor) -> None:
        """Draw by counter from now on, for the step that the int64 scalar ``step`` then holds."""
        self._followed = (streams.torch_seed(seed, "dropout", self.layer), step)

    def forward(self, x: Tensor) -> Tensor:
        """Return what is kept of ``x`` (batch, units), scaled to the same mean."""
        if not self.training:
            return x
        if self._followed is not None:
            drawn = philox.uniform(*self._followed, x.shape, x.device, torch.float32)
            return x * ((drawn >= self.rate).to(x.dtype) / (1 - self.rate))
        if self._step is None:
            raise RuntimeError(f"{self.layer}: no step begun; call begin_step(seed, step) first")
        if self._mask is None or self._mask.shape != x.shape:
            seed, step = self._step
            source = torch.Generator(device=x.device)
            source.manual_seed(streams.torch_seed(seed, "dropout", self.layer, step))
            kept = torch.rand(x.shape, generator=source, device=x.device) >= self.rate
            self._mask = kept.to(x.dtype) / (1 - self.rate)
        return x * self._mask
