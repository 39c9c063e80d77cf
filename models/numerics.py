"""Precision and threads of a run: they decide its numbers, so they are part of its code."""

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def numerics(device: str, precision: str) -> Iterator[None]:
    """Train in the precision; one torch thread on a CPU, so that a run depends on no worker count.

    What was set before is restored. bf16 is autocast without a loss scaler, so measured gradients
    are gradients of the loss, and without its cache of cast weights, which an update in place would
    leave stale.
    """
    kind = device.partition(":")[0]
    threads = torch.get_num_threads()
    convolutions, products = torch.backends.cudnn, torch.backends.cuda.matmul
    allowed = convolutions.allow_tf32, products.allow_tf32, convolutions.deterministic
    bf16 = torch.autocast(kind, torch.bfloat16, enabled=precision == "bf16", cache_enabled=False)
    try:
        if kind == "cpu":
            torch.set_num_threads(1)
        convolutions.allow_tf32 = products.allow_tf32 = precision == "tf32"
        convolutions.deterministic = True
        with bf16:
            yield
    finally:
        torch.set_num_threads(threads)
        convolutions.allow_tf32, products.allow_tf32, convolutions.deterministic = allowed
