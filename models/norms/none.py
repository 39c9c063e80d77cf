"""No normalisation: the paper's "standard" network."""

from torch import nn


def make(channels: int, layer: str) -> nn.Module:  # noqa: ARG001 (the signature of all norms)
    """Return the do-nothing norm."""
    return nn.Identity()
