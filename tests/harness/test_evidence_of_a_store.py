"""Evidence from a store: judged where nothing can be trained, checked, and fit to be committed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from toy_projects import Project, claim_text, text_of

from harness.errors import OptionError
from harness.imports.imported_values import read_values
from harness.imports.importing import Source, import_document
from reports import cli
from reports.document import DocumentError, load_document
from reports.programme import evidence
from reports.programme.evidence import Asked

ELSEWHERE = "cuda-torch9.0-fp64-graphs"
JUDGE_ONLY = ("--scale", "desk", "--judge-only", "--environment", ELSEWHERE)
OUT = Path("reports") / "evidence" / "2026-11-21-card"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return a project whose four claims were judged; its runs are then another machine's.

    And its evidence, from which the tests that only read it make none anew.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_ADDOPTS", raising=False)
        project = Project(SimpleNamespace(path=tmp_path_factory.mktemp("kept")), patch)
        project.four()
        conftest = project.root / "conftest.py"
        conftest.write_text(conftest.read_text().replace('"]', '", "reports.plugin"]', 1))
        command = [sys.executable, "-m", "pytest", "claims", "--scale", "desk"]
        subprocess.run(command, cwd=project.root, check=False, capture_output=True)
        runs = project.root / ".claims" / "runs"
        next(runs.iterdir()).rename(runs / ELSEWHERE)
        shutil.copytree(project.root, project.root / "as trained")
        evidence.make(asked(project))
    return project


@pytest.fixture
def trained(kept, project):
    """Return such a project of the test's own, without evidence."""
    shutil.copytree(kept.root / "as trained", project.root, dirs_exist_ok=True)
    return project


def asked(project, **more):
    given = {"scale": "desk", "environment": None, "with_runs": False, "restore": None}
    return Asked(root=project.root, store=Path(".claims"), out=OUT, **(given | more))


def test_evidence_says_what_the_training_session_said(kept):
    """From another machine's runs, and again from the endpoints alone; no run is trained."""
    before = json.loads((kept.root / "as trained" / "document.json").read_text())
    before = {claim["slug"]: claim["verdict"] for claim in before["claims"]}
    folder = kept.root / OUT
    document = load_document(folder / "verdicts.json")
    assert {claim["slug"]: claim["verdict"] for claim in document["claims"]} == before
    assert document["environment"]["name"] == ELSEWHERE
    assert document["settings"]["judge_only"] is True
    log = (kept.root / "as trained" / "trained.log").read_text()
    assert log.splitlines()
    assert (kept.root / "trained.log").read_text() == log
    assert cli.main(["check", str(folder / "verdicts.json")]) == 0
    assert imported(kept, folder) | {"toy-void": "INVALID"} == before


def imported(project, folder):
    """Return the verdicts that the endpoints alone come to, which tell no precondition."""
    source = Source(
        file="endpoints.csv", family=project.folder, scale="desk", root=project.root, command=""
    )
    document = import_document(read_values(folder / "endpoints.csv"), source)
    return {claim["slug"]: claim["verdict"] for claim in document["claims"]}


@pytest.mark.parametrize("arguments", [("--device", "cuda"), ("--gpu",)])
def test_a_cards_runs_are_judged_where_there_is_no_card(trained, arguments):
    """Whatever device is asked for: nothing is trained on it. The ledger is read all the same."""
    trained.run(*JUDGE_ONLY, "--update-ledger")
    result = trained.run(*JUDGE_ONLY, *arguments)
    assert "expected a CUDA device" not in text_of(result)
    assert trained.verdicts["toy-rises"] == "SUPPORTED"
    assert trained.document["claims"][0]["ledger"]["status"] == "same"


def test_the_folder_can_be_committed(kept):
    """It says n, environment and commands, and nothing of this machine's folders."""
    folder = kept.root / OUT
    text = (folder / "README.md").read_text()
    assert "| environment | cuda-torch9.0-fp64-graphs |" in text
    assert "| seeds of an arm | 10 |" in text
    assert "| scale | desk |" in text
    assert f"pytest claims/toy_2020 --judge-only --environment {ELSEWHERE} --scale desk" in text
    for path in folder.rglob("*"):
        assert str(kept.root) not in path.read_text(), path
    command = load_document(folder / "verdicts.json")["settings"]["command"]
    assert command in text  # also the document's own: none with a folder that was written aside
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "endpoints.csv", "index.html", "verdicts.json",
    ]  # fmt: skip


def test_what_training_costs_is_said_where_it_was_measured(kept, trained):
    """A benchmark that lies in the folder stays there and is named."""
    folder = trained.root / OUT
    shutil.copytree(kept.root / OUT, folder)
    assert "benchmark" not in (folder / "README.md").read_text()
    (folder / "benchmark.json").write_text("{}")
    evidence.make(asked(trained))
    assert "`benchmark.json` is what training costs there" in (folder / "README.md").read_text()
    assert (folder / "benchmark.json").read_text() == "{}"


