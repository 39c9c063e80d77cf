"""Devices and precisions: what this machine has. Imports torch only where a card is asked for."""

import contextlib
import importlib.metadata
import os
import platform
import subprocess
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from harness.bench import Card, Environment
from harness.errors import OptionError
from models import cards as known_cards
from models import nvml
from models.optional_settings import PRECISIONS

ENGINES = ("auto", "eager")


def device_kind(device: str) -> str:
    """Return "cpu" or "cuda" of "cpu", "cuda", "cuda:1". Raises OptionError for another."""
    kind = device.partition(":")[0]
    if kind not in ("cpu", "cuda"):
        raise OptionError(
            f"device: got {device!r}, expected cpu or cuda[:index]; "
            "Apple's MPS is not supported: use cpu"
        )
    return kind


def parse_count(flag: str, text: str) -> int:
    """Return the number of an option, such as ``--processes-per-card``. Raises OptionError."""
    if not text.isdecimal() or int(text) < 1:
        raise OptionError(f"{flag}: got {text!r}, expected 1 or more")
    return int(text)


def check_precision(precision: str, device: str) -> None:
    """Raise OptionError where the device does not train in the precision."""
    if precision not in PRECISIONS:
        raise OptionError(f"--precision: got {precision!r}, expected one of {PRECISIONS}")
    if device_kind(device) == "cpu" and precision != "fp32":
        raise OptionError(
            f"--precision: got {precision} on a CPU, expected fp32; leave it out, or add --gpu"
        )


def environment(device: str, precision: str, engine: str = "auto") -> Environment:
    """Return where numbers trained on the device come from. On a CPU torch is not imported.

    ``engine`` "auto" is the plain loop, "eager", on a CPU and "graphs" (``models.engine``) on a
    card, "eager" the plain loop on both.
    """
    check_precision(precision, device)
    kind = device_kind(device)
    version = importlib.metadata.version("torch").partition("+")[0]
    graphs = kind == "cuda" and engine == "auto"
    trains = "graphs" if graphs else "eager"
    shared: dict[str, Any] = {"precision": precision, "engine": trains, "cpu": cpu_name()}
    if kind == "cpu":
        return Environment(device_kind=kind, version=version, **shared)
    found = cards(device)
    import torch

    names = {card.name or torch.cuda.get_device_name(card.device) for card in found}
    return Environment(
        device_kind=kind,
        version=version,
        cuda=torch.version.cuda,
        card="; ".join(sorted(names)),
        **shared,
    )


def cards(device: str) -> tuple[Card, ...]:
    """Return the cards of a device: none of "cpu", all visible ones of "cuda", one of "cuda:1".

    Raises OptionError. Counting does not initialise CUDA, in torch's words.
    """
    if device_kind(device) == "cpu":
        return ()
    import torch

    text = os.environ.get(known_cards.VARIABLE)
    if not torch.cuda.is_available():
        hidden = f" with {known_cards.VARIABLE}={text!r}" if text is not None else ""
        raise OptionError(
            f"device: got {device}, but torch {torch.__version__} sees no CUDA device{hidden}; "
            "run without --gpu, or install a CUDA build of torch on a machine with a card"
        )
    present = nvml.present()
    known_cards.check_order(text, os.environ.get("CUDA_DEVICE_ORDER"), present)
    found = known_cards.visible(text, present, torch.cuda.device_count())
    return known_cards.chosen(device, found)


@cache  # once in a process: later, what it holds itself would not be free
def share_memory(device: str, processes: int) -> None:
    """Leave this process an even share of what is free on a card that several train on."""
    if device_kind(device) == "cpu" or processes == 1:
        return
    import torch

    index = torch.device(device).index or 0
    free, total = torch.cuda.mem_get_info(index)
    torch.cuda.set_per_process_memory_fraction(free / processes / total, index)


@lru_cache(maxsize=1)
def cpu_name() -> str:
    """Return the processor's name as the system gives it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return _name_on_macos() or platform.processor() or platform.machine()


def _name_on_macos() -> str:
    """Return ``Apple M3 Pro``, where Python says ``arm`` of all; nothing where it is not said."""
    if platform.system() != "Darwin":
        return ""
    command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
