"""The training phase: every job once, whoever dies, raises or returns nonsense."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from toy_bench import LOST, ToyBench, toy

from harness.errors import DataError, DeviceLostError, StoreError
from harness.runs import training
from harness.runs.board import MOST_TRIES, Board
from harness.runs.keys import KeyMaker
from harness.runs.slots import Anywhere
from harness.runs.store import Store
from harness.runs.training import Trainer, plan_rows, seeds_outermost

CPU = Anywhere("cpu")


class Bench(ToyBench):
    """A toy bench that keeps what it was asked to train."""

    def __init__(self):
        super().__init__(scale="desk", options={})
        LOST.clear()
        self.asked = []

    def train(self, arm, seeds, device, progress):
        self.asked.append((arm["name"], tuple(seeds), device))
        return self.answer(super().train(arm, seeds, device, progress))

    def answer(self, records):
        return records


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Bench()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store", "env")


@pytest.fixture
def board(store):
    return Board(store.folder / "session")


def jobs_of(bench, *arms, seeds=range(3)):
    keys = KeyMaker(bench)
    return seeds_outermost(job for arm in arms for job in keys.jobs(arm, seeds))


def train(bench, store, board, jobs, worker="main", place=CPU, **more):
    return Trainer(bench, store, board, place, worker, **more).run(jobs)


def test_blocks_of_seeds_take_their_turn_by_their_first(bench):
    """An arm whose seeds are trained together comes with the others' first seed."""
    block, single = toy(name="block", block=3, slow=0.01), toy(name="single", slow=0.02)
    jobs = jobs_of(bench, block, single, seeds=[4, 3, 5])
    assert [(job.arm["name"], job.seeds) for job in jobs] == [
        ("single", (3,)), ("block", (4, 3, 5)), ("single", (4,)), ("single", (5,))
    ]  # fmt: skip
    assert jobs == jobs_of(bench, single, block, seeds=[4, 3, 5])


def test_no_job_begins_after_the_limit(bench, store, board, monkeypatch):
    """The job in flight at the limit is finished and kept; the rest is returned, not begun."""
    jobs = jobs_of(bench, toy())
    monkeypatch.setattr(training, "now_s", lambda: 100.0 if bench.asked else 99.0)
    assert train(bench, store, board, jobs, stop_at=100.0) == jobs[1:]
    assert [seeds for _, seeds, _ in bench.asked] == [(0,)]
    assert train(bench, store, board, jobs[:1], stop_at=0.0) == []


def test_jobs_in_flight_elsewhere_are_waited_for_after_the_limit(bench, store, board, monkeypatch):
    """A plan that another process finishes after the limit is finished for this one, too."""
    (job,) = jobs_of(bench, toy(), seeds=[0])
    lock = store.lock(job)
    lock.acquire()

    def finish(seconds):
        if seconds == training.POLL_S:
            records = ToyBench.train(Bench(), job.arm, job.seeds, "cpu", lambda *_: None)
            Trainer(Bench(), store, board, CPU, "other")._keep(job, records)
            lock.release()

    monkeypatch.setattr(training.time, "sleep", finish)
    assert train(bench, store, board, [job], stop_at=0.0) == []
    assert bench.asked == []


def test_jobs_are_trained_seed_by_seed_and_once(bench, store, board):
    """Seeds outermost, then the longest, equal ones in one order; asked for twice trained once."""
    short, long = toy(name="short", slow=0.01), toy(name="long", slow=0.02)
    jobs = jobs_of(bench, short, long, short)
    assert [job.estimate_s for job in jobs] == [0.02, 0.01] * 3
    train(bench, store, board, jobs)
    assert [(name, seeds) for name, seeds, _ in bench.asked] == [
        (name, (seed,)) for seed in range(3) for name in ("long", "short")
    ]
    assert all(store.has_job(job) for job in jobs)
    train(bench, Store(store.folder, "env"), board, jobs)
    assert len(bench.asked) == 6


