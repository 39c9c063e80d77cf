"""The training phase: a process takes jobs of the session's plan until every one is in the store.

Every process of a session plans the same jobs. A job is trained under a lock that dies with its
owner, and looked for in the store once the lock is held, so that no run is trained twice and the
job of a killed worker goes to the next that comes by.
"""

import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from filelock import Timeout

from harness.bench import Bench, Progress
from harness.board import MOST_ATTEMPTS, Board
from harness.errors import ClaimError
from harness.keys import Job
from harness.records import RunRecord
from harness.store import Store

HEARTBEAT_S = 1.0
POLL_S = 0.2


def longest_first(jobs: Iterable[Job]) -> list[Job]:
    """Return each job once, the longest first; equal ones by name, the same in every process."""
    once = {job.name: job for job in jobs}
    return sorted(once.values(), key=lambda job: (-job.estimate_s, job.name))


def plan_rows(jobs: Sequence[Job], store: Store) -> list[dict[str, Any]]:
    """Return the plan as plain rows, with whether the store already holds each job."""
    return [
        {
            "job": job.name,
            "label": job.label,
            "seeds": list(job.seeds),
            "estimate_s": job.estimate_s,
            "stored": store.has_job(job),
        }
        for job in jobs
    ]


class Trainer:
    """Trains the jobs of one bench, together with whatever other processes do the same."""

    def __init__(self, bench: Bench, store: Store, board: Board, device: str, worker: str) -> None:
        self._bench = bench
        self._store = store
        self._board = board
        self._device = device
        self._worker = worker

    def run(self, jobs: Sequence[Job]) -> None:
        """Return when every job is in the store or has failed. Raises StoreError, nothing else."""
        waiting = [job for job in jobs if not self._store.has_job(job)]
        if waiting:
            self._store.check_writable()
        while waiting:
            taken = any(self._try(job) for job in waiting)
            waiting = [job for job in waiting if not self._is_settled(job)]
            if waiting and not taken:
                time.sleep(POLL_S)  # the rest is in flight elsewhere

    def _is_settled(self, job: Job) -> bool:
        return self._board.why_failed(job) is not None or self._store.has_job(job)

    def _try(self, job: Job) -> bool:
        """Train the job unless it is settled or in flight; return whether its lock was had."""
        if self._is_settled(job):
            return False
        try:
            with self._store.lock(job).acquire(blocking=False):
                if not self._is_settled(job):
                    self._train(job)
                return True
        except Timeout:
            return False

    def _train(self, job: Job) -> None:
        attempts = self._board.begin(job)
        if attempts >= MOST_ATTEMPTS:
            self._board.failed(job, f"its worker died {attempts} times while training {job.label}")
            return
        started = time.monotonic()
        try:
            with self._beating(job) as progress:
                records = self._bench.train(job.arm, job.seeds, self._device, progress)
            self._keep(job, records)
        except ClaimError as error:
            self._board.failed(job, f"{type(error).__name__}: {error}")
        except Exception:  # a bench may raise anything; the session goes on and says it
            self._board.failed(job, traceback.format_exc())
        else:
            self._board.trained(job, self._worker, time.monotonic() - started)

    def _keep(self, job: Job, records: Sequence[RunRecord]) -> None:
        seeds = tuple(record.seed for record in records)
        if seeds != job.seeds:
            raise ClaimError(f"bench: got records of seeds {seeds}; expected {job.seeds}")
        about = {
            "label": job.label,
            "environment": self._store.environment,
            "trained": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        for key, record in zip(job.keys, records, strict=True):
            self._store.write(key, record, about | {"key": key.name, "sources": key.sources})

    @contextmanager
    def _beating(self, job: Job) -> Iterator[Progress]:
        """Yield the progress callback that keeps this worker's note on the board up to date."""
        last = float("-inf")

        def progress(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= HEARTBEAT_S:
                last = time.monotonic()
                self._board.heartbeat(self._worker, job, done, total)

        progress(0, 1)
        try:
            yield progress
        finally:
            self._board.idle(self._worker)
