"""The deep linear network's arms in the paper's words, resolved at a scale and described.

Imports nothing heavy. Size, data and learning rates are the paper's own at every scale but
``quick``; the number of steps is the scale's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.bench import Arm, Metric
from harness.errors import ArmError
from models import dln_norms
from models.arm_settings import given_settings

DATA = "drawn from the seed"
"""In place of the data's md5: A and x are functions of the seed."""

LAYERS, WIDTH, SAMPLES = 25, 10, 1000
PAPER_STEPS = 10_000
LEARNING_RATES = (1e-6, 1e-7)
STEP_SIZES = (1e-8, 1e-7, 1e-6, 1e-5, 3.16e-5)  # eta' of the paper's figures
ICS_LAYERS = (9, 17)  # of the paper's figures
PROBES = ("landscape", "ics", "gradients")
KNOWN_SETTINGS = {"norm", "lr", "probes", "ics_layers", "step_sizes"}


@dataclass(frozen=True, kw_only=True, slots=True)
class DlnScale:
    """How long the network is trained, and how often the probes measure, from step 0."""

    steps: int
    probe_every: int


SCALES = {
    "quick": DlnScale(steps=40, probe_every=10),
    # By the time budget alone: with all probes and ten seeds, five norms at 1e-6 and two at 1e-7
    # take 74 core-seconds (the paper's 10,000 steps 210). The loss still falls at the end.
    "desk": DlnScale(steps=3_500, probe_every=50),
    "paper": DlnScale(steps=PAPER_STEPS, probe_every=50),
}

EVALUATION_S = {"none": 0.0004, "batch": 0.0020, "l1": 0.0052, "l2": 0.0019, "linf": 0.0064}
"""Seconds for loss and gradients of ten seeds, eager on one AVX-512 core, torch 2.13."""


def resolve(arm: Arm, scale: str) -> dict[str, object]:
    """Return all settings that decide the arm's numbers, strict JSON types only.

    Raises ArmError for an unknown setting, norm, learning rate, probe, layer or step size.
    """
    given = given_settings(arm, KNOWN_SETTINGS)
    dln_norms.module_name(str(given["norm"]))
    if given["lr"] not in LEARNING_RATES:
        raise ArmError(f"lr: got {given['lr']!r}, expected one of the paper's {LEARNING_RATES}")
    size = SCALES[scale]
    return {
        "kind": "dln",
        "layers": LAYERS,
        "width": WIDTH,
        "samples": SAMPLES,
        "norm": given["norm"],
        "init": "glorot",
        "steps": size.steps,
        "learning_rate": given["lr"],
        "probe_every": size.probe_every,
        "probes": _probes(given),
    }


def _probes(given: Mapping[str, object]) -> dict[str, object]:
    chosen: tuple[str, ...] = given["probes"]  # type: ignore[assignment]
    if unknown := sorted(set(chosen) - set(PROBES)):
        raise ArmError(f"probes: got {', '.join(unknown)}; expected some of {PROBES}")
    known: dict[str, dict[str, object]] = {
        "landscape": {"step_sizes": _step_sizes(given.get("step_sizes", STEP_SIZES))},
        "ics": {"layers": _layers(given.get("ics_layers", ICS_LAYERS))},
        "gradients": {},
    }
    return {name: known[name] for name in PROBES if name in chosen}


def _layers(layers: Any) -> list[int]:
    for layer in layers:
        if isinstance(layer, bool) or not isinstance(layer, int) or not 1 <= layer <= LAYERS:
            raise ArmError(f"ics_layers: got layer {layer!r}, expected layers 1-{LAYERS}")
    if len(set(layers)) < len(layers):
        raise ArmError(f"ics_layers: got {layers}, expected distinct ones")
    return list(layers)


def _step_sizes(sizes: Any) -> list[float]:
    """Return the sizes. Raises ArmError unless they ascend and have names of their own."""
    named = [f"{size:g}" for size in sizes]
    ascending = list(sizes) == sorted(set(sizes))
    if (
        not sizes
        or not 0 < sizes[0] <= sizes[-1] < 1
        or not ascending
        or len(set(named)) < len(named)
    ):
        raise ArmError(
            f"step_sizes: got {sizes}, expected ascending ones between 0 and 1 that differ in "
            "their first six digits"
        )
    return list(sizes)


