"""The programme on a card: its order, what ends a slice, and archives that hold all runs."""

import contextlib
import fcntl
import json
import os
import sys
import tarfile
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from harness.errors import OptionError, StoreError
from reports import calls, cli
from reports.programme import archive
from reports.programme import parts as programme_parts
from reports.programme import slices as programme
from reports.programme.parts import PARTS, Part, State, Task
from reports.programme.slices import DONE, FAILED, MORE, Slice

ENVIRONMENT = "cuda-torch2.13.0-fp32-graphs"


@pytest.fixture
def task(tmp_path):
    return Task(
        root=tmp_path,
        store=tmp_path / "store",
        pages=tmp_path / "pages",
        scale="paper",
        device="cuda",
        workers=4,
        last_job_s=5.0,
        last_study_job_s=5.0,
    )


@pytest.fixture
def asked(task, tmp_path):
    return Slice(out=tmp_path / "out", restore=tmp_path / "out", minutes=10, task=task)


@pytest.fixture
def parts(monkeypatch):
    """Let each part end as the test says; return the log of what was begun."""
    begun, states = [], {}

    def stand_in(name):
        def part(task, seconds):
            begun.append(name)
            return Part(state=states.get(name, State.DONE), wall_s=1.0, said=f"{name} ran")

        return part

    for name in programme_parts.PARTS:
        monkeypatch.setitem(programme_parts.PARTS, name, stand_in(name))
    return begun, states


def records(store, count, environment=ENVIRONMENT, size=200):
    folder = store / "runs" / environment
    folder.mkdir(parents=True)
    for number in range(count):
        noise = os.urandom(size).hex()  # of hex digits gzip keeps a little more than half
        (folder / f"{number:02}ab-s{number}-cd.json").write_text(f'{{"{noise}": "µ"}}')


def content(store):
    return {p.relative_to(store): p.read_bytes() for p in store.glob("runs/*/*.json")}


# ---------------------------------------------------------------- slices


def test_parts_run_in_their_order_and_are_not_run_again(asked, parts):
    """Smoke, benchmark, studies, claims; a second call finds them done."""
    begun, _ = parts
    assert programme.run(asked) == DONE
    assert begun == ["smoke", "benchmark", "study", "suite"]
    assert programme.run(asked) == DONE
    assert len(begun) == 4


def test_a_part_with_more_to_do_ends_the_slice_and_is_first_in_the_next(asked, parts, capsys):
    """Exit code 7, as a session that ran out of time has."""
    begun, states = parts
    states["study"] = State.MORE
    assert programme.run(asked) == MORE == 7
    assert "more to do (study, suite)" in capsys.readouterr().out
    states["study"] = State.DONE
    assert programme.run(asked) == DONE
    assert begun == ["smoke", "benchmark", "study", "study", "suite"]


def test_nothing_is_trained_on_a_card_that_fails_its_smoke_test(asked, parts):
    """And the smoke test is tried again."""
    begun, states = parts
    states["smoke"] = State.FAILED
    assert programme.run(asked) == FAILED
    assert programme.run(asked) == FAILED
    assert begun == ["smoke", "smoke"]


def test_a_benchmark_that_fails_keeps_no_claim_from_its_verdict(asked, parts):
    """But the programme is not done."""
    begun, states = parts
    states["benchmark"] = State.FAILED
    assert programme.run(asked) == FAILED
    assert begun == ["smoke", "benchmark", "study", "suite"]


