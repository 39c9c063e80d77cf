"""l_1 normalisation, another reading: the norm, too, is of the centred activations."""

from torch import nn

from models.norms.centring import Centred
from models.norms.l1 import AverageL1
from models.norms.lp import LpNorm


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return centred l_1 normalisation of ``channels`` units."""
    return LpNorm(channels, Centred(AverageL1()))
