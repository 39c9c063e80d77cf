"""How many seeds and processes share a card: rates told apart, the choice, what fails."""

import multiprocessing
import time

import pytest

from harness.errors import ClaimError
from models import benchmark
from models.bench import VisionBench
from models.benchmarks import sharing
from models.benchmarks.rounds import Spread
from models.benchmarks.sharing import Crew, CrewError, Plan, Sharing

QUICK = VisionBench("quick")


def plan(**changes):
    given = {
        "device": "cpu", "bench_options": {}, "seeds": (1, 2), "processes": (1, 2),
        "steps": 4, "few": 1, "rounds": 2, "end_at": float("inf"),
    }  # fmt: skip
    return Plan(**(given | changes))


def rates(**by_words):
    """p1s5=200.0: one process, five seeds."""
    return {
        Sharing(int(name[1]), int(name[3:])): Spread.of([value]) for name, value in by_words.items()
    }


def test_pairs_come_with_the_least_first():
    """Each once, by the runs that train at once, then by processes."""
    pairs = plan(seeds=(5, 1, 1), processes=(2, 1)).pairs()
    assert pairs == [Sharing(1, 1), Sharing(2, 1), Sharing(1, 5), Sharing(2, 5)]
    assert str(Sharing(2, 5)) == "2 processes, 5 seeds together"
    assert str(Sharing(1, 1)) == "1 process, 1 seed"


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        (rates(p1s1=100.0, p1s5=150.0, p2s5=140.0), Sharing(1, 5)),
        (rates(p1s1=100.0, p1s5=102.9, p1s10=103.0), Sharing(1, 1)),
        (rates(p1s1=96.9, p1s5=100.0), Sharing(1, 5)),
        (rates(p1s2=100.0, p2s1=100.0), Sharing(1, 2)),
        (rates(p2s1=100.0, p1s4=100.0), Sharing(2, 1)),
        (rates(p2s5=1.0), Sharing(2, 5)),
    ],
)
def test_the_fastest_is_chosen_or_the_least_that_is_hardly_slower(found, chosen):
    """Within 3 %; of equal runs one process."""
    assert sharing.chosen(found) == chosen


def test_a_job_takes_all_steps_of_its_seeds_beside_the_others():
    """15,000 steps of ten runs at 1,000 a second in all: 150 s; an arm twice as dear takes 300."""
    paper, rate = VisionBench("paper"), Spread.of([1000.0])
    assert sharing.job_s(paper, plan(), Sharing(2, 5), rate) == pytest.approx(150)
    assert sharing.job_s(paper, plan(dearest=2.0), Sharing(2, 5), rate) == pytest.approx(300)


def test_no_way_is_named_whose_jobs_take_too_long(monkeypatch):
    """Of two seeds together twice as fast; none where even one seed takes too long."""
    monkeypatch.setattr(sharing, "_block", lambda *_: lambda: None)
    found = {Sharing(1, 1): Spread.of([100.0]), Sharing(1, 2): Spread.of([190.0])}
    monkeypatch.setattr(sharing, "_rate", lambda pair, *_, **__: found[pair])
    steps = QUICK.scale.steps
    for most_s, seeds in ((steps / 90, "2"), (steps / 98, "1"), (steps / 200, None)):
        shared = sharing.measure(QUICK, plan(processes=(1,), longest_job_s=most_s))
        assert shared["options"].get("--seeds-together") == seeds
    assert list(benchmark.table({"sharing": shared}))[-1].startswith("fastest: none")


@pytest.mark.parametrize(
    ("found", "dearest"),
    [
        ({"batch": 100.0, "noisy-batch": 150.0, "none": 80.0}, 1.5),
        ({"batch": 100.0, "none": 80.0}, 1.0),
        ({"noisy-batch": 150.0}, 1.0),
        ({}, 1.0),
    ],
)
def test_the_dearest_arm_is_known_by_what_the_benchmark_found(found, dearest):
    """By BatchNorm's, where both were measured."""
    figures = {"vision": {"arms": {norm: {"ten_seeds_s": of} for norm, of in found.items()}}}
    args = benchmark.parser().parse_args(["--compare-seeds", "1", "--longest-job", "330"])
    made = benchmark.sharing_plan_of(args, figures, 0.0)
    assert (made.dearest, made.longest_job_s) == (dearest, 330.0)


def test_a_rate_counts_all_runs_and_no_start():
    """A start of 3 s, and 2 s for 10 steps of 6 runs: 30 a second. What is not told is left out."""
    pair = Sharing(2, 3)
    seconds = {f"{pair} few": [3.0, 3.0, 4.0], f"{pair} more": [5.0, 7.0, 4.0]}
    rate = sharing._rate(pair, seconds, steps=10)
    assert (rate.low, rate.high, rate.n) == (15.0, 30.0, 2)
    assert sharing._rate(pair, {f"{pair} few": [3.0], f"{pair} more": [2.0]}, steps=10) is None


