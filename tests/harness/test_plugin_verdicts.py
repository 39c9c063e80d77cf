"""Whole sessions: from claim files to verdicts, a table, a ledger and an exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from toy_projects import DOWN, LEVEL, UP, text_of

from harness.words import Verdict
from reports.checking.whole import disagreements
from reports.render import render

FOUR = {
    "toy-rises": "SUPPORTED",
    "toy-falls": "REFUTED",
    "toy-level": "INCONCLUSIVE",
    "toy-void": "INVALID",
}


@pytest.mark.parametrize("workers", [None, "2"])
def test_four_claims_end_in_four_verdicts(project, workers):
    """Data decide each claim; without a ledger everything but SUPPORTED fails, with its reason."""
    project.four()
    result = project.start("-n", workers) if workers else project.run()
    text = text_of(result)
    assert project.verdicts == FOUR
    assert result.ret == 1
    result.assert_outcomes(passed=1, failed=3)
    assert "1 SUPPORTED, 1 REFUTED, 1 INCONCLUSIVE, 1 INVALID" in text
    assert re.search(r"toy-falls +REFUTED \(opposite\)", text)
    assert "train_accuracy of the control is at least 90 in only 0% of the seeds" in text
    assert "INTERNALERROR" not in text


def test_the_counts_are_the_last_line_of_the_claims(project):
    """A reader of a log finds the counts at the end of the table, above pytest's own last line."""
    project.claim()
    lines = [line for line in project.run().outlines if line.strip()]
    assert lines[-2] == "1 SUPPORTED, 0 REFUTED, 0 INCONCLUSIVE"


def test_a_refuted_claim_that_is_too_small_says_so(project):
    """An effect shown to be on the right side, yet below the bound, is refuted as too small."""
    project.claim(treatment='toy(name="up", accuracy=62.0)')
    assert project.run().ret == 1
    (claim,) = project.document["claims"]
    assert (claim["verdict"], claim["refuted_kind"]) == ("REFUTED", "too small")


def test_what_the_document_says_of_a_gain_is_what_the_runs_hold(project):
    """Treatment, control and gains are the runs' own numbers, in the order of the seeds."""
    project.claim()
    assert project.run().ret == 0
    (cell,) = project.document["claims"][0]["cells"]
    assert cell["seeds"] == list(range(10))
    expected = [t - c for t, c in zip(cell["treatment"], cell["control"], strict=True)]
    assert cell["gains"] == pytest.approx(expected, abs=1e-12)
    assert [row["seed"] for row in cell["runs"]["control"]] == list(range(10))
    assert project.document["cost"]["trained"] == 20


def test_cells_all_count_and_their_ids_select_with_k(project):
    """One refuted cell refutes the claim; selecting the other leaves the claim NOT RUN."""
    project.claim(
        treatment='lambda cell: toy(name=f"l{cell.layer}", accuracy=80.0 - 3 * cell.layer)',
        more="cells=grid(layer=(1, 10)),",
    )
    assert project.run().ret == 1
    assert project.verdicts == {"toy-rises": "REFUTED"}
    result = project.run("-k", "layer1 and not layer10")
    result.assert_outcomes(passed=1, deselected=1)
    (claim,) = project.document["claims"]
    assert claim["verdict"] == Verdict.NOT_RUN
    assert [cell["verdict"] for cell in claim["cells"]] == ["SUPPORTED", "NOT RUN"]
    assert "    layer 1: SUPPORTED" in text_of(result)


def test_quick_scale_passes_with_inconclusive(project):
    """At a scale too small to judge all verdicts are INCONCLUSIVE and pass, with evidence."""
    project.four()
    result = project.run("--scale", "quick")
    assert result.ret == 0
    assert set(project.verdicts.values()) == {"INCONCLUSIVE"}
    cells = [cell for claim in project.document["claims"] for cell in claim["cells"]]
    assert all(cell["estimate"] is not None and cell["n"] == 2 for cell in cells)
    assert "Scale quick is too small to judge." in cells[0]["reason"]


