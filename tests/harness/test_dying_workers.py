"""Workers that die before there is a test to run: replaced, or a clear end; never a false pass."""

from types import SimpleNamespace

import pytest
from toy_projects import text_of

from harness.hooks.crashes import Crashes
from harness.hooks.session import SESSION

DIES = """
import os, signal, time

WORKER = os.environ.get("PYTEST_XDIST_WORKER")
WHO, WHEN = os.environ["DIES"].split()


def die(when):
    if WORKER and when == WHEN and WHO in (WORKER, "every"):
        os.kill(os.getpid(), signal.SIGKILL)


def pytest_collection_modifyitems():
    die("in-collection")


import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    die("collected")


def pytest_runtest_setup(item):
    die("testing")


def pytest_xdist_node_collection_finished():
    time.sleep(0.5)  # until the one that has collected is dead: its pipe is closed
"""

BREAKS = """
import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    if os.environ["BREAKS"] == "raises":
        raise RuntimeError("a broken plugin")
    return True  # as if it had run
"""


@pytest.fixture
def dying(project, monkeypatch):
    """Return a function that runs a session whose workers die: "gw0 collected", "every testing"."""
    conftest = project.root / "conftest.py"
    conftest.write_text(conftest.read_text() + DIES)
    project.claim()

    def run(who, *options):
        monkeypatch.setenv("DIES", who)
        return project.start(*options)

    return run


@pytest.mark.parametrize("who", ["gw0 collected", "gw0 in-collection"])
def test_a_worker_that_dies_before_it_has_a_test_is_replaced(project, dying, who):
    """The controller finds its pipe closed: no internal error, the replacement does the work."""
    result = dying(who, "-n", "1")
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


@pytest.mark.parametrize("when", ["in-collection", "collected", "testing"])
def test_workers_that_always_die_end_in_a_clear_error(project, dying, when):
    """No verdict is not a pass: exit 1, with what to do, where xdist alone would say 0, 3 or 5."""
    result = dying(f"every {when}", "-n", "1", "--max-worker-restart", "1")
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 1
    not_run = "1 of 1 tests were not run"
    not_run = "none had collected its tests" if when == "in-collection" else not_run
    assert f"no verdict: 2 workers died, and {not_run}; run once without -n" in text_of(result)


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(("how", "code"), [("raises", 3), ("swallows", 1)])
def test_tests_that_were_not_run_are_no_pass(project, monkeypatch, workers, how, code):
    """Where every worker breaks xdist alone may end with 0 and "no tests ran"."""
    conftest = project.root / "conftest.py"
    conftest.write_text(conftest.read_text() + BREAKS)
    monkeypatch.setenv("BREAKS", how)
    project.claim()
    result = project.start("-n", workers)
    assert result.ret == code
    if how == "swallows":
        said = "no verdict: 1 of 1 tests were not run, and nothing says why; run once without -n"
        assert said in text_of(result)


def test_the_line_of_an_internal_error_says_how_many_tests_were_not_run():
    """Of two tests one has ended; xdist reports the error of the worker, and would exit with 0."""
    settings = SimpleNamespace(plan=False)
    claims = SimpleNamespace(notices=[], settings=settings, left=None)
    config = SimpleNamespace(stash={SESSION: claims}, option=SimpleNamespace(collectonly=False))
    session = SimpleNamespace(testscollected=2, exitstatus=pytest.ExitCode.OK, config=config)
    crashes = Crashes()
    crashes.pytest_internalerror()
    crashes.pytest_runtest_logreport(SimpleNamespace(when="teardown", nodeid="a"))
    crashes.pytest_sessionfinish(session)
    assert session.exitstatus == 3
    said = "an internal error, whose traceback is above, and 1 of 2 tests were not run"
    assert claims.notices == [f"no verdict: {said}"]


@pytest.mark.parametrize("option", ["--collect-only", "--plan"])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_runs_no_test_passes(project, workers, option):
    """A session that was asked to run none has left none out."""
    project.claim()
    result = project.start(option, "-n", workers)
    assert result.ret == 0
    assert "no verdict" not in text_of(result)
