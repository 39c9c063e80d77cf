"""The programme on the toy bench: cut short, gone on with elsewhere, and finished."""

import json

from harness.runs.codec import decode
from reports.programme import slices as programme
from reports.programme.parts import Task
from reports.programme.slices import DONE, MORE, Slice

SLOW = 'toy(name="up", accuracy=80.0, slow=0.15)'


def slice_of(project, name, restore, *, last_job_s):
    """Return a slice of ten seconds with a store of its own, which judges the claims alone."""
    folder = project.root / name
    task = Task(
        root=project.root,
        store=folder / "store",
        pages=folder / "pages",
        scale="desk",
        device="cpu",
        workers=0,
        last_job_s=last_job_s,
        last_study_job_s=last_job_s,
    )
    return Slice(
        out=folder / "out", restore=restore or folder / "out", minutes=1, task=task,
        parts=("study", "suite"),
    )  # fmt: skip


def records(asked):
    paths = sorted(asked.task.store.glob("runs/*/*.json"))
    return {path.name: decode(path.read_text())[0] for path in paths}


def verdict(asked):
    document = json.loads((asked.task.pages / "verdicts.json").read_text())
    return document["claims"][0]["verdict"]


def test_slices_come_to_the_same_store_and_verdict_as_one_session(project, monkeypatch):
    """The first begins no job after a second; the next has its runs from the first's folder."""
    monkeypatch.setattr(programme, "PACKING_S", 0.0)
    monkeypatch.setattr(programme, "LEAST_S", 0.5)
    project.claim(treatment=SLOW)
    conftest = 'pytest_plugins = ["harness.plugin", "reports.plugin"]\n'
    (project.root / "conftest.py").write_text(conftest)
    first = slice_of(project, "first", None, last_job_s=59.0)
    assert programme.run(first) == MORE
    assert len(records(first)) < 20  # none at all on a machine that is slow enough
    second = slice_of(project, "second", first.out, last_job_s=1.0)
    assert programme.run(second) == DONE
    assert len(project.trained) == 20
    whole = slice_of(project, "whole", None, last_job_s=1.0)
    assert programme.run(whole) == DONE
    assert records(second) == records(whole)
    assert verdict(second) == verdict(whole) == "SUPPORTED"