def test_a_block_of_seeds_is_trained_together(bench, store, board):
    """The bench is asked once for the block and its records land under their own seeds."""
    jobs = jobs_of(bench, toy(block=3), seeds=range(5))
    train(bench, store, board, jobs)
    assert sorted(seeds for _, seeds, _ in bench.asked) == [(0, 1, 2), (3, 4)]
    for job in jobs:
        assert [store.read(key, "").seed for key in job.keys] == list(job.seeds)


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_a_block_that_is_partly_stored_keeps_its_records(bench, store, board, shift):
    """The block is trained whole, as declared; what was there stays to the byte, and it is said."""
    (job,) = jobs_of(bench, toy(block=3))
    train(bench, store, board, [job])
    paths = [store.path(key) for key in job.keys]
    first = [path.read_bytes() for path in paths]
    paths[1].unlink()

    def shifted(records):
        return [replace(r, wall_s=9.0, series=_plus(r.series, shift)) for r in records]

    bench.answer = shifted
    fresh = Store(store.folder, "env")
    train(bench, fresh, board, [job])
    assert [seeds for _, seeds, _ in bench.asked] == [(0, 1, 2)] * 2
    assert [path.read_bytes() == old for path, old in zip(paths, first, strict=True)] == [
        True, False, True
    ]  # fmt: skip
    assert board.all_kept() == [shift == 0.0] * 2
    assert fresh.read(job.keys[1], "").wall_s == 9.0
    assert fresh.read(job.keys[0], "").wall_s != 9.0


def _plus(series, shift):
    return {
        name: replace(one, values=tuple(value + shift for value in one.values))
        for name, one in series.items()
    }


def test_a_bench_that_raises_fails_its_job_alone(bench, store, board):
    """The traceback is kept for the claim's error; the other jobs are trained; nothing repeats."""
    jobs = jobs_of(bench, toy(name="broken", raises=True), toy())
    train(bench, store, board, jobs)
    broken = [job for job in jobs if job.arm["name"] == "broken"]
    assert all("RuntimeError: toy training broke" in board.why_failed(job) for job in broken)
    assert len(bench.asked) == 6
    assert board.all_failed() == {job.name for job in broken}


@pytest.mark.parametrize("replaced", [True, False])
def test_a_lost_device_ends_the_process_and_no_other_job(bench, store, board, replaced):
    """The job is free for another process, which is told what happened; alone it has failed."""
    jobs = jobs_of(bench, toy(name="up", loses="always", slow=0.02), toy(), seeds=[0, 1])
    with pytest.raises(DeviceLostError, match=r"lost to this process while it trained toy up"):
        train(bench, store, board, jobs, replaced=replaced)
    assert len(bench.asked) == 1
    assert board.all_failed() == (frozenset() if replaced else {jobs[0].name})
    assert board.in_flight() == []
    assert "illegal memory access" in board.last_words(jobs[0])
    with store.lock(jobs[0]).acquire(blocking=False):
        assert board.begin(jobs[0]) == 1


def test_a_bench_that_knows_no_fatal_error_fails_its_jobs_one_by_one(bench, store, board):
    """As one that says that an error is not: the default."""
    jobs = jobs_of(bench, toy(name="up", loses="always"), seeds=[0, 1])
    bench.fatal = None
    train(bench, store, board, jobs)
    assert board.all_failed() == {job.name for job in jobs}


def test_a_typed_error_of_the_bench_is_kept_without_a_traceback(bench, store, board):
    """What the project raises on purpose is one line."""

    def answer(records):
        raise DataError("data: got none; expected some; download it")

    bench.answer = answer
    (job,) = jobs_of(bench, toy(), seeds=[0])
    train(bench, store, board, [job])
    assert board.why_failed(job) == "DataError: data: got none; expected some; download it"


@pytest.mark.parametrize(
    "answer",
    [
        lambda records: records[::-1],
        lambda records: records[:1],
        lambda records: [*records, records[0]],
        lambda records: [],
        lambda records: None,
        lambda records: ["a", "b"],
    ],
    ids=["reversed", "too few", "too many", "none", "None", "words"],
)
def test_a_bench_that_answers_wrongly_stores_nothing(bench, store, board, answer):
    """Other seeds, another order, too few or no records: the job fails, no record is written."""
    bench.answer = answer
    (job,) = jobs_of(bench, toy(block=2), seeds=[0, 1])
    train(bench, store, board, [job])
    assert board.why_failed(job) is not None
    assert not any(store.has(key) for key in job.keys)
    assert store.damaged() == ()  # nothing was written under a wrong name, either
    assert len(bench.asked) == 1


