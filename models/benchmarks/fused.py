"""The fused kernels' part of the benchmark: noisy BatchNorm and l_p norms, fused against plain."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch

from harness.errors import OptionError
from models.kernels import timing
from models.kernels.timing import Timing


def measure(device: str) -> dict[str, Any]:
    """Return each norm's times over all layers of VGG-16 and by shape; else why there are none."""
    try:
        found = timing.timings(torch.device(device))
    except OptionError as error:
        return {"not measured": str(error), "norms": {}}
    names = dict.fromkeys(one.norm for one in found)
    return {"norms": {name: _of_norm([t for t in found if t.norm == name]) for name in names}}


def _of_norm(timings: Sequence[Timing]) -> dict[str, Any]:
    """Return the milliseconds of a training pass and its backward pass of all layers together."""
    plain_ms = sum(one.layers * one.plain_ms for one in timings)
    fused_ms = sum(one.layers * one.fused_ms for one in timings)
    return {
        "plain_ms": plain_ms,
        "fused_ms": fused_ms,
        "times_as_fast": plain_ms / fused_ms,
        "shapes": [asdict(one) for one in timings],
    }
