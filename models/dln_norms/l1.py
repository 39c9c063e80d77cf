"""l_1 normalisation: N = mean|a| + eps, un-centred; dN/da = sign(a) / count."""

import torch
from torch import Tensor

from models.dln import Samples

EPS = 1e-5


def size(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return N (seeds, units, 1) and dN/da of activations (seeds, units, coordinates).

    mean|a| is taken as <a, sign(a)> / count in coordinates: a quarter off the time of a pass over
    the samples.
    """
    signs = torch.bmm(a, samples.basis, out=samples.room).sign_()  # (seeds, units, samples)
    slope = torch.bmm(signs, samples.basis.mT).div_(samples.count)
    return torch.sum(a * slope, 2, keepdim=True).add_(EPS), slope
