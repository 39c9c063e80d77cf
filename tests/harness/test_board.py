"""The board on which a session's processes tell each other what they do, and its display."""

import os
import time
from pathlib import Path

import pytest
from toy_bench import ToyBench, toy

from harness.hooks.display import _seconds_left, duration, plan_lines, progress_line
from harness.runs.board import OLD_AFTER_S, WAITS_FOR_S, Boards
from harness.runs.keys import KeyMaker
from harness.runs.training import plan_rows

FAMILY = Path("/claims/toy_2020")


class EmptyStore:
    def has_job(self, job):
        return False


@pytest.fixture
def board(tmp_path):
    return Boards(tmp_path, "session").of(FAMILY)


@pytest.fixture
def jobs():
    keys = KeyMaker(ToyBench(scale="desk", options={}))
    return keys.jobs(toy(slow=10.0), range(4))


def test_the_first_plan_stands(board, jobs):
    """Every process posts the same plan; the one that is there is kept."""
    assert board.plan() is None
    board.post_plan([{"job": "a"}])
    board.post_plan([{"job": "b"}])
    assert board.plan() == [{"job": "a"}]


def test_attempts_are_counted_for_each_job(board, jobs):
    """An attempt that begins learns how many there were before."""
    assert [board.begin(jobs[0]) for _ in range(3)] == [0, 1, 2]
    assert board.begin(jobs[1]) == 0


def test_no_line_before_the_plan_and_after_the_last_job(board, jobs):
    """Progress is shown while something is left, also when what is left has failed."""
    assert progress_line(board) is None
    board.post_plan(plan_rows(jobs[:2], EmptyStore()))
    assert progress_line(board).startswith("training: 0 of 2 jobs done, about 20 s left")
    board.trained(jobs[0], "gw0", 10.0)
    assert progress_line(board).startswith("training: 1 of 2 jobs done")
    board.failed(jobs[1], "broken")
    assert progress_line(board) is None


def test_the_line_says_what_trains_now(board, jobs):
    """Label, seed and share of the job in flight."""
    board.post_plan(plan_rows(jobs, EmptyStore()))
    assert progress_line(board).endswith("now nothing")
    board.heartbeat("gw0", jobs[1], "cpu", 25, 100)
    assert progress_line(board).endswith("now toy plain seed 1 25%")
    board.heartbeat("gw0", jobs[1], "cpu", 0, 0)  # a bench may not know how long it takes
    assert progress_line(board).endswith("now toy plain seed 1 0%")


def test_the_time_left_is_that_of_the_job_in_flight(board, jobs):
    """Four jobs of 10 s: half of the first took 50 s, so 350 s are left and not 35."""
    board.post_plan(plan_rows(jobs, EmptyStore()))
    board.begin(jobs[1])
    (begun,) = (board.folder / "tried").iterdir()
    os.utime(begun, (time.time() - 50, time.time() - 50))
    board.heartbeat("gw0", jobs[1], "cpu", 50, 100)
    assert "about 6 min left" in progress_line(board)


def test_the_line_says_that_every_card_is_taken(board, jobs):
    """Workers of another session have them; one that asked long ago waits no more."""
    board.post_plan(plan_rows(jobs, EmptyStore()))
    for worker in ("gw0", "gw1", "gw2"):
        board.waits(worker)
    gone = time.time() - WAITS_FOR_S - 1
    os.utime(board.folder / "waiting" / "gw2", (gone, gone))
    assert progress_line(board).endswith("now nothing: 2 waiting for a card that others use")
    board.heartbeat("gw3", jobs[1], "cuda:1", 25, 100)
    assert progress_line(board).endswith("now toy plain seed 1 25% on cuda:1")


