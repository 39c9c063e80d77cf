"""The boards: folders of the store on which a session's processes tell each other what they do.

Each family of a session has its own, ``<store>/sessions/<id>/<family>``. Every note is a file of
its own, written aside and moved into place, so nobody waits for anybody. Boards are taken down when
the session ends; those that a killed session left behind do no harm.

    plan-<n>.json        n jobs of the family: name, label, runs, seconds expected, already there;
                         another one where claims with looks have gone on to their next look
    trained/<job>.json   who trained it and how long it took
    kept/<run>.json      a run that was there was trained again with its block: the same numbers?
    there/<job>          its runs were found in the store: another session trained it
    failed/<job>.json    why training it failed
    tried/<job>-<n>      an attempt began; its text: what ended it together with its process
    waiting/<worker>     it has no card, and asked for one a moment ago
    now/<worker>.json    the job in flight, and how far it is
"""

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.runs.keys import Job, RunKey
from harness.runs.store import write_aside

PLANS = "plan-*.json"

MOST_TRIES = 3
"""A job whose worker died this often is not tried again: it is the job that kills it."""

WAITS_FOR_S = 5.0
"""A worker that waits says so more often than this; one that has not was given a card, or died."""

OLD_AFTER_S = 7 * 24 * 3600
"""Boards of sessions without a new note for so long are taken down: they were killed."""


class Board:
    """Notes of one session about the runs of one family."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def post_plan(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write the plan, or what it has grown to, unless another process of the session has."""
        path = self.folder / f"plan-{len(rows)}.json"  # a plan that has grown has more jobs
        if not path.exists():
            write_aside(path, json.dumps(list(rows)))

    def plan(self) -> list[dict[str, Any]] | None:
        """Return the plan's rows as each was posted first, or None while there is none."""
        posted = sorted(self.folder.glob(PLANS), key=lambda path: (len(path.name), path.name))
        rows: dict[str, dict[str, Any]] = {}
        for path in posted:
            rows = {row["job"]: row for row in _read(path) or ()} | rows
        return list(rows.values()) if posted else None

    def planned_runs(self) -> frozenset[str]:
        """Return the names of the plan's runs."""
        return frozenset(run for row in self.plan() or () for run in row["runs"])

    def begin(self, job: Job) -> int:
        """Note that an attempt begins and return how many there were before."""
        before = len(list((self.folder / "tried").glob(f"{job.name}-*")))
        write_aside(self.folder / "tried" / f"{job.name}-{before}", "")
        return before

    def ended(self, job: Job, attempt: int, why: str) -> None:
        """Note what ends an attempt, counted from 0, together with the process that made it."""
        write_aside(self.folder / "tried" / f"{job.name}-{attempt}", why)

    def last_words(self, job: Job) -> str:
        """Return what ended the job's last attempt of which that is known, or nothing."""
        notes = sorted(
            (self.folder / "tried").glob(f"{job.name}-*"), key=lambda path: (len(path.name), path)
        )
        return next(filter(None, (path.read_text("utf-8") for path in reversed(notes))), "")

    def trained(self, job: Job, worker: str, wall_s: float) -> None:
        """Note that the job's runs are in the store."""
        runs = [key.name for key in job.keys]
        note = {"worker": worker, "wall_s": wall_s, "runs": runs}
        write_aside(self.folder / "trained" / f"{job.name}.json", json.dumps(note))

    def found(self, job: Job) -> None:
        """Note that the job's runs are in the store, unless this session has trained them."""
        if not (self.folder / "trained" / f"{job.name}.json").exists():
            write_aside(self.folder / "there" / job.name, "")

    def kept(self, key: RunKey, same: bool) -> None:
        """Note that a run was trained again and that the store keeps its first record."""
        write_aside(self.folder / "kept" / f"{key.name}.json", json.dumps({"same": same}))

    def failed(self, job: Job, why: str) -> None:
        """Note that training the job failed."""
        note = {"why": why, "runs": [key.name for key in job.keys]}
        write_aside(self.folder / "failed" / f"{job.name}.json", json.dumps(note))

    def why_failed(self, job: Job) -> str | None:
        """Return why training the job failed, or None where it did not."""
        note = _read(self.folder / "failed" / f"{job.name}.json")
        return None if note is None else str(note["why"])

    def why_missing(self, keys: Iterable[RunKey]) -> str | None:
        """Return why training any of these runs failed, in whichever job; None where none did."""
        wanted = {key.name for key in keys}
        notes = (note for _, note in _notes(self.folder / "failed"))
        return next((str(note["why"]) for note in notes if wanted.intersection(note["runs"])), None)

    def heartbeat(self, worker: str, job: Job, device: str, done: int, total: int) -> None:
        """Note how far a worker is with its job, and where it trains."""
        note = {"job": job.name, "label": job.label, "seeds": job.seeds, "device": device}
        path = self.folder / "now" / f"{worker}.json"
        write_aside(path, json.dumps(note | {"done": done, "total": total, "at": time.time()}))

    def idle(self, worker: str) -> None:
        """Note that a worker has no job in flight."""
        (self.folder / "now" / f"{worker}.json").unlink(missing_ok=True)

    def waits(self, worker: str) -> None:
        """Note that a worker waits for a card; it says so again while it does."""
        write_aside(self.folder / "waiting" / worker, "")

    def all_waiting(self) -> int:
        """Return how many workers wait for a card, or did a moment ago."""
        return sum(map(_is_recent, (self.folder / "waiting").glob("[!.]*")))

    def all_trained(self) -> dict[str, dict[str, Any]]:
        """Return the notes of trained jobs by job name."""
        return dict(_notes(self.folder / "trained"))

    def trained_runs(self) -> frozenset[str]:
        """Return the names of the runs that this session has trained."""
        return frozenset(run for note in self.all_trained().values() for run in note["runs"])

    def all_kept(self) -> list[bool]:
        """Return, for each run that was trained again, whether its numbers were the same."""
        return [note["same"] for _, note in _notes(self.folder / "kept")]

    def all_found(self) -> frozenset[str]:
        """Return the names of the jobs that another session, or another family, has trained."""
        return frozenset(path.name for path in (self.folder / "there").glob("[!.]*"))

    def all_failed(self) -> frozenset[str]:
        """Return the names of the jobs whose training failed."""
        return frozenset(job for job, _ in _notes(self.folder / "failed"))

    def in_flight(self) -> list[dict[str, Any]]:
        """Return the notes of the jobs that train now, each once.

        A worker that died has left its note: a newer one of the same job, or its end, outdates it,
        also where another session has trained the job.
        """
        settled = self.all_failed() | self.all_found() | self.all_trained().keys()
        notes = sorted((note for _, note in _notes(self.folder / "now")), key=lambda n: n["at"])
        newest = {note["job"]: note for note in notes}
        return [note for job, note in newest.items() if job not in settled]