def test_probes_are_taken_as_often_as_the_scale_takes_them(monkeypatch):
    """BatchNorm with its probes; pilot seeds, and each process its own."""
    asked = []

    def train(self, arm, seeds, device, progress):
        asked.append((self.scale.probe_every, self.scale.steps, bool(arm["probes"]), list(seeds)))

    monkeypatch.setattr(VisionBench, "train", train)
    for first in (1000, 1002):
        sharing._training(VisionBench("paper"), "cpu", 2, 205, first)()
    assert asked == [(100, 205, True, [1000, 1001]), (100, 205, True, [1002, 1003])]


def test_processes_of_their_own_train_at_once():
    """Two that are spawned, on a CPU, and none is left behind."""
    found = sharing.measure(QUICK, plan(seeds=(1,)))
    assert set(found["steps_per_s"]) <= {"1 process, 1 seed", "2 processes, 1 seed"}
    assert found["failed"] == {}
    assert all(of["median"] > 0 for of in found["steps_per_s"].values())
    assert multiprocessing.active_children() == []


def test_what_a_process_could_not_is_said_by_the_one_that_measures():
    """The pair is left out with the reason, and the others are measured."""
    broken = plan(seeds=(1,), bench_options={"--precision": "tf32"}, steps=20)
    found = sharing.measure(QUICK, broken)
    assert "expected fp32" in found["failed"]["2 processes, 1 seed"]
    assert found["options"] == {"--seeds-together": "1", "--processes-per-card": "1"}


def test_a_process_that_is_killed_ends_in_words():
    """As one is that a machine had no memory for."""
    with Crew("quick", plan(), 2) as crew:
        crew._members[1][0].kill()
        crew._members[1][0].join()
        with pytest.raises(CrewError, match="a process ended"):
            crew.train(1, 1)


def test_a_process_that_does_not_answer_ends_in_words(monkeypatch):
    """Rather than never."""
    monkeypatch.setattr(sharing, "ANSWER_S", 0.01)
    started = time.monotonic()
    with Crew("quick", plan(), 2) as crew, pytest.raises(CrewError, match="within 0 s"):
        crew.train(1, 10_000)
    assert time.monotonic() - started < 60


def test_a_pair_that_fails_later_ends_the_comparison(monkeypatch):
    """Nothing is chosen of half of the rounds; the benchmark's other parts go on."""
    calls = []

    def block(*args):
        def train():
            calls.append(args)
            if len(calls) > 3:
                raise ClaimError("out of memory")

        return train

    monkeypatch.setattr(sharing, "_block", block)
    found = sharing.measure(QUICK, plan(processes=(1,)))
    assert found == {"not measured": "out of memory"}
    assert list(benchmark.table({"sharing": found})) == ["sharing not measured: out of memory"]


def test_the_table_names_the_options_to_use():
    """Rates with their spread, what failed, and the words for the command line."""
    found = {
        "steps_per_s": {"1 process, 5 seeds together": {"median": 800.0, "low": 790.0,
                                                        "high": 810.0, "n": 3}},
        "job_s": {"1 process, 5 seeds together": 93.75},
        "failed": {"2 processes, 5 seeds together": "memory: got too little"},
        "options": {"--seeds-together": "5", "--processes-per-card": "1"},
    }  # fmt: skip
    assert list(benchmark.table({"sharing": found})) == [
        (
            "batch, 1 process, 5 seeds together: 800 steps/s in all, probes included "
            "(790 to 810, 3 rounds); longest job 94 s"
        ),
        "batch, 2 processes, 5 seeds together: memory: got too little",
        "fastest: --seeds-together 5 --processes-per-card 1",
    ]


@pytest.mark.parametrize(
    ("asked", "seeds", "processes"),
    [
        (["--device", "cuda:0"], (1, 2, 5, 10), (1, 2)),
        (["--device", "cuda:0", "--compare-seeds", "2"], [2], (1, 2)),
        (["--compare-processes", "1", "2"], (1,), [1, 2]),
        (["--compare-seeds", "1", "2"], [1, 2], (1,)),
        ([], None, None),
        (["--device", "cuda:0", "--compare-seeds"], None, None),
    ],
)
def test_what_is_compared_by_default(asked, seeds, processes):
    """On a card seeds and processes, on a CPU what was asked for; nothing where that is empty."""
    made = benchmark.sharing_plan_of(benchmark.parser().parse_args(asked), {}, 0.0)
    assert (made and made.seeds, made and made.processes) == (seeds, processes)


@pytest.mark.parametrize("flag", ["--compare-seeds", "--compare-processes"])
@pytest.mark.parametrize("text", ["0", "-1", "two"])
def test_numbers_that_are_none_are_refused(flag, text, capsys):
    """Got and expected."""
    with pytest.raises(SystemExit):
        benchmark.parser().parse_args([f"{flag}={text}"])
    assert f"got '{text}', expected 1 or more" in capsys.readouterr().err
