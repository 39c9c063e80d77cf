"""The programme on a card: its order, what ends a slice, and archives that hold all runs."""

import json
import os
import sys
import tarfile
import time
from types import SimpleNamespace

import pytest

from harness.errors import OptionError, StoreError
from reports import archive, programme, programme_parts
from reports.programme import DONE, FAILED, MORE, Slice
from reports.programme_parts import Part, State, Task

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


def test_without_time_nothing_is_begun(asked, parts, task):
    """A tenth of a minute is gone before anything could end."""
    begun, _ = parts
    short = Slice(out=asked.out, restore=asked.out, minutes=0.1, task=task)
    assert programme.run(short) == MORE
    assert begun == []


def test_changed_code_begins_parts_anew_and_keeps_runs(asked, parts, task):
    """An earlier smoke test says nothing of other code."""
    begun, _ = parts
    records(task.store, 3)
    assert programme.run(asked) == DONE
    (task.root / "models").mkdir()
    (task.root / "models" / "new.py").write_text("NEW = 1\n")
    assert programme.run(asked) == DONE
    assert begun == ["smoke", "benchmark", "study", "suite"] * 2
    assert len(content(task.store)) == 3


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
        device="cuda", workers=4, last_job_s=5.0,
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


# ---------------------------------------------------------------- parts


def test_a_slice_in_which_no_run_ends_fails(task):
    """Else the same would be tried for ever; with too little time for a job it is no failure."""
    said = programme_parts._cut_short(task, time.monotonic(), 0, "", 126.0)
    assert said.state is State.FAILED
    assert "a job takes longer than 5 s" in said.said
    assert programme_parts._cut_short(task, time.monotonic(), 0, "", 124.0).state is State.MORE
    records(task.store, 1)
    assert programme_parts._cut_short(task, time.monotonic(), 0, "", 126.0).state is State.MORE


def test_a_command_that_takes_too_long_ends_with_all_that_it_started(tmp_path):
    """Its process group is killed; what it said is kept."""
    code = (
        "import subprocess, sys, time; print('begun', flush=True); "
        "subprocess.Popen([sys.executable, '-c', "
        "'import time, pathlib; time.sleep(2); pathlib.Path(\"late\").touch()']); time.sleep(60)"
    )
    started = time.monotonic()
    ended, said = programme_parts.call([sys.executable, "-c", code], tmp_path, 1.0)
    assert ended is None
    assert "begun" in said
    assert time.monotonic() - started < 30
    time.sleep(2)
    assert not (tmp_path / "late").exists()


def test_an_error_among_the_verdicts_is_a_failure(task, monkeypatch):
    """A run that could not be trained is nothing to be done with."""
    task.pages.mkdir()
    claims = [{"slug": "a", "verdict": "ERROR"}, {"slug": "b", "verdict": "REFUTED"}]
    (task.pages / "verdicts.json").write_text(json.dumps({"claims": claims}))
    family = SimpleNamespace(study=False, slug="toy")
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


@pytest.mark.parametrize("name", ["../runs/a/b.json", "/runs/a/b.json", "runs/a/../../b.json",
                                  "runs/a/b.py", "runs/../b.json", "other.json"])  # fmt: skip
def test_an_archive_of_anything_else_is_refused(tmp_path, name):
    """Nothing is written outside a store's runs."""
    with tarfile.open(tmp_path / "store-1.tar.gz", "w:gz") as part:
        part.addfile(tarfile.TarInfo(name))
    with pytest.raises(StoreError, match="expected records of a store"):
        archive.unpack(tmp_path, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_damaged_archive_is_said(tmp_path):
    """Cut off in the middle."""
    records(tmp_path / "store", 5)
    (part,) = archive.pack(tmp_path / "store", tmp_path, [ENVIRONMENT])
    part.write_bytes(part.read_bytes()[:-400])
    with pytest.raises(StoreError, match=r"store-1\.tar\.gz: cannot be unpacked"):
        archive.unpack(tmp_path, tmp_path / "other")