def test_the_note_of_a_worker_that_died_is_outdated_by_the_next(board, jobs):
    """A killed worker leaves its heartbeat: once another has its job, it no longer counts."""
    board.post_plan(plan_rows(jobs, EmptyStore()))
    board.heartbeat("gw0", jobs[0], "cpu", 90, 100)
    board.heartbeat("gw1", jobs[0], "cpu", 10, 100)
    assert [note["done"] for note in board.in_flight()] == [10]
    board.trained(jobs[0], "gw1", 1.0)
    assert board.in_flight() == []


def test_the_note_of_a_worker_that_died_is_outdated_by_another_session(board, jobs):
    """What that one has trained is found in the store: nobody here trains it any more."""
    board.post_plan(plan_rows(jobs, EmptyStore()))
    board.heartbeat("gw0", jobs[0], "cpu", 90, 100)
    board.found(jobs[0])
    assert board.in_flight() == []
    assert progress_line(board) == "training: 0 of 3 jobs done, about 30 s left; now nothing"


@pytest.mark.parametrize(
    ("walls", "done", "took_s", "workers", "left_s"),
    [
        ([], 0.0, 0.0, 0, 40.0),  # nothing known: what was expected
        ([10.0], 0.0, 1.0, 1, 30.0),  # as expected
        ([20.0], 0.0, 1.0, 1, 60.0),  # twice as slow as expected
        ([10.0], 0.5, 5.0, 1, 25.0),  # half of one in flight
        ([10.0], 0.5, 5.0, 2, 10.0),  # two in flight, each half done
        ([5.0, 5.0, 5.0], 1.0, 5.0, 1, 0.0),
        ([], 0.5, 50.0, 1, 350.0),  # ten times as slow, and none has ended yet
        ([], 0.5, 50.0, 2, 150.0),
        ([10.0], 0.5, 20.0, 1, 50.0),  # 10 s, then 20 s for half of one: 30 s for 1.5 jobs
        ([], 0.0, 50.0, 1, 40.0),  # in flight and nowhere yet: it says nothing
    ],
)
def test_time_left(jobs, walls, done, took_s, workers, left_s):
    """Four jobs of 10 s: what is left at the pace up to now, shared by those that train."""
    rows = {row["job"]: row for row in plan_rows(jobs, EmptyStore())}
    trained = {jobs[i].name: {"wall_s": wall} for i, wall in enumerate(walls)}
    now = {"done": done * 8, "total": 8, "took_s": took_s}
    flying = [{"job": jobs[-1 - i].name} | now for i in range(workers)]
    assert _seconds_left(rows, trained, flying) == pytest.approx(left_s)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (5399, "90 min"),
                          (5400, "1.5 h"), (36000, "10.0 h")],
)  # fmt: skip
def test_durations_are_for_readers(seconds, text):
    """Seconds, minutes or hours."""
    assert duration(seconds) == text


def test_the_plan_sums_runs_not_jobs():
    """Blocks of seeds count as the runs that they are, in both columns."""
    rows = [
        {"job": "a", "label": "x", "seeds": [0, 1, 2], "estimate_s": 30.0, "stored": False},
        {"job": "b", "label": "x", "seeds": [3, 4], "estimate_s": 20.0, "stored": True},
        {"job": "c", "label": "y", "seeds": [0], "estimate_s": 100.0, "stored": False},
    ]
    text = "\n".join(plan_lines(rows))
    assert "x: 3 to train, 2 in the store, 30 s" in text
    assert "y: 1 to train, 0 in the store, 100 s" in text
    assert text.endswith("4 runs to train, about 2 min on one core")
    assert plan_lines([])[-1] == "  0 runs to train, about 0 s on one core"
    assert plan_lines(rows, "card")[0].endswith("seconds expected on one card")
    assert plan_lines([], "card")[-1] == "  0 runs to train, about 0 s on one card"


