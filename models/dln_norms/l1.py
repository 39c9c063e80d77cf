"""l_1 normalisation: N = mean|a| + eps, un-centred; dN/da = sign(a) / count."""

import torch
from torch import Tensor

from models.dln import Samples

EPS = 1e-5


def size(a: Tensor, samples: Samples) -> tuple[Tensor, Tensor]:
    """Return N (seeds, units, 1) and dN/da of activations (seeds, units, coordinates)."""
    each = torch.bmm(a, samples.basis)  # (seeds, units, samples)
    n = each.abs().sum(2, keepdim=True).div_(samples.count).add_(EPS)
    return n, torch.bmm(each.sign_(), samples.basis.mT).div_(samples.count)
