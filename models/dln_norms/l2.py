"""l_2 normalisation: N = sqrt(mean a^2) + eps, un-centred; dN/da = a / (count sqrt(mean a^2))."""

from torch import Tensor

from models.dln import Samples

EPS = 1e-5


def size(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return N (seeds, units, 1) and dN/da of activations (seeds, units, coordinates)."""
    root = a.square().sum(2, keepdim=True).div_(samples.count).sqrt_()
    return root + EPS, a / (root * samples.count)
