"""l_1 normalisation, another reading: the norm, too, is of the centred activations."""

from torch import Tensor

from models.dln import Samples
from models.dln_norms import l1


def size(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return N (seeds, units, 1) and dN/da of activations (seeds, units, coordinates)."""
    n, slope = l1.size(a * samples.centre, samples)
    return n, slope * samples.centre
