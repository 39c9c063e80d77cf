"""A residual network's arms: how deep at a scale, what they measure, what to say of them."""

from collections.abc import Mapping
from typing import Any

from harness.bench import Setting
from harness.errors import ArmError
from models import optional_settings, scales

BLOCKS = {"quick": 1, "desk": 1, "paper": 3}
"""Blocks in each of the three stages: ResNet-8, 8 and 20.

At desk the deepest of which two arms of ten seeds take a minute on two cores: a run with its probes
takes 5 s with one block a stage and 9 s with two (8x8, one AVX-512 core, torch 2.13).
"""

STEP_COST = {"quick": 1.0, "desk": 1.0, "paper": 1.2}
"""Seconds per step over the VGG's of the scale; at paper a guess, by the number of layers."""

PROBES: dict[str, dict[str, object]] = {
    "landscape": {"multiples": list(scales.LANDSCAPE_MULTIPLES)},
    "gradients": {},
}
"""The probes that need no numbered layer of VGG-16."""

KNOWN_SETTINGS = frozenset({"norm", "lr", "probes", *optional_settings.TRAINING})


def network(scale: str) -> dict[str, Any]:
    """Return the settings that say which network it is."""
    blocks = BLOCKS[scale]
    return {"kind": "resnet", "network": f"resnet-{6 * blocks + 2}", "blocks": blocks}


def probes(given: Mapping[str, Setting]) -> dict[str, Any]:
    """Return the probes' settings. Raises ArmError for one that reads layers of VGG-16."""
    chosen: tuple[str, ...] = given["probes"]  # type: ignore[assignment]
    if unknown := sorted(set(chosen) - set(PROBES)):
        raise ArmError(
            f"probes: got {', '.join(unknown)} of a residual network; expected some of "
            f"{tuple(PROBES)}"
        )
    return {"probes": {name: PROBES[name] for name in PROBES if name in chosen}}


def relative_cost(scale: str) -> float:
    """Return the seconds of a step over those of the scale's VGG."""
    return STEP_COST[scale]


def words(network: str) -> str:
    """Return the network for a title: ``ResNet-14``."""
    return network.replace("resnet", "ResNet")


def deviation(network: str) -> str:
    """Return the sentence on the network: the paper names none but VGG."""
    shallower = " (20 layers at the paper's scale)" if network != "resnet-20" else ""
    return (
        f"Network: {words(network)}{shallower} of He et al. (2016), norms before ReLU and before "
        "the addition, shortcuts without parameters: the paper does not name its other networks."
    )
