"""The settings of an arm behind what the paper leaves open, each with the value that decides.

``vgg(norm="batch", momentum=0.9)`` is another reading of the paper's "SGD". A setting at its
deciding value, left out, or of a part that the arm lacks (the place of a noise that is not there)
changes nothing: the arm resolves to the same run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.bench import Setting
from harness.errors import ArmError


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """A choice of words; the first one decides."""

    words: tuple[str, ...]

    @property
    def deciding(self) -> Setting:
        """Return the value of a setting that is left out."""
        return self.words[0]

    def allows(self, value: object) -> bool:
        """Return whether the value is one of the words."""
        return value in self.words

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A number from 0, which decides, to below 1."""

    deciding: Setting = 0.0

    def allows(self, value: object) -> bool:
        """Return whether the value is such a number."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and 0 <= value < 1  # type: ignore[operator]

    def __str__(self) -> str:
        return "a number from 0 to below 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """Off, which decides, or on."""

    deciding: Setting = False

    def allows(self, value: object) -> bool:
        """Return whether the value is True or False."""
        return isinstance(value, bool)

    def __str__(self) -> str:
        return "True or False"


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """A choice of words of which none decides: what holds when it is left out is said elsewhere."""

    words: tuple[str, ...]
    deciding: Setting = None

    def allows(self, value: object) -> bool:
        """Return whether the value is one of the words, or None for left out."""
        return value is None or value in self.words

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


Choices = Mapping[str, Words | Share | Switch | Names]

PRECISIONS = ("fp32", "tf32", "bf16")

MOMENTUM: Choices = {"momentum": Share()}
TRAINING: Choices = {
    **MOMENTUM,
    "l2_in_loss": Share(),
    "pixels": Words(words=("standardised", "raw")),
    "augment": Switch(),
    "precision": Names(words=PRECISIONS),
}
"""Of every network that is trained on images. ``precision`` left out is the session's."""

MEASURES: Choices = {
    "lp_scale": Words(words=("un-centred", "centred")),
    "ics_compares": Words(words=("weight", "layer")),
    "ics_steps": Words(words=("layers-below", "weights-below", "layers-and-own-norm")),
}
VGG: Choices = {
    **TRAINING,
    "dropout": Share(),
    "norm_on": Words(words=("conv+fc", "conv")),
    "noise_place": Words(words=("after-affine", "before-affine")),
    "noise_spread": Words(words=("deviation", "variance")),
    **MEASURES,
}
DLN: Choices = {
    **MOMENTUM,
    "init": Words(words=("glorot-uniform", "glorot-normal", "orthogonal")),
    "norm_on": Words(words=("all-but-last", "all")),
    "loss": Words(words=("half-sum", "sum")),
    **MEASURES,
}
INITS = {"glorot-uniform": "glorot", "glorot-normal": "glorot-normal", "he": "he"}
"""An arm's word for a VGG's initialisation, and the resolved setting's."""

BY_SCALE = frozenset({"network", "init", "steps", "width"})
"""Of a VGG; left out, the scale's own."""

LEAST_WIDTH = 1 / 64  # one channel in the first block


def chosen(given: Mapping[str, Setting], choices: Choices) -> dict[str, Setting]:
    """Return the choices that are given and not at their deciding value.

    Raises ArmError for a value that its setting does not allow.
    """
    found = {name: given[name] for name in choices if name in given}
    for name, value in found.items():
        if not choices[name].allows(value):
            raise ArmError(f"{name}: got {value!r}, expected {choices[name]}")
    return {name: value for name, value in found.items() if value != choices[name].deciding}


def by_scale(given: Mapping[str, Setting], networks: tuple[str, ...]) -> dict[str, Setting]:
    """Return network, init, width and steps of a VGG where given, resolved.

    Raises ArmError for unknown words, a width that is no factor of VGG's own, and a length that is
    no whole number above 0.
    """
    found: dict[str, Setting] = _width(given["width"]) if "width" in given else {}
    for name, allowed in (("network", {n: n for n in networks}), ("init", INITS)):
        if name in given:
            word = str(given[name])
            if word not in allowed:
                raise ArmError(f"{name}: got {word!r}, expected one of {', '.join(allowed)}")
            found[name] = allowed[word]
    if "steps" in given:
        steps = given["steps"]
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise ArmError(f"steps: got {steps!r}, expected a whole number above 0")
        found["steps"] = steps
    return found


