"""What to do where a group does not fit into a card's memory: train halves of it in turn."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from harness.errors import ClaimError
from harness.records import RunRecord

NOTE = "seeds together"
"""The entry of a record's hardware that says so."""

TrainBlock = Callable[[Sequence[int], int], list[RunRecord]]
"""Trains a block of seeds together, given how many seeds of the job are done."""


class EngineMemoryError(ClaimError, MemoryError):
    """A single seed does not fit into the memory that the card has left."""


def train_in_blocks(seeds: Sequence[int], train: TrainBlock) -> list[RunRecord]:
    """Train all seeds together, or as many as there is memory for; return records in order.

    A block that runs out of memory is trained again in halves, and so are those after it. Each
    record of a smaller block says how many trained together and why. Raises EngineMemoryError where
    one seed alone runs out.
    """
    most = len(seeds)
    records: list[RunRecord] = []
    while len(records) < len(seeds):
        block = seeds[len(records) : len(records) + most]
        found = _tried(train, block, len(records))
        if found is not None:
            records += [_noted(record, len(block), len(seeds)) for record in found]
        elif len(block) > 1:
            most = -(-len(block) // 2)
        else:
            raise EngineMemoryError(
                f"memory: got too little of it on the card to train seed {block[0]} alone, "
                "expected enough for one; give fewer processes to the card, free it of others, or "
                "take one with more memory"
            )
    return records


def _noted(record: RunRecord, together: int, asked: int) -> RunRecord:
    if together == asked:
        return record
    note = {NOTE: f"{together} of {asked}: out of memory"}
    return replace(record, hardware={**record.hardware, **note})


def _tried(train: TrainBlock, block: Sequence[int], done: int) -> list[RunRecord] | None:
    """Return the block's records, or None where there is not enough memory; all of it is freed."""
    try:
        return train(block, done)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    release()  # here, the error and with it every frame that held a tensor is gone
    return None


def is_out_of_memory(error: BaseException | None) -> bool:
    """Return whether a card's lack of memory is behind an error.

    Lack of it while a graph is recorded ends the recording with an error of its own, and cuBLAS and
    cuDNN have words of their own: a convolution for whose workspace there is no room finds no
    engine. That has other causes, too, which a smaller block does not mend: one seed alone raises.
    """
    words = ("CUDA error: out of memory", "ALLOC_FAILED", "unable to find an engine to execute")
    while error is not None:
        if isinstance(error, torch.OutOfMemoryError) or any(word in str(error) for word in words):
            return True
        error = error.__cause__ or error.__context__
    return False


def release() -> None:
    """Free what nobody holds any more and give the card's memory back."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
