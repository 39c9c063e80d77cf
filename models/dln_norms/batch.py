"""Batch normalisation: N = sqrt(var(a) + eps), dN/da = (a - mean(a)) / (count N)."""

from torch import Tensor

from models.dln import Samples

EPS = 1e-5


def size(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return N (seeds, units, 1) and dN/da of activations (seeds, units, coordinates)."""
    centred = a * samples.centre
    n = centred.square().sum(2, keepdim=True).div_(samples.count).add_(EPS).sqrt_()
    return n, centred.div_(n * samples.count)
