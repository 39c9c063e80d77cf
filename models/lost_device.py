"""Errors after which a process can use its card no more.

CUDA answers every call after such an error with the same error, until the process ends ("sticky"
in the documentation of ``cudaError_t``). What is allocated, whatever trains next, and even giving
memory back then fails.
"""

from collections.abc import Iterator

from models import machine

STICKY = (
    "illegal memory access",
    "misaligned address",
    "illegal instruction",
    "invalid program counter",
    "operation not supported on global/shared address space",
    "hardware stack error",
    "unspecified launch failure",
    "device-side assert",
    "launch timed out",
    "uncorrectable ECC error",
)
"""Words of CUDA's runtime, which torch and Triton pass on in errors of their own types."""


def is_lost(error: BaseException, device: str) -> bool:
    """Return whether an error leaves the device unusable for this process: never a CPU.

    By its words or those of its causes, or by asking: cuDNN and cuBLAS have words of their own for
    whatever failed below them. A recording that failed counts, too.
    """
    from models.engine.programmes import RecordingError

    if machine.device_kind(device) == "cpu":
        return False
    chain = list(_chain(error))
    told = any(word in str(one) for one in chain for word in STICKY)
    return told or any(isinstance(one, RecordingError) for one in chain) or not _answers(device)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _answers(device: str) -> bool:
    """Return whether a card that this process uses still does what is asked of it."""
    import torch

    if not torch.cuda.is_initialized():
        return True
    try:
        torch.cuda.synchronize(device)
    except RuntimeError:
        return False
    return True