def test_a_board_is_taken_down_with_those_left_long_ago(tmp_path, board, jobs):
    """Boards of killed sessions go after a week; those of sessions that may live stay.

    A live one's own folder stands still while notes are written further below.
    """
    board.begin(jobs[0])
    old, young = Boards(tmp_path, "old"), Boards(tmp_path, "young")
    for other in (old, young):
        other.of(FAMILY).begin(jobs[0])
        of_long_ago(other.folder)
    young.of(FAMILY).heartbeat("gw0", jobs[0], "cpu", 1, 8)
    Boards(tmp_path, "session").take_down()
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == ["young"]


def of_long_ago(folder):
    """Let nothing have changed in a folder for more than a week."""
    long_ago = time.time() - OLD_AFTER_S - 60
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (long_ago, long_ago))


def test_a_session_that_only_reads_takes_nothing_down(project):
    """The store that it judges may be shared, with a board that only its owner knows."""
    project.claim()
    assert project.run().ret == 0
    boards = Boards(project.root / ".claims", "old")
    boards.of(FAMILY).post_plan([{"job": "a"}])
    of_long_ago(boards.folder)
    for only_reads in ("--judge-only", "--plan", "--collect-only"):
        assert project.run(only_reads).ret == 0
        assert boards.folder.exists()
    next((project.root / ".claims" / "runs").rglob("*.json")).unlink()
    assert project.run().ret == 0  # it trains that run again
    assert not boards.folder.exists()


def test_a_board_that_another_session_takes_down_meanwhile_does_no_harm(
    tmp_path, board, jobs, monkeypatch
):
    """Between listing and looking a folder may vanish."""
    board.begin(jobs[0])
    gone = type(tmp_path)(tmp_path / "sessions" / "gone")
    monkeypatch.setattr(type(tmp_path), "glob", lambda self, pattern: iter([gone]))
    Boards(tmp_path, "session").take_down()


def test_families_of_one_session_have_their_own_boards(tmp_path, jobs):
    """Each its plan, its attempts and its failures; one line sums them, and ends with both."""
    boards = Boards(tmp_path, "session")
    first, second = boards.of(FAMILY), boards.of(FAMILY.parent / "toy_2021")
    first.post_plan(plan_rows(jobs[:1], EmptyStore()))
    second.post_plan(plan_rows(jobs[1:4], EmptyStore()))
    assert [len(board.plan()) for board in boards.posted()] == [1, 3]
    assert progress_line(*boards.posted()).startswith("training: 0 of 4 jobs done, about 40 s left")
    first.trained(jobs[0], "gw0", 10.0)
    second.heartbeat("gw1", jobs[1], "cpu", 1, 2)
    assert progress_line(*boards.posted()) == (
        "training: 1 of 4 jobs done, about 25 s left; now toy plain seed 1 50%"
    )
    assert progress_line(first) is None
    second.failed(jobs[1], "broken")
    for job in jobs[2:]:
        second.trained(job, "gw1", 10.0)
    assert progress_line(*boards.posted()) is None


def test_two_folders_of_one_name_have_two_boards(tmp_path):
    """The name is for a reader; the path tells them apart."""
    boards = Boards(tmp_path, "session")
    assert boards.of(Path("/a/toy")).folder != boards.of(Path("/b/toy")).folder


def test_what_another_session_trained_is_not_left(board, jobs):
    """A job that was found in the store is no longer to be trained; one trained here stays ours."""
    board.post_plan(plan_rows(jobs[:3], EmptyStore()))
    board.found(jobs[0])
    assert progress_line(board).startswith("training: 0 of 2 jobs done, about 20 s left")
    board.trained(jobs[1], "gw0", 10.0)
    board.found(jobs[1])
    assert board.all_found() == {jobs[0].name}
    board.found(jobs[2])
    assert progress_line(board) is None


def test_a_plan_that_has_grown_is_posted_beside_the_first(board):
    """Claims with looks go on: the new jobs are added, and the first rows stand as they were."""
    board.post_plan([{"job": "a", "stored": False}])
    board.post_plan([{"job": "a", "stored": True}, {"job": "b", "stored": False}])
    assert board.plan() == [{"job": "a", "stored": False}, {"job": "b", "stored": False}]
