"""An arm in words: what it is, and where it differs from the paper's."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from harness.bench import Arm
from models import probe_words, reading_words, resnet_spec

PAPER_STEPS = 15_000
PAPER_BATCH = 128
PAD_SHARE = 8  # that of models.augment, which imports torch
UNPROBED = ("train_loss", "train_accuracy", "test_accuracy")
NORM_WORDS = {
    "none": "no norm",
    "batch": "BatchNorm",
    "noisy-batch": "noisy BatchNorm",
    "noise": "noise alone",
}


def network_words(settings: Mapping[str, Any]) -> str:
    """Return the network and its width: ``VGG-A x 1/4``."""
    if settings["kind"] == "resnet":
        return resnet_spec.words(settings["network"])
    name = str(settings["network"]).upper()
    width = Fraction(settings["width"]).limit_denominator(64)
    return name if width == 1 else f"{name} x {width}"


def describe(settings: Mapping[str, Any], usual_init: str, usual_steps: int) -> str:
    """Return the arm in a few words for a reader; initialisation and length only if not as usual.

    The usual ones are the scale's.
    """
    norm = NORM_WORDS.get(settings["norm"], f"{settings['norm']} norm")
    words = [network_words(settings), norm, f"LR {settings['learning_rate']:.3g}"]
    if settings["init"] != usual_init:
        words.append(f"{reading_words.INIT_WORDS[settings['init']]} init")
    if settings["steps"] != usual_steps:
        words.append(f"{settings['steps']:,} steps")
    return ", ".join([*words, *reading_words.described(settings)])


def deviations(settings: Mapping[str, Any], arm: Arm, metric: str) -> tuple[str, ...]:
    """Return where a metric of a resolved arm differs from the paper's, most important first."""
    candidates = (
        _data(settings),
        _network(settings),
        _length(settings),
        _initialisation(settings),
        _rate(settings, arm),
        _batch(settings),
        *_layers(settings, metric),
        _augmentation(settings),
        reading_words.of_lp(settings),
        reading_words.of_noise(settings),
        None if metric in UNPROBED else _probe_reading(settings),
        reading_words.of_ics(settings, metric),
        probe_words.of_metric(settings, metric),
        *reading_words.readings(settings),
    )
    return tuple(sentence for sentence in candidates if sentence)


def _data(settings: Mapping[str, Any]) -> str | None:
    if settings["dataset"] == "cifar":
        return None
    size, jitter = settings["image_size"], settings["jitter"]
    return (
        f"Data: scikit-learn's digits at {size}x{size} pixels instead of CIFAR-10, each image anew "
        f"turned by up to {jitter['rotation_deg']:g} degrees, scaled by up to "
        f"{jitter['scale']:.0%}, shifted by up to {jitter['shift']:.0%} and with pixel noise "
        f"of {jitter['noise']:.0%} of the range; the paper augments nothing."
    )


def _network(settings: Mapping[str, Any]) -> str | None:
    words = network_words(settings)
    if settings["kind"] == "resnet":
        return resnet_spec.deviation(settings["network"])
    if words == "VGG-16":
        return None
    pools = (
        ""
        if settings["image_size"] >= 32
        else ("; pools that would leave a later conv less than 2x2 positions are left out")
    )
    return (
        f"Network: {words} (channels and hidden units times the factor) instead of VGG-16{pools}."
    )


def _length(settings: Mapping[str, Any]) -> str | None:
    steps = settings["steps"]
    return None if steps == PAPER_STEPS else f"Length: {steps} steps instead of {PAPER_STEPS:,}."


def _initialisation(settings: Mapping[str, Any]) -> str | None:
    if settings["init"] != "he":
        which = reading_words.INIT_WORDS[settings["init"]]
        return f"{which} initialisation: the paper does not state which of the two."
    if settings["kind"] == "resnet":
        return "Initialisation: He's uniform instead of Glorot's, as for the VGG of this scale."
    return (
        "Initialisation: He's uniform instead of Glorot's, with which the standard network of this "
        "size does not leave chance."
    )


def _augmentation(settings: Mapping[str, Any]) -> str | None:
    if "augment" not in settings:
        return None
    pad = settings["image_size"] // PAD_SHARE
    return (
        f"Augmentation: each training image is cropped at random from its padding with {pad} "
        f"pixel{'s' if pad > 1 else ''} of 0 and mirrored with chance 1/2, the field's standard: "
        "the paper does not state its augmentation."
    )


def _rate(settings: Mapping[str, Any], arm: Arm) -> str | None:
    if settings["learning_rate"] == arm["lr"]:
        return None
    return (
        f"Learning rate: {settings['learning_rate']:g} stands for the paper's {arm['lr']:g}, by "
        "the rule for this scale."
    )


def _batch(settings: Mapping[str, Any]) -> str | None:
    batch = settings["batch"]
    return None if batch == PAPER_BATCH else f"Batch: {batch} instead of {PAPER_BATCH} images."


def _layers(settings: Mapping[str, Any], metric: str) -> tuple[str, ...]:
    """Return a sentence for a metric's layer, where that is read at another index."""
    probes = settings["probes"].values()
    mapped = {k: v for probe in probes for k, v in probe.get("layers", {}).items() if int(k) != v}
    return tuple(
        f"Layer {declared} of VGG-16 is read at layer {layer} of {settings['network'].upper()}, "
        "the same relative depth."
        for declared, layer in mapped.items()
        if metric.endswith(f"_layer{declared}")
    )


def _probe_reading(settings: Mapping[str, Any]) -> str | None:
    if not settings["probes"]:
        return None
    return (
        f"Probes measure every {settings['probe_every']} steps, in train mode, on the loss and "
        "gradient of the step's own batch: the paper does not state which batch or mode."
    )
