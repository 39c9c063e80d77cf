"""A card that is too small for a group: smaller groups, a note in the records, no lost run."""

import gc
import weakref

import pytest
import torch
from engine_cases import CPU, build_of, by_engine, measured, settings_of

from harness.errors import ClaimError
from harness.records import RunRecord
from models.engine import arm as engine
from models.engine.memory import EngineMemoryError, is_out_of_memory, train_in_blocks


class Card:
    """Trains as many seeds at once as there is room for."""

    def __init__(self, room, error=torch.OutOfMemoryError):
        self.room, self.error, self.tried, self.done = room, error, [], []

    def train(self, block, done):
        self.tried.append(tuple(block))
        self.done.append(done)
        if len(block) > self.room:
            raise self.error("CUDA error: out of memory")
        return [RunRecord(seed=seed, steps=1, series={}, hardware={"card": "X"}) for seed in block]


def test_what_fits_is_trained_together_and_notes_nothing():
    """One block, and hardware as it was."""
    card = Card(room=4)
    records = train_in_blocks([0, 1, 2, 3], card.train)
    assert card.tried == [(0, 1, 2, 3)]
    assert [record.hardware for record in records] == [{"card": "X"}] * 4


@pytest.mark.parametrize(
    ("room", "tried", "together"),
    [
        (3, [(0, 1, 2, 3, 4), (0, 1, 2), (3, 4)], [3, 3, 3, 2, 2]),
        (2, [(0, 1, 2, 3, 4), (0, 1, 2), (0, 1), (2, 3), (4,)], [2, 2, 2, 2, 1]),
        (1, [(0, 1, 2, 3, 4), (0, 1, 2), (0, 1), (0,), (1,), (2,), (3,), (4,)], [1] * 5),
    ],
)
def test_a_group_without_room_is_trained_in_halves(room, tried, together):
    """Down to what fits; every seed once, in order, with the number it trained among."""
    card = Card(room)
    records = train_in_blocks([0, 1, 2, 3, 4], card.train)
    assert card.tried == tried
    assert [record.seed for record in records] == [0, 1, 2, 3, 4]
    notes = [record.hardware["seeds together"] for record in records]
    assert notes == [f"{n} of 5: out of memory" for n in together]
    assert all(record.hardware["card"] == "X" for record in records)


def test_one_seed_without_room_is_an_error_that_says_what_to_do():
    """A ClaimError, which fails the job and not the session."""
    with pytest.raises(EngineMemoryError, match="seed 7 alone, expected enough for one") as got:
        train_in_blocks([7, 8], Card(room=0).train)
    assert isinstance(got.value, ClaimError)
    assert isinstance(got.value, MemoryError)


def test_other_errors_are_nobodys_lack_of_memory():
    """They are raised as they are, at once."""

    def broken(block, done):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal"):
        train_in_blocks([0, 1], broken)


@pytest.mark.parametrize(
    "word",
    [
        "CUDA error: out of memory",
        "CUBLAS_STATUS_ALLOC_FAILED",
        "unable to find an engine to execute this computation",
    ],
)
def test_lack_of_memory_has_many_words(word):
    """Also behind the error that ends a recording."""
    ended = RuntimeError("operation failed due to a previous error during capture")
    assert not is_out_of_memory(ended)
    ended.__context__ = RuntimeError(word)
    assert is_out_of_memory(ended)


def test_what_the_failed_group_held_is_freed_before_the_next_try():
    """The error's frames held the replicas."""
    held = []

    class Replica:
        pass

    def train(block, done):
        assert done or all(reference() is None for reference in held)
        replicas = [Replica() for _ in block]
        held.extend(weakref.ref(replica) for replica in replicas)
        replicas[0].itself = replicas
        if len(block) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [RunRecord(seed=block[0], steps=1, series={})]

    gc.disable()
    try:
        assert len(train_in_blocks([0, 1], train)) == 2
    finally:
        gc.enable()


def test_halved_runs_are_the_runs_of_the_whole_group(monkeypatch):
    """Through the engine: the numbers do not depend on how many fitted; progress goes on."""
    settings = settings_of("noisy-batch", ("gradients",))
    expected = by_engine(settings, [1000, 1001, 1002])
    train_group = engine.train_group

    def two_at_most(replicas, *others):
        if len(replicas) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return train_group(replicas, *others)

    monkeypatch.setattr(engine, "train_group", two_at_most)
    seen = []
    records = engine.run_seeds(
        build_of(settings), settings, [1000, 1001, 1002], CPU, "", lambda *now: seen.append(now)
    )
    assert [measured(r) for r in records] == [measured(r) for r, _ in expected]
    notes = [r.hardware["seeds together"] for r in records]
    assert notes == [f"{n} of 3: out of memory" for n in (2, 2, 1)]
    assert seen == sorted(seen)
    assert seen[-1] == (15, 15)
