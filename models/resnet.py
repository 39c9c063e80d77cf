"""Residual networks for small images (He et al. 2016, Section 4.2), with any norm or none.

Depth 6n + 2: a conv, three stages of n blocks with 16, 32 and 64 channels, global average pooling
and a classifier. The norm follows each conv: before the ReLU, and before the addition.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import skip_init

from models.convs import Conv3x3
from models.vgg import Layer, MakeNorm

CHANNELS = (16, 32, 64)


def depth_of(blocks: int) -> int:
    """Return the number of weight layers of a network with so many blocks a stage."""
    return 6 * blocks + 2


class Block(nn.Module):
    """relu(shortcut(x) + conv2(relu(conv1(x)))), a norm after each conv.

    The shortcut is the identity. Where the block halves the map and widens it, every other position
    is taken and the new channels are 0 (He et al.'s option A, without parameters).
    """

    def __init__(self, name: str, channels: int, out: int, make_norm: MakeNorm) -> None:
        super().__init__()
        self._stride = 1 if out == channels else 2
        self._added = out - channels
        first = (
            Conv3x3(channels, out)
            if self._stride == 1
            else skip_init(nn.Conv2d, channels, out, 3, stride=2, padding=1)
        )
        names = [f"{name}.conv1", f"{name}.conv2"]
        self.conv1 = Layer(names[0], first, make_norm(out, names[0]))
        self.conv2 = Layer(names[1], Conv3x3(out, out), make_norm(out, names[1]))

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, out, h / stride, w / stride) of (batch, channels, h, w)."""
        residual: Tensor = self.conv2(F.relu(self.conv1(x)))
        return F.relu(self.shortcut(x) + residual)

    def shortcut(self, x: Tensor) -> Tensor:
        """Return the input, or every other position of it with channels of 0 behind its own."""
        if self._stride == 1:
            return x
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self._added))


class ResNet(nn.Module):
    """A residual network of ``depth_of(blocks)`` weight layers for square images."""

    def __init__(self, *, blocks: int, in_channels: int, classes: int, make_norm: MakeNorm) -> None:
        super().__init__()
        stem = CHANNELS[0]
        self.stem = Layer("stem", Conv3x3(in_channels, stem), make_norm(stem, "stem"))
        self.blocks = nn.ModuleList()
        channels = stem
        for stage, out in enumerate(CHANNELS, start=1):
            for block in range(1, blocks + 1):
                name = f"stage{stage}.block{block}"
                self.blocks.append(Block(name, channels, out, make_norm))
                channels = out
        self.classifier = Layer(
            "classifier", skip_init(nn.Linear, channels, classes), nn.Identity()
        )

    def weight_layers(self) -> list[Layer]:
        """Return weight layers 1, 2, ... in the order of the forward pass."""
        return [module for module in self.modules() if isinstance(module, Layer)]

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (batch, classes) of images (batch, channels, height, width)."""
        x = F.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.classifier(x.mean((2, 3)))  # (batch, channels)
        return logits
