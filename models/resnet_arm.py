"""How a resolved arm of a residual network is put together and trained with one seed."""

from collections.abc import Mapping
from typing import Any

import torch

from harness.bench import Progress
from harness.records import RunRecord
from models.resnet import ResNet
from models.vgg import initialise
from models.vgg_arm import make_norm, trained


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> ResNet:
    """Return the arm's network with the seed's initial weights, channels innermost on the device.

    The last layer of a block starts like any other: nothing makes a block an identity at first.
    """
    network = ResNet(
        blocks=settings["blocks"],
        in_channels=settings["channels"],
        classes=settings["classes"],
        make_norm=make_norm(settings),
    )
    initialise(network, seed, settings["init"])
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def run(
    settings: Mapping[str, Any], seed: int, device: torch.device, data_dir: str, progress: Progress
) -> RunRecord:
    """Train the arm with one seed and return its record."""
    return trained(build(settings, seed, device), settings, seed, device, data_dir, progress)