def test_a_benchmark_that_failed_takes_no_time_from_what_is_to_be_trained(asked, task, monkeypatch):
    """Tried again first, it would leave too little of every slice; it is, once all is trained."""
    clock, begun = [0.0], []
    monkeypatch.setattr(programme, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def part(name, wall_s, state):
        def ran(task, seconds):
            begun.append(name)
            clock[0] += wall_s
            return Part(state=state, wall_s=wall_s, said="")

        return ran

    states = {"benchmark": State.FAILED}
    for name, wall_s in {"smoke": 150.0, "benchmark": 210.0, "study": 60.0, "suite": 60.0}.items():
        ended = part(name, wall_s, states.get(name, State.DONE))
        monkeypatch.setitem(programme_parts.PARTS, name, ended)
    a_slice = replace(asked, minutes=9.5, task=replace(task, last_job_s=330.0))
    assert [programme.run(a_slice) for _ in range(3)] == [MORE, FAILED, FAILED]
    assert begun == ["smoke", "benchmark", "study", "suite", "benchmark"]


def test_a_benchmark_that_failed_is_tried_again_where_it_alone_is_asked_for(asked, parts):
    """Nothing waits for it then."""
    begun, states = parts
    states |= {"benchmark": State.FAILED, "study": State.MORE}
    assert programme.run(asked) == MORE
    states["benchmark"] = State.DONE
    assert programme.run(replace(asked, parts=("benchmark",))) == DONE
    assert begun == ["smoke", "benchmark", "study", "benchmark"]


def test_without_time_nothing_is_begun(asked, parts, task):
    """A tenth of a minute is gone before anything could end."""
    begun, _ = parts
    short = Slice(out=asked.out, restore=asked.out, minutes=0.1, task=task)
    assert programme.run(short) == MORE
    assert begun == []


@pytest.mark.parametrize(("minutes", "begun_parts"), [(1.0, 2), (1.3, 3), (1.6, 4)])
def test_no_part_that_trains_is_begun_without_time_for_a_job(
    asked, parts, task, minutes, begun_parts
):
    """Packing takes 20 s and a part 30; a job of a study up to 25 s beside them, of a claim 40."""
    begun, _ = parts
    patient = replace(task, last_job_s=40.0, last_study_job_s=25.0)
    short = Slice(out=asked.out, restore=asked.out, minutes=minutes, task=patient)
    assert programme.run(short) == (DONE if begun_parts == 4 else MORE)
    assert begun == ["smoke", "benchmark", "study", "suite"][:begun_parts]


def test_a_process_that_is_ended_has_kept_all_parts_before(asked, parts, monkeypatch):
    """Results, pages and runs are written after each part, not at the end of the slice."""
    begun, _ = parts

    def ended(task, seconds):
        raise KeyboardInterrupt

    monkeypatch.setitem(programme_parts.PARTS, "study", ended)
    with pytest.raises(KeyboardInterrupt):
        programme.run(asked)
    kept = json.loads((asked.out / "programme.json").read_text())["parts"]
    assert {name: part["state"] for name, part in kept.items()} == {
        "smoke": "done", "benchmark": "done",
    }  # fmt: skip
    assert (asked.out / "reports.tar.gz").exists()
    assert begun == ["smoke", "benchmark"]


@pytest.mark.parametrize("failed", ["smoke", "study"])
def test_keep_going_goes_past_what_failed_and_does_not_hide_it(asked, parts, task, failed, capsys):
    """Exit code 1 at the end; 7 before it, and then a check that failed is not tried again."""
    begun, states = parts
    states |= {failed: State.FAILED, "suite": State.MORE}
    on = replace(asked, keep_going=True)
    assert programme.run(on) == MORE
    assert begun == ["smoke", "benchmark", "study", "suite"]
    states["suite"] = State.DONE
    assert programme.run(on) == FAILED
    assert begun[4:] == (["suite"] if failed == "smoke" else ["study", "suite"])
    assert f"not done: {failed}" in capsys.readouterr().out
    states[failed] = State.DONE
    assert programme.run(asked) == DONE
    assert begun[-1] == failed


def test_a_part_that_breaks_has_failed(asked, parts, monkeypatch, capsys):
    """Whatever it raises; a benchmark that does so keeps no claim from its verdict."""
    begun, _ = parts

    def broken(task, seconds):
        raise ValueError("a mistake in the programme")

    monkeypatch.setitem(programme_parts.PARTS, "benchmark", broken)
    assert programme.run(asked) == FAILED
    assert begun == ["smoke", "study", "suite"]
    kept = json.loads((asked.out / "programme.json").read_text())["parts"]["benchmark"]
    assert kept["state"] == "failed"
    assert "ValueError: a mistake in the programme" in kept["said"]
    assert kept["said"] in capsys.readouterr().out


def test_all_that_parts_said_is_kept_with_the_pages(asked, parts, task):
    """The results have the end of it alone; both are in the folder, in its second file."""
    task.pages.mkdir()
    task.log("smoke").write_text("all of it")
    (task.pages / "smoke").mkdir()
    (task.pages / "smoke" / "runs.bin").write_text("no page")
    assert programme.run(asked) == DONE
    with tarfile.open(asked.out / "reports.tar.gz") as pages:
        assert pages.getnames() == ["smoke.log"]
    assert len(list(asked.out.iterdir())) <= 8


@pytest.mark.parametrize("folder", ["harness", "models", "claims", "benches"])
@pytest.mark.parametrize("name", ["new.py", "new.toml"])
def test_changed_code_begins_parts_anew_and_keeps_runs(asked, parts, task, folder, name):
    """An earlier smoke test says nothing of other code, a suite nothing of other claims."""
    begun, _ = parts
    records(task.store, 3)
    assert programme.run(asked) == DONE
    (task.root / folder).mkdir()
    (task.root / folder / name).write_text("NEW = 1\n")
    assert programme.run(asked) == DONE
    assert begun == ["smoke", "benchmark", "study", "suite"] * 2
    assert len(content(task.store)) == 3


def test_a_verdict_that_is_recorded_begins_nothing_anew(asked, parts, task):
    """The ledger is written after the suite, and changes nothing of what it found."""
    begun, states = parts
    states["suite"] = State.MORE
    assert programme.run(asked) == MORE
    (task.root / "claims" / "toy").mkdir(parents=True)
    (task.root / "claims" / "toy" / "ledger.toml").write_text("")
    assert programme.run(asked) == MORE
    assert begun == ["smoke", "benchmark", "study", "suite", "suite"]


def test_a_slice_goes_on_from_what_another_machine_left(asked, parts, task, tmp_path):
    """Runs, pages and results are in the folder; an empty store is filled from it."""
    begun, states = parts
    records(task.store, 3)
    task.pages.mkdir()
    (task.pages / "verdicts.json").write_text("{}")
    states["suite"] = State.MORE
    assert programme.run(asked) == MORE
    there = Task(
        root=task.root, store=tmp_path / "new", pages=tmp_path / "new-pages", scale="paper",
        device="cuda", workers=4, last_job_s=5.0, last_study_job_s=5.0,
    )  # fmt: skip
    states["suite"] = State.DONE
    second = Slice(out=tmp_path / "out-2", restore=asked.out, minutes=10, task=there)
    assert programme.run(second) == DONE
    assert begun[-1:] == ["suite"]
    assert len(begun) == 5
    assert content(there.store) == content(task.store)
    assert (there.pages / "verdicts.json").exists()
    assert sorted(path.name for path in second.out.iterdir()) == [
        "programme.json", "reports.tar.gz", "store-1.tar.gz",
    ]  # fmt: skip


def test_runs_of_another_device_are_left_out(asked, parts, task):
    """A card's folder holds what the card has trained."""
    records(task.store, 2)
    records(task.store, 2, environment="cpu-torch2.13.0-fp32-eager")
    programme.run(asked)
    with tarfile.open(asked.out / "store-1.tar.gz") as part:
        assert {name.split("/")[1] for name in part.getnames()} == {ENVIRONMENT}


def test_no_run_that_lies_in_the_folder_is_lost(asked, parts, task, tmp_path):
    """Not those of another store, not those of another environment: they go to this store, too."""
    cpu = "cpu-torch2.13.0-fp32-eager"
    records(tmp_path / "other", 4)
    records(tmp_path / "other", 2, environment=cpu)
    asked.out.mkdir()
    archive.pack(tmp_path / "other", asked.out, [ENVIRONMENT, cpu], part_bytes=500)
    records(task.store, 1, environment="cuda-torch2.13.0-bf16-graphs")
    kept = content(tmp_path / "other") | content(task.store)
    elsewhere = replace(asked, restore=tmp_path / "nothing", environment=ENVIRONMENT)
    assert programme.run(elsewhere) == DONE
    assert content(task.store) == kept
    assert programme.run(asked) == DONE
    archive.unpack(asked.out, tmp_path / "new")
    assert content(tmp_path / "new") == kept


def test_results_that_cannot_be_read_are_said(asked, parts):
    """And nothing is overwritten."""
    asked.out.mkdir()
    (asked.out / "programme.json").write_text("{")
    with pytest.raises(OptionError, match=r"programme\.json: cannot be read"):
        programme.run(asked)


@pytest.mark.parametrize("wrong", [{"minutes": 0}, {"minutes": float("nan")}, {"parts": ("x",)}])
def test_options_that_make_no_sense_are_refused(asked, task, wrong):
    """At once."""
    with pytest.raises(OptionError, match="got"):
        Slice(**({"out": asked.out, "restore": asked.out, "minutes": 1.0, "task": task} | wrong))


def test_the_command_lines_defaults_and_what_it_passes_on(monkeypatch, tmp_path):
    """A job of two seeds at scale paper may take 330 s: none is begun in the last of them."""
    asked = []
    monkeypatch.setattr(programme, "run", lambda one: asked.append(one) or MORE)
    command = ["programme", "--out", str(tmp_path)]
    assert cli.main(command) == MORE
    assert cli.main([*command, "--keep-going", "--data-dir", "there"]) == MORE
    assert [one.task.last_job_s for one in asked] == [330.0] * 2
    assert [one.keep_going for one in asked] == [False, True]
    assert asked[1].task.pytest_args == ("--data-dir", "there")


# ---------------------------------------------------------------- parts


def test_a_slice_in_which_no_run_ends_fails(task):
    """Else the same would be tried for ever; with too little time for a job it is no failure."""
    said = programme_parts._cut_short(task, time.monotonic(), 0, "", 126.0)
    assert said.state is State.FAILED
    assert "a job takes longer than 5 s" in said.said
    assert programme_parts._cut_short(task, time.monotonic(), 0, "", 124.0).state is State.MORE
    records(task.store, 1)
    assert programme_parts._cut_short(task, time.monotonic(), 0, "", 126.0).state is State.MORE


IGNORES = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
HOLDS = (
    "import fcntl, time; held = open('held', 'w'); fcntl.flock(held, fcntl.LOCK_EX); "
    "print('begun', flush=True); time.sleep(60)"
)
STARTS = (
    f"{IGNORES}import subprocess, sys, time; "
    f"child = subprocess.Popen([sys.executable, '-c', {HOLDS!r}], stdout=subprocess.PIPE); "
    "print(child.stdout.readline().decode(), end=''); "
)


@pytest.mark.parametrize(("wait", "code"), [("time.sleep(60)", None), ("sys.exit(3)", 3)])
def test_a_command_ends_with_all_that_it_started(tmp_path, wait, code):
    """Its process group is killed once it has ended or its time is over; what it said is kept."""
    started = time.monotonic()
    ended, said = calls.call([sys.executable, "-c", STARTS + wait], tmp_path, 3.0, grace_s=0.2)
    assert ended == code
    assert said == "begun\n"  # with no flush of its own
    with (tmp_path / "held").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # which ends with the process that holds it
    assert time.monotonic() - started < 30


def test_a_command_that_takes_too_long_may_say_how_far_it_was(tmp_path):
    """It is interrupted first, as pytest is by Ctrl-C."""
    # a shell's background jobs ignore Ctrl-C, and so does what they start
    heeding = "import signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code = f"{heeding}try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('so far')"
    ended, said = calls.call([sys.executable, "-c", code], tmp_path, 12.0)  # half of it to start
    assert ended is None
    assert said == "so far\n"


def test_what_a_command_says_is_passed_on_and_kept_whole(tmp_path, capsys):
    """On the terminal and, after each command, in its part's log; without a log neither."""
    log = tmp_path / "smoke.log"
    for word in ("first", "second"):
        command = [sys.executable, "-c", f"print('{word}' * 3_000)"]
        _, said = calls.call(command, tmp_path, 30.0, log)
        assert said == word * 3_000 + "\n"
        assert capsys.readouterr().out == said
    lines = log.read_text().splitlines()
    assert lines[1::2] == ["first" * 3_000, "second" * 3_000]
    assert all(line.startswith("$ ") for line in lines[::2])
    calls.call([sys.executable, "-c", "print('quiet')"], tmp_path, 30.0)
    assert capsys.readouterr().out == ""


@pytest.fixture
def called(monkeypatch, task):
    """Let commands end as the test says, in their order; return (command, seconds) of each."""
    answers, commands = [], []

    def call(command, root, seconds, log):
        commands.append((command, seconds))
        return answers.pop(0)() if answers else (0, "fine\n")

    monkeypatch.setattr(programme_parts, "call", call)
    register = [SimpleNamespace(slug=slug) for slug in ("toy-to-come", "toy-rises", "toy-falls")]
    paper = SimpleNamespace(study=False, slug="toy", register=register)
    (task.root / "claims" / "toy").mkdir(parents=True)
    for name in ("test_toy_rises.py", "test_toy_falls.py"):
        (task.root / "claims" / "toy" / name).touch()
    monkeypatch.setattr(Task, "families", lambda self, study: [] if study else [paper])
    monkeypatch.setattr(Task, "bench_args", lambda self: [])
    task.pages.mkdir()
    (task.root / "tests" / "gpu").mkdir(parents=True)
    return answers, commands


def test_smoke_and_benchmark_take_six_minutes_at_most(called, task):
    """However many are left: what follows them is what a card is for."""
    _, commands = called
    smoke, benchmark = (PARTS[name](task, 3_600.0) for name in ("smoke", "benchmark"))
    assert smoke.state is State.DONE
    assert benchmark.state is State.DONE
    assert commands[0][1] + commands[-1][1] <= 360.0
    assert max(seconds for _, seconds in commands[:-1]) <= programme_parts.SMOKE_S


def test_tests_on_a_card_run_beside_each_other_but_those_that_must_not(called, task, monkeypatch):
    """In eight processes where there is xdist, then alone; without it in one. Then a claim."""
    _, commands = called
    for several, expected in ((True, [("not alone", "8"), ("alone", None), None]),
                              (False, [None, None])):  # fmt: skip
        monkeypatch.setattr(programme_parts, "_several", lambda several=several: several)
        commands.clear()
        assert PARTS["smoke"](task, 600.0).state is State.DONE
        words = [command for command, _ in commands]
        assert [
            (value(one, "-m", after=3), value(one, "-n")) if "alone" in " ".join(one) else None
            for one in words
        ] == expected  # fmt: skip
        assert words[-1][5] == "claims/toy/test_toy_rises.py"
        assert all("--tb=short" in one and "--durations=15" in one for one in words[:-1])


def test_a_paper_without_a_claim_file_has_no_smoke_test(called, task):
    """Its register is complete before its first claim is written."""
    _, commands = called
    for path in (task.root / "claims" / "toy").iterdir():
        path.unlink()
    assert PARTS["smoke"](task, 600.0).state is State.DONE
    assert not any("claims/" in " ".join(command) for command, _ in commands)


def a_family(slug, *scales):
    bench = SimpleNamespace(scales=lambda: [SimpleNamespace(name=name) for name in scales])
    return SimpleNamespace(study=False, slug=slug, bench_class=lambda: bench)


def test_a_paper_without_this_scale_is_left_out(called, task, monkeypatch, capsys):
    """As `claims evidence` does; the first that has it is judged, with the page of the first."""
    _, commands = called
    families = [a_family("none", "quick"), a_family("toy", "quick", "paper")]
    monkeypatch.setattr(Task, "families", lambda self, study: [] if study else families)
    monkeypatch.setattr(Task, "sharing_args", lambda self, family: [])
    part = PARTS["suite"](task, 600.0)
    assert part.state is State.DONE
    assert [command[5] for command, _ in commands] == ["claims/toy"]
    assert value(commands[0][0], "--report-dir") == str(task.pages)
    assert part.said.startswith("no scale paper, left out: none\n")
    assert capsys.readouterr().out == "no scale paper, left out: none\n"


def test_a_scale_that_no_paper_has_is_a_failure(called, task, monkeypatch):
    """A mistyped one would else be done at once."""
    _, commands = called
    monkeypatch.setattr(Task, "families", lambda self, study: [a_family("toy", "quick")])
    part = PARTS["suite"](task, 600.0)
    assert part.state is State.FAILED
    assert "expected a scale that a paper's bench has" in part.said
    assert commands == []


def value(words, flag, after=0):
    """Return what follows a flag; the first three words are python -m pytest."""
    return words[words.index(flag, after) + 1] if flag in words[after:] else None


def test_a_smoke_test_goes_on_past_what_fails(called, task):
    """All that is wrong is said at once, and the part has failed."""
    answers, commands = called
    answers += [lambda: (1, "2 failed\n"), lambda: (0, ""), lambda: (None, "half\n")]
    part = PARTS["smoke"](task, 600.0)
    assert part.state is State.FAILED
    assert len(commands) == 3
    assert part.said.splitlines()[-1] == (
        "tests beside each other: exit code 1; claims/toy/test_toy_rises.py: stopped: out of time"
    )


@pytest.mark.parametrize(
    ("output", "state"),
    [
        ("tests/gpu/test_a.py::test_x PASSED\n", State.DONE),
        ("[gw3] [ 12%] FAILED tests/gpu/test_a.py::test_x\n", State.FAILED),
        ("tests/gpu/test_a.py::test_x ERROR\n", State.FAILED),
    ],
)
def test_a_smoke_test_that_is_cut_off_says_nothing_against_a_card(called, task, output, state):
    """Unless something has failed by then: a fresh machine only reads and compiles slowly."""
    answers, _ = called
    answers += [lambda: (None, output), lambda: (0, ""), lambda: (0, "")]
    part = PARTS["smoke"](task, 600.0)
    assert part.state is state
    assert part.said.splitlines()[-1] == "tests beside each other: stopped: out of time"


def writes(task, figures, code):
    def ended():
        if figures is not None:
            (task.pages / "benchmark.json").write_text(json.dumps(figures))
        return code, "said\n"

    return ended


@pytest.mark.parametrize(
    ("figures", "code", "state"),
    [
        ({"environment": {}, "vision": {}, "kernels": {}}, None, State.DONE),
        ({"environment": {}, "vision": {}, "kernels": {}}, 0, State.DONE),
        ({"environment": {}, "vision": {}}, 1, State.FAILED),
        ({"environment": {}, "seconds so far": {}}, None, State.FAILED),
        (None, None, State.FAILED),
    ],
)
def test_a_benchmark_that_is_cut_off_keeps_its_figures(called, task, figures, code, state):
    """It is done with the image networks' figures, and says what else it has; without them not."""
    answers, _ = called
    (task.pages / "benchmark.json").write_text('{"vision": "of another time"}')
    answers.append(writes(task, figures, code))
    part = PARTS["benchmark"](task, 600.0)
    assert part.state is state
    assert part.figures == figures
    cut = "cut short after 210 s: the figures are those of vision, kernels"
    assert (cut in part.said) is (state is State.DONE and code is None)


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ((), []),
        (("--full",), []),
        (("--data-dir", "there", "-k", "noisy"), ["--data-dir", "there"]),
        (("-q", "--precision=tf32"), ["--precision", "tf32"]),
    ],
)
def test_the_benchmark_gets_what_the_benches_know_of(task, monkeypatch, given, passed):
    """Of the arguments for pytest, whose others are none of its own; there may be none."""
    options = [SimpleNamespace(flag=flag) for flag in ("--data-dir", "--precision")]
    bench = SimpleNamespace(options=lambda: options)
    family = SimpleNamespace(bench_class=lambda: bench)
    monkeypatch.setattr(Task, "families", lambda self, study: [family])
    assert replace(task, pytest_args=given).bench_args() == passed


