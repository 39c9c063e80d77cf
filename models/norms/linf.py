"""l_infinity normalisation."""

from torch import Tensor, nn

from models.norms.lp import LpNorm


class AverageLinf:
    """N_inf = max|a|; d N_inf / d a = sign(a) at the maximum, shared equally among ties."""

    kernel = "linf"

    def value(self, a: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return N_inf, of shape (channels,)."""
        return a.abs().amax(dims)

    def gradient(self, a: Tensor, n_p: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return d N_inf / d a, of the shape of ``a``."""
        at_maximum = (a.abs() == n_p).to(a.dtype)
        ties = at_maximum.sum(dims, keepdim=True)
        return at_maximum.mul_(a.sign()).div_(ties)


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return l_infinity normalisation of ``channels`` units."""
    return LpNorm(channels, AverageLinf())
