"""The plugin beside pytest's own options and rules."""

import json
import subprocess
import sys

import pytest
from toy_projects import DOWN, HERE, ROOT, text_of


@pytest.mark.parametrize("workers", [None, "2"])
@pytest.mark.parametrize("option", ["--collect-only", "--plan"])
def test_looking_ahead_trains_nothing(project, option, workers):
    """--collect-only and --plan end with exit code 0 and without a run."""
    project.claim()
    options = [option, *(["-n", workers] if workers else [])]
    result = project.run(*options)
    assert result.ret == 0
    assert project.trained == []
    assert not (project.root / "document.json").exists()


def test_a_store_that_is_given_lies_where_pytest_was_called(project, monkeypatch):
    """As the report's folder does; the default one lies in the root, from wherever it is called."""
    project.claim()
    monkeypatch.chdir(project.folder)
    project.pytester.runpytest_inprocess(".", "--store", "mine")
    assert list((project.folder / "mine" / "runs").rglob("*.json"))
    assert not (project.root / ".claims").exists()
    project.pytester.runpytest_inprocess(".")
    assert list((project.root / ".claims" / "runs").rglob("*.json"))


def test_the_plan_counts_runs_to_train_and_in_the_store(project):
    """Each arm's line counts its runs in both columns, blocks of several seeds included."""
    project.claim(treatment='toy(name="up", accuracy=80.0, block=4, slow=0.01)')
    plan = text_of(project.run("--plan"))
    assert "toy up: 10 to train, 0 in the store, 0 s" in plan
    assert "toy plain: 10 to train, 0 in the store" in plan
    assert "20 runs to train, about 0 s on one core" in plan
    project.run()
    (project.root / ".claims" / "runs").rename(project.root / "all")
    plan = text_of(project.run("--plan"))
    assert "20 runs to train" in plan
    (project.root / "all").rename(project.root / ".claims" / "runs")
    for path in (project.root / ".claims" / "runs").glob("*/*-s9-*.json"):
        path.unlink()  # the last block of up (seeds 8 and 9) and one run of plain
    plan = text_of(project.run("--plan"))
    assert "toy up: 2 to train, 8 in the store" in plan
    assert "toy plain: 1 to train, 9 in the store" in plan
    assert "3 runs to train" in plan


def test_a_claim_is_selected_by_its_slug(project):
    """As it is printed everywhere, with its hyphens, whole or in part; by file name, too."""
    project.family("toy-rises", "toy-falls")
    project.claim()
    project.claim("toy-falls", treatment=DOWN)
    for words in ("toy-rises", "y-ris", "not toy-falls", "toy_rises"):
        project.run("-k", words).assert_outcomes(passed=1, deselected=1)


def test_arms_shared_by_claims_are_trained_once(project):
    """Two claims with one control train it once; a claim that is deselected trains nothing."""
    project.family("toy-rises", "toy-falls")
    project.claim()
    project.claim("toy-falls", treatment=DOWN)
    project.run("-k", "rises").assert_outcomes(passed=1, deselected=1)
    assert {name for name, *_ in project.trained} == {"up", "plain"}
    project.run()
    assert sorted(name for name, *_ in project.trained) == sorted(["up", "plain", "down"] * 10)


def test_x_stops_and_lf_takes_up_the_failure(project):
    """-x ends at the first claim that fails; --lf judges that one again, from the store."""
    project.family("toy-falls", "toy-rises")
    project.claim("toy-falls", treatment=DOWN)
    project.claim("toy-rises")
    first = project.run("-x")
    first.assert_outcomes(failed=1)
    assert first.ret == 2 or first.ret == 1
    assert project.verdicts == {"toy-falls": "REFUTED", "toy-rises": "NOT RUN"}
    runs = len(project.trained)
    again = project.run("--lf")
    again.assert_outcomes(failed=1)
    assert len(project.trained) == runs


