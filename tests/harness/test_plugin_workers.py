"""Training by several processes: shared, once, and robust against whoever dies."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from toy_projects import text_of

SLOW = 'toy(name="up", accuracy=80.0, slow=0.15)'
SLOW_PLAIN = 'toy(name="plain", slow=0.15)'

VOLATILE = {
    "top level": ("created", "cost", "digest"),  # the digest is of these, too
    "settings": ("command",),
    "claim": ("cost", "command"),
    "runs": ("wall_s",),
}
"""All that may differ between sessions about the same runs: when, how long, and what was typed."""


def stable(document):
    """Return the document without its volatile parts."""
    document = {k: v for k, v in document.items() if k not in VOLATILE["top level"]}
    settings = document["settings"]
    document["settings"] = {k: v for k, v in settings.items() if k not in VOLATILE["settings"]}
    claims = [
        {k: v for k, v in claim.items() if k not in VOLATILE["claim"]}
        for claim in document["claims"]
    ]
    for cell in (cell for claim in claims for cell in claim["cells"]):
        for rows in cell["runs"].values():
            for row in rows:
                for key in VOLATILE["runs"]:
                    del row[key]
    return document | {"claims": claims}


def with_cells(project):
    """Write four claims and one with cells, some of whose arms are slow enough to be shared."""
    project.four()
    project.family("toy-rises", "toy-falls", "toy-level", "toy-void", "toy-cells")
    project.claim(
        "toy-cells",
        treatment='lambda cell: toy(name=f"c{cell.layer}", accuracy=70.0 + cell.layer, slow=0.02)',
        more='cells=grid(layer=(10, 5, 7)), figures=(curve("Loss", "train_loss"),), '
        'alternatives=thirds(mean("train_accuracy")),',
    )


def assert_trained_once(project):
    runs = Counter((name, seed) for name, seed, _ in project.trained)
    assert runs
    assert set(runs.values()) == {1}


def test_all_workers_train_the_runs_of_a_single_claim(project):
    """One claim is one test, yet both workers train for it, nothing twice; the next trains none."""
    project.claim(treatment=SLOW, control=SLOW_PLAIN)
    result = project.start("-n", "2")
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    assert_trained_once(project)
    assert len(project.trained) == 20
    by_process = Counter(pid for *_, pid in project.trained)
    assert len(by_process) == 2
    assert min(by_process.values()) >= 4
    assert project.document["cost"] | {"wall_s": 0, "train_s": 0} == {
        "runs": 20, "trained": 20, "reused": 0, "trained_beside": 0, "wall_s": 0, "train_s": 0
    }  # fmt: skip
    assert project.run().ret == 0
    assert len(project.trained) == 20
    assert (project.document["cost"]["trained"], project.document["cost"]["reused"]) == (0, 20)


def test_the_document_does_not_depend_on_how_the_store_was_filled(project):
    """One process, two workers, or two interrupted sessions: the same document, byte for byte."""
    with_cells(project)
    project.run()
    alone = stable(project.document)
    project.start("-n", "2", "--store", "second")
    assert stable(project.document) == alone
    for runs_wanted in (8, 20):
        interrupt_when(project, runs_wanted, "--store", "third")
    before = len(project.trained)
    project.run("--store", "third")
    assert len(project.trained) > before
    assert stable(project.document) == alone


def interrupt_when(project, runs_wanted, *options):
    """Start pytest and kill it, like a power cut, when the store holds so many runs."""
    (project.root / "slow_down").touch()
    runs = project.root / "third" / "runs"
    command = [sys.executable, "-m", "pytest", "claims", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while len(list(runs.glob("*/*.json"))) < runs_wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        assert process.poll() is None, "the session ended before it could be interrupted"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        (project.root / "slow_down").unlink()


def test_a_killed_worker_costs_only_its_job(project):
    """A worker that dies of SIGKILL is replaced, its job trained by another: verdicts, exit 0."""
    project.family("toy-rises", "toy-other")
    project.claim(treatment='toy(name="up", accuracy=80.0, killer="once")')
    project.claim("toy-other", treatment='toy(name="other", accuracy=75.0)')
    result = project.start("-n", "2")
    assert "replacing crashed worker" in text_of(result)
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED", "toy-other": "SUPPORTED"}
    again = Counter((name, seed) for name, seed, _ in project.trained)
    assert {run for run, times in again.items() if times > 1} == {("up", 0)}


def test_a_job_that_always_kills_ends_in_error_for_its_claims_alone(project):
    """After three attempts the job is given up: ERROR with that reason, the others judged."""
    project.family("toy-rises", "toy-other")
    project.claim(treatment='toy(name="up", accuracy=80.0, killer="always")')
    project.claim("toy-other", treatment='toy(name="other", accuracy=75.0)')
    result = project.start("-n", "2")
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 1
    assert project.verdicts == {"toy-rises": "ERROR", "toy-other": "SUPPORTED"}
    assert "its worker died 3 times" in project.document["claims"][0]["reason"]
    attempts = Counter((name, seed) for name, seed, _ in project.trained)
    assert attempts["up", 0] == 3


def test_a_worker_that_loses_its_device_costs_only_its_job(project):
    """Whatever it trained next would fail, too: it is replaced, and no job is marked as failed."""
    project.family("toy-rises", "toy-other")
    project.claim(treatment='toy(name="up", accuracy=80.0, loses="once")')
    project.claim("toy-other", treatment='toy(name="other", accuracy=75.0)')
    result = project.start("-n", "2")
    assert "replacing crashed worker" in text_of(result)
    assert "cpu: lost to this process while it trained toy up, seeds (0,)" in text_of(result)
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED", "toy-other": "SUPPORTED"}
    again = Counter((name, seed) for name, seed, _ in project.trained)
    assert {run for run, times in again.items() if times > 1} == {("up", 0)}


def test_a_job_that_always_loses_the_device_is_given_up(project):
    """After three workers: ERROR with the error's own words, the other claims are judged."""
    project.family("toy-rises", "toy-other")
    project.claim(treatment='toy(name="up", accuracy=80.0, loses="always")')
    project.claim("toy-other", treatment='toy(name="other", accuracy=75.0)')
    result = project.start("-n", "2")
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 1
    assert project.verdicts == {"toy-rises": "ERROR", "toy-other": "SUPPORTED"}
    reason = project.document["claims"][0]["reason"]
    assert "its worker died 3 times" in reason
    assert "RuntimeError: toy device: an illegal memory access" in reason
    attempts = Counter((name, seed) for name, seed, _ in project.trained)
    assert attempts["up", 0] == 3


