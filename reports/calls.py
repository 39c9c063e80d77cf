"""Running a command within a time: what it says is passed on as it comes, and kept whole."""

import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from threading import Thread
from typing import IO

GRACE_S = 10.0
"""At most, and half of the time given: pytest that is interrupted says what has failed so far."""


def call(
    command: Sequence[str],
    root: Path,
    seconds: float,
    log: Path | None = None,
    *,
    grace_s: float = GRACE_S,
) -> tuple[int | None, str]:
    """Run a command for at most so long; return its exit code (None: cut off) and what it said.

    With a ``log`` what it says goes to the terminal as it comes and, after the command itself, to
    the end of that file. It has a process group of its own, so that all that it started ends with
    it: interrupted as by Ctrl-C ``grace_s``, or half its time, before its end, killed after it.
    """
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603 - a command made here
        command,
        cwd=root,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},  # what is killed has said all that it had
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        heading = f"$ {shlex.join(command)}\n"
        reader = Thread(target=_pass_on, args=(process.stdout, log, heading, said), daemon=True)
        reader.start()
        try:
            code = _ended(process, seconds, min(grace_s, seconds / 2))
        finally:  # also on Ctrl-C, and also what a command that has ended left behind
            _signal(process, signal.SIGKILL)
            reader.join()
    return code, "".join(said)


def _ended(process: subprocess.Popen[str], seconds: float, grace_s: float) -> int | None:
    """Return the exit code, None where the process had to be interrupted."""
    try:
        return process.wait(max(seconds - grace_s, 0.1))
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(grace_s, 0.1))
    return None


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # none left; macOS: none but zombies
        os.killpg(process.pid, number)


def _pass_on(source: IO[str], log: Path | None, heading: str, said: list[str]) -> None:
    with log.open("a", encoding="utf-8") if log else nullcontext() as file:
        if file:
            file.write(heading)
        for line in source:
            said.append(line)
            if file:
                file.write(line)
                file.flush()
                print(line, end="", flush=True)
