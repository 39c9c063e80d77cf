"""How long fused kernels take on a card, and the plain path, for the layers of VGG-16.

A layer's training pass and its backward pass are captured in a CUDA graph, as the engine runs them:
launched one by one, a small layer would measure Python. Layers smaller than the card's second-level
cache (50 to 60 MB) are found there by the next pass, so their times are lower bounds.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from harness.errors import OptionError
from models import norms
from models.kernels import fusing

LAYERS = {
    (64, 32, 32): 2,
    (128, 16, 16): 2,
    (256, 8, 8): 3,
    (512, 4, 4): 3,
    (512, 2, 2): 3,
    (512,): 2,
}
"""Activations of VGG-16's layers with a norm, for 32x32 images: shape of one image's, how many."""

NORMS = ("noisy-batch", "noise", "l1", "l2", "linf")
PASSES = 10  # in one graph, so that a graph's own start (some microseconds) does not count


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """One norm on one shape: the median time of a training pass with its backward pass."""

    norm: str
    shape: tuple[int, ...]  # (batch, channels, ...)
    layers: int  # of VGG-16 that have it
    plain_ms: float
    fused_ms: float
    gigabytes_s: float  # of the fused kernels: the bytes that must move, over their time


def timings(
    device: torch.device,
    *,
    batch: int = 128,
    names: Sequence[str] = NORMS,
    dtype: torch.dtype = torch.float32,
    repeats: int = 30,
) -> list[Timing]:
    """Return the times of plain and fused kernels, each the median of ``repeats`` replays.

    Raises OptionError where fused kernels do not run: on a CPU, or without Triton.
    """
    device = torch.device(device)
    if reason := fusing.why_not(device):
        raise OptionError(
            f"device: got {device}, expected a CUDA device that Triton compiles for; {reason}"
        )
    return [
        _timing(name, (batch, *shape), layers, device, dtype, repeats)
        for name in names
        for shape, layers in LAYERS.items()
    ]


def passes_over(norm: str) -> int:
    """Return how often the fused kernels read or write all activations, forward and backward.

    Statistics read a; the output reads a and writes y; the sums of the backward pass and its
    gradient each read a and gy; the gradient is written. Noise alone needs no statistics or sums.
    """
    return 4 if norm == "noise" else 8


def _timing(
    name: str,
    shape: tuple[int, ...],
    layers: int,
    device: torch.device,
    dtype: torch.dtype,
    repeats: int,
) -> Timing:
    norm = norms.maker(name)(shape[1], "timed").to(device)
    if hasattr(norm, "follow"):
        norm.follow(0, torch.zeros((), dtype=torch.int64, device=device))
    plain_ms = _median_ms(_training_pass(norm, shape, device, dtype), device, repeats)
    norm.fuse()
    once = _training_pass(norm, shape, device, dtype)
    fused_ms = _median_ms(once, device, repeats)
    elements = torch.Size(shape).numel()
    return Timing(
        norm=name,
        shape=shape,
        layers=layers,
        plain_ms=plain_ms,
        fused_ms=fused_ms,
        gigabytes_s=passes_over(name) * elements * dtype.itemsize / fused_ms / 1e6,
    )


def _training_pass(
    norm: nn.Module, shape: tuple[int, ...], device: torch.device, dtype: torch.dtype
) -> Callable[[], None]:
    """Return a function that does one forward and backward pass, channels innermost."""
    a = torch.randn(shape, device=device).to(dtype)
    if a.dim() == 4:
        a = a.contiguous(memory_format=torch.channels_last)
    a.requires_grad_()
    upstream = torch.randn_like(norm(a))

    def once() -> None:
        torch.autograd.grad(norm(a), (a, *norm.parameters()), upstream)

    return once


def _median_ms(once: Callable[[], None], device: torch.device, repeats: int) -> float:
    with torch.cuda.device(device):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(
            side
        ):  # what is compiled or chosen at the first pass, before capture
            for _ in range(3):
                once()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            for _ in range(PASSES):
                once()
        graph.replay()
        return statistics.median(_replay_ms(graph) for _ in range(repeats)) / PASSES


def _replay_ms(graph: torch.cuda.CUDAGraph) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    graph.replay()
    end.record()
    end.synchronize()
    milliseconds: float = start.elapsed_time(end)
    return milliseconds