FASTEST = {"--seeds-together": "5", "--processes-per-card": "2"}


@pytest.mark.parametrize(
    ("figures", "found"),
    [
        ({"sharing": {"options": FASTEST}}, FASTEST),
        ({"sharing": {"not measured": "out of memory"}}, {}),
        ({"sharing": {"options": {}}}, {}),
        ({"vision": {}}, {}),
        (None, {}),
    ],
)
def test_claims_train_as_the_benchmark_found_to_be_fastest(asked, monkeypatch, figures, found):
    """In the same slice and in a later one; without such figures as the bench says."""
    shared = []

    def suite(task, seconds):
        shared.append(dict(task.sharing))
        return Part(state=State.MORE, wall_s=1.0, said="")

    measured = Part(state=State.DONE, wall_s=1.0, said="", figures=figures)
    done = Part(state=State.DONE, wall_s=1.0, said="")
    for name, part in (("smoke", done), ("benchmark", measured), ("study", done)):
        monkeypatch.setitem(programme_parts.PARTS, name, lambda task, seconds, part=part: part)
    monkeypatch.setitem(programme_parts.PARTS, "suite", suite)
    for _ in range(2):
        assert programme.run(asked) == MORE
    assert shared == [found, found]


@pytest.mark.parametrize(
    ("given", "flags", "passed"),
    [
        ((), [*FASTEST], ["--seeds-together", "5", "--processes-per-card", "2"]),
        (("--seeds-together=2",), [*FASTEST], ["--processes-per-card", "2"]),
        (("--seeds-together", "2"), [*FASTEST], ["--processes-per-card", "2"]),
        ((), ["--processes-per-card"], ["--processes-per-card", "2"]),
        ((), [], []),
    ],
)
def test_what_was_asked_for_stands_and_no_bench_gets_others_options(task, given, flags, passed):
    """What the benchmark found goes to the benches that have such options."""
    options = [SimpleNamespace(flag=flag) for flag in flags]
    bench = SimpleNamespace(options=lambda: options)
    family = SimpleNamespace(bench_class=lambda: bench, slug="toy", study=True)
    measured = replace(task, sharing=FASTEST, pytest_args=given)
    assert measured.sharing_args(family) == passed
    line = programme_parts._session(replace(measured, pages=task.root), family, 100.0)
    assert all(word in line for word in passed)


