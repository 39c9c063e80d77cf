"""From an arm in the paper's words to the numbers of a scale."""

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from types import ModuleType

from harness.bench import Arm, Setting
from harness.errors import ArmError
from models import cifar, digits, dln_spec, menu, norms, optional_settings, resnet_spec, scales
from models.arm_settings import given_settings
from models.scales import VisionScale

DATASETS: Mapping[str, ModuleType] = {"digits": digits, "cifar10": cifar}
WEIGHT_LAYERS = {"vgg-a": 11, "vgg-13": 13, "vgg-16": 16, "vgg-19": 19}
PAPER_NETWORK = "vgg-16"
CIFAR_SIZE = 32
OWN_LAYERS = frozenset({"vgg-13", "vgg-16", "vgg-19"})
"""The networks that may be the paper's own, which plots layers up to 13."""
KNOWN_SETTINGS = {
    "norm",
    "lr",
    "probes",
    "ics_layers",
    "moment_layers",
    *optional_settings.BY_SCALE,
    *optional_settings.VGG,
}
ENGINE = "models.engine.arm"
"""Trains networks on a card; part of every arm's code, as a run key does not say where."""

HISTOGRAM = {"bins": 40, "low": -5.0, "high": 5.0}

Settings = dict[str, object]


def same_depth(layer: int, network: str) -> int:
    """Return the weight layer at the relative depth that ``layer`` has in VGG-16, counted from 1.

    Rounded to the nearest: layers 3, 5, 10, 11 of VGG-16 are 2, 3, 7, 8 of VGG-A.
    """
    share = layer / WEIGHT_LAYERS[PAPER_NETWORK]
    return max(1, math.floor(share * WEIGHT_LAYERS[network] + 0.5))


def layer_map(layers: tuple[int, ...], network: str, what: str) -> dict[str, int]:
    """Return the declared layers of the paper's network (as text, for JSON) with this network's.

    The paper's may be VGG-13, 16 or 19: those have the very layer. VGG-A, too shallow for it,
    stands for VGG-16. Raises ArmError for a layer that the paper's lacks and where two land on one.
    """
    papers = network if network in OWN_LAYERS else PAPER_NETWORK
    most = WEIGHT_LAYERS[papers]
    for layer in layers:
        if isinstance(layer, bool) or not isinstance(layer, int) or not 1 <= layer <= most:
            raise ArmError(
                f"{what}: got layer {layer!r}, expected weight layers of {papers.upper()}, 1-{most}"
            )
    mapped = {
        str(layer): layer if network in OWN_LAYERS else same_depth(layer, network)
        for layer in layers
    }
    if len(set(mapped.values())) < len(layers):
        raise ArmError(
            f"{what}: got layers {layers}, of which two are the same layer of {network} "
            f"({mapped}); expected distinct ones: declare layers further apart"
        )
    return mapped


def learning_rate(lr: object, scale: VisionScale) -> float:
    """Return the scale's learning rate for one of the paper's three; any other as it is.

    A claim about a range of rates is about the rates themselves, at every scale. Raises ArmError
    for what is no positive number.
    """
    for papers, rate in scale.learning_rates:
        if papers == lr:
            return rate
    if isinstance(lr, bool) or not isinstance(lr, int | float) or not 0 < lr < math.inf:
        known = ", ".join(f"{papers:g}" for papers, _ in scale.learning_rates)
        raise ArmError(f"lr: got {lr!r}, expected a number above 0; the paper's are {known}")
    return float(lr)


