"""l_1 normalisation."""

from torch import Tensor, nn

from models.norms.lp import LpNorm


class AverageL1:
    """N_1 = mean|a|; d N_1 / d a = sign(a) / count."""

    kernel = "l1"

    def value(self, a: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return N_1, of shape (channels,)."""
        return a.abs().mean(dims)

    def gradient(self, a: Tensor, n_p: Tensor, dims: tuple[int, ...]) -> Tensor:  # noqa: ARG002
        """Return d N_1 / d a, of the shape of ``a``."""
        return a.sign().mul_(a.shape[1] / a.numel())


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return l_1 normalisation of ``channels`` units."""
    return LpNorm(channels, AverageL1())