def test_a_benchmark_is_asked_for_less_on_a_card(called, task):
    """Two rounds, four norms, few ways to share it, no round after two and a half minutes."""
    _, commands = called
    for where in (task, replace(task, device="cpu")):
        PARTS["benchmark"](where, 600.0)
    on_card, on_cpu = (command for command, _ in commands)
    assert value(on_card, "--rounds") == "2"
    assert value(on_cpu, "--rounds") is None
    asked = benchmark_parser().parse_args(on_card[3:])
    assert (asked.compare_seeds, asked.compare_processes) == ([1, 2, 5], [1, 2])
    assert asked.norms == ["none", "batch", "noisy-batch", "l2"]
    assert asked.longest_job == task.last_job_s
    assert list(asked.compile) == []
    assert 60 * asked.minutes == pytest.approx(147)


def benchmark_parser():
    return pytest.importorskip("models.benchmark").parser()


def test_an_error_among_the_verdicts_is_a_failure(task, monkeypatch):
    """A run that could not be trained is nothing to be done with."""
    task.pages.mkdir()
    claims = [{"slug": "a", "verdict": "ERROR"}, {"slug": "b", "verdict": "REFUTED"}]
    (task.pages / "verdicts.json").write_text(json.dumps({"claims": claims}))
    family = a_family("toy", "paper")
    monkeypatch.setattr(Task, "families", lambda self, study: [family])
    assert list(programme_parts._errors(task, family)) == ["a"]


