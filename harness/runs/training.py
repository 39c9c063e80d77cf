"""The training phase: a process takes jobs of the session's plan until every one is in the store.

Every process of a session plans the same jobs. A job is trained under a lock that dies with its
owner, and looked for in the store once the lock is held, so that no run is trained twice and the
job of a killed worker goes to the next that comes by.
"""

import math
import platform
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, auto
from typing import Any

import numpy as np

from harness.bench import Bench, Progress
from harness.bench_values import check_records
from harness.errors import ClaimError, DeviceLostError
from harness.records import RunRecord
from harness.runs.board import MOST_TRIES, Board
from harness.runs.codec import same_numbers
from harness.runs.keys import Job
from harness.runs.slots import Place
from harness.runs.store import Store

HEARTBEAT_S = 1.0
POLL_S = 0.2
SLOT_POLL_S = 1.0


def seeds_outermost(jobs: Iterable[Job]) -> list[Job]:
    """Return each job once: by first seed, then the longest first, then by name.

    A session that is cut short then has about the same seeds in every arm: what it leaves can be
    looked at, and a seed that is whole in all arms is a pair of every claim. Longest first within a
    seed, so that no worker is left alone with a long job at the end. The same in every process.
    """
    once = {job.name: job for job in jobs}
    return sorted(once.values(), key=lambda job: (job.seeds[0], -job.estimate_s, job.name))


def now_s() -> float:
    """Return the seconds since the epoch: a clock that all processes share."""
    return time.time()


class Tried(Enum):
    """What became of one attempt to take a job."""

    SETTLED = auto()  # in the store, or failed
    BUSY = auto()  # in flight elsewhere
    NO_SLOT = auto()  # not looked at: every card has as many processes as it may
    TRAINED = auto()  # here and now, or its training failed
    LATE = auto()  # free, and the session begins no more jobs


def plan_rows(jobs: Sequence[Job], store: Store) -> list[dict[str, Any]]:
    """Return the plan as plain rows, with whether the store already holds each job."""
    return [
        {
            "job": job.name,
            "label": job.label,
            "seeds": list(job.seeds),
            "runs": [key.name for key in job.keys],
            "estimate_s": job.estimate_s,
            "stored": store.has_job(job),
        }
        for job in jobs
    ]


