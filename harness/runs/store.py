"""The store: a folder with one immutable record per run.

Promises. A record is written aside and moved into place, so that it is there whole or not at all.
It is never written over: of two records of one run the first stays. A damaged one is detected by
its checksum, set aside in ``damaged/`` and said, never deleted; who only reads moves nothing. Locks
are the kernel's and die with their owner. Two sessions may share a store; it can be copied and
merged.

    runs/<environment>/<arm>-s<seed>-<code>.json     records
    locks/                                           one empty file per job that ever trained
    damaged/                                         records set aside
    sessions/<id>/                                   what the workers of one session tell each other
"""

import os
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout

from harness.errors import RunMissingError, StoreError
from harness.records import RunRecord
from harness.runs import files
from harness.runs.codec import decode, encode
from harness.runs.keys import Job, RunKey


def write_aside(path: Path, text: str) -> None:
    """Write a text file, and its folder, so that it is there whole or not. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_aside(path, text)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"store: cannot write {path}: {error.strerror}; expected a folder that can be written; "
        "choose another with --store DIR"
    )


class Store:
    """Records of one environment in a store folder.

    One that is ``read_only``, as it may be shared or cannot be written, leaves damage where it is.
    """

    def __init__(self, folder: Path, environment: str, *, read_only: bool = False) -> None:
        self.folder = folder
        self.environment = environment
        self.read_only = read_only
        self._read: dict[str, RunRecord] = {}
        self._left: dict[str, str] = {}  # damaged records that were left, and what is wrong

    def check_writable(self) -> None:
        """Raise StoreError where nothing can be written, before any time is spent on training.

        And remove what writers that were killed more than a day ago have left.
        """
        probe = self.folder / f".probe-{os.getpid()}"
        write_aside(probe, "")
        probe.unlink(missing_ok=True)
        for folder in (self.folder, *self.folder.glob("runs/*")):
            files.remove_left(folder, ".probe-*")

    def path(self, key: RunKey) -> Path:
        """Return where the run's record lies, or would."""
        return self.folder / "runs" / self.environment / f"{key.name}.json"

    def has(self, key: RunKey) -> bool:
        """Return whether a whole record of the run is there; a damaged one is set aside first.

        In a store that is only read it stays, and counts as not there.
        """
        if key.name in self._read:
            return True
        return self.path(key).exists() and self._load(key) is not None

    def has_job(self, job: Job) -> bool:
        """Return whether every run of a job is there."""
        return all(self.has(key) for key in job.keys)

    def read(self, key: RunKey, label: str) -> RunRecord:
        """Return the run's record. Raises RunMissingError that says what is there instead."""
        if not self.has(key):
            raise RunMissingError(self._missing(key, label))
        return self._read[key.name]

    def write(self, key: RunKey, record: RunRecord, about: Mapping[str, object]) -> bool:
        """Add a record unless the run has one, and return whether it was added.

        A verdict may rest on the one that is there. Raises StoreError where the folder cannot be
        written.
        """
        path = self.path(key)
        if self.has(key):
            return False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return files.write_new(path, encode(record, about))
        except OSError as error:
            raise _unwritable(path, error) from error

    def lock(self, job: Job) -> FileLock:
        """Return the job's lock in this environment. It dies with the process that holds it."""
        folder = self.folder / "locks" / self.environment
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from error
        return FileLock(folder / f"{job.name}.lock")

    def taken(self, job: Job) -> AbstractContextManager[object] | None:
        """Return the job's lock, taken, or None while another process has it.

        Raises StoreError where the lock is not this user's to take.
        """
        lock = self.lock(job)
        try:
            return lock.acquire(blocking=False)
        except Timeout:
            return None
        except OSError as error:
            raise StoreError(
                f"store: cannot take the lock {lock.lock_file}: {error.strerror or error}; "
                "expected a file that you may write; have its owner make it and its folder "
                "writable, or choose another store with --store DIR"
            ) from error

    def environments(self) -> tuple[str, ...]:
        """Return the names of the environments of which the store holds records."""
        runs = self.folder / "runs"
        found = runs.iterdir() if runs.is_dir() else ()
        return tuple(sorted(path.name for path in found if any(path.glob("*.json"))))

    def expected_instead(self) -> str:
        """Return what to give where the store has no run of the environment."""
        if self.environments():
            return f"one of {', '.join(self.environments())} (--environment NAME)"
        if self.folder.is_dir():
            return "runs, and it holds none; train them without --judge-only"
        what = "this is a file" if self.folder.exists() else "there is none"
        return f"a folder of runs, and {what}; name it with --store DIR"

    def damaged(self, since_ns: int = 0) -> tuple[str, ...]:
        """Return the names of the records that were set aside since a time (ns since the epoch)."""
        names = sorted(path.name for path in (self.folder / "damaged").glob("*.*.json"))
        stamps = ((name, name.split(".")[-2]) for name in names)
        return tuple(name for name, ns in stamps if ns.isdecimal() and int(ns) >= since_ns)

    def _load(self, key: RunKey) -> RunRecord | None:
        try:
            record = _decoded(self.path(key).read_text(encoding="utf-8"), key)
        except FileNotFoundError:
            return None
        except (StoreError, UnicodeDecodeError) as error:
            if self.read_only:
                self._left[key.name] = str(error)
            else:
                self._set_aside(key)
            return None
        except OSError as error:  # not ours to read: no reason to call it damaged
            raise StoreError(
                f"store: cannot read {self.path(key)}: {error.strerror}; expected a record; make "
                "it readable, or choose another store with --store DIR"
            ) from error
        self._read[key.name] = record
        return record

    def _set_aside(self, key: RunKey) -> None:
        path = self.path(key)
        target = self.folder / "damaged" / f"{key.name}.{time.time_ns()}.json"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        except FileNotFoundError:
            return  # another worker has set it aside
        except OSError as error:
            raise StoreError(
                f"store: {path} is damaged and cannot be set aside: {error.strerror}; "
                "delete it, or choose another store with --store DIR"
            ) from error

    def _missing(self, key: RunKey, label: str) -> str:
        what = f"no run of {label}, seed {key.seed}, in {self.folder} for {self.environment}"
        damaged = self._damaged_of(key)
        if damaged:
            return f"{what}: {damaged}; train it again without --judge-only, or copy it anew"
        other_code = list(self.path(key).parent.glob(f"{key.arm_and_seed}-*.json"))
        if other_code:
            return (
                f"{what}: it holds {len(other_code)} made with other code; expected code "
                f"{key.sources[:12]}; check that code out, or train again without --judge-only"
            )
        others = [name for name in self.environments() if name != self.environment]
        elsewhere = f"; it holds runs of {', '.join(others)} (--environment NAME)" if others else ""
        return f"{what}{elsewhere}; train it without --judge-only"

    def _damaged_of(self, key: RunKey) -> str:
        """Return what became of a damaged record of the run, or nothing where none is known."""
        if key.name in self._left:
            return (
                f"its record {self.path(key)} is damaged ({self._left[key.name]}), and stays where "
                "it is"
            )
        aside = sorted((self.folder / "damaged").glob(f"{key.name}.*.json"))
        return f"a damaged record of it was set aside, as {aside[-1]}" if aside else ""


def _decoded(text: str, key: RunKey) -> RunRecord:
    """Return the record of a run. Raises StoreError for a damaged one, or that of another run."""
    record, about = decode(text)
    if (about.get("key"), record.seed) != (key.name, key.seed):
        raise StoreError(f"record: got the run {about.get('key')}; expected {key.name}")
    return record
