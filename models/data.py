"""Image batches of one run: which images, in which order, how jittered, all functions of the seed.

A data set is a module found by name (``models.digits``, ``models.cifar``) with ``MD5``,
``CLASSES``, ``CHANNELS``, ``prepare(data_dir)`` and ``load(data_dir)``.
"""

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models import streams
from models.images import ImageArrays
from models.jitter import Jitter, jittered

Augment = Callable[[Tensor, np.random.Generator], Tensor]
TEST_SEED = 0  # the test images are jittered once, alike for every seed


@functools.lru_cache(maxsize=1)
def read(module: str, data_dir: str) -> tuple[ImageArrays, np.ndarray, np.ndarray]:
    """Return the data set's arrays with the training pixels' mean and standard deviation.

    Both (1, channels, 1, 1). Kept, because a worker trains many runs on one data set and CIFAR-10
    takes 8 s to read, check and average. Raises DataError.
    """
    arrays: ImageArrays = importlib.import_module(module).load(data_dir)
    channels = np.moveaxis(arrays.train_images, 1, 0)
    mean, std = (
        np.array([of(channel, dtype=np.float64) for channel in channels], dtype=np.float32)
        for of in (np.mean, np.std)
    )
    return arrays, mean.reshape(1, -1, 1, 1), std.reshape(1, -1, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A data set on its device: images (n, channels, h, w), raw pixels; labels (n,)."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    pixel_mean: Tensor  # (1, channels, 1, 1), of the training images as they are
    pixel_std: Tensor
    image_size: int
    jitter: Jitter | None

    def standardised(self, images: Tensor, draw: np.random.Generator) -> Tensor:
        """Return the images jittered, resized and standardised per channel, channels innermost."""
        moved = jittered(images, self.jitter, self.image_size, draw)
        pixels = (moved - self.pixel_mean) / self.pixel_std
        return pixels.contiguous(memory_format=torch.channels_last)

    def test_set(self) -> tuple[Tensor, Tensor]:
        """Return the test images, jittered with one fixed stream, and their labels."""
        draw = streams.generator(TEST_SEED, "test jitter")
        return self.standardised(self.test_images, draw), self.test_labels


def load(
    module: str,
    data_dir: str,
    *,
    image_size: int,
    jitter: Jitter | None,
    device: torch.device,
    standardise: bool = True,
) -> Task:
    """Return the data set of the module, checked and on the device. Raises DataError.

    Without ``standardise`` the network sees the pixels as they are, in [0, 1].
    """
    arrays, mean, std = read(module, data_dir)
    if not standardise:
        mean, std = np.zeros_like(mean), np.ones_like(std)
    return Task(
        train_images=torch.from_numpy(arrays.train_images).to(device),
        train_labels=torch.from_numpy(arrays.train_labels).to(device),
        test_images=torch.from_numpy(arrays.test_images).to(device),
        test_labels=torch.from_numpy(arrays.test_labels).to(device),
        pixel_mean=torch.from_numpy(mean).to(device),
        pixel_std=torch.from_numpy(std).to(device),
        image_size=image_size,
        jitter=jitter,
    )


def batch_order(seed: int, images: int, batch: int, steps: int) -> np.ndarray:
    """Return the image indices of each step, shape (steps, batch).

    Every pass over the data is a new permutation; a batch may span two passes, so that all batches
    are full and 15,000 steps of 128 are the paper's 38.4 epochs.
    """
    draw = streams.generator(seed, "order")
    passes = -(-steps * batch // images)
    order = np.concatenate([draw.permutation(images) for _ in range(passes)])
    return order[: steps * batch].reshape(steps, batch)


class Batches:
    """The training batches of one seed: ``batches[t]`` is a function of (seed, t) alone.

    ``augment`` changes raw images before anything else, by a stream of its own. ``order`` holds the
    image indices, (steps, batch), on the data's device.
    """

    def __init__(
        self, task: Task, seed: int, *, batch: int, steps: int, augment: Augment | None = None
    ) -> None:
        self._task, self._seed, self._augment = task, seed, augment
        self.order = torch.from_numpy(batch_order(seed, len(task.train_labels), batch, steps)).to(
            task.train_labels.device
        )

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return images (batch, channels, size, size) and labels (batch,) of a step."""
        rows = self.order[step]
        images = self._task.train_images[rows]
        if self._augment is not None:
            images = self._augment(images, streams.generator(self._seed, "augmentation", step))
        draw = streams.generator(self._seed, "jitter", step)
        return self._task.standardised(images, draw), self._task.train_labels[rows]
