"""What a probe's metric takes for what the paper does not say, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

RANDOM = (
    "A random direction is one Gaussian draw over all parameters at each measurement, scaled to "
    "the gradient's length, with the figures' steps: the paper does not say how it drew, scaled or "
    "repeated them."
)
PLACE = (
    "A layer's activations are read before the ReLU and so after its norm, which sets the mean "
    "that a unit has over the batch: the paper says before the ReLU and no more."
)
SHAPE = (
    "How Gaussian activations are is measured over the batch and all positions of sampled units, "
    "before the ReLU: the paper shows histograms and no number."
)
SHAPES = (
    "activation_excess_kurtosis",
    "activation_kurtosis_size",
    "activation_skewness",
    "activation_non_gaussianity",
)


def of_metric(settings: Mapping[str, Any], metric: str) -> str | None:
    """Return how a metric of a resolved VGG arm reads the paper, None where it says all."""
    if metric.startswith("random_"):
        return RANDOM
    if metric.startswith(SHAPES):
        return SHAPE
    if metric.startswith("activation"):
        return PLACE
    if metric == "gradient_norm":
        return (
            "The gradient is that of all parameters: the paper's theorem speaks of that with "
            "respect to one layer's output, its text of gradients."
        )
    if metric.startswith("beyond_"):
        return (
            f"Beyond the figures' steps means {_multiples(settings, 'beyond')} learning rates "
            "along the gradient: the paper does not say how far it looked."
        )
    if metric == "beta_fine":
        return (
            f"Steps along the gradient: {_multiples(settings, 'fine')} learning rates instead of "
            "the figures' 0.5, 1, 2 and 4."
        )
    return None


def _multiples(settings: Mapping[str, Any], probe: str) -> str:
    multiples: Sequence[float] = settings["probes"][probe]["multiples"]
    *most, last = (f"{multiple:.3g}" for multiple in multiples)
    return f"{', '.join(most)} and {last}"
