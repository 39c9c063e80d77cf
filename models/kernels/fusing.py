"""The switch between plain and fused kernels, thrown once for a network, before its first step."""

import functools
import importlib
import warnings
from typing import Any

import torch
from torch import nn

LEAST_CAPABILITY = (7, 0)  # of a card that Triton compiles for


def fuse(network: nn.Module) -> bool:
    """Let the network's modules use their fused kernels; return whether they do.

    They do on a CUDA device where Triton compiles and runs a kernel. Elsewhere every module keeps
    its plain path, and on a card a warning says once why: never one path in one layer and the other
    in the next, and never a change of path during a run.
    """
    device = next(network.parameters()).device
    reason = why_not(device)
    if reason:
        if _on_a_card(device):
            _warn(reason)
        return False
    for module in network.modules():
        switch: Any = getattr(module, "fuse", None)
        if switch is not None:
            switch()
    return True


def _on_a_card(device: torch.device) -> bool:
    return device.type == "cuda"


@functools.cache
def why_not(device: torch.device) -> str:
    """Return why fused kernels cannot be used on the device, or nothing where they can.

    Tried by compiling and running one: Triton may be there and lack a compiler for its launchers.
    """
    if not _on_a_card(device):
        return f"{device} is no CUDA device"
    capability = torch.cuda.get_device_capability(device)
    if capability < LEAST_CAPABILITY:
        return f"{device} has compute capability {capability}, Triton needs {LEAST_CAPABILITY}"
    try:
        # by name, so that a change to one family of kernels retrains no other network
        importlib.import_module("models.kernels.trial").run(device)
    except Exception as error:  # whatever it is, the plain path is there
        return f"Triton does not run here ({type(error).__name__}: {error})"
    return ""


@functools.cache
def _warn(reason: str) -> None:
    """Warn of the plain path, once a process and reason."""
    warnings.warn(
        f"no fused kernels: {reason}; the plain path gives the same noise, some times slower",
        RuntimeWarning,
        stacklevel=3,
    )