def test_without_workers_a_lost_device_ends_training_in_words(project):
    """Nothing is judged by halves; the same command goes on with what was not trained."""
    project.claim(treatment='toy(name="up", accuracy=80.0, loses="once")')
    result = project.start()
    assert result.ret == 2
    assert "lost to this process while it trained toy up, seeds (0,)" in text_of(result)
    assert "the same command goes on from there" in text_of(result)
    before = len(project.trained)
    assert before < 20
    assert project.start().ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}
    again = Counter((name, seed) for name, seed, _ in project.trained)
    assert {run for run, times in again.items() if times > 1} == {("up", 0)}


def test_two_sessions_may_share_a_store(project):
    """Two sessions at once on one store train each run once and both give the verdict."""
    project.claim(treatment=SLOW, control=SLOW_PLAIN)
    command = [sys.executable, "-m", "pytest", "claims", "-q"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0, out
        assert "1 SUPPORTED" in out
    assert_trained_once(project)
    assert len({pid for *_, pid in project.trained}) == 2


@pytest.mark.parametrize("workers", [None, "2"])
def test_progress_is_shown_while_runs_train(project, workers):
    """Where output is no terminal, a line now and then says what is done, left and training."""
    (project.root / "conftest.py").write_text(
        (project.root / "conftest.py").read_text()
        + "\nfrom harness.hooks import display\ndisplay.EVERY_S = 0.3\n"
    )
    project.claim(treatment=SLOW, control=SLOW_PLAIN)
    text = text_of(project.start(*(["-n", workers] if workers else [])))
    lines = [line for line in text.splitlines() if line.startswith("training: ")]
    assert lines
    assert any("of 20 jobs done, about" in line for line in lines)
    assert any("now toy " in line for line in lines)


def test_a_damaged_record_is_trained_again_and_said(project):
    """A record with a flipped byte is set aside, trained again, and named at the end."""
    project.claim()
    project.run()
    before = stable(project.document)
    record = sorted((project.root / ".claims" / "runs").glob("*/*.json"))[3]
    content = bytearray(record.read_bytes())
    content[len(content) // 2] ^= 0x01
    record.write_bytes(content)
    result = project.run()
    assert result.ret == 0
    assert len(project.trained) == 21
    assert "A damaged record was set aside in the store's damaged folder" in text_of(result)
    assert record.stem in text_of(result)
    assert stable(project.document) | {"notices": []} == before
    assert "set aside" not in text_of(project.run())  # said once


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_damaged_record_that_is_only_judged_is_said_and_left(project, workers):
    """--judge-only and --plan move nothing out of a store; the error counts what is missing."""
    project.claim()
    project.run()
    record, lost, *_ = sorted((project.root / ".claims" / "runs").glob("*/*.json"))
    record.write_text(record.read_text()[:100])
    lost.unlink()
    result = project.start("--judge-only", "-n", workers)
    assert result.ret == 1
    assert "(2 of the 20 runs of this verdict missing)" in text_of(result)
    assert project.verdicts == {"toy-rises": "ERROR"}
    assert "2 runs to train" in text_of(project.run("--plan"))
    assert record.exists()
    assert not (project.root / ".claims" / "damaged").exists()


def test_a_block_that_is_partly_stored_is_said(project):
    """Its missing run is trained with the whole block; the others keep their first records."""
    project.claim(treatment='toy(name="up", accuracy=80.0, block=10)')
    project.run()
    before = stable(project.document)
    records = sorted((project.root / ".claims" / "runs").glob("*/*-s3-*.json"))
    assert len(records) == 2
    for record in records:
        record.unlink()
    result = project.run()
    assert result.ret == 0
    assert (
        "9 stored runs were trained again with the rest of their block of seeds, 9 with the same "
        "numbers: the store keeps the first record of each." in text_of(result)
    )
    assert stable(project.document) | {"notices": []} == before
    assert len(project.trained) == 20 + 10 + 1


def test_other_code_is_other_runs(project):
    """After the code of an arm has changed, --judge-only says what the store holds instead."""
    project.claim()
    project.start()
    numbers = project.root / "toy_numbers.py"
    commented = numbers.read_text() + "\n# a remark\n"
    numbers.write_text(commented)
    assert project.start("--judge-only").ret == 0
    numbers.write_text(commented.replace("2.3 - 2.0", "2.4 - 2.0"))
    result = project.start("--judge-only")
    assert result.ret == 1
    result.assert_outcomes(errors=1)
    assert "it holds 1 made with other code" in text_of(result)
    assert "Traceback" not in text_of(result)
    assert len(project.trained) == 20


def test_a_full_store_is_judged_even_where_nothing_can_be_written(project, monkeypatch):
    """A read-only store that holds every run serves verdicts: there is nothing to write."""
    project.claim()
    project.run()
    from harness.errors import StoreError
    from harness.runs import board, store

    def refuse(path, text):
        raise StoreError(f"store: cannot write {path}: Read-only file system")

    for module in (board, store):
        monkeypatch.setattr(module, "write_aside", refuse)
    assert project.run().ret == 0
    assert project.run("--judge-only").ret == 0
    project.claim(treatment='toy(name="more", accuracy=80.0)')
    result = project.run()
    assert result.ret == 2
    assert "Read-only file system" in text_of(result)
    assert "INTERNALERROR" not in text_of(result)
