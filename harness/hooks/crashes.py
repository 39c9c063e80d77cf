"""A worker that dies is replaced by xdist; its test goes back to the queue, and none is lost.

And a session that has left tests out, for whatever reason, does not end as one that passed.
"""

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
    """Hears, in the main process, which workers died or broke and which tests ended."""

    def __init__(self) -> None:
        self._deaths = 0
        self._broke = False
        self._ended: set[str] = set()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, error: object) -> None:
        """Count a death."""
        self._deaths += bool(error)

    def pytest_internalerror(self) -> None:
        """Note an internal error, here or in a worker: xdist goes on without that worker."""
        self._broke = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that ended: torn down, or given up after too many deaths."""
        if report.when == "teardown" or (report.when == "???" and report.failed):  # type: ignore[comparison-overlap]
            self._ended.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a session that would pass, or find nothing to test, with tests that were not run."""
        not_run = self._not_run(session.testscollected)
        if not_run is None or _runs_none(session) or not self._would_pass(session):
            return
        failed = pytest.ExitCode.TESTS_FAILED
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR if self._broke else failed
        session.config.stash[SESSION].notices.append(f"no verdict: {self._why(not_run)}")

    def _would_pass(self, session: pytest.Session) -> bool:
        codes = [pytest.ExitCode.OK]
        if self._deaths or self._broke:
            codes.append(pytest.ExitCode.NO_TESTS_COLLECTED)
        return session.exitstatus in codes

    def _why(self, not_run: str) -> str:
        if self._broke:
            return f"an internal error, whose traceback is above, and {not_run}"
        if self._deaths:
            return (
                f"{self._deaths} workers died, and {not_run}; run once without -n to see why; "
                "what was trained is kept"
            )
        return f"{not_run}, and nothing says why; run once without -n"

    def _not_run(self, collected: int) -> str | None:
        if collected == 0:
            return "none had collected its tests"
        left = collected - len(self._ended)
        return f"{left} of {collected} tests were not run" if left > 0 else None


def _runs_none(session: pytest.Session) -> bool:
    """Return whether the session was asked to run no test, or had no time to."""
    claims = session.config.stash[SESSION]
    return session.config.option.collectonly or claims.settings.plan or claims.left is not None


_COUNTS: pytest.StashKey[Counter[str]] = pytest.StashKey()
