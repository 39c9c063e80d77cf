"""Two families in one session: two boards, one line of progress, two documents."""

import json
import re
import shutil
import sys

import pytest
from toy_projects import DOWN, text_of

CONFTEST = """
import json
from pathlib import Path
from harness.hooks import display

pytest_plugins = ["harness.plugin"]
display.EVERY_S = 0.05


def pytest_claims_finished(config, document):
    path = Path(config.rootpath, document["family"]["slug"] + ".json")
    path.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
"""

PAPER_BENCH = """
from toy_bench import Scale, ToyBench


class PaperBench(ToyBench):
    @classmethod
    def scales(cls):
        return (*super().scales(), Scale(name="paper", seeds=tuple(range(10))))

    def environment(self, device):
        from dataclasses import replace

        return replace(super().environment(device), engine="paper")
"""


def second_family(project, name):
    """Copy the family's folder; its claim gets a slug and arms of its own."""
    folder = project.folder.parent / name
    shutil.copytree(project.folder, folder)
    for path in (folder / "family.toml", folder / "test_toy_rises.py"):
        text = path.read_text().replace("toy-rises", f"{name.replace('_', '-')}-rises")
        text = text.replace('"up"', f'"{name}-up"').replace('"plain"', f'"{name}-plain"')
        path.write_text(text.replace("def test_toy_rises", f"def test_{name}_rises"))
    (folder / "test_toy_rises.py").rename(folder / f"test_{name}_rises.py")


def documents(project):
    paths = sorted(project.root.glob("toy_20*.json"))
    return {path.stem: json.loads(path.read_text()) for path in paths}


def test_each_family_has_its_plan_and_its_costs_and_one_line_counts_both(project):
    """Progress is of both plans from the start; neither family counts the other's runs as its."""
    slow = 'toy(name="{}", accuracy={}, slow=0.02)'
    project.claim(treatment=slow.format("up", 80.0), control=slow.format("plain", 60.0))
    (project.root / "conftest.py").write_text(CONFTEST)
    second_family(project, "toy_2021")
    result = project.run()
    assert result.ret == 0
    counts = re.findall(r"training: (\d+) of (\d+) jobs done", text_of(result))
    assert {int(total) for _, total in counts} == {40}
    assert max(int(done) for done, _ in counts) > 20  # of the second, too
    found = documents(project)
    assert set(found) == {"toy_2020", "toy_2021"}
    assert [document["cost"]["trained"] for document in found.values()] == [20, 20]
    assert list((project.root / ".claims" / "sessions").iterdir()) == []


def test_a_document_has_the_options_of_its_own_bench_alone(project):
    """Another paper's bench may have options that mean nothing to this one."""
    project.claim()
    (project.root / "conftest.py").write_text(CONFTEST)
    second_family(project, "toy_2021")
    (project.root / "other_bench.py").write_text(
        "from toy_bench import *\nfrom toy_bench import ToyBench as Toy\n\n\nclass Bench(Toy):\n"
        "    options = classmethod(lambda cls: (BenchOption(flag='--depth', default='3'),))\n"
    )
    text = (project.folder / "family.toml").read_text()
    (project.folder / "family.toml").write_text(
        text.replace("toy_bench:ToyBench", "other_bench:Bench")
    )
    project.start("--flavour", "other", "--depth", "5")
    options = {name: found["settings"]["options"] for name, found in documents(project).items()}
    assert options == {"toy_2020": {"--depth": "5"}, "toy_2021": {"--flavour": "other"}}


def test_runs_that_families_share_are_trained_once_and_end_the_line(project):
    """The second family finds the first one's runs; no line stays behind while tests judge."""
    slow = 'toy(name="{}", accuracy={}, slow=0.02)'
    project.claim(treatment=slow.format("up", 80.0), control=slow.format("plain", 60.0))
    (project.root / "conftest.py").write_text(CONFTEST)
    second_family(project, "toy_2021")
    path = project.folder.parent / "toy_2021" / "test_toy_2021_rises.py"
    path.write_text(path.read_text().replace('"toy_2021-plain"', '"plain"'))
    result = project.run()
    assert result.ret == 0
    assert len(project.trained) == 30
    assert set(re.findall(r"training: \d+ of (\d+) jobs done", text_of(result))) == {"30"}
    assert [d["cost"]["trained"] for d in documents(project).values()] == [20, 10]


@pytest.fixture
def two_benches(project, monkeypatch):
    """Return a project of two families; the bench of the second, toy_2021, has no scale paper."""
    project.claim()
    second_family(project, "toy_2021")
    (project.root / "paper_bench.py").write_text(PAPER_BENCH)
    project.family("toy-rises", bench="paper_bench:PaperBench")
    monkeypatch.setenv("TOY_CARDS", "1")
    return project


