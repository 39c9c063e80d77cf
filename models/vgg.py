"""VGG networks (Simonyan and Zisserman 2015) with a width factor and a norm before every ReLU.

Weight layers (conv and fully connected) count from 1: VGG-16 has 13 conv layers, two hidden fully
connected ones and the classifier. A *layer* is its weight, its bias and the norm that follows.
"""

from collections.abc import Callable
from math import sqrt
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import skip_init

from models import streams
from models.convs import Conv3x3
from models.dropout import Dropout

CONVS_PER_BLOCK = {
    "vgg-a": (1, 1, 2, 2, 2),
    "vgg-13": (2, 2, 2, 2, 2),
    "vgg-16": (2, 2, 3, 3, 3),
    "vgg-19": (2, 2, 4, 4, 4),
}
CHANNELS_PER_BLOCK = (64, 128, 256, 512, 512)
HIDDEN_UNITS = 512  # of both hidden fully connected layers, as in the CIFAR versions of VGG
LEAST_MAP = 2  # height of the smallest map a conv sees, as in VGG-16 at 32x32

MakeNorm = Callable[[int, str], nn.Module]


class Layer(nn.Module):
    """A weight layer: conv or fully connected, with the norm that follows it."""

    linear: nn.Conv2d | nn.Linear
    norm: nn.Module

    def __init__(self, name: str, linear: nn.Conv2d | nn.Linear, norm: nn.Module) -> None:
        super().__init__()
        self.name = name
        self.linear = linear
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's activations before the ReLU."""
        y: Tensor = self.norm(self.linear(x))
        return y


class HasWeightLayers(Protocol):
    """A network made of layers."""

    def weight_layers(self) -> list[Layer]:
        """Return weight layers 1, 2, ... in the order of the forward pass."""


class VGG(nn.Module):
    """A VGG for square images. ``layers[i - 1]`` is weight layer i.

    Each block ends in 2x2 max-pooling, except where a later conv would see a map under 2x2: that
    pool is left out. The last pool takes what is left to 1x1. ``dropout`` is the chance with which
    a hidden unit is dropped after its ReLU.
    """

    def __init__(
        self,
        network: str,
        *,
        width: float,
        in_channels: int,
        image_size: int,
        classes: int,
        make_norm: MakeNorm,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        self._pools: list[int] = []  # after conv layer i, the pool's size; 1: none
        channels, side = in_channels, image_size
        for block, convs in enumerate(CONVS_PER_BLOCK[network]):
            out = int(CHANNELS_PER_BLOCK[block] * width)
            for _ in range(convs):
                name = f"conv{len(self.layers) + 1}"
                conv = Conv3x3(channels, out)
                self.layers.append(Layer(name, conv, make_norm(out, name)))
                self._pools.append(1)
                channels = out
            last_block = block == len(CONVS_PER_BLOCK[network]) - 1
            if last_block or side // 2 >= LEAST_MAP:
                self._pools[-1] = side if last_block else 2
                side //= self._pools[-1]
        hidden = int(HIDDEN_UNITS * width)
        self.dropouts = nn.ModuleList()
        for name in ("fc1", "fc2"):
            self.dropouts.append(Dropout(dropout, name) if dropout else nn.Identity())
            self.layers.append(
                Layer(name, skip_init(nn.Linear, channels, hidden), make_norm(hidden, name))
            )
            channels = hidden
        classifier = skip_init(nn.Linear, channels, classes)
        self.layers.append(Layer("classifier", classifier, nn.Identity()))

    def weight_layers(self) -> list[Layer]:
        """Return weight layers 1, 2, ... in the order of the forward pass."""
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (batch, classes) of images (batch, channels, height, width)."""
        convs = len(self._pools)
        for layer, pool in zip(self.layers[:convs], self._pools, strict=True):
            x = F.relu(layer(x))
            if pool > 1:
                x = F.max_pool2d(x, pool)
        x = x.flatten(1)  # (batch, channels * 1 * 1)
        for layer, dropout in zip(self.layers[convs:-1], self.dropouts, strict=True):
            x = dropout(F.relu(layer(x)))
        logits: Tensor = self.layers[-1](x)
        return logits


def initialise(network: HasWeightLayers, seed: int, scheme: str) -> None:
    """Draw every weight from its layer's own stream and set every bias to 0.

    ``glorot``: U(-b, b) with b = sqrt(6 / (fan_in + fan_out)); ``glorot-normal``: N(0, b^2 / 3), of
    the same variance; ``he``: U(-b, b) with b = sqrt(6 / fan_in). Fans of a conv include its 3x3
    field. Networks that share a seed share the weights of every layer of the same name and shape.
    """
    for layer in network.weight_layers():
        weight = layer.linear.weight
        field = weight[0, 0].numel()
        fan_in, fan_out = weight.shape[1] * field, weight.shape[0] * field
        bound = sqrt(6 / fan_in) if scheme == "he" else sqrt(6 / (fan_in + fan_out))
        stream = streams.generator(seed, "init", layer.name)
        if scheme == "glorot-normal":
            drawn = stream.normal(0.0, bound / sqrt(3), weight.shape)
        else:
            drawn = stream.uniform(-bound, bound, weight.shape)
        with torch.no_grad():
            weight.copy_(torch.from_numpy(drawn))
            if layer.linear.bias is not None:
                layer.linear.bias.zero_()
