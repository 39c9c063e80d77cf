"""The table of faults itself: every fault applies, names a real test, and is caught or is said."""

import json
from dataclasses import replace

import fault_table
import judge_on_pilots
import on_pilots
import pilot_cases
import pytest
import run_sabotage
import scratch
import written
from fault_table import MISTAKES, ROOT, Fault, FaultError, load, missing_tests
from kept import Kept

FAULTS = {fault.name: fault for fault in load()}
REPRESENTATIVE = (
    "BatchNorm does not normalise: gamma a + beta",
    "sum instead of difference of gradients",
    "the verdict is a constant",
)


def test_every_fault_still_applies():
    """Its text stands once in its file, and the file is still Python with it."""
    run_sabotage.checked(list(FAULTS.values()))


def test_every_mistake_is_planted():
    """Each mistake of public re-runs has a fault at least."""
    assert {fault.mistake for fault in FAULTS.values()} >= set(MISTAKES)


def test_the_committed_table_is_of_these_faults():
    """TABLE.md was written by a run of the faults that there are, and names no other."""
    if not run_sabotage.TABLE.exists():
        pytest.skip("no whole run of make sabotage is committed")
    rows = run_sabotage.TABLE.read_text(encoding="utf-8").partition("## Unit tests")[2]
    named = [row.split(" | ")[0].removeprefix("| ") for row in rows.splitlines() if "| `" in row]
    assert named == list(FAULTS)


@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_a_representative_fault_is_caught(name):
    """One of the science, one of a probe, one of the judge; ``make sabotage`` tries all."""
    outcome = scratch.tried(FAULTS[name])
    assert outcome.caught, outcome.output
    assert outcome.by.partition("[")[0] in FAULTS[name].caught_by


def test_a_change_that_breaks_nothing_is_not_called_caught():
    """The tests of a fault that is none pass, and it counts as missed."""
    harmless = Fault(
        name="harmless",
        file="harness/verdicts/gains.py",
        old="sign = 1.0 if endpoint.better",
        new="sign = 1.0 + 0.0 if endpoint.better",
        caught_by=("tests/harness/test_endpoints.py::test_unpaired_arms_have_no_gains",),
    )
    outcome = scratch.tried(harmless)
    assert not outcome.caught
    assert outcome.by == "nothing: all its tests passed"


@pytest.mark.parametrize(
    ("returncode", "line", "caught"),
    [
        (1, "FAILED tests/a.py::test_b[x-1] - assert 1 == 2", True),
        (1, "FAILED tests/a.py::test_b - ValueError: unpaired", True),
        (1, "FAILED tests/a.py::test_b - NameError: name 'x' is not defined", False),
        (1, "ERROR tests/a.py::test_b - fixture broke", False),
        (2, "ERROR tests/a.py - ImportError", False),
        (4, "ERROR: not found: tests/a.py::test_gone", False),
        (5, "no tests ran", False),
        (0, "3 passed", False),
    ],
)
def test_only_a_test_that_fails_for_a_reason_of_its_own_catches(returncode, line, caught):
    """A fault that is miswritten, a missing test or a broken fixture has shown nothing."""
    assert scratch.verdict_of(returncode, f"...\n{line}\n")[0] is caught


def test_what_fails_within_a_test_is_not_what_catches():
    """A test that runs pytest on a project of its own has that one's words before its own."""
    inner = "FAILED claims/toy.py::test_toy - {why}\nFAILED tests/a.py::test_b - assert 1 == 2\n"
    assert scratch.verdict_of(1, inner.format(why="Failed: no")) == (True, "tests/a.py::test_b")
    assert not scratch.verdict_of(1, inner.format(why="NameError: name 'x'"))[0]


ONE = FAULTS["the verdict is a constant"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"old": "text that is not there"}, "no longer applies: its text stands 0 times"),
        ({"old": "alpha"}, "no longer applies: its text stands"),
        ({"new": ONE.old}, "changes nothing"),
        ({"new": "    if p <= (alpha:\n"}, "is no Python"),
    ],
)
def test_a_fault_that_cannot_be_planted_is_an_error(changes, said):
    """It is said, with what to do, and never passes for caught."""
    with pytest.raises(FaultError, match=said):
        run_sabotage.checked([replace(ONE, **changes)])


@pytest.mark.parametrize("gone", ["tests/harness/gone.py::test_a", "tests/test_layout.py::test_a"])
def test_a_test_that_does_not_exist_is_an_error(gone):
    """A renamed test must not leave its faults uncaught."""
    assert missing_tests(replace(ONE, caught_by=(gone,))) == (gone,)
    with pytest.raises(FaultError, match="got no test"):
        run_sabotage.checked([replace(ONE, caught_by=(gone,))])


