"""Devices and precisions: what this machine has. Imports torch only where a card is asked for."""

import contextlib
import importlib.metadata
import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.bench import Environment
from harness.errors import OptionError
from models.optional_settings import PRECISIONS


def device_kind(device: str) -> str:
    """Return "cpu" or "cuda" of "cpu", "cuda", "cuda:1". Raises OptionError for another."""
    kind = device.partition(":")[0]
    if kind not in ("cpu", "cuda"):
        raise OptionError(
            f"device: got {device!r}, expected cpu or cuda[:index]; "
            "Apple's MPS is not supported: use cpu"
        )
    return kind


def check_precision(precision: str, device: str) -> None:
    """Raise OptionError where the device does not train in the precision."""
    if precision not in PRECISIONS:
        raise OptionError(f"--precision: got {precision!r}, expected one of {PRECISIONS}")
    if device_kind(device) == "cpu" and precision != "fp32":
        raise OptionError(
            f"--precision: got {precision} on a CPU, expected fp32; leave it out, or add --gpu"
        )


def environment(device: str, precision: str) -> Environment:
    """Return where numbers trained on the device come from. On a CPU torch is not imported."""
    check_precision(precision, device)
    kind = device_kind(device)
    version = importlib.metadata.version("torch").partition("+")[0]
    shared: dict[str, Any] = {"precision": precision, "engine": "eager", "cpu": cpu_name()}
    if kind == "cpu":
        return Environment(device_kind=kind, torch=version, **shared)
    import torch

    if not torch.cuda.is_available():
        raise OptionError(
            f"device: got {device}, but torch {torch.__version__} sees no CUDA device; "
            "run without --gpu, or install a CUDA build of torch on a machine with a card"
        )
    card = torch.cuda.get_device_name(torch.device(device))
    return Environment(
        device_kind=kind, torch=version, cuda=torch.version.cuda, card=card, **shared
    )


@lru_cache(maxsize=1)
def cpu_name() -> str:
    """Return the processor's name as the system gives it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
