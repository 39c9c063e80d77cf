"""Where a replica's batches come from, so that its step finds them on the device."""

import contextlib
from typing import Protocol

import torch
from torch import Tensor

from models import streams
from models.data import Batches, Task
from models.engine.programmes import stream_of

FEED_STREAM = -1
"""The engine's stream on which batches are made, one for all seeds: cuBLAS keeps room for each."""


class Feed(Protocol):
    """The training batches of one seed."""

    def stage(self, step: int) -> None:
        """Do what the host must do before the step."""

    def batch(self, step: Tensor) -> tuple[Tensor, Tensor]:
        """Return images, channels innermost, and labels of the step that ``step`` counts.

        By operations on the device alone: a CUDA graph holds them.
        """


class Resident:
    """Training images on their device as the network wants them; one set serves every seed.

    Standardising is element by element, so doing it once, before batches are gathered, gives the
    bits of doing it after.
    """

    def __init__(self, task: Task) -> None:
        if task.jitter is not None:
            raise ValueError("feed: got images that are jittered at every step; use StagedFeed")
        unused = streams.generator(0, "jitter")  # nothing is drawn without jitter
        images = task.standardised(task.train_images, unused)
        self.pixels = images.permute(0, 2, 3, 1).contiguous()  # (n, h, w, channels)
        self.labels = task.train_labels


class ResidentFeed:
    """Batches gathered on the device from a resident training set."""

    def __init__(self, resident: Resident, order: Tensor) -> None:
        self._resident = resident
        self._order = order  # (steps, batch), on the device

    def stage(self, step: int) -> None:
        """Do nothing: the device has all that it needs."""

    def batch(self, step: Tensor) -> tuple[Tensor, Tensor]:
        """Return the step's images (batch, channels, h, w) and labels (batch,)."""
        rows = self._order.index_select(0, step.view(1)).view(-1)
        images = self._resident.pixels.index_select(0, rows).permute(0, 3, 1, 2)
        return images, self._resident.labels.index_select(0, rows)


class StagedFeed:
    """Batches that the host has a hand in: jitter and augmentation draw from numpy's streams.

    They are made before the step, on a stream of their own so that nobody waits for the step before
    it, and copied to where the step reads them.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        images, labels = batches[0]
        self._images, self._labels = torch.empty_like(images), torch.empty_like(labels)
        self._aside: torch.cuda.Stream | None = None
        if images.device.type == "cuda":
            self._aside = stream_of(images.device, FEED_STREAM)
            self._aside.wait_stream(torch.cuda.current_stream(images.device))
        self.stage(0)

    def stage(self, step: int) -> None:
        """Make the step's batch and put it where the step reads it."""
        with contextlib.nullcontext() if self._aside is None else torch.cuda.stream(self._aside):
            images, labels = self._batches[step]
        if self._aside is not None:
            here = torch.cuda.current_stream(images.device)
            here.wait_stream(self._aside)
            images.record_stream(here)
            labels.record_stream(here)
        self._images.copy_(images)
        self._labels.copy_(labels)

    def batch(self, step: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG002 (it is staged)
        """Return the images and labels that were staged."""
        return self._images, self._labels
