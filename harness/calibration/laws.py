"""Laws of gains, each with mean 0 and standard deviation 1."""

from collections.abc import Callable
from dataclasses import dataclass
from math import e, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]


@dataclass(frozen=True, kw_only=True, slots=True)
class Law:
    """How gains scatter. ``guaranteed``: the rates are promised to stay at or under alpha.

    Student's t is promised for normal gains; mixtures of normal laws of one mean (such as t with 3
    degrees of freedom) have heavier tails and make it stricter (Benjamini 1983). Symmetry is not
    enough: lighter tails than the normal law's make it laxer far out, as the table shows.
    """

    name: str
    symmetric: bool
    guaranteed: bool
    draw: Draw


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.standard_normal(shape)


def _t3(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.standard_t(3, shape) / sqrt(3)  # the variance of t with 3 degrees of freedom is 3


def _tied(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    # Sheppard: rounding to a grid of h adds h^2 / 12 to the variance
    return np.round(2 * rng.standard_normal(shape)) / 2 / sqrt(1 + 0.5**2 / 12)


def _uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.uniform(-sqrt(3), sqrt(3), shape)


def _two_points(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.choice([-1.0, 1.0], shape)


def _exponential(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return 1 - rng.standard_exponential(shape)


def _log_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return (sqrt(e) - np.exp(rng.standard_normal(shape))) / sqrt((e - 1) * e)


LAWS = (
    Law(name="normal", symmetric=True, guaranteed=True, draw=_normal),
    Law(name="heavy tails (t, 3 df)", symmetric=True, guaranteed=True, draw=_t3),
    Law(name="tied (normal, rounded to SD/2)", symmetric=True, guaranteed=False, draw=_tied),
    Law(name="light tails (uniform)", symmetric=True, guaranteed=False, draw=_uniform),
    Law(name="two values", symmetric=True, guaranteed=False, draw=_two_points),
    Law(name="skewed (exponential)", symmetric=False, guaranteed=False, draw=_exponential),
    Law(name="skewed (log-normal)", symmetric=False, guaranteed=False, draw=_log_normal),
)
"""The skewed ones have their long tail below: the side on which SUPPORTED comes too easily."""
