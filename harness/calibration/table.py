"""The whole calibration table, as plain data."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from harness.calibration import many_cells, one_cell
from harness.calibration.laws import LAWS, Law
from harness.calibration.rows import LEVEL, Rate

SEEDS = (3, 5, 8, 10, 20)
ALPHAS = (0.05, 0.05 / many_cells.FAMILY)
SEED = 20181027

Say = Callable[[str], None]


def rates(simulations: int, say: Say = lambda _: None) -> Iterator[Rate]:
    """Yield every rate. Seeded: the same table for the same number of simulations."""
    rng = np.random.default_rng(SEED)
    for n in SEEDS:
        for alpha in ALPHAS:
            yield from one_cell.yes_or_no(n, alpha)
        for law in LAWS:
            say(f"n = {n}: {law.name}")
            noise = law.draw(rng, (simulations, n))
            yield from one_cell.above(law, noise, ALPHAS)
            yield from one_cell.equivalent(law, noise, ALPHAS)
            yield from _of_several(rng, law, simulations, n)


def _of_several(rng: np.random.Generator, law: Law, simulations: int, n: int) -> Iterator[Rate]:
    fewer = max(simulations // many_cells.FAMILY, 1)  # as many draws for a family as for a cell
    yield from many_cells.cells(rng, law, fewer, n, ALPHAS[0])
    yield from many_cells.family(rng, law, fewer, n, ALPHAS[0])
    yield from many_cells.replication(rng, law, fewer, n, ALPHAS[1])


def document(simulations: int, say: Say = lambda _: None) -> dict[str, Any]:
    """Return the table with what made it, in strict JSON types."""
    found = [asdict(rate) | {"kept": rate.kept} for rate in rates(simulations, say)]
    return {
        "simulations": simulations,
        "level": LEVEL,
        "seed": SEED,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
        "rates": found,
    }