def _width(width: Setting) -> dict[str, Setting]:
    number = isinstance(width, int | float) and not isinstance(width, bool)
    if not number or not LEAST_WIDTH <= width <= 1:  # type: ignore[operator]
        raise ArmError(
            f"width: got {width!r}, expected a factor of VGG's own channels, 1/64 to 1: 0.25"
        )
    return {"width": float(width)}  # type: ignore[arg-type]


def norm_name(norm: str, options: Mapping[str, Setting]) -> str:
    """Return the norm's name, which says the reading of an l_p norm: ``l1-centred``."""
    centred = options.get("lp_scale") == "centred" and norm in ("l1", "l2", "linf")
    return f"{norm}-centred" if centred else norm


def applied(settings: dict[str, Any], options: Mapping[str, Setting]) -> dict[str, Any]:
    """Return a VGG's resolved settings with the chosen options that say something of this arm."""
    norm = settings["norm"]
    plain = ["momentum", "l2_in_loss", "dropout", "pixels", "augment", "precision"]
    if norm != "none":
        plain.append("norm_on")
    found = settings | {name: options[name] for name in plain if name in options}
    of_norm = {"noise": ("spread",), "noisy-batch": ("place", "spread")}.get(norm, ())
    noise = {name: options[f"noise_{name}"] for name in of_norm if f"noise_{name}" in options}
    if noise:
        found["norm_options"] = noise
    found["norm"] = norm_name(norm, options)
    found["probes"] = with_ics(settings["probes"], options, normed=norm != "none")
    return found


def applied_to_dln(settings: dict[str, Any], options: Mapping[str, Setting]) -> dict[str, Any]:
    """Return a linear network's resolved settings with the chosen options that say something."""
    norm = settings["norm"]
    plain = ["momentum", "init", "loss"] + (["norm_on"] if norm != "none" else [])
    found = settings | {name: options[name] for name in plain if name in options}
    found["norm"] = norm_name(norm, options)
    found["probes"] = with_ics(settings["probes"], options, normed=norm != "none")
    return found


def with_ics(
    probes: Mapping[str, Any], options: Mapping[str, Setting], *, normed: bool
) -> dict[str, Any]:
    """Return the probes with the options of gradient ICS; a layer's own norm only where it has."""
    found = dict(probes)
    steps = options.get("ics_steps")
    of_ics = {
        "compares": options.get("ics_compares"),
        "steps": None if steps == "layers-and-own-norm" and not normed else steps,
    }
    if "ics" in found:
        found["ics"] = found["ics"] | {k: v for k, v in of_ics.items() if v is not None}
    return found


NETWORK_COST = {"vgg-a": 1.0, "vgg-13": 1.2, "vgg-16": 1.7, "vgg-19": 2.2}
"""Seconds per step over VGG-A's (8x8, quarter width, least of four in turn, two loaded cores)."""


WIDTH_COST = (0.85, 1.75)
"""Powers of a width over the usual, below and above it: a half takes 0.55, twice 3.4 times.

Loss and gradients of VGG-A and VGG-16 at 1/8, 1/4, 1/2 (8x8, batch 128, least of eight in turn, one
loaded AVX-512 core, torch 2.13).
"""


def relative_cost(settings: Mapping[str, Any], usual_network: str, usual_width: float) -> float:
    """Return the seconds of a VGG's step over those with every setting left out."""
    cost = NETWORK_COST[settings["network"]] / NETWORK_COST[usual_network]
    width = settings["width"] / usual_width
    cost *= width ** WIDTH_COST[width > 1]
    return cost * (1.05 if "momentum" in settings or "l2_in_loss" in settings else 1.0)
