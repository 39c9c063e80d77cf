"""The benchmark of the linear network: what is divided by what, and compiling where it can be."""

import time

import pytest
import torch

from models import dln_benchmark
from models.bench import VisionBench
from models.dln_benchmark import StepTimes


def seconds(block, device):
    """Return the wall time of a block."""
    started = time.perf_counter()
    block()
    return time.perf_counter() - started


def measured(**rule):
    """Time single steps of everything, once."""
    return dln_benchmark.step_times(
        VisionBench("quick"), "cpu", steps=1, rounds=1, seconds=seconds, **rule
    )


@pytest.mark.parametrize(("end_at", "rounds"), [(float("inf"), 2), (float("-inf"), 1)])
def test_no_round_but_the_first_begins_when_time_is_up(end_at, rounds):
    """Every block was run once, and has a time."""
    found = dln_benchmark.step_times(
        VisionBench("quick"), "cpu", steps=1, rounds=2, seconds=lambda *_: 1.0, end_at=end_at
    )
    assert {len(times) for times in found.times.values()} == {rounds}


def test_loops_are_divided_by_the_batch_and_by_the_batch_compiled():
    """Eager by compiled, too; norms that were not compiled have their loops alone."""
    names = ("dln l1", "dln l1, ten loops", "dln batch", "dln batch, ten bare loops")
    times = {name: [1.0] for name in (*names, "dln batch, compiled")}
    found = StepTimes(times=times, compile_core_s={"dln batch": 40.0}).pairs()
    assert found == [
        ("dln l1, ten loops", "dln l1"),
        ("dln batch, ten bare loops", "dln batch"),
        ("dln batch, ten bare loops", "dln batch, compiled"),
        ("dln batch", "dln batch, compiled"),
    ]


def test_compiling_is_weighed_against_what_it_saves():
    """Median milliseconds per step over a run's steps, beside its core-seconds."""
    times = {"dln batch": [2.0, 1.5, 9.0], "dln batch, compiled": [0.5, 0.5, 7.0]}
    found = StepTimes(times=times, compile_core_s={"dln batch": 40.0}).compiling(2_000, 10_000)
    assert found == {
        "dln batch: compiling, core-s": 40.0,
        "dln batch: saved in 2,000 steps, s": pytest.approx(3.0),
        "dln batch: saved in 10,000 steps, s": pytest.approx(15.0),
    }


def test_without_a_compiler_the_rest_is_timed_and_it_says_so(monkeypatch):
    """Nothing is compiled, whatever is asked for."""
    monkeypatch.setattr(dln_benchmark, "compiler", lambda: None)
    found = measured(compile_norms=("batch",))
    assert not any("compiled" in name for name in found.times)
    assert "dln linf, ten loops" in found.times
    assert found.compiling(1, 2) == {"not measured": found.note}
    assert "no C++ compiler" in found.note


def test_norms_that_are_asked_for_are_compiled(monkeypatch):
    """One block more each, of the computation that training does; compiling itself is stood in."""
    asked = []

    def stand_in(function, **options):
        asked.append((function.__name__, options))
        return function

    monkeypatch.setattr(torch, "compile", stand_in)
    monkeypatch.setattr(dln_benchmark, "compiler", lambda: "g++")
    found = measured(compile_norms=("batch", "l2"))
    assert asked == [("evaluate", {"dynamic": False})] * 2
    assert set(found.compile_core_s) == {"dln batch", "dln l2"}
    assert {"dln batch, compiled", "dln l2, compiled"} <= set(found.times)


def test_the_compiler_is_that_of_the_environment(monkeypatch):
    """CXX first, else g++ or clang++; none where the path holds none."""
    monkeypatch.setenv("CXX", "no-such-compiler")
    monkeypatch.setenv("PATH", "/nowhere")
    assert dln_benchmark.compiler() is None