def test_runs_are_kept_where_asked_for_and_judged_from_their_archive(trained):
    """An archive and an empty store come to the same evidence."""
    folder = evidence.make(asked(trained, with_runs=True)).page.parent
    first = (folder / "endpoints.csv").read_text()
    packed = trained.root / "packed"
    packed.mkdir()
    (folder / "store-1.tar.gz").rename(packed / "store-1.tar.gz")
    shutil.rmtree(trained.root / ".claims")
    folder = evidence.make(asked(trained, restore=packed)).page.parent
    assert (folder / "endpoints.csv").read_text() == first


@pytest.mark.parametrize("name", ["README.md", "index.html"])
@pytest.mark.parametrize("document", [None, "{}", '["schema", "claims"]', "{"])
def test_a_folder_of_something_else_is_refused(project, name, document):
    """At once, before anything is judged, and with all that lies there as it was."""
    folder = project.root / OUT
    folder.mkdir(parents=True)
    (folder / name).write_text("mine")
    if document is not None:
        (folder / "verdicts.json").write_text(document)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(OptionError, match=rf"--out: got .*, which has {name} and no verdicts.json"):
        evidence.make(asked(project))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def another_paper(project, name):
    """Begin a paper whose family has no run in the store; its bench is the first one's."""
    folder = project.folder.parent / name
    folder.mkdir()
    text = (project.folder / "family.toml").read_text().replace("toy-rises", f"{name}-rises")
    (folder / "family.toml").write_text(text)
    claim = claim_text(f"{name}-rises", treatment='toy(name="new", accuracy=80.0)')
    (folder / f"test_{name}_rises.py").write_text(claim)
    return folder


def test_a_paper_without_runs_is_left_out_and_named(trained):
    """Whatever its place in the alphabet: the page is that of the paper which has runs."""
    another_paper(trained, "another")
    made = evidence.make(asked(trained))
    assert load_document(made.page.parent / "verdicts.json")["family"]["slug"] == "toy_2020"
    (line,) = made.left_out
    assert "got no verdict of another at scale desk" in line
    assert line in (made.page.parent / "README.md").read_text()
    assert not (made.page.parent / "another").exists()


def test_one_paper_can_be_asked_for_by_name_or_path(trained):
    """Then nothing is left out: what has no runs is refused, and the folder stays as it was."""
    another_paper(trained, "another")
    made = evidence.make(asked(trained, families=("toy_2020", "claims/toy_2020")))
    assert made.left_out == ()
    before = {path: path.read_bytes() for path in made.page.parent.rglob("*")}
    with pytest.raises(OptionError, match="no verdict of another"):
        evidence.make(asked(trained, families=("toy_2020", "claims/another")))
    with pytest.raises(OptionError, match="--family: got 'none'"):
        evidence.make(asked(trained, families=("none",)))
    assert {path: path.read_bytes() for path in made.page.parent.rglob("*")} == before
    assert [path.name for path in made.page.parent.parent.iterdir()] == [OUT.name]


def test_a_paper_without_this_scale_is_left_out(trained):
    """Its bench has none of that name, so no session could be asked for it."""
    folder = another_paper(trained, "another")
    (trained.root / "tiny_bench.py").write_text(
        "from toy_bench import ToyBench\n\n\nclass Tiny(ToyBench):\n    @classmethod\n"
        "    def scales(cls):\n        return ToyBench.scales()[:1]\n"
    )
    text = (folder / "family.toml").read_text()
    (folder / "family.toml").write_text(text.replace("toy_bench:ToyBench", "tiny_bench:Tiny"))
    (line,) = evidence.make(asked(trained)).left_out
    assert line == "another: its bench has no scale desk; it has quick"


def test_runs_of_another_papers_library_are_not_taken_for_its_own(trained):
    """A second paper may calculate with something else, and keep its runs in the same store."""
    runs = trained.root / ".claims" / "runs"
    shutil.copytree(runs / ELSEWHERE, runs / "cpu-numpy9.0-fp64-eager")
    document = load_document(evidence.make(asked(trained)).page.parent / "verdicts.json")
    assert document["environment"]["name"] == ELSEWHERE
    assert document["environment"]["library"] == "torch 9.0"


def test_what_cannot_be_evidence_is_refused(trained, monkeypatch):
    """Environments absent or not told apart, another scale's runs, a folder too large to commit."""
    with pytest.raises(OptionError, match=f"got cpu; expected one of {ELSEWHERE}"):
        evidence.make(asked(trained, environment="cpu"))
    with pytest.raises(OptionError, match="got no verdict of toy_2020 at scale quick"):
        evidence.make(asked(trained, scale="quick"))
    monkeypatch.setattr(evidence, "MOST_BYTES", 1000)
    with pytest.raises(OptionError, match="leave --with-runs out"):
        evidence.make(asked(trained))
    runs = trained.root / ".claims" / "runs"
    shutil.copytree(runs / ELSEWHERE, runs / "cpu-torch9.0-fp32-eager")
    with pytest.raises(OptionError, match="got none, and 2 in the store that may be toy_2020"):
        evidence.make(asked(trained))
    monkeypatch.setattr(evidence, "call", lambda *_: (1, "report: not written"))
    with pytest.raises(DocumentError):  # the document of an earlier call does not stand in
        evidence.make(asked(trained, environment=ELSEWHERE))
    shutil.rmtree(trained.root / ".claims")
    with pytest.raises(OptionError, match="which holds no runs"):
        evidence.make(asked(trained))
