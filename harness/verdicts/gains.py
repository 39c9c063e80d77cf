"""From the endpoints of both arms to one gain per seed, on the scale of the declared transform."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.bench import Metric
from harness.declarations.endpoints import Endpoint
from harness.declarations.measuring import Measured
from harness.errors import EvidenceError
from harness.words import Better, Transform

Floats = NDArray[np.float64]


def gains(endpoint: Endpoint, measured: Measured, metric: Metric) -> tuple[float, ...]:
    """Return the gain of each seed: treatment minus control after the transform.

    Positive is what the paper says. For a claim about one arm, the endpoint itself; where the
    endpoint is held ``against`` a number, less that number. Raises EvidenceError where a logarithm
    of a value at or below 0 would be needed.
    """
    sign = 1.0 if endpoint.better is Better.HIGHER else -1.0
    treatment = _transformed(endpoint, measured.treatment, metric)
    if not measured.control:
        return tuple(float(x) for x in _of_one_arm(endpoint, sign, treatment))
    if len(measured.control) != len(measured.treatment):
        raise EvidenceError(
            f"unpaired: got {len(measured.treatment)} treatment and {len(measured.control)} "
            "control values; expected one of each per seed"
        )
    control = _transformed(endpoint, measured.control, metric)
    return tuple(float(x) for x in sign * (treatment - control))


def _of_one_arm(endpoint: Endpoint, sign: float, values: Floats) -> Floats:
    """Return an arm's own values; with ``better="lower"`` a yes/no endpoint counts the no."""
    if endpoint.is_yes_no and endpoint.better is Better.LOWER:
        return 1.0 - values
    return sign * (values - (endpoint.against or 0.0))


def _transformed(endpoint: Endpoint, values: Sequence[float], metric: Metric) -> Floats:
    array = np.asarray(values, dtype=float)
    match endpoint.transform:
        case Transform.IDENTITY:
            return array
        case Transform.LOG:
            return np.log(_positive(endpoint, array))
        case Transform.LOGIT:
            if metric.low is None or metric.high is None:
                raise EvidenceError(
                    f"{endpoint.metric}: got limits {metric.low} and {metric.high}; logit needs a "
                    "metric with both limits"
                )
            share = (array - metric.low) / (metric.high - metric.low)
            odds = _positive(endpoint, share) / _positive(endpoint, 1.0 - share)
            return np.asarray(np.log(odds), dtype=float)


def _positive(endpoint: Endpoint, array: Floats) -> Floats:
    if endpoint.floor is not None and endpoint.transform is Transform.LOG:
        array = np.maximum(array, endpoint.floor)
    if (array <= 0).any():
        raise EvidenceError(
            f"{endpoint.metric}: got {array.min():g}, which {endpoint.transform} cannot take; "
            "declare a floor, or another transform"
        )
    return array
