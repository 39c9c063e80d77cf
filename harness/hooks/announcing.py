"""The end of a session: what was said of each cell becomes documents, a table and an exit code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ClaimError
from harness.hooks import stopping
from harness.hooks.assembly import Assembly
from harness.hooks.ledger_update import update_ledger
from harness.hooks.repeating import whole_run
from harness.hooks.session import MAIN, SESSION, ClaimSession
from harness.hooks.table import table_lines, without_traceback

SAID = "claim_cell"
"""The name under which a report's user_properties carry what is said of one cell."""


class Listener:
    """Hears, in the main process, what workers and this process say of cells."""

    def __init__(self, claims: ClaimSession) -> None:
        self._claims = claims
        self._told: dict[str, str] = {}  # a traceback, and the test that it is shown of

    @pytest.hookimpl(tryfirst=True)  # before the report is printed
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a report says of a cell; what a later one says of the same replaces it."""
        for name, said in report.user_properties:
            if name == SAID and isinstance(said, Mapping):
                cell = (said["family"], said["slug"], said["cell"]["id"])
                self._claims.heard[cell] = dict(said)
        if report.when == "setup" and isinstance(report.longrepr, str):
            report.longrepr = self._once(report.longrepr, report.nodeid)

    def _once(self, text: str, test: str) -> str:
        """Return a text with a traceback whole the first time, then with where that stands.

        All cells that need a job which failed say the same of it.
        """
        whose, _, error = text.partition(": ERROR: ")
        short = without_traceback(error)
        if short == error:
            return text
        first = self._told.setdefault(error, test)
        return text if first == test else f"{whose}: ERROR: {short} (traceback: {first}, above)"


def finish(session: pytest.Session) -> None:
    """Give cards back; announce a document for each judged family, in the main process only."""
    claims = session.config.stash[SESSION]
    claims.leave_cards()
    if claims.worker != MAIN:
        return
    if claims.left is None:
        _announce(session, claims)
    else:
        session.exitstatus = stopping.EXIT_CODE
    claims.boards.take_down()


def take_down(config: pytest.Config) -> None:
    """Remove the boards of the main process's session, where there is one."""
    claims = config.stash.get(SESSION, None)
    if claims is not None and claims.worker == MAIN:
        claims.boards.take_down()


def _announce(session: pytest.Session, claims: ClaimSession) -> None:
    for folder, said in _by_family(claims).items():
        command = whole_run(session.config)
        document = Assembly(claims, claims.context(folder), said, command).document()
        claims.documents.append(document)
        _record(session, claims, folder, said)
        session.config.hook.pytest_claims_finished(config=session.config, document=document)


def _by_family(claims: ClaimSession) -> dict[Path, list[dict[str, Any]]]:
    families: dict[Path, list[dict[str, Any]]] = {}
    for said in claims.heard.values():
        families.setdefault(Path(said["family"]), []).append(said)
    return families


def _record(
    session: pytest.Session, claims: ClaimSession, folder: Path, said: list[dict[str, Any]]
) -> None:
    if not claims.settings.update_ledger:
        return
    try:
        claims.recorded.append(update_ledger(claims.context(folder), said))
    except ClaimError as error:
        claims.recorded.append(f"ledger not updated: {error}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def print_table(terminalreporter: Any, config: pytest.Config) -> None:
    """Print every claim with its verdict and what the ledger says, and count them."""
    claims = config.stash[SESSION]
    for document in claims.documents:
        terminalreporter.section(f"claims: {document['family']['title']}", "=")
        for text, markup in table_lines(document):
            terminalreporter.write_line(text, **markup)
        for notice in document["notices"]:
            terminalreporter.write_line(f"claims: {notice}")
    of_session = [] if claims.documents else claims.notices  # else each document has them
    for notice in (*of_session, *claims.recorded):
        terminalreporter.write_line(f"claims: {notice}")
    if claims.interrupted:
        terminalreporter.write_line(f"claims: {stopping.INTERRUPTED}", yellow=True)
    if claims.left is not None:
        terminalreporter.write_line(f"claims: {stopping.line(claims.left)}", yellow=True)
