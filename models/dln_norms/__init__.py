"""Normalisations of the deep linear network, one file each, found by name as in ``models.norms``.

The same formulae for many seeds at once, on coordinates (``models.dln``) instead of samples. A file
defines ``size(a, samples)``, which returns what the centred activations are divided by, N of shape
(seeds, units, 1), and its gradient dN/da, of the shape of ``a`` (seeds, units, coordinates); or
``size = None`` for no norm at all.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import ArmError


def module_name(norm: str) -> str:
    """Return the dotted name of the norm's module. Raises ArmError for an unknown norm."""
    files = sorted(Path(__file__).parent.glob("[a-z]*.py"))
    stems = {path.stem.replace("_", "-"): path.stem for path in files}
    if norm not in stems:
        raise ArmError(
            f"norm: got {norm!r}, expected one of {', '.join(stems)} in a linear network"
        )
    return f"{__name__}.{stems[norm]}"


def size_of(norm: str) -> Callable[[Any, Any], Any] | None:
    """Return the norm's ``size``, None for no norm."""
    size: Callable[[Any, Any], Any] | None = importlib.import_module(module_name(norm)).size
    return size
