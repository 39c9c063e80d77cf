"""A deep linear network of another depth than the paper's: which of its layers stands for which.

The layers of an arm are those of the paper's 25. Elsewhere the layer at the same relative depth is
read, under the paper's number, as in a VGG.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from harness.errors import ArmError

PAPER_DEPTH = 25
LEAST_DEPTH = 2


def depth_of(given: Mapping[str, object]) -> int:
    """Return the number of layers, the paper's 25 where it is left out. Raises ArmError."""
    depth = given.get("depth", PAPER_DEPTH)
    if isinstance(depth, bool) or not isinstance(depth, int) or depth < LEAST_DEPTH:
        raise ArmError(f"depth: got {depth!r}, expected a whole number of at least {LEAST_DEPTH}")
    return depth


def same_depth(layer: int, depth: int) -> int:
    """Return the layer at the relative depth that ``layer`` has of the paper's 25.

    Rounded to the nearest, from 1 on; only the last stands for the last, which lacks a norm. Layers
    1, 9, 11, 17, 24 are 1, 4, 4, 7, 9 of ten and 1, 2, 2, 3, 4 of five.
    """
    if layer == PAPER_DEPTH:
        return depth
    return min(max(1, math.floor(layer / PAPER_DEPTH * depth + 0.5)), depth - 1)


def layers_at(layers: Sequence[int], depth: int, what: str) -> list[int] | dict[str, int]:
    """Return the declared layers, at another depth each (as text, for JSON) with the one read.

    Raises ArmError for a layer that the paper's network lacks and where two land on one.
    """
    for layer in layers:
        if isinstance(layer, bool) or not isinstance(layer, int) or not 1 <= layer <= PAPER_DEPTH:
            raise ArmError(f"{what}: got layer {layer!r}, expected layers 1-{PAPER_DEPTH}")
    if len(set(layers)) < len(layers):
        raise ArmError(f"{what}: got {layers}, expected distinct ones")
    if depth == PAPER_DEPTH:
        return list(layers)
    found = {str(layer): same_depth(layer, depth) for layer in layers}
    if len(set(found.values())) < len(layers):
        raise ArmError(
            f"{what}: got layers {layers}, of which two are the same layer of {depth} ({found}); "
            "expected distinct ones: declare layers further apart, or more depth"
        )
    return found


def deviations(settings: Mapping[str, Any], metric: str) -> tuple[str, ...]:
    """Return what differs from the paper's network by depth, none at its own."""
    depth = settings["layers"]
    if depth == PAPER_DEPTH:
        return ()
    read = (probe.get("layers", {}) for probe in settings["probes"].values())
    moved = {declared: layer for layers in read for declared, layer in dict(layers).items()}
    return (
        f"Depth: {depth} layers instead of {PAPER_DEPTH}.",
        *(
            f"Layer {declared} of {PAPER_DEPTH} is read at layer {layer} of {depth}, the same "
            "relative depth."
            for declared, layer in moved.items()
            if metric.endswith(f"_layer{declared}")
        ),
    )
