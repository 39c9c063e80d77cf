"""l_infinity normalisation, another reading: the norm, too, is of the centred activations."""

from torch import Tensor

from models.dln import Samples
from models.dln_norms import linf


def size(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return N (seeds, units, 1) and dN/da of activations (seeds, units, coordinates)."""
    n, slope = linf.size(a * samples.centre, samples)
    return n, slope * samples.centre
