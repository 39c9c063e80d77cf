"""Precision and threads of a run: they decide its numbers, so they are part of its code."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import torch


@contextlib.contextmanager
def numerics(device: str, precision: str) -> Iterator[None]:
    """Train in the precision; one torch thread on a CPU, so that a run depends on no worker count.

    What was set before is restored. bf16 is autocast without a loss scaler, so measured gradients
    are gradients of the loss, and without its cache of cast weights, which an update in place would
    leave stale and which a CUDA graph must not hold.
    """
    kind = device.partition(":")[0]
    threads = torch.get_num_threads()
    deterministic = torch.backends.cudnn.deterministic
    bf16 = torch.autocast(kind, torch.bfloat16, enabled=precision == "bf16", cache_enabled=False)
    try:
        if kind == "cpu":
            torch.set_num_threads(1)
        torch.backends.cudnn.deterministic = True
        with products(tf32=precision == "tf32"), bf16:
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cudnn.deterministic = deterministic


@contextlib.contextmanager
def products(*, tf32: bool) -> Iterator[None]:
    """Multiply and convolve float32 in TF32 or, without, in IEEE's arithmetic.

    torch has two sets of switches, and reading one raises an error where they disagree: both are
    set. The older one alone is not enough: ``cudnn.allow_tf32 = False`` leaves a convolution what
    ``torch.backends.fp32_precision`` says of all operations, be it TF32 (torch 2.13).
    """
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    operations = (cudnn.conv, cudnn.rnn, matmul)
    allowed = _allowed(cudnn, cudnn.conv), _allowed(matmul, matmul)
    kept = [operation.fp32_precision for operation in operations]
    try:
        _allow(tf32, tf32)
        for operation in operations:
            operation.fp32_precision = "tf32" if tf32 else "ieee"
        yield
    finally:
        _allow(*allowed)
        for operation, precision in zip(operations, kept, strict=True):
            operation.fp32_precision = precision


def _allowed(older: Any, operation: Any) -> bool:
    """Return what the older switch says, or the operation's own where it refuses to say."""
    try:
        return bool(older.allow_tf32)
    except RuntimeError:
        return bool(operation.fp32_precision == "tf32")


def _allow(convolutions: bool, matrices: bool) -> None:
    """Set the older switches, which some versions of torch say are deprecated."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        torch.backends.cudnn.allow_tf32 = convolutions
        torch.backends.cuda.matmul.allow_tf32 = matrices
