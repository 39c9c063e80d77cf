"""The pytest plugin: hooks that forward, and nothing else."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ClaimError
from harness.hooks import announcing, collecting, crashes, judge_fixture, options, outcomes, phase
from harness.hooks.session import MAIN, SESSION, ClaimSession


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hook that announces finished verdicts."""
    from harness import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the harness and of the benches at hand."""
    try:
        options.add_options(parser)
    except ClaimError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Plan in one process: nothing is trained, so there is nothing to share."""
    if config.getoption("--plan") and hasattr(config.option, "numprocesses"):
        config.option.numprocesses = 0


def pytest_configure(config: pytest.Config) -> None:
    """Make the session's state. Wrong options end the run before anything is collected."""
    sent: dict[str, Any] = getattr(config, "workerinput", {})
    try:
        settings = options.settings_from(config)
        options.check_distribution(config)
        session = ClaimSession(
            settings,
            config.rootpath,
            session_id=sent.get("claims_session"),
            worker=sent.get("workerid", MAIN),
            started_ns=sent.get("claims_started_ns"),
        )
        config.stash[SESSION] = session
        phase.check_environment(session, phase.asked_families(config, Path.cwd()))
    except ClaimError as error:
        raise pytest.UsageError(str(error)) from error
    phase.register_listeners(config, session)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which scale runs where, and what -n would gain."""
    return phase.header(config, config.stash[SESSION])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which session it belongs to; a death between two messages is no error."""
    crashes.forgive_closed_pipes(node)
    claims = node.config.stash[SESSION]
    node.workerinput |= {"claims_session": claims.id, "claims_started_ns": claims.started_ns}


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport, sched: Any) -> None:
    """Give the test of a worker that died to another one."""
    crashes.reschedule(crashitem, report, sched)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Name the reports of tests that run again."""
    return ("rerun", "R", "RERUN") if report.outcome == "rerun" else None  # type: ignore[comparison-overlap]


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """Collect files beside a family.toml as claims."""
    return collecting.make_module(module_path, parent)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a claim's test once for each cell."""
    collecting.parametrise(metafunc)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the claims that only --full runs."""
    collecting.deselect_full(config.stash[SESSION], config, items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Train what the collected tests need before the first of them judges."""
    return phase.before_tests(session)


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return the function that judges a claim: ``judge(CLAIM)`` or ``judge(CLAIM, cell)``."""
    return judge_fixture.Judge(request.node)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Load the runs that a test's verdict needs; a missing one is an error, not a failure."""
    judge_fixture.load_runs(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Set a claim test's outcome from its verdict and the ledger."""
    outcomes.note_error(item, call)
    report = yield
    return outcomes.with_outcome(item, report)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Make the documents of the families that were judged and announce them."""
    announcing.finish(session)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table of claims."""
    announcing.print_table(terminalreporter, config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the boards down once more: workers that were interrupted may have written since."""
    announcing.take_down(config)
