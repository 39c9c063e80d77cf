"""The commit that a document names: with a word beside it where the code is not all in it."""

import subprocess

import pytest

from harness.documents.commit import commit_of


@pytest.fixture
def repository(tmp_path):
    """Return a repository with one claim, committed, and an ignored folder."""
    (tmp_path / "claims" / "one").mkdir(parents=True)
    (tmp_path / "claims" / "one" / "test_one.py").write_text("CLAIM = 1\n")
    (tmp_path / ".gitignore").write_text("out/\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "One")
    return tmp_path


def git(root, *words):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *who, *words], check=True)  # noqa: S607


def test_a_clean_commit_is_named_alone(repository):
    """Twelve digits, also beside files that git ignores and files that are no code."""
    (repository / "claims" / "out").mkdir()
    (repository / "claims" / "out" / "new.py").write_text("")
    (repository / "claims" / "notes.txt").write_text("")
    commit = commit_of(repository)
    assert len(commit) == 12
    assert set(commit) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "name", ["claims/one/test_two.py", "claims/two/family.toml", "benches/new.py", "my_bench.py"]
)
def test_code_that_is_in_no_commit_is_said(repository, name):
    """A claim, its register or its bench that git does not know: the commit lacks it."""
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert commit_of(repository).endswith("+untracked")


def test_changed_and_new_code_are_both_said(repository):
    """One does not hide the other."""
    (repository / "claims" / "one" / "test_one.py").write_text("CLAIM = 2\n")
    assert commit_of(repository).endswith("-dirty")
    (repository / "my_bench.py").write_text("")
    assert commit_of(repository).endswith("-dirty+untracked")


def test_a_folder_in_no_repository_has_none(tmp_path, monkeypatch):
    """Nor is one invented where git is not there."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit_of(tmp_path) is None
    monkeypatch.setenv("PATH", "")
    assert commit_of(tmp_path) is None