def test_a_family_that_is_not_asked_for_may_lack_the_scale(two_benches):
    """Only the benches of what was asked for are asked for the scale; the error says who asked."""
    run = two_benches.pytester.runpytest_inprocess
    assert run("claims/toy_2020/test_toy_rises.py", "--gpu", "--plan").ret == 0
    assert run("claims/toy_2020", "--scale", "paper", "--plan").ret == 0
    for where in ("claims", "claims/toy_2021/test_toy_2021_rises.py::test_toy_2021_rises"):
        result = run(where, "--gpu", "--plan")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        said = "--scale: got 'paper', which --gpu implies; expected one of quick, desk; name one"
        assert said in text_of(result)


def test_a_store_without_the_runs_of_another_family_is_judged(two_benches):
    """Whether it is not asked for or deselected; where it is judged, too, the session stops.

    In whichever process it is found out.
    """
    run = two_benches.pytester.runpytest_inprocess
    assert run("claims/toy_2020").ret == 0
    assert run("claims/toy_2020", "--judge-only").ret == 0
    assert run("claims", "-k", "test_toy_rises", "--judge-only").ret == 0
    several = two_benches.start("--judge-only", "-n", "2")
    for result in (run("claims", "--judge-only"), several):
        assert result.ret == pytest.ExitCode.INTERRUPTED
        said = "--judge-only: got no runs of cpu-torch0-fp64-toy, for toy_2021, in"
        assert said in text_of(result)
        assert "Traceback" not in text_of(result)


def test_a_bench_of_elsewhere_has_its_default_options(project, monkeypatch, tmp_path_factory):
    """Known are those of the benches beside where it was started, and of no other."""
    project.claim(treatment='toy(name="other", accuracy=80.0)')
    (project.root / "toy_bench.py").write_text(
        (project.root / "toy_bench.py").read_text().replace('.get("--flavour")', '["--flavour"]')
    )
    monkeypatch.chdir(tmp_path_factory.mktemp("away"))
    result = project.pytester.run(sys.executable, "-m", "pytest", project.root / "claims")
    assert result.ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


def test_what_became_of_one_paper_stands_in_its_document_alone(project):
    """Damaged records and ledgers are each paper's own; the terminal says all."""
    project.claim()
    (project.root / "conftest.py").write_text(CONFTEST)
    second_family(project, "toy_2021")
    project.run()
    damaged = {}
    for family in ("toy_2020", "toy_2021"):
        (run, *_) = documents(project)[family]["claims"][0]["cells"][0]["runs"]["treatment"]
        (path,) = (project.root / ".claims" / "runs").glob(f"*/{run['key']}.json")
        path.write_text("half a record")
        damaged[family] = run["key"]
    text = text_of(project.run("--update-ledger"))
    for family, document in documents(project).items():
        (notice,) = document["notices"]
        assert f"damaged folder: {damaged[family]}." in notice
        assert f"verdicts recorded in {project.folder.with_name(family)}" in text


@pytest.mark.parametrize(
    ("mode", "workers"), [("prepend", "0"), ("importlib", "0"), ("prepend", "2")]
)
def test_two_papers_may_have_claims_of_one_name(project, workers, mode):
    """Each is judged by its own file and stands in its own document."""
    project.claim()
    other = project.folder.with_name("toy_2021")
    shutil.copytree(project.folder, other)
    project.folder = other
    project.claim(treatment=DOWN)
    (project.root / "conftest.py").write_text(CONFTEST)
    run = project.run if workers == "0" else project.start
    result = run("-n", workers, f"--import-mode={mode}", "--no-ledger")
    result.assert_outcomes(passed=1, failed=1)
    found = documents(project)
    verdicts = {name: [c["verdict"] for c in found[name]["claims"]] for name in found}
    assert verdicts == {"toy_2020": ["SUPPORTED"], "toy_2021": ["REFUTED"]}
    assert found["toy_2021"]["claims"][0]["path"] == "claims/toy_2021/test_toy_rises.py"


def test_papers_outside_of_the_root_folder_may_have_files_of_one_name(project, tmp_path_factory):
    """Pytest would give both tests one name, and one of them would count as not run."""
    project.claim()
    (project.root / "conftest.py").write_text(CONFTEST)
    folders = []
    for name in ("toy_2020", "toy_2021"):
        folders.append(tmp_path_factory.mktemp("away") / "claims" / name)
        shutil.copytree(project.folder, folders[-1])
    shutil.rmtree(project.root / "claims")
    run = project.pytester.runpytest_subprocess
    result = run("--rootdir=.", "-p", "conftest", "-p", "toy_bench", *folders)
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    assert set(documents(project)) == {"toy_2020", "toy_2021"}