class Trainer:
    """Trains the jobs of one bench, together with whatever other processes do the same."""

    def __init__(
        self,
        bench: Bench,
        store: Store,
        board: Board,
        place: Place,
        worker: str,
        *,
        stop_at: float = math.inf,  # seconds since the epoch, the same in every process
        replaced: bool = False,  # whether another process takes this one's place when it ends
    ) -> None:
        self._bench = bench
        self._store = store
        self._board = board
        self._place = place
        self._worker = worker
        self._stop_at = stop_at
        self._replaced = replaced

    def run(self, jobs: Sequence[Job]) -> list[Job]:
        """Train until every job is in the store or has failed; return the jobs that are neither.

        There are such jobs only once it is too late to begin them. Jobs in flight elsewhere are
        waited for, so that all processes return the same. Raises StoreError; and DeviceLostError
        where the device is lost to this process, whose job is then another's to try again.
        """
        waiting = [job for job in jobs if not self._store.has_job(job)]
        if waiting:
            self._store.check_writable()
        while waiting:
            tried = self._pass(waiting)
            waiting = [job for job in waiting if not self._is_over(job)]
            if Tried.BUSY not in tried and Tried.LATE in tried:
                break
            if waiting and Tried.TRAINED not in tried:
                time.sleep(SLOT_POLL_S if Tried.NO_SLOT in tried else POLL_S)
        return waiting

    def _pass(self, jobs: Sequence[Job]) -> set[Tried]:
        """Try jobs in their order up to the first that is trained here; return what became."""
        late = self._is_late()
        device = None if late else self._place.device()  # no card is taken that nothing begins on
        if device is None and not late:
            self._board.waits(self._worker)
            return {Tried.NO_SLOT}  # others train; this process asks again, then judges
        tried = set()
        for job in jobs:
            tried.add(self._try(job, device))
            if Tried.TRAINED in tried:
                break
        return tried

    def _is_over(self, job: Job) -> bool:
        if self._store.has_job(job):
            self._board.found(job)
            return True
        return self._is_settled(job)

    def _is_settled(self, job: Job) -> bool:
        return self._board.why_failed(job) is not None or self._store.has_job(job)

    def _try(self, job: Job, device: str | None) -> Tried:
        """Train the job unless it is settled, in flight, or too late to begin."""
        if self._is_settled(job):
            return Tried.SETTLED
        taken = self._store.taken(job)
        if taken is None:
            return Tried.BUSY
        with taken:
            return self._locked(job, device)

    def _locked(self, job: Job, device: str | None) -> Tried:
        """Look again under the job's lock: once one process finds it late, none begins it."""
        if self._is_settled(job):
            return Tried.SETTLED
        if device is None or self._is_late():
            return Tried.LATE
        self._train(job, device)
        return Tried.TRAINED

    def _is_late(self) -> bool:
        return now_s() >= self._stop_at

    def _train(self, job: Job, device: str) -> None:
        attempts = self._board.begin(job)
        if attempts >= MOST_TRIES:
            died = f"its worker died {attempts} times while training {job.label}"
            words = self._board.last_words(job)
            self._board.failed(job, f"{died}; the last words: {words}" if words else died)
            return
        started = time.monotonic()
        try:
            with self._beating(job, device) as progress:
                records = self._bench.train(job.arm, job.seeds, device, progress)
            self._keep(job, records)
        except Exception as error:  # a bench may raise anything; the session goes on and says it
            self._failed(job, attempts, device, error)
        else:
            self._board.trained(job, self._worker, time.monotonic() - started)

    def _failed(self, job: Job, attempt: int, device: str, error: Exception) -> None:
        """Note why a job failed; or raise DeviceLostError where every other would fail like it."""
        known = isinstance(error, ClaimError)
        why = f"{type(error).__name__}: {error}" if known else traceback.format_exc()
        fatal = getattr(self._bench, "fatal", None)
        if fatal is None or not fatal(error, device):
            self._board.failed(job, why)
            return
        self._board.ended(job, attempt, why)
        if not self._replaced:
            self._board.failed(job, why)
        raise DeviceLostError(
            f"{device}: lost to this process while it trained {job.label}, seeds {job.seeds}: "
            f"{type(error).__name__}: {error}. What was trained is kept: the same command goes on "
            "from there, and with -n a worker that loses its device is replaced"
        ) from error

    def _keep(self, job: Job, records: Sequence[RunRecord]) -> None:
        check_records(records, job.seeds, self._bench.metrics(job.arm))
        about = {
            "label": job.label,
            "environment": self._store.environment,
            "trained": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        for key, bare in zip(job.keys, records, strict=True):
            record = replace(bare, hardware={**_own_hardware(bare), **bare.hardware})
            named = about | {"key": key.name, "sources": key.sources}
            if not self._store.write(key, record, named):  # another of its block was missing
                first = self._store.read(key, job.label)
                self._board.kept(key, same_numbers(first, record))

    @contextmanager
    def _beating(self, job: Job, device: str) -> Iterator[Progress]:
        """Yield the progress callback that keeps this worker's note on the board up to date."""
        last = float("-inf")

        def progress(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= HEARTBEAT_S:
                last = time.monotonic()
                self._board.heartbeat(self._worker, job, device, done, total)

        progress(0, 1)
        try:
            yield progress
        finally:
            self._board.idle(self._worker)


def _own_hardware(record: RunRecord) -> dict[str, str]:
    """Return what the harness adds to a record: numpy's version, and a processor not named yet."""
    named = {"cpu", "card"} & record.hardware.keys()
    processor = {} if named else {"cpu": platform.processor() or platform.machine()}
    return {"numpy": np.__version__, **processor}
