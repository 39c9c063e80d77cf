"""The part of the toy bench that decides its numbers, and so its run keys."""

import numpy as np


def numbers(settings, seed, steps):
    """Return accuracy (%), loss and loss range per step; arms share the seed's common part."""
    common = np.random.default_rng([7, seed]).normal()
    own = np.random.default_rng([sum(map(ord, settings["name"])), seed]).normal()
    final = settings["accuracy"] + settings["sd"] * (0.7 * common + 0.7 * own)
    progress = np.linspace(0.0, 1.0, steps)
    accuracy = 10.0 + (final - 10.0) * np.minimum(1.0, 2.0 * progress)
    loss = 2.3 - 2.0 * (accuracy - 10.0) / 90.0
    return accuracy.tolist(), loss.tolist(), (0.1 + 1.0 / accuracy).tolist()
