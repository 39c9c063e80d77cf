"""l_2 normalisation: as BatchNorm, but with the norm taken before the mean is removed."""

from torch import Tensor, nn

from models.norms.lp import LpNorm


class AverageL2:
    """N_2 = sqrt(mean a^2); d N_2 / d a = a / (count N_2), and 0 where N_2 = 0."""

    kernel = "l2"

    def value(self, a: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return N_2, of shape (channels,)."""
        return (a * a).mean(dims).sqrt()

    def gradient(self, a: Tensor, n_p: Tensor, dims: tuple[int, ...]) -> Tensor:  # noqa: ARG002
        """Return d N_2 / d a, of the shape of ``a``."""
        count = a.numel() // a.shape[1]
        return a * (1 / (count * n_p)).nan_to_num_(posinf=0.0)


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return l_2 normalisation of ``channels`` units."""
    return LpNorm(channels, AverageL2())