@pytest.mark.parametrize("seeds", ["3", "0-4", "0-11"])
def test_exploratory_seeds_decide_nothing(project, seeds):
    """Seeds other than declared give evidence and INCONCLUSIVE, and do not read the ledger."""
    project.claim()
    result = project.run("--seeds", seeds)
    assert result.ret == 0
    (claim,) = project.document["claims"]
    assert claim["verdict"] == "INCONCLUSIVE"
    assert claim["ledger"]["status"] == "not read"
    assert claim["reason"].startswith("Exploratory: ")


def test_the_declared_seeds_written_out_are_not_exploratory(project):
    """What counts is which seeds, not whether they were typed."""
    project.claim()
    assert project.run("--seeds", "0-9").ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


def test_full_claims_run_only_with_full(project):
    """At the scales it is marked for, a claim is deselected and nothing trained but with --full."""
    project.claim(more='full=("desk",),')
    result = project.run()
    result.assert_outcomes(deselected=1)
    assert project.trained == []
    project.run("--full").assert_outcomes(passed=1)
    project.run("--scale", "quick").assert_outcomes(passed=1)


def test_what_is_written_into_the_ledger_during_a_run_stays(project):
    """A reason that is typed while it trains is there after the run has recorded its verdicts."""
    project.four()
    project.run("--update-ledger")
    ledger = project.folder / "ledger.toml"
    typing = (
        "import pathlib\n\n\ndef test_toy_rises(judge):\n"
        f"    path = pathlib.Path({str(ledger)!r})\n"
        "    path.write_text(path.read_text().replace('reason = \"\"', 'reason = \"typed\"'))\n"
        "    judge(CLAIM)\n"
    )
    project.claim("toy-rises", test=typing)
    assert "ledger: 4 verdicts recorded" in text_of(project.run("--update-ledger"))
    assert ledger.read_text().count('reason = "typed"') == 4


def test_a_ledger_is_recorded_owes_reasons_and_then_agrees(project):
    """--update-ledger records; a non-SUPPORTED entry fails until its reason is written."""
    project.four()
    first = project.run("--update-ledger")
    assert "ledger: 4 verdicts recorded" in text_of(first)
    assert "reason of: toy-falls, toy-level, toy-void" in text_of(first)
    owed = project.run()
    assert owed.ret == 1
    owed.assert_outcomes(passed=1, failed=3)
    assert "lacks its reason: write what was measured" in text_of(owed)
    ledger = project.folder / "ledger.toml"
    ledger.write_text(ledger.read_text().replace('reason = ""', 'reason = "measured so"'))
    agreed = project.run("-rx")
    assert agreed.ret == 0
    agreed.assert_outcomes(passed=1, xfailed=3)
    for word in ("REFUTED", "INCONCLUSIVE", "INVALID"):
        assert f"{word} (ledger: {word}, same)" in text_of(agreed)
    assert "1 SUPPORTED, 1 REFUTED, 1 INCONCLUSIVE, 1 INVALID" in text_of(agreed)
    beside = project.start("-n", "2")
    assert beside.ret == 0
    beside.assert_outcomes(passed=1, xfailed=3)
    without = project.run("--no-ledger")
    assert without.ret == 1
    without.assert_outcomes(passed=1, failed=3)


def test_another_verdict_of_the_same_run_is_drift(project):
    """The ledger's word against today's, with the same seeds and code: the test fails."""
    project.claim()
    project.run("--update-ledger")
    ledger = project.folder / "ledger.toml"
    recorded = ledger.read_text()
    ledger.write_text(recorded.replace('verdict = "SUPPORTED"', 'verdict = "INCONCLUSIVE"'))
    result = project.run()
    assert result.ret == 1
    assert "SUPPORTED (ledger: INCONCLUSIVE, drift)" in text_of(result)