def resolve(arm: Arm, scale: VisionScale, dataset: str) -> Settings:
    """Return all settings that decide the arm's numbers, strict JSON types only.

    Raises ArmError for an unknown kind, setting, norm, learning rate, probe or layer.
    """
    if arm.kind == "dln":
        return dln_spec.resolve(arm, scale.name)
    if arm.kind == "resnet":
        given = given_settings(arm, resnet_spec.KNOWN_SETTINGS)
        network = resnet_spec.network(scale.name)
        resolved = network | _training(given, scale, dataset) | resnet_spec.probes(given)
        return optional_settings.applied(
            resolved, optional_settings.chosen(given, optional_settings.TRAINING)
        )
    if arm.kind != "vgg":
        raise ArmError(
            f"arm: got kind {arm.kind!r}, expected 'vgg', 'resnet' or 'dln' (made by models.menu)"
        )
    given = given_settings(arm, KNOWN_SETTINGS)
    scale = replace(scale, **optional_settings.by_scale(given, tuple(WEIGHT_LAYERS)))  # type: ignore[arg-type]
    resolved = {
        "kind": "vgg",
        "network": scale.network,
        "width": scale.width,
        **_training(given, scale, dataset),
        "probes": _probes(given, scale),
    }
    return optional_settings.applied(
        resolved, optional_settings.chosen(given, optional_settings.VGG)
    )


def _training(given: Mapping[str, Setting], scale: VisionScale, dataset: str) -> Settings:
    """Return the settings that every network trained on images has."""
    norms.module_name(str(given["norm"]))
    images = DATASETS[dataset]
    on_digits = dataset == "digits"
    return {
        "norm": given["norm"],
        "init": scale.init,
        "dataset": images.__name__.rpartition(".")[2],
        "channels": images.CHANNELS,
        "classes": images.CLASSES,
        "image_size": scale.image_size
        if scale.dataset == dataset
        else _native_size(dataset, scale),
        "jitter": asdict(scale.jitter or scales.JITTER) if on_digits else None,
        "batch": scale.batch,
        "steps": scale.steps,
        "learning_rate": learning_rate(given["lr"], scale),
        "probe_every": scale.probe_every,
        "evaluate_every": scale.evaluate_every,
    }


def _native_size(dataset: str, scale: VisionScale) -> int:
    """Return the image side where --dataset overrides the scale's own data."""
    return CIFAR_SIZE if dataset == "cifar10" else scale.image_size


def _probes(given: Mapping[str, object], scale: VisionScale) -> dict[str, object]:
    ics = given.get("ics_layers", scales.ICS_LAYERS)
    moments = given.get("moment_layers", scales.MOMENT_LAYERS)
    chosen: tuple[str, ...] = given["probes"]  # type: ignore[assignment]
    if unknown := sorted(set(chosen) - set(menu.PROBES)):
        raise ArmError(f"probes: got {', '.join(unknown)}; expected some of {menu.PROBES}")
    known: dict[str, dict[str, object]] = {
        "landscape": {"multiples": list(scales.LANDSCAPE_MULTIPLES)},
        "gradients": {},
        "random": {"multiples": list(scales.LANDSCAPE_MULTIPLES)},
        "beyond": {"multiples": list(scales.BEYOND_MULTIPLES)},
        "fine": {"multiples": list(scales.FINE_MULTIPLES)},
    }
    if "ics" in chosen:
        known["ics"] = {"layers": layer_map(ics, scale.network, "ics_layers")}  # type: ignore[arg-type]
    if "moments" in chosen:
        layers = layer_map(moments, scale.network, "moment_layers")  # type: ignore[arg-type]
        known["moments"] = {"layers": layers, "units": scale.moment_units, **HISTOGRAM}
    return {name: known[name] for name in menu.PROBES if name in chosen}


def modules(settings: Mapping[str, object]) -> tuple[str, ...]:
    """Return the modules that define a resolved arm's parts, besides what they import."""
    if settings["kind"] == "dln":
        return dln_spec.modules(settings)
    probes: Mapping[str, object] = settings["probes"]  # type: ignore[assignment]
    return (
        f"models.{settings['kind']}_arm",
        "models.numerics",
        ENGINE,
        f"models.{settings['dataset']}",
        norms.module_name(str(settings["norm"])),
        *(["models.augment"] if "augment" in settings else []),
        *(f"models.{name}" for name in probes),
    )
