"""Batch normalisation (Ioffe and Szegedy 2015), PyTorch's own kernel and defaults."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPS = 1e-5
MOMENTUM = 0.1  # of the running statistics


class BatchNorm(nn.Module):
    """y = gamma (a - mean(a)) / sqrt(var(a) + eps) + beta, per unit over batch and positions.

    ``var`` is the biased variance; the running variance is the unbiased one, as in PyTorch. One
    module for (batch, units) and (batch, channels, height, width). gamma starts at 1, beta at 0.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, a: Tensor) -> Tensor:
        """Return the normalised activations, of the shape of ``a``."""
        return F.batch_norm(
            a,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            MOMENTUM,
            EPS,
        )


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return batch normalisation of ``channels`` units."""
    return BatchNorm(channels)