def test_updating_twice_changes_nothing_but_keeps_reasons(project):
    """The same run recorded again leaves the ledger as it is, reasons included."""
    project.claim(treatment=DOWN)
    project.run("--update-ledger")
    ledger = project.folder / "ledger.toml"
    ledger.write_text(ledger.read_text().replace('reason = ""', 'reason = "it falls"'))
    before = ledger.read_bytes()
    assert project.run("--update-ledger").ret == 0
    assert ledger.read_bytes() == before


def test_an_undeclared_run_is_not_recorded(project):
    """--update-ledger at quick scale, or with other data, fails and writes nothing."""
    project.claim()
    for options in (["--scale", "quick"], ["--flavour", "other"]):
        result = project.run("--update-ledger", *options)
        assert result.ret == 1
        assert "ledger not updated: --update-ledger: got no verdict at declared" in text_of(result)
    assert not (project.folder / "ledger.toml").exists()


def test_other_data_leave_the_ledger_unread(project):
    """An option that changes numbers makes another experiment, of which the ledger says nothing."""
    project.claim(treatment=DOWN)
    project.run("--update-ledger")
    project.run("--flavour", "other")
    (claim,) = project.document["claims"]
    assert claim["ledger"]["status"] == "not read"


def test_a_broken_ledger_is_refused_at_collection(project):
    """A ledger that cannot be read ends the session before training, without a crash."""
    project.claim()
    (project.folder / "ledger.toml").write_text("schema = 1\n[[entry]]\nslug = 3\n")
    result = project.run()
    assert result.ret == 2
    assert "ledger.toml" in text_of(result)
    assert "INTERNALERROR" not in text_of(result)
    assert project.trained == []


def test_a_registered_slug_without_a_file_is_not_run(project):
    """The register's order rules the document; what has no file is NOT RUN; others come last."""
    project.family("toy-unwritten", "toy-rises")
    project.claim()
    project.claim("toy-added")
    result = project.run()
    assert list(project.verdicts) == ["toy-unwritten", "toy-rises", "toy-added"]
    assert project.verdicts["toy-unwritten"] == "NOT RUN"
    assert [claim["addition"] for claim in project.document["claims"]] == [False, False, True]
    assert "toy-added  SUPPORTED, addition" in text_of(result)
    assert "1 registered claim was not run: toy-unwritten" in result.outlines


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (2, "2 registered claims were not run: toy-0, toy-1"),
        (4, "4 registered claims were not run"),
    ],
)
def test_claims_that_were_not_run_are_named_where_they_are_few(project, count, said):
    """Up to three; of more, such as in a session of one claim, how many."""
    project.family("toy-rises", *(f"toy-{n}" for n in range(count)))
    project.claim()
    assert said in project.run().outlines


def test_an_addition_changes_nobodys_alpha(project):
    """Each claim's alpha is 0.05 over the registered slugs, with or without an unregistered one."""
    project.family("toy-rises", "toy-unwritten")
    project.claim()
    project.run()
    alone = project.document["claims"][0]["cells"][0]["alpha"]
    project.claim("toy-added", treatment='toy(name="other", accuracy=75.0)')
    project.run()
    cells = {c["slug"]: c["cells"] for c in project.document["claims"]}
    assert alone == pytest.approx(0.025)
    assert cells["toy-rises"][0]["alpha"] == cells["toy-added"][0]["alpha"] == alone


def test_holm_needs_the_whole_family(project):
    """Adjusted p values appear when every registered slug with a p was judged, and only then."""
    project.family("toy-rises", "toy-falls")
    project.claim("toy-rises")
    project.claim("toy-falls", treatment=DOWN)
    project.run("-k", "rises")
    assert project.document["claims"][0]["cells"][0]["p_holm"] is None
    project.run()
    p = [claim["cells"][0]["p"] for claim in project.document["claims"]]
    adjusted = [claim["cells"][0]["p_holm"] for claim in project.document["claims"]]
    assert adjusted == pytest.approx([min(1.0, 2 * p[0]), max(p[1], 2 * p[0])])


