"""--stop-after: a session that ran out of its time ends without a verdict, and can go on later."""

from dataclasses import dataclass
from typing import Any

import pytest

from harness.hooks.session import MAIN, SESSION, ClaimSession, Left

EXIT_CODE = 7
"""Nothing was judged, for lack of time. pytest has 0 to 6 for itself (3 is its internal error)."""

INTERRUPTED = "interrupted: runs that were finished are kept; the same command goes on from there"

SENT = "claims_left"
"""The name under which a worker's output carries what its training phase left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopper:
    """Hears, in the main process, from workers that ran out of time, and of Ctrl-C."""

    claims: ClaimSession

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Keep what a worker that ended by itself has left."""
        sent = getattr(node, "workeroutput", {}).get(SENT)
        if error is None and sent is not None:
            self.claims.left = Left(stored=sent[0], planned=sent[1])

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that training or judging was cut short, and not the search for tests."""
        if excinfo.errisinstance(KeyboardInterrupt) and self.claims.boards.posted():
            self.claims.interrupted = True


def stop(session: pytest.Session, left: Left) -> bool:
    """End this process's part without running a test, and say so to the main process."""
    config = session.config
    claims = config.stash[SESSION]
    claims.left = left
    if claims.worker != MAIN:
        session.shouldstop = f"--stop-after {claims.settings.stop_after:g}"
        config.workeroutput[SENT] = [left.stored, left.planned]  # type: ignore[attr-defined]
    return True


def line(left: Left) -> str:
    """Return the last line of a session that ran out of time."""
    return (
        f"stopped: {left.stored} of {left.planned} runs are in the store, nothing was judged; "
        "the same command goes on from there"
    )
