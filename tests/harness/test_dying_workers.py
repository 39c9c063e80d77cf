"""Workers that die before there is a test to run: replaced, or a clear end; never a false pass."""

import pytest
from toy_projects import text_of

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
