"""The noise of Algorithm 1 without any normalisation (Section 2.1: "the same noise")."""

from torch import nn

from models.norms.noisy_batch import Noise


def make(
    channels: int,  # noqa: ARG001 - one shape for all norms
    layer: str,
    *,
    spread: str = "deviation",
) -> nn.Module:
    """Return the noise of the named layer; it has no parameters. ``spread`` as in noisy_batch."""
    return Noise(layer, spread)
