"""Random crops and mirror images, the field's standard augmentation of CIFAR-10."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

PAD_SHARE = 8
"""Images are padded by an eighth of their side: 4 of CIFAR-10's 32 pixels (He et al. 2016)."""


def draws(generator: np.random.Generator, images: int, pad: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each image's crop (down, right), shape (images, 2), and whether it is mirrored.

    Crops are whole numbers from 0 to 2 pad, all alike likely; half of the images are mirrored. An
    image's numbers depend on its place in the batch and on the stream alone.
    """
    uniform = generator.random((images, 3))  # row by row, so that no image shifts another's
    return (uniform[:, :2] * (2 * pad + 1)).astype(np.int64), uniform[:, 2] < 0.5


def augmented(images: Tensor, generator: np.random.Generator) -> Tensor:
    """Return each image (n, channels, side, side) cropped from its padding with 0, or mirrored."""
    n, _, height, width = images.shape
    pad = height // PAD_SHARE
    crops, mirrored = (torch.from_numpy(x).to(images.device) for x in draws(generator, n, pad))
    padded = F.pad(images, (pad, pad, pad, pad))
    rows = crops[:, :1] + torch.arange(height, device=images.device)  # (n, height)
    columns = torch.arange(width, device=images.device).expand(n, width)
    columns = crops[:, 1:] + torch.where(mirrored[:, None], columns.flip(1), columns)
    image = torch.arange(n, device=images.device)[:, None, None, None]
    channel = torch.arange(images.shape[1], device=images.device)[None, :, None, None]
    return padded[image, channel, rows[:, None, :, None], columns[:, None, None, :]]
