"""Blocks that take turns, round after round: a neighbour on the machine slows all of them."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import torch

from models import machine

Block = Callable[[], object]
Seconds = dict[str, list[float]]
"""Of each block by its name, round by round."""


def unnoted(_seconds: Seconds) -> None:
    """Keep nothing before all times are there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """A figure of several rounds: its median, its least and greatest, and how many there were."""

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(median=median(values), low=min(values), high=max(values), n=len(values))


def seconds(block: Block, device: str) -> float:
    """Return the wall time of a block, the card's queue emptied before and after."""
    on_card = machine.device_kind(device) == "cuda"
    if on_card:
        torch.cuda.synchronize(device)
    started = time.perf_counter()
    block()
    if on_card:
        torch.cuda.synchronize(device)
    return time.perf_counter() - started


def in_turn(
    blocks: Mapping[str, Block],
    *,
    device: str,
    rounds: int,
    warm: Iterable[str],
    end_at: float = float("inf"),
    note: Callable[[Seconds], None] = unnoted,
) -> Seconds:
    """Return each block's seconds in each round.

    ``warm`` names the blocks that run once before, uncounted: those that load what others use, too.
    No round begins once ``time.monotonic()`` has passed ``end_at``, except the first. ``note`` gets
    what there is after every block: a process may be ended at any time.
    """
    for name in warm:
        blocks[name]()
    found: Seconds = {name: [] for name in blocks}
    for number in range(rounds):
        if number and time.monotonic() >= end_at:
            break
        for name, block in blocks.items():
            found[name].append(seconds(block, device))
            note(found)
    return found