def test_a_register_entry_without_p_refuses_a_claim_with_one(project):
    """A slug that took no share of the error budget cannot be judged by a p value."""
    project.family("toy-other", "toy-rises", tail="uses_p = false")
    project.claim()
    result = project.run()
    assert result.ret == 2
    assert "uses_p" in text_of(result)


def test_a_figure_whose_extra_arm_failed_costs_no_verdict(project):
    """Arms that are only drawn cannot void a verdict: the panel says that one is missing."""
    project.claim(
        more='figures=(curve("Loss", "train_loss", extra=(("more", '
        'toy(name="more", raises=True)),)),),'
    )
    result = project.run()
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 0
    (panel,) = project.document["claims"][0]["figures"]
    assert [line["role"] for line in panel["lines"]] == ["treatment", "control"]
    assert "more" in panel["note"]


def test_a_damaged_curves_file_costs_no_verdict(project):
    """The paper's curves are decoration: a broken CSV fails the test with its name, no crash."""
    (project.folder / "curves").mkdir()
    (project.folder / "curves" / "x.csv").write_text("curve,step,value\nstandard,1,oops\n")
    project.claim(
        more='figures=(curve("Loss", "train_loss", '
        'paper=paper_curves("x.csv", steps=15_000, standard="control")),),'
    )
    result = project.run()
    assert "INTERNALERROR" not in text_of(result)
    assert "x.csv" in text_of(result)
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


