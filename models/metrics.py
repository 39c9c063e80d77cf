"""What the series of a VGG's record hold, for figures and refusals."""

from collections.abc import Mapping
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
    }
    for name, probe in settings["probes"].items():
        found |= of_probe[name](probe)
    return found


def _landscape(probe: Mapping[str, Any]) -> dict[str, Metric]:
    along = "along the gradient"
    found = {
        "loss_min": Metric(label=f"least loss {along}", **_LOSS),
        "loss_max": Metric(label=f"greatest loss {along}", **_LOSS),
        "loss_range": Metric(label=f"range of the loss {along}", **_LOSS),
        "loss_ratio": Metric(label=f"greatest over least loss {along}", unit="", low=1.0),
        "gradient_change_min": Metric(label=f"least change of the gradient {along}", **_GRADIENT),
        "gradient_change_max": Metric(
            label=f"greatest change of the gradient {along}", **_GRADIENT
        ),
        "beta": Metric(label="effective beta-smoothness", unit="", low=0.0),
    }
    for multiple in probe["multiples"]:
        after = f"after {multiple:g} learning rates {along}"
        found[f"loss_at_x{multiple:g}"] = Metric(label=f"loss {after}", **_LOSS)
        found[f"gradient_change_at_x{multiple:g}"] = Metric(
            label=f"change of the gradient {after}", **_GRADIENT
        )
    return found


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
    return {
        f"activation_{kind}_shift_layer{layer}": Metric(
            label=f"change of layer {layer}'s activation {kind}", unit="", low=0.0
        )
        for layer in probe["layers"]
        for kind in ("mean", "variance")
    }


def _gradients(_probe: Mapping[str, Any]) -> dict[str, Metric]:
    return {"gradient_norm": Metric(label="norm of the batch's gradient", **_GRADIENT)}
