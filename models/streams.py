"""Separate streams of random numbers, each named; nothing here or anywhere seeds globally.

A stream is a child of the run's seed (``numpy.random.SeedSequence``) whose key is its name, so one
arm that draws more than another (noise, probes) shifts nobody else's numbers.
"""

import zlib

import numpy as np


def _sequence(seed: int, names: tuple[str | int, ...]) -> np.random.SeedSequence:
    """Return the child of ``seed`` under ``names``: texts by CRC-32, numbers as they are."""
    key = tuple(name if isinstance(name, int) else zlib.crc32(name.encode()) for name in names)
    return np.random.SeedSequence(seed, spawn_key=key)


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return a fresh generator at the stream's start, such as ``generator(0, "jitter", 17)``."""
    return np.random.Generator(np.random.PCG64DXSM(_sequence(seed, names)))


def torch_seed(seed: int, *names: str | int) -> int:
    """Return 63 bits to seed a ``torch.Generator`` with, for what is too large to draw in numpy.

    On a CPU torch's Mersenne Twister reads the low 32 bits only: among the few thousand streams of
    one run two coincide with a chance of about 1e-3, and then in one layer of one step.
    """
    return int(_sequence(seed, names).generate_state(1, np.uint64)[0] >> np.uint64(1))
