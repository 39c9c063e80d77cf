"""l_2 normalisation, another reading: centred, it is BatchNorm but for where eps is added."""

from torch import nn

from models.norms.centring import Centred
from models.norms.l2 import AverageL2
from models.norms.lp import LpNorm


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return centred l_2 normalisation of ``channels`` units."""
    return LpNorm(channels, Centred(AverageL2()))