def test_no_familys_report_replaces_anothers(tmp_path):
    """The first paper's lies in the folder itself, all others in folders of their names."""
    first, second, study = (
        SimpleNamespace(slug=slug, study=slug == "study") for slug in ("first", "second", "study")
    )
    papers = [first, second]
    where = [programme_parts.report_folder(tmp_path, one, papers) for one in (*papers, study)]
    assert where == [tmp_path, tmp_path / "second", tmp_path / "study"]
    asked = [programme_parts.report_dir(tmp_path, one, papers) for one in (*papers, study)]
    assert asked == [tmp_path, tmp_path / "second", tmp_path]  # pytest adds a study's own name


# ---------------------------------------------------------------- archives


def test_archives_are_bounded_and_give_back_every_record(tmp_path):
    """Parts of about 2 kB of 20 records of 400 hex digits; unpacking twice adds nothing."""
    records(tmp_path / "store", 20)
    out = tmp_path / "out"
    out.mkdir()
    parts = archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=2_000)
    assert len(parts) > 2
    assert all(part.stat().st_size < 2_700 for part in parts)
    assert archive.unpack(out, tmp_path / "other") == 20
    assert content(tmp_path / "other") == content(tmp_path / "store")
    assert archive.unpack(out, tmp_path / "other") == 0


