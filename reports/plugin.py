"""The pytest plugin that writes the report when the claims are finished."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import ClaimError

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from reports.document import Document
    from reports.writer import Written

DEFAULT_FOLDER = "reports/out"

_written = pytest.StashKey["Written"]()
_failure = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the report's options."""
    group = parser.getgroup("claims report")
    group.addoption(
        "--report-dir",
        default=None,
        metavar="DIR",
        help=f"folder for index.html and verdicts.json (default: {DEFAULT_FOLDER})",
    )
    group.addoption(
        "--report-force",
        action="store_true",
        help="overwrite a report that judged more claims than this run",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_claims_finished(config: pytest.Config, document: "Document") -> None:
    """Write the report; a failure becomes a line and an exit code, never a lost verdict."""
    from reports.writer import write_report

    try:
        force = config.getoption("report_force")
        config.stash[_written] = write_report(document, _folder(config), force=force)
    except (ClaimError, OSError, ImportError) as error:
        config.stash[_failure] = f"{error}"
    except Exception as error:  # noqa: BLE001 - whatever it is, the verdicts must reach the user
        config.stash[_failure] = f"{type(error).__name__}: {error}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a passing exit code into a failing one where the report could not be written."""
    if _failure in session.config.stash and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: "TerminalReporter", config: pytest.Config) -> None:
    """Say where the report is."""
    if _failure in config.stash:
        terminalreporter.write_line(f"report: not written. {config.stash[_failure]}", red=True)
    if _written in config.stash:
        written = config.stash[_written]
        if written.note:
            terminalreporter.write_line(f"report: {written.note}", yellow=True)
        terminalreporter.write_line(f"report: {_shown(written.page, config)}")


def _folder(config: pytest.Config) -> Path:
    """The folder asked for, relative to where pytest was called; else the default in the root."""
    asked = config.getoption("report_dir")
    if asked is None:
        return config.rootpath / DEFAULT_FOLDER
    return config.invocation_params.dir / asked


def _shown(page: Path, config: pytest.Config) -> str:
    try:
        return str(page.relative_to(config.invocation_params.dir))
    except ValueError:
        return str(page)
