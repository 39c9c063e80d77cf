"""A session that is given less time than its plan takes: nothing judged, nothing lost."""

import re
from collections import Counter
from functools import partial

import pytest
from toy_projects import text_of

from harness.errors import OptionError
from harness.families.settings import Settings, parse_seconds
from harness.hooks import stopping

SLOW = 'toy(name="up", accuracy=80.0, slow=0.2)'
LINE = re.compile(r"stopped: (\d+) of 20 runs are in the store, nothing was judged; the same")


def stored(project):
    return len(list((project.root / ".claims" / "runs").glob("*/*.json")))


@pytest.mark.parametrize("workers", [None, "2"])
def test_a_session_out_of_time_judges_nothing_and_another_goes_on(project, workers):
    """No test runs, no document, exit 7, runs counted; the next trains the rest, none twice."""
    project.claim(treatment=SLOW)
    run = partial(project.start, "-n", workers) if workers else project.run
    result = run("--stop-after", "0.9")
    assert result.ret == stopping.EXIT_CODE == 7
    assert "INTERNALERROR" not in text_of(result)
    assert "SUPPORTED" not in text_of(result)
    assert not (project.root / "document.json").exists()
    (said,) = LINE.findall(text_of(result))
    assert int(said) == stored(project) == len(project.trained) < 20
    assert run().ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}
    assert set(Counter((name, seed) for name, seed, _ in project.trained).values()) == {1}
    assert len(project.trained) == 20


def test_what_was_trained_in_time_has_the_same_seeds_in_both_arms(project):
    """Runs of a plan that is cut short are pairs: seeds go outermost."""
    project.claim(treatment=SLOW, control='toy(name="plain", slow=0.05)')
    project.run("--stop-after", "0.5")
    by_arm = Counter(name for name, *_ in project.trained)
    assert by_arm["up"] - by_arm["plain"] in (0, 1)
    assert [seed for _, seed, _ in project.trained] == sorted(s for _, s, _ in project.trained)


def test_a_plan_that_is_finished_in_time_is_judged(project):
    """The limit concerns training alone: a full store is judged whatever it is."""
    project.claim()
    assert project.run("--stop-after", "3600").ret == 0
    assert project.run("--stop-after", "0").ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


def test_no_time_at_all_trains_nothing(project):
    """With a limit of 0 every run is left, and no board stays behind."""
    project.claim()
    result = project.run("--stop-after", "0")
    assert result.ret == stopping.EXIT_CODE
    assert "stopped: 0 of 20 runs" in text_of(result)
    assert project.trained == []
    assert list((project.root / ".claims" / "sessions").glob("*")) == []


def test_workers_share_the_sessions_start(project):
    """The clock runs from when the main process began, not from when a worker did."""
    (project.root / "conftest.py").write_text(
        (project.root / "conftest.py").read_text()
        + "\nimport os, time\nif os.environ.get('PYTEST_XDIST_WORKER'): time.sleep(1.0)\n"
    )
    project.claim()
    result = project.start("-n", "1", "--stop-after", "1.0")
    assert result.ret == stopping.EXIT_CODE
    assert project.trained == []


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan", "inf", "1h"])
def test_a_limit_that_is_none_is_refused(text):
    """Got and expected."""
    with pytest.raises(OptionError, match="--stop-after: got"):
        parse_seconds(text)


def test_seconds_are_read():
    """Whole or not; none is no limit."""
    assert (parse_seconds("90"), parse_seconds("0.5"), parse_seconds(None)) == (90.0, 0.5, None)


def test_a_limit_on_nothing_is_refused():
    """--judge-only trains nothing."""
    with pytest.raises(OptionError, match="--stop-after: got it with --judge-only"):
        Settings(stop_after=1.0, judge_only=True)


def test_the_exit_code_is_not_pytests():
    """Pytest counts on; a version that takes this code must be noticed."""
    assert stopping.EXIT_CODE not in {int(code) for code in pytest.ExitCode}
