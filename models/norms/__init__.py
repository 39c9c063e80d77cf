"""Normalisations, one file each, found by name: ``norm="noisy-batch"`` is ``noisy_batch.py``.

A file defines ``make(channels, layer)`` and returns a module that maps a layer's output ``(batch,
channels, ...)`` to the same shape. There is no register: a new file changes no existing run's key.
A module with random parts has ``begin_step(seed, step)``, called before each training step, and
``follow(seed, step)``, called once with a tensor that holds the step; ``models.kernels`` says which
is used when. Its draws are a function of (seed, step, layer, element), so replaying a step replays
them.
"""

import functools
import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import ArmError


def module_name(norm: str) -> str:
    """Return the dotted name of the norm's module. Raises ArmError for an unknown norm."""
    files = sorted(Path(__file__).parent.glob("[a-z]*.py"))
    stems = {path.stem.replace("_", "-"): path.stem for path in files}
    if norm not in stems:
        raise ArmError(f"norm: got {norm!r}, expected one of {', '.join(stems)}")
    return f"{__name__}.{stems[norm]}"


def maker(norm: str, **options: str) -> Callable[[int, str], Any]:
    """Return the norm's ``make(channels, layer)``, with the options that it has, if any."""
    module = importlib.import_module(module_name(norm))
    if not hasattr(module, "make"):
        raise ArmError(f"norm: got {norm!r}, which is shared machinery without make(); name a norm")
    make: Callable[[int, str], Any] = module.make
    return functools.partial(make, **options) if options else make
