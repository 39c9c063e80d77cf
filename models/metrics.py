"""What the series of a VGG's record hold, for figures and refusals."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.bench import Metric

_LOSS: dict[str, Any] = {"unit": "nats", "low": 0.0}
_GRADIENT: dict[str, Any] = {"unit": "", "low": 0.0}
_PERCENT: dict[str, Any] = {"unit": "%", "low": 0.0, "high": 100.0}


def metrics(settings: Mapping[str, Any]) -> dict[str, Metric]:
    """Return every metric of a resolved arm by name."""
    found = {
        "train_loss": Metric(label="training loss of the batch", **_LOSS),
        "train_accuracy": Metric(label="training accuracy of the batch", **_PERCENT),
        "test_accuracy": Metric(label="test accuracy", **_PERCENT),
    }
    of_probe = {
        "landscape": _landscape,
        "ics": _shifts,
        "moments": _moments,
        "gradients": _gradients,
        "random": _random,
        "beyond": _beyond,
        "fine": _fine,
    }
    for name, probe in settings["probes"].items():
        found |= of_probe[name](probe)
    return found


ALONG_GRADIENT = "along the gradient"
ALONG_RANDOM = "along a random direction"
BEYOND = f"{ALONG_GRADIENT}, beyond the figures' steps"


def _summary(prefix: str, along: str) -> dict[str, Metric]:
    return {
        f"{prefix}loss_min": Metric(label=f"least loss {along}", **_LOSS),
        f"{prefix}loss_max": Metric(label=f"greatest loss {along}", **_LOSS),
        f"{prefix}loss_range": Metric(label=f"range of the loss {along}", **_LOSS),
        f"{prefix}loss_ratio": Metric(label=f"greatest over least loss {along}", unit="", low=1.0),
        f"{prefix}gradient_change_min": Metric(
            label=f"least change of the gradient {along}", **_GRADIENT
        ),
        f"{prefix}gradient_change_max": Metric(
            label=f"greatest change of the gradient {along}", **_GRADIENT
        ),
    }


def _at_multiples(prefix: str, multiples: Sequence[float]) -> dict[str, Metric]:
    found = {}
    for multiple in multiples:
        after = f"after {multiple:g} learning rates {ALONG_GRADIENT}"
        found[f"{prefix}loss_at_x{multiple:g}"] = Metric(label=f"loss {after}", **_LOSS)
        found[f"{prefix}gradient_change_at_x{multiple:g}"] = Metric(
            label=f"change of the gradient {after}", **_GRADIENT
        )
    return found


def _beta(label: str) -> Metric:
    return Metric(label=f"effective beta-smoothness{label}", unit="", low=0.0)


def _landscape(probe: Mapping[str, Any]) -> dict[str, Metric]:
    found = _summary("", ALONG_GRADIENT) | {"beta": _beta("")}
    return found | _at_multiples("", probe["multiples"])


def _random(_probe: Mapping[str, Any]) -> dict[str, Metric]:
    return _summary("random_", ALONG_RANDOM) | {"random_beta": _beta(f" {ALONG_RANDOM}")}


def _beyond(probe: Mapping[str, Any]) -> dict[str, Metric]:
    found = _summary("beyond_", BEYOND) | {"beyond_beta": _beta(f" {BEYOND}")}
    return found | _at_multiples("beyond_", probe["multiples"])


def _fine(_probe: Mapping[str, Any]) -> dict[str, Metric]:
    return {"beta_fine": _beta(" over a finer grid of steps")}


def _shifts(probe: Mapping[str, Any]) -> dict[str, Metric]:
    found = {}
    for layer in probe["layers"]:
        found[f"ics_l2_layer{layer}"] = Metric(
            label=f"l2 change of layer {layer}'s gradient", **_GRADIENT
        )
        found[f"ics_cosine_layer{layer}"] = Metric(
            label=f"cosine of layer {layer}'s gradients", unit="", low=-1.0, high=1.0
        )
    return found


def _moments(probe: Mapping[str, Any]) -> dict[str, Metric]:
    found = {}
    for layer in probe["layers"]:
        for kind in ("mean", "variance"):
            moved = f"layer {layer}'s activation {kind}"
            name = f"activation_{kind}"
            found[f"{name}_shift_layer{layer}"] = Metric(
                label=f"change of {moved}", unit="", low=0.0
            )
            found[f"{name}_distance_layer{layer}"] = Metric(
                label=f"distance of {moved} from its first measurement", unit="", low=0.0
            )
        found |= _shape(layer)
    return found


def _shape(layer: str) -> dict[str, Metric]:
    whose = f"layer {layer}'s activations"
    return {
        f"activation_excess_kurtosis_layer{layer}": Metric(
            label=f"excess kurtosis of {whose} (median unit)", unit="", low=-2.0
        ),
        f"activation_kurtosis_size_layer{layer}": Metric(
            label=f"size of the excess kurtosis of {whose} (median unit)", unit="", low=0.0
        ),
        f"activation_skewness_layer{layer}": Metric(
            label=f"size of the skewness of {whose} (median unit)", unit="", low=0.0
        ),
        f"activation_non_gaussianity_layer{layer}": Metric(
            label=f"non-Gaussianity of {whose} (units pooled)", unit="", low=0.0
        ),
    }


def _gradients(_probe: Mapping[str, Any]) -> dict[str, Metric]:
    return {"gradient_norm": Metric(label="norm of the batch's gradient", **_GRADIENT)}
