"""What the series of a deep linear network's record hold, for figures and refusals."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.bench import Metric

GRADIENT = "along the gradient"
RANDOM = "along a random direction"
FINE = "beta_fine"


def metrics(settings: Mapping[str, Any]) -> dict[str, Metric]:
    """Return every metric that a record of a resolved arm holds, by name."""
    probes = settings["probes"]
    found = {"train_loss": _size("training loss")}
    if "landscape" in probes:
        found |= _summaries(GRADIENT)
        found |= _by_step_size(probes["landscape"]["step_sizes"])
    for layer in probes.get("ics", {}).get("layers", []):
        found[f"ics_l2_layer{layer}"] = _size(f"l2 change of layer {layer}'s gradient")
        found[f"ics_cosine_layer{layer}"] = Metric(
            label=f"cosine of layer {layer}'s gradients", unit="", low=-1.0, high=1.0
        )
    for layer in probes.get("moments", {}).get("layers", []):
        found |= _moments(layer)
    if "gradients" in probes:
        found["gradient_norm"] = _size("norm of the gradient")
    if "random" in probes:
        found |= {f"random_{name}": metric for name, metric in _summaries(RANDOM).items()}
    if "fine" in probes:
        found[FINE] = _size("effective beta-smoothness over a finer grid of steps")
    return found


def _size(label: str) -> Metric:
    return Metric(label=label, unit="", low=0.0)


def is_of_grid(metric: str) -> bool:
    """Return whether a metric depends on the landscape's step sizes."""
    name = metric.removeprefix("random_")
    return name in _summaries(GRADIENT) or "_at_eta" in name or name == FINE


def _summaries(along: str) -> dict[str, Metric]:
    return {
        "loss_min": _size(f"least loss {along}"),
        "loss_max": _size(f"greatest loss {along}"),
        "loss_range": _size(f"range of the loss {along}"),
        "loss_ratio": Metric(label=f"greatest over least loss {along}", unit="", low=1.0),
        "gradient_change_min": _size(f"least change of the gradient {along}"),
        "gradient_change_max": _size(f"greatest change of the gradient {along}"),
        "beta": _size("effective beta-smoothness" + ("" if along == GRADIENT else f" {along}")),
    }


def _by_step_size(step_sizes: Sequence[float]) -> dict[str, Metric]:
    found = {}
    for eta in step_sizes:
        after = f"after a step of {eta:g} {GRADIENT}"
        found[f"loss_at_eta{eta:g}"] = _size(f"loss {after}")
        found[f"gradient_change_at_eta{eta:g}"] = _size(f"change of the gradient {after}")
    return found


def _moments(layer: int) -> dict[str, Metric]:
    words = {"shift": "change", "distance": "change since the start"}
    return {
        f"activation_{kind}_{word}_layer{layer}": _size(
            f"{meaning} of layer {layer}'s activation {kind}"
        )
        for word, meaning in words.items()
        for kind in ("mean", "variance")
    }
