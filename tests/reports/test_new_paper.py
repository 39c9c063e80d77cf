"""A second paper: begun with one command, and its example runs and is judged at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reports.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return a project without a paper, in which commands are run."""
    (tmp_path / "claims").mkdir()
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest]\nstrict = true\naddopts = ["-p", "no:hypothesispytest"]\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def called(root, *words):
    """Run Python as the console commands do: the folder that it is run in is not on the path."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-P", *words],
        cwd=root,
        env=env | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def claims(root, *words):
    return called(root, "-c", "import sys; from reports.cli import main; sys.exit(main())", *words)


def judged(root, *words):
    """Run pytest and return its exit code and the verdict of each claim, or what it said."""
    code, said = called(root, "-m", "pytest", *words, "-p", "no:cacheprovider")
    path = root / "reports" / "out" / "verdicts.json"
    if code != 0 or not path.exists():
        return code, said
    document = json.loads(path.read_text())
    return code, {claim["slug"]: claim["verdict"] for claim in document["claims"]}


def test_a_new_paper_runs_at_quick_and_is_judged_at_desk(root):
    """The three commands of harness/README.md, as they stand there."""
    code, said = claims(root, "new-paper", "nope_2021")
    assert code == 0, said
    assert "pytest claims/nope_2021 --scale quick" in said
    quick = judged(root, "claims/nope_2021", "--scale", "quick")
    assert quick == (0, {"nope-2021-example": "INCONCLUSIVE"})
    desk = judged(root, "claims/nope_2021")
    assert desk == (0, {"nope-2021-example": "SUPPORTED"})


def test_a_new_paper_stands_in_nobodys_way(root):
    """With --gpu every bench is asked for scale paper and a device: it has one and refuses none."""
    assert main(["new-paper", "nope_2021"]) == 0
    paper = judged(root, "claims/nope_2021", "--gpu")
    assert paper == (0, {"nope-2021-example": "SUPPORTED"})


def test_two_new_papers_stand_beside_each_other(root):
    """Their examples have names of their own, as pytest wants of files without a package."""
    assert main(["new-paper", "nope_2021"]) == main(["new-paper", "other"]) == 0
    code, said = judged(root, "claims", "--scale", "quick")
    assert code == 0, said
    assert sorted(path.name for path in (root / "benches").glob("*.py")) == [
        "__init__.py", "nope_2021.py", "other.py",
    ]  # fmt: skip


def test_metrics_are_those_of_the_arms_that_claims_name(root):
    """What cannot be asked is said, and hides no other: an arm that is none, a file that breaks."""
    assert main(["new-paper", "nope_2021"]) == main(["new", "x", "--family", "nope_2021"]) == 0
    (root / "claims" / "nope_2021" / "test_broken.py").write_text("import nothing_of_that_name")
    code, said = claims(root, "metrics", "--family", "nope_2021", "--scale", "quick")
    assert code == 0
    line, *left_out = said.splitlines()
    assert line == "train_loss  -  training loss"
    assert len(left_out) == 2
    assert "test_broken.py: cannot be imported" in left_out[0]
    assert "got 'TODO'" in left_out[1]
    code, said = claims(root, "metrics", "--family", "claims/nope_2021", "--scale", "none")
    assert (code, "got 'none'; expected one of quick, desk, paper" in said) == (2, True)


def test_metrics_of_the_first_paper_are_listed_by_name(monkeypatch, capsys):
    """Sorted, each once, with its unit; of two kinds of network a name may mean two things."""
    monkeypatch.chdir(ROOT)
    assert main(["metrics"]) == 0
    rows = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    names = [row[0] for row in rows]
    assert names == sorted(set(names))
    assert ["train_accuracy", "%", "training accuracy of the batch"] in rows
    assert "loss_max" in names  # a probe's


@pytest.mark.parametrize("slug", ["Nope", "nope-2021", "2021", "../up", "a__b", "", "a b", "class"])
def test_what_cannot_name_a_folder_and_a_module_is_refused(slug, root, capsys):
    """Nothing is written."""
    assert main(["new-paper", slug]) == 2
    assert "such as nope_2021" in capsys.readouterr().err
    assert list((root / "claims").iterdir()) == []
    assert not (root / "benches").exists()


def test_nothing_is_overwritten_and_nothing_half_written(root, capsys):
    """Neither the family nor the bench, of which one may be there; nor away from the root."""
    (root / "benches").mkdir()
    (root / "benches" / "nope_2021.py").write_text("mine")
    assert main(["new-paper", "nope_2021"]) == 2
    assert "already there" in capsys.readouterr().err
    assert not (root / "claims" / "nope_2021").exists()
    assert (root / "benches" / "nope_2021.py").read_text() == "mine"
    (root / "claims").rmdir()
    assert main(["new-paper", "other"]) == 2
    assert "got no folder claims" in capsys.readouterr().err


def test_what_is_begun_passes_the_lint_of_this_project(root):
    """`make lint` stays green beside a second paper."""
    assert main(["new-paper", "nope_2021"]) == 0
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (root / "harness").symlink_to(ROOT / "harness")  # so that imports are sorted as they are here
    for command in (["check"], ["format", "--check"]):
        code, said = called(root, "-m", "ruff", *command, "claims", "benches")
        assert code == 0, said