def test_a_test_that_never_calls_judge_fails(project):
    """A claim test that ends without a verdict fails, and its claim is ERROR, not "not run"."""
    project.claim(test="def test_it(judge):\n    pass\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "the test ended without a verdict; call judge(CLAIM)" in text_of(result)
    assert project.verdicts == {"toy-rises": "ERROR"}


@pytest.mark.parametrize("way_out", ["skip", "xfail"])
def test_a_test_that_leaves_before_judge_fails(project, way_out):
    """No claim is passed over by its own test: a scale that cannot judge it is declared."""
    body = f"def test_it(judge):\n    import pytest\n    pytest.{way_out}('later')\n"
    project.claim(test=body + "    judge(CLAIM)\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert result.ret == 1
    assert "a claim says in scales= where it is judged" in text_of(result)
    assert project.verdicts == {"toy-rises": "ERROR"}


def test_a_test_that_breaks_before_judge_is_an_error_in_the_document(project):
    """What a test raises by itself is shown by pytest, and its claim has no verdict: ERROR."""
    project.claim(test="def test_it(judge):\n    assert 1 + 1 == 3\n    judge(CLAIM)\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "assert (1 + 1) == 3" in text_of(result)
    assert project.verdicts == {"toy-rises": "ERROR"}


def test_an_assertion_about_the_verdict_still_counts(project):
    """The author may assert on the verdict; the evidence is recorded all the same."""
    project.claim(test="def test_it(judge):\n    assert judge(CLAIM) is Verdict.REFUTED\n")
    project.run().assert_outcomes(failed=1)
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


def test_another_claim_than_the_files_is_refused(project):
    """The CLAIM of the file that the test stands in is judged: any other has no runs."""
    project.claim(
        test="from dataclasses import replace\n\n\ndef test_it(judge):\n"
        "    judge(replace(CLAIM, statement='Something else.'))\n"
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "expected the CLAIM of the file that the test stands in" in text_of(result)
    assert project.verdicts == {"toy-rises": "ERROR"}


def test_another_cell_than_the_tests_own_is_refused(project):
    """A test of one cell cannot judge another one under its name."""
    project.claim(
        treatment='lambda cell: toy(name=f"l{cell.layer}", accuracy=80.0)',
        more="cells=grid(layer=(1, 2)),",
        test="def test_it(judge, cell):\n    judge(CLAIM, CLAIM.cells[0])\n",
    )
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    assert "expected judge(CLAIM, cell) with the test's own cell" in text_of(result)


def test_runs_that_are_missing_are_an_error_in_set_up(project):
    """--judge-only with half a store: E, not F, with what is missing and how to get it."""
    project.claim()
    project.run("--seeds", "0-4")
    result = project.run("--judge-only")
    result.assert_outcomes(errors=1)
    assert result.ret == 1
    assert "no run of toy up, seed 5" in text_of(result)
    assert "train it without --judge-only" in text_of(result)
    assert "(10 of the 20 runs of this verdict missing)" in text_of(result)
    assert project.verdicts == {"toy-rises": "ERROR"}
    assert len(project.trained) == 10


def test_a_store_from_elsewhere_is_judged_by_its_environments_name(project):
    """--environment names what to judge; without it the error lists what the store holds."""
    project.claim()
    project.run()
    runs = project.root / ".claims" / "runs"
    (runs / "cpu-torch0-fp64-toy").rename(runs / "cuda-elsewhere")
    result = project.run("--judge-only")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "expected one of cuda-elsewhere" in text_of(result)
    assert project.run("--judge-only", "--environment", "cuda-elsewhere").ret == 0
    assert project.document["environment"]["name"] == "cuda-elsewhere"
    assert len(project.trained) == 20


def test_tests_that_are_no_claims_are_left_alone(project):
    """A test outside a family runs as ever, and nothing is trained or announced for it."""
    (project.root / "claims" / "test_plain.py").write_text("def test_it():\n    assert True\n")
    project.run().assert_outcomes(passed=1)
    assert not (project.root / ".claims").exists()
    assert not (project.root / "document.json").exists()


def test_without_xdist_the_plugin_works(project):
    """pytest-xdist may be switched off."""
    project.claim()
    result = project.run("-p", "no:xdist")
    assert result.ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


def test_a_board_of_the_session_is_taken_down(project):
    """What workers told each other is removed at the end; records and locks stay."""
    project.claim()
    project.run()
    store = project.root / ".claims"
    assert list((store / "sessions").iterdir()) == []
    assert len(list((store / "runs").glob("*/*.json"))) == 20
    assert list(store.rglob(".aside-*")) == []
    assert list(store.rglob(".probe-*")) == []


def test_the_harness_imports_no_torch():
    """Neither the harness nor its tests' helpers load torch, or the statistics at collection."""
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(HERE)!r}]\n"
        "import harness.plugin, toy_bench, toy_projects, toy_numbers\n"
        "print(sorted({'torch', 'jinja2', 'matplotlib', 'scipy', 'statsmodels'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_claims_outside_of_the_root_folder_are_judged(project, workers):
    """Their files are named by the whole path, also of those that were not run."""
    project.family("toy-rises", "toy-falls", "toy-level")
    project.claim()
    project.claim("toy-falls", treatment=DOWN)
    (project.root / "inner").mkdir()
    options = ("--rootdir=inner", "--confcutdir=.", "-k", "rises", "-n", workers)
    result = project.start(*options)
    assert "INTERNALERROR" not in text_of(result)
    assert result.ret == 0
    document = json.loads((project.root / "inner" / "document.json").read_text())
    rises, falls, level = document["claims"]
    assert rises["verdict"] == "SUPPORTED"
    assert rises["path"] == str(project.folder / "test_toy_rises.py")
    assert falls["path"] == str(project.folder / "test_toy_falls.py")
    assert level["path"] is None
    assert document["settings"]["options"] == {"--flavour": "plain"}