def test_equal_records_make_equal_archives_and_stale_ones_go(tmp_path):
    """No time and no user of this machine is in them."""
    records(tmp_path / "store", 20)
    out = tmp_path / "out"
    out.mkdir()
    first = archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=2_000)
    before = first[0].read_bytes()
    os.utime(next((tmp_path / "store").glob("runs/*/*.json")), (1, 1))
    again = archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=2_000)
    assert again[0].read_bytes() == before
    assert archive.pack(tmp_path / "store", out, [ENVIRONMENT]) == [out / "store-1.tar.gz"]
    assert [path.name for path in out.iterdir()] == ["store-1.tar.gz"]


def test_a_name_without_runs_leaves_the_archives_that_there_are(tmp_path):
    """A mistyped environment adds nothing, and takes nothing away."""
    records(tmp_path / "store", 20)
    out = tmp_path / "out"
    out.mkdir()
    parts = archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=2_000)
    assert archive.pack(tmp_path / "store", out, ["cuda-typo"], part_bytes=2_000) == parts
    assert archive.unpack(out, tmp_path / "other") == 20
    (tmp_path / "empty").mkdir()
    assert archive.pack(tmp_path / "store", tmp_path / "empty", ["cuda-typo"]) == []


def test_archives_change_only_when_the_new_ones_are_whole(tmp_path, monkeypatch):
    """Ended between two parts, a slice leaves what the one before it had."""
    records(tmp_path / "store", 20)
    out = tmp_path / "out"
    out.mkdir()
    archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=2_000)
    write_part, written = archive._write_part, []

    def ended_at_the_second(*arguments):
        if written:
            raise KeyboardInterrupt
        written.append(arguments)
        return write_part(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(archive, "_write_part", ended_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=400)
    assert archive.unpack(out, tmp_path / "other") == 20
    assert list(out.glob("*.aside"))
    archive.pack(tmp_path / "store", out, [ENVIRONMENT])
    assert [path.name for path in out.iterdir()] == ["store-1.tar.gz"]  # nothing is left of it


@pytest.mark.parametrize("step", range(12))
def test_a_process_that_is_killed_while_it_moves_archives_loses_no_run(tmp_path, monkeypatch, step):
    """Records go from one part to another where some are added, and every move may be the last."""
    records(tmp_path / "store", 20)
    out = tmp_path / "out"
    out.mkdir()
    archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=2_000)
    before = content(tmp_path / "store")
    for number in range(9):
        new = tmp_path / "store" / "runs" / ENVIRONMENT / f"00{number}-first.json"
        new.write_text(os.urandom(200).hex())
    done = []

    def killed(move):
        def one(path, *more):
            if len(done) == step:
                raise KeyboardInterrupt
            done.append(path)
            move(path, *more)

        return one

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(os, "replace", killed(os.replace))
        patch.setattr(os, "unlink", killed(os.unlink))
        archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=4_000)
    archive.unpack(out, tmp_path / "other")
    assert content(tmp_path / "other").items() >= before.items()
    parts = archive.pack(tmp_path / "store", out, [ENVIRONMENT], part_bytes=4_000)
    assert sorted(out.iterdir()) == parts