def modules(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the modules that define a resolved arm's parts, besides what they import."""
    return ("models.dln_arm", "models.numerics", dln_norms.module_name(settings["norm"]))


def describe(settings: Mapping[str, Any]) -> str:
    """Return the arm in a few words: ``25-layer linear network, l1 norm, LR 1e-06``."""
    words = {"none": "no norm", "batch": "BatchNorm"}
    norm = words.get(settings["norm"], f"{settings['norm']} norm")
    return f"{settings['layers']}-layer linear network, {norm}, LR {settings['learning_rate']:g}"


NORM_PLACE = "The norm follows every layer but the last: the paper does not say which layers."
READINGS = (
    "The loss is half the sum of squared errors over all samples: the paper states no reduction.",
    "A and x have i.i.d. N(0, 1) entries, drawn anew for each seed: the paper says Gaussian.",
    "Glorot's uniform initialisation: the paper does not state which of the two.",
    "No momentum, no weight decay and no biases: the paper states none of these.",
)
LP_READING = (
    "The l_p scale is the average norm of the un-centred activations, and the mean is removed: the "
    "paper gives no formula."
)
ICS_READING = (
    "For a layer's shifted gradient all parameters of the layers below take their step, norms "
    "included, and only the gradient of the layer's weight is compared: the paper does not say."
)


def deviations(settings: Mapping[str, Any], metric: str) -> tuple[str, ...]:
    """Return where a metric of a resolved arm differs from the paper's, most important first."""
    steps, norm = settings["steps"], settings["norm"]
    candidates = (
        None if steps == PAPER_STEPS else f"Length: {steps:,} steps instead of {PAPER_STEPS:,}.",
        None if norm == "none" else NORM_PLACE,
        LP_READING if norm.startswith("l") else None,
        ICS_READING if metric.startswith("ics") else None,
        _grid(settings, metric),
        *READINGS,
    )
    return tuple(sentence for sentence in candidates if sentence)


def _grid(settings: Mapping[str, Any], metric: str) -> str | None:
    sizes = settings["probes"].get("landscape", {}).get("step_sizes", [])
    if tuple(sizes) == STEP_SIZES or metric not in _landscape(sizes):
        return None
    papers = ", ".join(f"{size:g}" for size in STEP_SIZES)
    ours = ", ".join(f"{size:g}" for size in sizes)
    return f"Steps along the gradient: {ours} instead of {papers}."


def metrics(settings: Mapping[str, Any]) -> dict[str, Metric]:
    """Return every metric that a record of a resolved arm holds, by name."""
    probes = settings["probes"]
    found = {"train_loss": _size("training loss")}
    if "landscape" in probes:
        found |= _landscape(probes["landscape"]["step_sizes"])
    for layer in probes.get("ics", {}).get("layers", []):
        found[f"ics_l2_layer{layer}"] = _size(f"l2 change of layer {layer}'s gradient")
        found[f"ics_cosine_layer{layer}"] = Metric(
            label=f"cosine of layer {layer}'s gradients", unit="", low=-1.0, high=1.0
        )
    if "gradients" in probes:
        found["gradient_norm"] = _size("norm of the gradient")
    return found


def _size(label: str) -> Metric:
    return Metric(label=label, unit="", low=0.0)


def _landscape(step_sizes: list[float]) -> dict[str, Metric]:
    along = "along the gradient"
    found = {
        "loss_min": _size(f"least loss {along}"),
        "loss_max": _size(f"greatest loss {along}"),
        "loss_range": _size(f"range of the loss {along}"),
        "loss_ratio": Metric(label=f"greatest over least loss {along}", unit="", low=1.0),
        "gradient_change_min": _size(f"least change of the gradient {along}"),
        "gradient_change_max": _size(f"greatest change of the gradient {along}"),
        "beta": _size("effective beta-smoothness"),
    }
    for eta in step_sizes:
        after = f"after a step of {eta:g} {along}"
        found[f"loss_at_eta{eta:g}"] = _size(f"loss {after}")
        found[f"gradient_change_at_eta{eta:g}"] = _size(f"change of the gradient {after}")
    return found


def estimate_s(settings: Mapping[str, Any], seeds: int) -> float:
    """Return the seconds of one of ``seeds`` seeds trained together, on one core."""
    probes = settings["probes"]
    per_point = len(probes.get("landscape", {}).get("step_sizes", []))
    per_point += len(probes.get("ics", {}).get("layers", []))
    points = len(range(0, settings["steps"], settings["probe_every"]))
    evaluations: int = settings["steps"] + per_point * points
    return evaluations * EVALUATION_S.get(settings["norm"], 0.006) / seeds