class Boards:
    """The boards of one session, below ``<store>/sessions/<id>``: one for each family."""

    def __init__(self, store_folder: Path, session_id: str) -> None:
        self.folder = store_folder / "sessions" / session_id

    def of(self, family: Path) -> Board:
        """Return the board of a family's folder; two folders of one name have two."""
        digest = hashlib.sha256(str(family).encode()).hexdigest()[:8]
        return Board(self.folder / f"{family.name}-{digest}")

    def posted(self) -> list[Board]:
        """Return the boards on which there is a plan."""
        return [Board(path) for path in sorted({p.parent for p in self.folder.glob(f"*/{PLANS}")})]

    def take_down(self) -> None:
        """Remove the boards, and those that sessions killed long ago have left.

        Nothing where there are none: the session trains nothing, and the store may be others'.
        """
        if not self.folder.is_dir():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        for other in self.folder.parent.glob("*"):
            with suppress(FileNotFoundError):  # another session may take it down, too
                if time.time() - _last_note(other) > OLD_AFTER_S:
                    shutil.rmtree(other, ignore_errors=True)


def _last_note(folder: Path) -> float:
    """Return when anything in a session's folder changed last. Raises FileNotFoundError."""
    return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))


def _notes(folder: Path) -> Iterable[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.json")):
        note = _read(path)
        if note is not None:
            yield path.stem, note


def _is_recent(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < WAITS_FOR_S
    except FileNotFoundError:
        return False


def _read(path: Path) -> Any:
    """Return a note, or None where it is not there (it may just have been taken away)."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
