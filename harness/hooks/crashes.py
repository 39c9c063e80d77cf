"""A worker that dies is replaced by xdist; its test goes back to the queue, and none is lost."""

import os
import sys
from collections import Counter
from contextlib import suppress
from typing import Any, NoReturn

import pytest

from harness.hooks.session import SESSION

MOST_RESCHEDULES = 5


def die(why: str) -> NoReturn:
    """End a worker at once, so that xdist replaces it: one that says goodbye is not.

    Locks are the kernel's and go with it.
    """
    print(why, file=sys.stderr, flush=True)
    os._exit(1)


def reschedule(test_id: str, report: pytest.TestReport, sched: Any) -> None:
    """Queue the test again and call its report a rerun, unless it was tried too often."""
    claims: Counter[str] = sched.config.stash.setdefault(_COUNTS, Counter())
    claims[test_id] += 1
    if claims[test_id] <= MOST_RESCHEDULES:
        sched.mark_test_pending(test_id)
        report.outcome = "rerun"  # type: ignore[assignment]


def forgive_closed_pipes(node: Any) -> None:
    """Let xdist send tests to a worker that has died unnoticed.

    Its scheduler has booked them by then, and queues them again when it hears of the death; the
    OSError of a closed pipe would end the session with an internal error first.
    """
    send = node.sendcommand

    def tolerant(name: str, **arguments: object) -> None:
        with suppress(OSError):
            send(name, **arguments)

    node.sendcommand = tolerant


class Crashes:
    """Hears, in the main process, which workers died and which tests ended."""

    def __init__(self) -> None:
        self._deaths = 0
        self._ended: set[str] = set()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, error: object) -> None:
        """Count a death."""
        self._deaths += bool(error)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that ended: torn down, or given up after too many deaths."""
        if report.when == "teardown" or (report.when == "???" and report.failed):  # type: ignore[comparison-overlap]
            self._ended.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a session that would pass, or find nothing to test, for lack of workers."""
        would_pass = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        not_run = self._not_run(session.testscollected)
        if self._deaths and not_run and session.exitstatus in would_pass:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            session.config.stash[SESSION].notices.append(
                f"no verdict: {self._deaths} workers died, and {not_run}; run once without -n to "
                "see why; what was trained is kept"
            )

    def _not_run(self, collected: int) -> str | None:
        if collected == 0:
            return "none had collected its tests"
        left = collected - len(self._ended)
        return f"{left} of {collected} tests were not run" if left > 0 else None


_COUNTS: pytest.StashKey[Counter[str]] = pytest.StashKey()
