"""l_infinity normalisation, another reading: the norm, too, is of the centred activations."""

from torch import nn

from models.norms.centring import Centred
from models.norms.linf import AverageLinf
from models.norms.lp import LpNorm


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return centred l_infinity normalisation of ``channels`` units."""
    return LpNorm(channels, Centred(AverageLinf()))
