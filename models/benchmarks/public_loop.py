"""Training as public re-runs of the paper have it, to compare with.

One seed, eager, a ``DataLoader`` that makes every image a tensor by itself (as torchvision's
ToTensor and Normalize do), ``nn.BatchNorm2d``, ``torch.optim.SGD``, and ``.item()`` of the loss and
the accuracy at every step. PyTorch's own defaults otherwise, whatever the session's precision is.
Workers go on between blocks: up to two batches each of a block were made before it began, which
flatters the loop where blocks are short.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from models import vgg_arm
from models.benchmarks.rounds import Block

SEED = 1000  # of the pilot block: never judged


class Images(Dataset[tuple[Tensor, int]]):
    """Images as a re-run reads them: bytes (height, width, channels), one at a time."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray) -> None:
        """Take pixels (n, channels, height, width) in [0, 1] and labels (n,)."""
        self._bytes = np.ascontiguousarray(
            (pixels * 255).round().astype(np.uint8).transpose(0, 2, 3, 1)
        )
        self._labels = labels
        self._mean = torch.from_numpy(pixels.mean((0, 2, 3))).view(-1, 1, 1)
        self._std = torch.from_numpy(pixels.std((0, 2, 3))).view(-1, 1, 1)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = torch.from_numpy(self._bytes[index]).permute(2, 0, 1).contiguous()
        return (image.float().div(255) - self._mean) / self._std, int(self._labels[index])


def plain_network(settings: Mapping[str, Any], device: torch.device) -> nn.Module:
    """Return the arm's network of torch's own modules: Conv2d and BatchNorm, channels outermost."""
    network = vgg_arm.build(settings, SEED, torch.device("cpu"))
    for layer in network.weight_layers():
        out, into = layer.linear.weight.shape[:2]
        conv = isinstance(layer.linear, nn.Conv2d)
        layer.linear = nn.Conv2d(into, out, 3, padding=1) if conv else nn.Linear(into, out)
        if settings["norm"] == "batch" and not isinstance(layer.norm, nn.Identity):
            layer.norm = nn.BatchNorm2d(out) if conv else nn.BatchNorm1d(out)
    return network.to(device).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload,no-any-return]


def arithmetic(device: str) -> str:
    """Return in words in which precision PyTorch trains here when nobody sets one."""
    if not device.startswith("cuda"):
        return "fp32"
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    convolutions = "TF32" if _in_tf32(cudnn, cudnn.conv) else "fp32"
    products = "TF32" if _in_tf32(matmul, matmul) else "fp32"
    return f"PyTorch's default: convolutions in {convolutions}, matrix products in {products}"


def _in_tf32(older: Any, operation: Any) -> bool:
    """Return what torch's older switch says, or the newer where that refuses to be read."""
    try:
        return bool(older.allow_tf32)
    except RuntimeError:
        return bool(operation.fp32_precision == "tf32")


def loop(
    settings: Mapping[str, Any], images: Images, *, device: str, steps: int, workers: int
) -> Block:
    """Return a block of ``steps`` steps of the loop; the loader lives on from block to block."""
    where = torch.device(device)
    network = plain_network(settings, where)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    batches = _endless(images, settings["batch"], workers, pinned=where.type == "cuda")

    def block() -> None:
        network.train()
        for _ in range(steps):
            inputs, labels = (tensor.to(where) for tensor in next(batches))
            optimiser.zero_grad()
            logits = network(inputs)
            loss = F.cross_entropy(logits, labels)
            loss.backward()
            optimiser.step()
            loss.item()
            (logits.argmax(1) == labels).float().mean().item()

    return block


def _endless(images: Images, batch: int, workers: int, *, pinned: bool) -> Iterator[list[Tensor]]:
    """Yield batches, pass after pass; workers are started once."""
    loader = DataLoader(
        images,
        batch_size=batch,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=pinned,
        generator=torch.Generator().manual_seed(SEED),
    )
    while True:
        yield from loader