def test_a_job_whose_workers_died_is_given_up(bench, store, board):
    """Attempts that began and never ended count; the third death is the last."""
    (job,) = jobs_of(bench, toy(), seeds=[0])
    for _ in range(MOST_TRIES):
        board.begin(job)
    train(bench, store, board, [job])
    assert board.why_failed(job) == "its worker died 3 times while training toy plain"
    assert bench.asked == []


def test_two_deaths_are_forgiven(bench, store, board):
    """A job that killed two workers is tried a third time."""
    (job,) = jobs_of(bench, toy(), seeds=[0])
    for _ in range(MOST_TRIES - 1):
        board.begin(job)
    train(bench, store, board, [job])
    assert store.has_job(job)


def test_a_job_in_flight_elsewhere_is_waited_for_and_not_repeated(bench, store, board, monkeypatch):
    """While another process holds the lock this one waits, then finds the run in the store."""
    (job,) = jobs_of(bench, toy(), seeds=[0])
    lock = store.lock(job)
    lock.acquire()
    naps = itertools.count(1)

    def nap(seconds):
        if seconds == training.POLL_S and next(naps) == 3:
            other = Bench()
            records = ToyBench.train(other, job.arm, job.seeds, "cpu", lambda *_: None)
            Trainer(other, store, board, CPU, "other")._keep(job, records)
            lock.release()

    monkeypatch.setattr(training.time, "sleep", nap)
    train(bench, store, board, [job])
    assert next(naps) == 4
    assert bench.asked == []


def test_a_job_whose_owner_vanished_goes_on_here(bench, store, board, monkeypatch):
    """When the lock is free again and no run is there, the job is trained."""
    (job,) = jobs_of(bench, toy(), seeds=[0])
    lock = store.lock(job)
    lock.acquire()
    real_sleep = training.time.sleep

    def release(seconds):
        lock.release()
        real_sleep(0)

    monkeypatch.setattr(training.time, "sleep", release)
    train(bench, store, board, [job])
    assert store.has_job(job)


def test_a_store_that_cannot_be_written_is_said_before_training(bench, store, board):
    """No time is spent on runs that could not be kept."""
    store.folder.write_text("a file")
    with pytest.raises(StoreError):
        train(bench, store, board, jobs_of(bench, toy()))
    assert bench.asked == []


def test_the_rows_of_a_plan_say_what_is_stored(bench, store, board):
    """A job counts as stored when every run of its block is."""
    jobs = jobs_of(bench, toy(block=2), seeds=range(4))
    train(bench, store, board, jobs[:1])
    store.path(jobs[0].keys[1]).unlink()
    fresh = Store(store.folder, "env")
    assert [row["stored"] for row in plan_rows(jobs, fresh)] == [False, False]
    train(bench, fresh, board, jobs)
    assert [row["stored"] for row in plan_rows(jobs, fresh)] == [True, True]


def test_a_record_names_the_version_of_numpy(bench, store, board):
    """Beside what the bench says of its hardware: streams may change with the version."""
    bench.answer = lambda records: [replace(r, hardware={"cpu": "Xeon"}) for r in records]
    (job,) = jobs_of(bench, toy(), seeds=[0])
    train(bench, store, board, [job])
    record = Store(store.folder, "env").read(job.keys[0], "")
    assert record.hardware == {"cpu": "Xeon", "numpy": np.__version__}


def test_a_worker_at_rest_has_no_heartbeat(bench, store, board):
    """The note of a job in flight is there while it trains and gone afterwards, also on errors."""
    seen = []

    def answer(records):
        seen.extend(note["label"] for note in board.in_flight())
        return records

    bench.answer = answer
    train(bench, store, board, jobs_of(bench, toy(), toy(name="broken", raises=True), seeds=[0]))
    assert seen == ["toy plain"]
    assert board.in_flight() == []


def test_a_job_that_was_stored_while_its_lock_was_sought_is_not_repeated(
    bench, store, board, monkeypatch
):
    """Between looking and locking another process may finish: the store is looked at again."""
    (job,) = jobs_of(bench, toy(), seeds=[0])
    lock_of = Store.lock

    def lock_late(self, job):
        other = Bench()
        records = ToyBench.train(other, job.arm, job.seeds, "cpu", lambda *_: None)
        Trainer(other, Store(store.folder, "env"), board, CPU, "other")._keep(job, records)
        return lock_of(self, job)

    monkeypatch.setattr(Store, "lock", lock_late)
    train(bench, store, board, [job])
    assert bench.asked == []
    assert store.has_job(job)