@pytest.mark.parametrize("name", ["../runs/a/b.json", "/runs/a/b.json", "runs/a/../../b.json",
                                  "runs/a/b.py", "runs/../b.json", "other.json"])  # fmt: skip
def test_an_archive_of_anything_else_is_refused(tmp_path, name):
    """Nothing is written outside a store's runs."""
    with tarfile.open(tmp_path / "store-1.tar.gz", "w:gz") as part:
        part.addfile(tarfile.TarInfo(name))
    with pytest.raises(StoreError, match="expected records of a store"):
        archive.unpack(tmp_path, tmp_path / "store")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("cut", [1, 8, 9, 400])
def test_an_archive_that_was_cut_off_is_said(tmp_path, cut):
    """In the middle, or in the checksum at its end."""
    records(tmp_path / "store", 5)
    (part,) = archive.pack(tmp_path / "store", tmp_path, [ENVIRONMENT])
    part.write_bytes(part.read_bytes()[:-cut])
    with pytest.raises(StoreError, match=r"store-1\.tar\.gz: cannot be unpacked.*copy it anew"):
        archive.unpack(tmp_path, tmp_path / "other")


def test_no_damaged_record_comes_out_of_an_archive(tmp_path):
    """One bit of any byte: it is said, and no record of any part is written; or none is changed."""
    records(tmp_path / "store", 3, size=50)
    parts = archive.pack(tmp_path / "store", tmp_path, [ENVIRONMENT], part_bytes=100)
    whole, right = parts[-1].read_bytes(), content(tmp_path / "store")
    harmless = []
    for place in range(len(whole)):
        parts[-1].write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        other = tmp_path / f"other-{place}"
        try:
            archive.unpack(tmp_path, other)
        except StoreError:
            assert not other.exists(), place
        else:
            assert content(other) == right, place
            harmless.append(place)
    assert len(parts) > 1
    assert len(harmless) < 10  # of the header: time, system
