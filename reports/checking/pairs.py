"""Whether a cell's seeds, endpoints and runs belong together: paired, each seed once, no pilots."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.bench import Metric
from harness.declarations.endpoints import Aggregate, Endpoint
from harness.declarations.measuring import Measured
from harness.documents.document import plain
from harness.errors import ClaimError
from harness.seeds import PILOT_SEEDS_FROM
from harness.verdicts.gains import gains
from harness.verdicts.limits import at_a_limit
from harness.words import Better, Transform
from reports.checking.same import alike
from reports.document import YES_NO


def pair_disagreements(cell: Mapping[str, Any], session_seeds: Sequence[int]) -> Iterator[str]:
    """Return what is wrong with the pairing of a cell: seeds, both arms, gains, runs."""
    seeds = cell["seeds"]
    yield from _seeds(seeds, session_seeds)
    if cell["n"] is not None and cell["n"] != len(seeds):
        yield f"n: says {cell['n']}, it lists {len(seeds)} seeds"
    counts = {name: len(cell[name]) for name in ("gains", "treatment", "control")}
    if (cell.get("arms") or {}).get("control") is None and counts["control"] == 0:
        del counts["control"]
    if set(counts.values()) not in ({0}, {len(seeds)}):
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        yield f"unpaired: {len(seeds)} seeds, and values of {said}"
    else:
        yield from _gains(cell)
    yield from _runs(cell)


def _seeds(seeds: Sequence[int], session_seeds: Sequence[int]) -> Iterator[str]:
    if len(set(seeds)) < len(seeds):
        yield f"seeds: says {list(seeds)}, expected each once"
    if seeds and list(seeds) != list(session_seeds):
        yield f"seeds: says {list(seeds)}, the run's are {list(session_seeds)}"
    pilots = [seed for seed in seeds if seed is None or not 0 <= seed < PILOT_SEEDS_FROM]
    if pilots:
        yield f"seeds: says {pilots}; those from {PILOT_SEEDS_FROM} on are pilots, never judged"


def _runs(cell: Mapping[str, Any]) -> Iterator[str]:
    for role, rows in (cell.get("runs") or {}).items():
        keys = [row.get("key") for row in rows]
        if len(set(keys)) < len(keys):
            yield f"runs of the {role}: one run is listed twice"
        by_place: dict[str | None, list[int]] = {}
        for row in rows:
            by_place.setdefault(row.get("arm") or row.get("at"), []).append(row["seed"])
        for place, seeds in by_place.items():
            if seeds != list(cell["seeds"]):
                where = f" at {place}" if place else ""
                yield f"unpaired: runs of the {role}{where} have seeds {seeds}"


def _gains(cell: Mapping[str, Any]) -> Iterator[str]:
    """Each gain against the endpoints that it is made of, by the declared rule."""
    if not cell["gains"] or None in (*cell["gains"], *cell["treatment"], *cell["control"]):
        return
    try:
        made = _made(cell)
    except (ClaimError, ValueError, TypeError) as error:
        yield f"gains: cannot be made again: {error}"
        return
    for index, (said, gain) in enumerate(zip(cell["gains"], made or (), strict=False)):
        scale = max(map(abs, (*cell["treatment"], *cell["control"], 1.0)))
        if not alike(said, plain(gain), scale=scale if cell["transform"] == "identity" else 1.0):
            yield f"gain {index}: says {said}, its endpoints make {gain}"


def _made(cell: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Return the gains again, None for a document too old to say how they are made."""
    said = cell.get("endpoint") or {}
    if "floor" not in said and (cell["transform"] != "identity" or not cell["control"]):
        return None
    measured = Measured(treatment=tuple(cell["treatment"]), control=tuple(cell["control"]))
    endpoint, metric = _rule(cell)
    return gains(endpoint, measured, metric)


def _rule(cell: Mapping[str, Any]) -> tuple[Endpoint, Metric]:
    """Return the cell's endpoint and metric again, as far as values that are there need them."""
    said = cell.get("endpoint") or {}
    endpoint = Endpoint(
        metric=said.get("metric") or "endpoint",
        aggregate=Aggregate.MEAN,  # the values are aggregated already
        better=Better(cell["better"]),
        transform=Transform(cell["transform"]),
        floor=said.get("floor"),
        ceiling=said.get("ceiling"),
        if_diverged=said.get("if_diverged"),
        against=said.get("against"),
        at_least=0.5 if cell["hypothesis"]["kind"] in YES_NO else None,
    )
    return endpoint, Metric(label="", unit="", low=said.get("low"), high=said.get("high"))


def sits_at_a_limit(
    cell: Mapping[str, Any], treatment: Sequence[float], control: Sequence[float]
) -> bool:
    """Return whether these values of both arms sit at a limit of the cell's endpoint."""
    endpoint, metric = _rule(cell)
    return at_a_limit(treatment, control, *endpoint.limits(metric), endpoint.if_diverged)
