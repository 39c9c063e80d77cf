"""The pytest plugin that writes the report when the claims are finished."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import ClaimError

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from reports.document import Document
    from reports.writer import Written

DEFAULT_FOLDER = "reports/out"

_written = pytest.StashKey[list["Written"]]()
_failures = pytest.StashKey[list[str]]()
_papers = pytest.StashKey[list[str]]()


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


def pytest_configure(config: pytest.Config) -> None:
    """Start with nothing written. A folder asked for that cannot be one ends the run at once."""
    config.stash[_written], config.stash[_failures], config.stash[_papers] = [], [], []
    if config.getoption("report_dir") is not None and not hasattr(config, "workerinput"):
        _check_folder(_folder(config))


@pytest.hookimpl(optionalhook=True)
def pytest_claims_finished(config: pytest.Config, document: "Document") -> None:
    """Write the report; a failure becomes a line and an exit code, never a lost verdict."""
    try:
        config.stash[_written].append(_report(config, document))
    except (ClaimError, OSError) as error:
        config.stash[_failures].append(str(error))
    except Exception as error:
        config.stash[_failures].append(f"{type(error).__name__}: {error}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Turn a passing exit code into a failing one where the report could not be written."""
    yield  # outermost, so that whoever announces the verdicts has done so
    if session.config.stash.get(_failures, []) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: "TerminalReporter", config: pytest.Config) -> None:
    """Say where the report is."""
    for failure in config.stash.get(_failures, []):
        terminalreporter.write_line(f"report: not written. {failure}", red=True)
    for written in config.stash.get(_written, []):
        if written.note:
            terminalreporter.write_line(f"report: {written.note}", yellow=True)
        terminalreporter.write_line(f"report: {_shown(written.page, config)}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say a failure again as the last line of all, where nobody misses it."""
    terminal = config.pluginmanager.getplugin("terminalreporter")
    for failure in config.stash.get(_failures, []):
        terminal.write_line(f"report: not written. {failure}", red=True)


def _report(config: pytest.Config, document: "Document") -> "Written":
    from reports.writer import write_report

    folder = _place(_folder(config), document["family"], config.stash[_papers])
    return write_report(document, folder, force=config.getoption("report_force"))


def _place(folder: Path, family: Mapping[str, Any], papers: list[str]) -> Path:
    """Return where a family's report goes: into the folder itself, or one of its own below it.

    The folder stays with the paper whose report lies there, and an empty one goes to the first
    paper of the session, so that no further paper, run alone or earlier in the alphabet, takes the
    page away. ``papers`` holds the paper that has it in this session.
    """
    slug: str = family["slug"]
    if family.get("study") or (papers or _owner(folder) or [slug])[0] != slug:
        return folder / slug
    papers[:] = [slug]
    return folder


def _owner(folder: Path) -> list[str]:
    """Return the slug of the family whose report lies in a folder, none where there is none."""
    from reports.document import DocumentError, load_document
    from reports.writer import DOCUMENT_NAME

    try:
        return [load_document(folder / DOCUMENT_NAME)["family"]["slug"]]
    except (DocumentError, LookupError, TypeError):
        return []  # an unreadable report is nobody's


def _folder(config: pytest.Config) -> Path:
    """Return the folder asked for, from where pytest was called; else the default in the root."""
    asked: str | None = config.getoption("report_dir")
    if asked is None:
        return config.rootpath / DEFAULT_FOLDER
    return Path(config.invocation_params.dir, asked)


def _check_folder(folder: Path) -> None:
    """Raise UsageError where no report could be written, before hours of training end in one.

    Asking for permissions is not enough: what is made here is taken away again.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise pytest.UsageError(
            f"--report-dir: got {folder}, which cannot be written ({error}); expected a folder "
            "that is there or can be made; give another"
        ) from error
    finally:
        for path in made:  # the deepest first
            with suppress(OSError):  # it could not be made, or another session writes there
                path.rmdir()


def _shown(page: Path, config: pytest.Config) -> str:
    try:
        return str(page.relative_to(config.invocation_params.dir))
    except ValueError:
        return str(page)