def test_builtins_alone_reach_the_main_process(project):
    """The document is strict JSON: it reads back as it was, and no number is a NaN."""
    project.claim(endpoint='gmean("range", better="lower")', hypothesis="Above(1.0, because='x')")
    assert project.run().ret == 0
    text = (project.root / "document.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail) == project.document


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_failed_job_is_shown_once(project, workers):
    """Two claims and two cells need it: one traceback, and where it stands; all in each reason."""
    project.family("toy-rises", "toy-falls")
    broken = "toy(name='broken', raises=True)"
    project.claim(control=broken)
    by_cell = "lambda cell: toy(name=f'l{cell.layer}', accuracy=80.0 + cell.layer)"
    project.claim("toy-falls", treatment=by_cell, control=broken, more="cells=grid(layer=(1, 2)),")
    result = project.start("-n", workers)
    assert text_of(result).count("Traceback (most recent call last)") == 1
    said = "ERROR: training toy broken failed: RuntimeError: toy training broke (traceback: claims/"
    assert text_of(result).count(said) == 2
    assert "    training toy broken failed: RuntimeError: toy training broke" in result.outlines
    for claim in project.document["claims"]:
        assert all("toy training broke" in cell["reason"] for cell in claim["cells"])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_session_that_is_interrupted_says_what_is_kept(project, workers):
    """Ctrl-C while runs train: a line, no folder left behind, and the same command goes on."""
    project.claim(treatment='toy(name="up", accuracy=80.0, slow=0.4)')
    words = [sys.executable, "-m", "pytest", "claims", "-n", workers]
    session = subprocess.Popen(
        words, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as in a terminal
    )  # fmt: skip
    until = time.monotonic() + 30
    while len(list((project.root / ".claims").glob("runs/*/*.json"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    os.killpg(session.pid, signal.SIGINT)  # as a terminal does: to every process of the session
    printed, _ = session.communicate(timeout=30)
    assert session.returncode == 2
    assert "interrupted: runs that were finished are kept; the same command goes on" in printed
    assert list((project.root / ".claims").glob("sessions/*")) == []
    kept = {(name, seed) for name, seed, _ in project.trained[:2]}
    project.start().assert_outcomes(passed=1)
    assert all([(n, s) for n, s, _ in project.trained].count(run) == 1 for run in kept)


def test_a_claim_whose_training_raises_is_an_error_in_set_up(project):
    """A bench that raises makes its claims ERROR (E, not F) with the traceback's last words."""
    project.family("toy-rises", "toy-breaks")
    project.claim()
    project.claim("toy-breaks", treatment='toy(name="broken", raises=True)')
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    assert result.ret == 1
    assert "RuntimeError: toy training broke" in text_of(result)
    assert project.verdicts == {"toy-rises": "SUPPORTED", "toy-breaks": "ERROR"}
    assert project.document["counts"]["ERROR"] == 1


def test_a_bench_that_returns_other_seeds_is_an_error(project):
    """Records of seeds that were not asked for are never stored."""
    project.claim(treatment='toy(name="astray", accuracy=80.0, wrong_seeds=True)')
    result = project.run()
    result.assert_outcomes(errors=1)
    assert "bench: train: got records of seeds (1,); expected" in text_of(result)
    assert project.verdicts == {"toy-rises": "ERROR"}


def test_a_non_finite_endpoint_is_an_error_unless_declared(project):
    """A diverged run is an outcome: the claim says what it counts as, or the verdict is ERROR."""
    project.claim(treatment='toy(name="wild", accuracy=80.0, nan_seed=3)')
    result = project.run()
    assert project.verdicts == {"toy-rises": "ERROR"}
    assert "seed 3: train_accuracy is nan" in text_of(result)
    project.claim(
        treatment='toy(name="wild", accuracy=80.0, nan_seed=3)',
        endpoint='mean("train_accuracy", over=end, if_diverged=10.0)',
    )
    project.run()
    assert project.document["claims"][0]["cells"][0]["treatment"][3] == 10.0


def test_an_error_fails_at_quick_scale_too(project):
    """There every verdict is INCONCLUSIVE by rule, and what cannot be computed is none."""
    project.claim(treatment='toy(name="wild", accuracy=80.0, nan_seed=1)')
    result = project.run("--scale", "quick")
    result.assert_outcomes(failed=1)
    assert "ERROR. seed 1: train_accuracy is nan" in text_of(result)


def test_a_verdict_without_an_entry_says_what_to_do(project):
    """One that owes a reason is recorded and explained; an ERROR cannot be, and is not."""
    project.four()
    wild = 'toy(name="wild", accuracy=80.0, nan_seed=0)'
    project.claim("toy-void", treatment=wild)
    text = text_of(project.run())
    said = "Nothing is recorded for this claim, cell and scale"
    assert text.count(f"ledger: {said}; --update-ledger records it, then write its reason") == 2
    assert text.count(f"ledger: {said}.") == 1
    quick = text_of(project.run("--scale", "quick", "-k", "toy_void"))
    assert "toy-void: ERROR. seed 0" in quick
    assert "ledger:" not in quick


@pytest.mark.parametrize("arm", [UP, LEVEL])
def test_the_terminal_names_the_scale_and_what_n_would_gain(project, arm):
    """The header says where and at which scale; without -n it says what -n would gain."""
    project.claim(treatment=arm)
    text = text_of(project.run())
    assert "claims: scale desk, device cpu, store .claims" in text


def test_a_run_that_is_only_drawn_is_no_run_that_a_verdict_rests_on(project):
    """Trained for a figure, it leaves the others what they are: from the store."""
    project.claim()
    project.run()
    project.claim(
        more='figures=(curve("Loss", "train_loss", extra=(("more", toy(name="more")),)),),'
    )
    project.run()
    cost = project.document["cost"]
    counts = {"runs": 20, "trained": 0, "reused": 20, "trained_beside": 10}
    assert cost | counts == cost
    assert list(disagreements(project.document)) == []
    said = "20 that verdicts rest on: 0 trained, 20 from the store; 10 more trained, for figures"
    assert said in render(project.document)
