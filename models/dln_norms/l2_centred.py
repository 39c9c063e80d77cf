"""l_2 normalisation, another reading: centred, it is BatchNorm but for where eps is added."""

from torch import Tensor

from models.dln import Samples
from models.dln_norms import l2


def size(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return N (seeds, units, 1) and dN/da of activations (seeds, units, coordinates)."""
    n, slope = l2.size(a * samples.centre, samples)
    return n, slope * samples.centre
