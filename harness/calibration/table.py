"""The whole calibration table, as plain data."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from harness.calibration import looks, many_cells, one_cell
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


def of_looks(simulations: int, say: Say = lambda _: None) -> tuple[list[Rate], list[looks.Seeds]]:
    """Return the rates of claims with looks, and the seeds that they take.

    Drawn from a stream of their own, so that they may be made alone.
    """
    rng = np.random.default_rng((SEED, 1))
    fewer = max(simulations // 5, 1)  # many numbers of seeds are judged for each effect
    found = [rate for alpha in ALPHAS for rate in looks.yes_or_no(alpha)]
    seeds: list[looks.Seeds] = []
    for law in LAWS:
        say(f"{looks.NAME}: {law.name}")
        noise = law.draw(rng, (simulations, looks.LOOKS[-1]))
        found += looks.errors(law, noise, ALPHAS)
        found += looks.cells(rng, law, fewer, ALPHAS[0])
        if law.guaranteed:
            more = law.draw(rng, (fewer, looks.FIXED[-1]))
            seeds += looks.seeds_spent(law, more, ALPHAS)
    return found, seeds


def with_looks(document: dict[str, Any], simulations: int, say: Say = lambda _: None) -> Any:
    """Return a table with its part about looks made anew. Raises ValueError for another's numbers.

    The rest must have been made with as many samples and the same libraries.
    """
    made = _made(simulations)
    differs = [f"{key} {document.get(key)}" for key in made if document.get(key) != made[key]]
    if differs:
        raise ValueError(
            f"calibration: got a table made with {', '.join(differs)}; expected "
            f"{', '.join(f'{key} {made[key]}' for key in made)}; make all of it anew"
        )
    others = [rate for rate in document["rates"] if not rate["rule"].endswith(looks.NAME)]
    return _joined(made, others, *of_looks(simulations, say))


def _made(simulations: int) -> dict[str, Any]:
    return {
        "simulations": simulations,
        "level": LEVEL,
        "seed": SEED,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
    }


def _joined(
    made: dict[str, Any], others: list[Any], found: list[Rate], seeds: list[looks.Seeds]
) -> dict[str, Any]:
    return made | {"seeds_spent": looks.table(seeds), "rates": [*others, *map(_plain, found)]}


def _plain(rate: Rate) -> dict[str, Any]:
    return asdict(rate) | {"kept": rate.kept}


def document(simulations: int, say: Say = lambda _: None) -> dict[str, Any]:
    """Return the table with what made it, in strict JSON types."""
    others = [_plain(rate) for rate in rates(simulations, say)]
    return _joined(_made(simulations), others, *of_looks(simulations, say))