@pytest.mark.parametrize(
    ("row", "said"),
    [({"mistake": 15}, "expected 1 to 14"), ({"caught_by": []}, "name a test, or write one")],
)
def test_a_fault_that_says_too_little_is_refused(row, said):
    """A mistake that is none of the list, or nothing that would notice."""
    with pytest.raises(FaultError, match=said):
        Fault(**{"name": "a", "file": "b", "old": "c", "new": "d", "caught_by": ("e",)} | row)


def test_a_name_is_of_one_fault(tmp_path):
    """The table and ``-k`` find a fault by its name."""
    row = '[[fault]]\nname = "a"\nfile = "b"\nold = "c"\nnew = "d"\ncaught_by = ["e"]\n'
    (tmp_path / "1.toml").write_text(row * 2)
    with pytest.raises(FaultError, match="more than once"):
        load(tmp_path)


def test_planting_leaves_the_tree_alone():
    """What is broken is a copy, which is gone afterwards."""
    before = (ROOT / ONE.file).read_text(encoding="utf-8")
    with scratch.copy() as root:
        scratch.plant(ONE, root)
        assert ONE.new in (root / ONE.file).read_text(encoding="utf-8")
    assert (ROOT / ONE.file).read_text(encoding="utf-8") == before
    assert not root.exists()


def test_cases_of_training_name_faults_and_questions_that_exist():
    """All questions are asked of the claims themselves, with the probes that they read."""
    assert {case.fault for case in pilot_cases.CASES} <= set(FAULTS)
    laboratory = judge_on_pilots.Laboratory(ROOT, "quick")
    for name, asked in laboratory.asked.items():
        assert asked.slug == name.partition("/")[0]
        for arm in map(laboratory.lean, asked.judged_arms):
            assert asked.endpoint.metric in laboratory.bench.metrics(arm)
    assert min(pilot_cases.SEEDS + pilot_cases.OTHER_SEEDS) >= 1000


def test_a_resumed_run_takes_over_what_was_caught_and_nothing_else(tmp_path):
    """A fault that was missed is tried again, and so is one whose text changed."""
    caught = scratch.Outcome(caught=True, by="a test", wall_s=1.0)
    first, second, third = list(FAULTS.values())[:3]
    kept = Kept(tmp_path / "kept")
    kept.keep(first, caught)
    kept.keep(second, replace(caught, caught=False))
    kept.keep_answers(["questions"], {"found": 1})
    again = Kept(tmp_path / "kept", resume=True)
    assert again.find(first) == caught
    assert again.find(replace(first, new="otherwise")) is None
    assert again.find(second) is None
    assert again.find(third) is None
    assert again.find_answers(["questions"]) == {"found": 1}
    assert again.find_answers(["others"]) is None
    assert Kept(tmp_path / "kept").find(first) is None


def answer(verdict):
    return {"verdict": verdict, "kind": "", "estimate": 0.5, "ci": [0.1, 0.9], "transform": "log"}


def real(broken="REFUTED", told_apart=100, found=1600, blocks="INCONCLUSIVE"):
    """Return what training may have shown."""
    case = pilot_cases.CASES[0]
    clean = on_pilots.Answers(found={}, trained=24, wall_s=9.0)
    turn = on_pilots.Turn(question="q", clean=answer("SUPPORTED"), broken=answer(broken), must=True)
    return on_pilots.OnRealRuns(
        turns=((case, clean, (turn,)),),
        clean=clean,
        controls={
            "blocks": {"verdict": blocks, "estimate": 0.1}, "splits": 2000,
            "told_apart": told_apart, "simulated": 2000, "sd": 1.0, "effect": 5.0, "found": found,
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "good"),
    [
        ({}, True),
        ({"broken": "SUPPORTED"}, False),
        ({"broken": "INVALID"}, True),
        ({"told_apart": 300}, False),
        ({"told_apart": 0}, False),
        ({"found": 1400}, False),
        ({"blocks": "SUPPORTED"}, False),
    ],
)
def test_a_verdict_that_does_not_turn_and_a_control_that_fails_are_said(parts, good):
    """The exit code rests on them, and the lines say which."""
    assert real(**parts).good is good
    assert any(line.startswith("MISSED") for line in real(**parts).lines()) is not good


def test_the_table_says_what_was_missed():
    """In bold, in its row; numbers on a log scale are factors."""
    missed = scratch.Outcome(caught=False, by="nothing: all its tests passed", wall_s=1.0)
    text = written.table([(ONE, missed)], real("SUPPORTED"), missed, "under load")
    assert "0 of 1 faults were caught" in text
    assert "**nothing: all its tests passed**" in text
    assert "| **NO** |" in text
    assert "SUPPORTED: 1.65 times (1.11 to 2.46)" in text
    assert "was not part of it" not in text
    assert "was not part of it" in written.table([(ONE, missed)], None, missed, "")
    assert json.dumps(fault_table.MISTAKES[9])[1:-1] in text
