"""Progress of the training phase: jobs done and left, time left, what trains now."""

import sys
import threading
from collections.abc import Generator
from typing import Any

import pytest

from harness.hooks.session import ClaimSession
from harness.runs.board import Board

EVERY_S = 15.0
EVERY_TTY_S = 1.0


def plan_lines(rows: list[dict[str, Any]], one: str = "core") -> list[str]:
    """Return the plan for a reader: one line per arm, then the sum, on ``one`` core or card."""
    arms: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        arms.setdefault(row["label"], []).append(row)
    lines = ["plan: runs to train, runs in the store, seconds expected on one " + one]
    lines += [_arm_line(label, jobs) for label, jobs in arms.items()]
    beside = [row for row in rows if not row.get("decides", True)]
    lines.append(f"  {_at_most(rows)}{_left(rows)} on one {one}")
    lines += _by_look(rows)
    if beside:
        lines.append(f"  of these beside the verdicts (readings, scope): {_left(beside)}")
    return lines


def _at_most(rows: list[dict[str, Any]]) -> str:
    return "at most " if any(row.get("further") for row in rows) else ""


def _by_look(rows: list[dict[str, Any]]) -> list[str]:
    """Return what each look costs, where claims may stop before their last."""
    further = sorted({row.get("further", 0) for row in rows})
    if further in ([], [0]):
        return []
    names = {0: "needed in any case"}
    return [
        f"  {names.get(k, f'further look {k}, only of claims that are not decided before it')}: "
        f"{_left([row for row in rows if row.get('further', 0) == k])}"
        for k in further
    ]


def _left(rows: list[dict[str, Any]]) -> str:
    runs = sum(len(row["seeds"]) for row in rows if not row["stored"])
    seconds = sum(row["estimate_s"] for row in rows if not row["stored"])
    return f"{runs} runs to train, about {duration(seconds)}"


def _arm_line(label: str, jobs: list[dict[str, Any]]) -> str:
    runs = {
        stored: sum(len(j["seeds"]) for j in jobs if j["stored"] is stored)
        for stored in (False, True)
    }
    left = sum(job["estimate_s"] for job in jobs if not job["stored"])
    return f"  {label}: {runs[False]} to train, {runs[True]} in the store, {left:.0f} s"


def duration(seconds: float) -> str:
    """Return a duration for a reader: ``40 s``, ``7 min``, ``3.2 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def progress_line(*boards: Board) -> str | None:
    """Return where the training phase stands, or None before it begins and once it is over.

    A job that families share is one job; what another session has trained is nobody's to train.
    """
    plan = {row["job"]: row for board in boards for row in board.plan() or ()}
    given_up = {job for board in boards for job in (*board.all_failed(), *board.all_found())}
    done = {job: note for board in boards for job, note in board.all_trained().items()}
    to_train = {
        job: row
        for job, row in plan.items()
        if job in done or not (row["stored"] or job in given_up)
    }
    trained = {job: note for job, note in done.items() if job in to_train}
    if len(trained) == len(to_train):
        return None
    flying = [_timed(note, board) for board in boards for note in board.in_flight()]
    left = _seconds_left(to_train, trained, flying)
    waiting = sum(board.all_waiting() for board in boards)
    nothing = f"nothing: {waiting} waiting for a card that others use" if waiting else "nothing"
    now = "; ".join(map(_flying, flying))
    return (
        f"training: {len(trained)} of {len(to_train)} jobs done, about {duration(left)} left; "
        f"now {now or nothing}"
    )


def _timed(note: dict[str, Any], board: Board) -> dict[str, Any]:
    """Return a note of a job in flight with how long it had taken, where its begin is noted."""
    begun = [path.stat().st_mtime for path in board.folder.glob(f"tried/{note['job']}-*")]
    return note | ({"took_s": max(note["at"] - max(begun), 0.0)} if begun else {})


def _flying(note: dict[str, Any]) -> str:
    where = "" if note["device"] == "cpu" else f" on {note['device']}"
    return f"{note['label']} seed {','.join(map(str, note['seeds']))} {_share(note):.0%}{where}"


def _share(note: dict[str, Any]) -> float:
    return float(note["done"] / note["total"]) if note["total"] else 0.0


def _seconds_left(
    to_train: dict[str, dict[str, Any]],
    trained: dict[str, dict[str, Any]],
    flying: list[dict[str, Any]],
) -> float:
    """Return the seconds left: what was expected, corrected by how long it took up to now.

    By the done jobs, and by those in flight that have come somewhere: else the line would be wrong
    until the first of them ends.
    """
    ours = [note for note in flying if note["job"] in to_train]
    moving = [note for note in ours if "took_s" in note and _share(note) > 0.0]
    expected = _done_s(to_train, moving) + sum(to_train[job]["estimate_s"] for job in trained)
    took = sum(note["took_s"] for note in moving)
    took += sum(note["wall_s"] for note in trained.values())
    pace = took / expected if expected and took else 1.0
    left = sum(row["estimate_s"] for job, row in to_train.items() if job not in trained)
    left -= _done_s(to_train, ours)
    return float(pace * max(left, 0.0) / max(len(flying), 1))


def _done_s(rows: dict[str, dict[str, Any]], flying: list[dict[str, Any]]) -> float:
    """Return how much of what was expected of jobs in flight is done."""
    return float(sum(rows[note["job"]]["estimate_s"] * _share(note) for note in flying))


class Display:
    """Prints the progress line while runs train: rewritten on a terminal, else now and then."""

    def __init__(self, config: pytest.Config, session: ClaimSession) -> None:
        self._config = config
        self._session = session
        self._stop = threading.Event()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        """Show progress for as long as the loop runs."""
        thread = threading.Thread(target=self._show, daemon=True)
        thread.start()
        try:
            return (yield)
        finally:
            self._stop.set()
            thread.join(timeout=5.0)

    def _show(self) -> None:
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        is_tty = sys.stdout.isatty()
        while not self._stop.wait(EVERY_TTY_S if is_tty else EVERY_S):
            line = self._line()
            if line is None or terminal is None:
                continue
            if is_tty:
                terminal.rewrite(line[: terminal.fullwidth - 1], erase=True)
            else:
                terminal.write_line(line)

    def _line(self) -> str | None:
        return progress_line(*self._session.boards.posted())
