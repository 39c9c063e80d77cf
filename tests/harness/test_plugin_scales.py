"""Claims that only some scales can judge: elsewhere NOT RUN, with the reason, and no harm done."""

import shlex

import pytest
from toy_projects import text_of

from harness.hooks.repeating import scale_words

ONLY_QUICK = 'scales=("quick",), only_because="its numbers are those of the small task.",'
WHY = "Not judged at scale desk, only at quick: its numbers are those of the small task."


def two(project, **parts):
    """Write a claim for every scale and one that only quick can judge."""
    project.family("toy-rises", "toy-small")
    project.claim("toy-rises")
    project.claim("toy-small", **({"more": ONLY_QUICK, "treatment": 'toy(name="small")'} | parts))


@pytest.mark.parametrize("workers", [None, "2"])
def test_a_claim_of_another_scale_is_not_run_with_its_reason(project, workers):
    """Its test is skipped, nothing is trained for it, and the session ends with 0."""
    two(project)
    result = project.start("-n", workers, "-rs") if workers else project.run("-rs")
    assert result.ret == 0
    result.assert_outcomes(passed=1, skipped=1)
    assert project.verdicts == {"toy-rises": "SUPPORTED", "toy-small": "NOT RUN"}
    claim = project.document["claims"][1]
    assert claim["reason"] == claim["not_judged_here"] == WHY
    assert [cell["verdict"] for cell in claim["cells"]] == ["NOT RUN"]
    assert claim["command"] == "pytest claims/toy_2020/test_toy_small.py --scale quick"
    assert {name for name, _, _ in project.trained} == {"up", "plain"}
    text = text_of(result)
    assert f"NOT RUN: {WHY}" in text
    assert "toy-small  NOT RUN" in text


@pytest.mark.parametrize(("scale", "option"), [("desk", "--scale desk"), ("paper", "--gpu")])
def test_a_card_repeats_a_claim_as_its_scale_is_run(scale, option):
    """At the paper's own setting that is on a graphics card, not for days on a processor."""
    assert scale_words(scale) == option.split()
    assert scale_words(scale, no_card=True) == ["--scale", scale]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((), "--scale desk"),
        (("--flavour", "other"), "--scale desk --flavour other"),
        (("--flavour", "plain", "--place", "there"), "--scale desk"),
        (("--seeds", "0-4", "--scale", "quick"), "--scale quick --seeds 0-4"),
        (("--seeds", "0-9"), "--scale desk"),
        (("--device", "cuda:0"), "--scale desk --device cuda"),
    ],
)
def test_a_card_repeats_a_claim_with_what_changed_its_numbers(project, asked, said, monkeypatch):
    """And with nothing that is a default, or a place on this machine."""
    monkeypatch.setenv("TOY_CARDS", "1")
    own = 'return (BenchOption(flag="--flavour"'
    place = 'return (BenchOption(flag="--place", default="here", changes_numbers=False), '
    bench = project.root / "toy_bench.py"
    bench.write_text(bench.read_text().replace(own, f"{place}{own.removeprefix('return (')}"))
    project.claim()
    project.run(*asked)
    (claim,) = project.document["claims"]
    assert claim["command"] == f"pytest claims/toy_2020/test_toy_rises.py {said}"
    changed = project.document["settings"]["changed_options"]
    assert changed == (["--flavour", "other"] if "other" in asked else [])


def test_a_card_repeats_a_claim_that_full_alone_runs(project):
    """Without it pytest would leave the claim out."""
    project.claim(more='full=("desk",),')
    project.run("--full")
    (claim,) = project.document["claims"]
    assert claim["command"] == "pytest claims/toy_2020/test_toy_rises.py --scale desk --full"


def test_commands_can_be_pasted_into_a_shell(project):
    """Words with blanks and quotes are quoted, in the run's command and on a card."""
    folder = project.folder.with_name("toy's 2020")
    project.claim()
    project.folder.rename(folder)
    project.run("-k", "rises or falls", "--no-ledger")
    whole = ["pytest", "claims", "-k", "rises or falls", "--no-ledger"]
    assert shlex.split(project.document["settings"]["command"])[-5:] == whole
    one = shlex.split(project.document["claims"][0]["command"])
    assert one == ["pytest", "claims/toy's 2020/test_toy_rises.py", "--scale", "desk"]


def test_it_is_judged_at_its_own_scale(project):
    """At quick the same file runs like any other."""
    two(project)
    result = project.run("--scale", "quick")
    result.assert_outcomes(passed=2)
    assert project.verdicts["toy-small"] == "INCONCLUSIVE"


def test_every_cell_of_it_is_listed(project):
    """The reader of the report sees which cases there would be."""
    arm = 'lambda cell: toy(name=f"l{cell.layer}")'
    two(project, treatment=arm, more=ONLY_QUICK + "cells=grid(layer=(1, 2)),")
    assert project.run().ret == 0
    claim = project.document["claims"][1]
    assert [cell["label"] for cell in claim["cells"]] == ["layer 1", "layer 2"]
    assert {cell["reason"] for cell in claim["cells"]} == {WHY} == {claim["reason"]}


def test_the_plan_trains_nothing_for_it_and_names_it(project):
    """--plan lists what would be trained, and what cannot be judged here."""
    two(project)
    text = text_of(project.run("--plan"))
    assert "toy small" not in text
    assert f"toy-small: NOT RUN. {WHY}" in text


def test_the_ledger_is_neither_read_nor_written_for_it(project):
    """Recording the others and running again agrees, whatever was not judged here."""
    two(project)
    assert project.run("--update-ledger").ret == 0
    assert "toy-small" not in (project.folder / "ledger.toml").read_text()
    assert project.run().ret == 0
    assert project.document["claims"][1]["ledger"]["status"] == "not read"


def test_selected_alone_it_still_ends_with_0_and_a_document(project):
    """Nothing failed: this scale had nothing to say."""
    two(project)
    result = project.run("-k", "small")
    assert result.ret == 0
    assert project.document["counts"]["NOT RUN"] == 2
    assert project.trained == []
    settings = project.document["settings"]
    assert settings["partial"] == (
        "0 of 2 registered claims were run. 1 cannot be judged at scale desk."
    )


def test_holm_counts_it_with_p_1(project):
    """Holm's values of the others exist, and are those of a family in which it was not shown."""
    two(project)
    project.run()
    rises, small = (claim["cells"][0] for claim in project.document["claims"])
    assert rises["p_holm"] == pytest.approx(2 * rises["p"])
    assert (small["p"], small["p_holm"]) == (None, None)


def test_a_claim_that_was_deselected_gives_no_holm(project):
    """Not selected is another thing than not to be judged here."""
    two(project, more="")
    project.run("-k", "rises")
    assert project.document["claims"][0]["cells"][0]["p_holm"] is None
    assert project.document["claims"][1]["reason"] == "Not part of this run."


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('scales=("huge",), only_because="so",', "scales: got huge; expected some of quick, desk"),
        ('full=("huge",),', "scales: got huge; expected some of quick, desk"),
        ('scales=("quick",),', "say why no other scale can judge the claim"),
        ('only_because="so",', "say why no other scale can judge the claim"),
        ('scales="quick", only_because="so",', "scales: got 'quick'; expected names of scales"),
        ("full=True,", "full: got True; expected names of scales"),
    ],
)
def test_scales_that_are_declared_wrongly_are_refused(project, more, said):
    """At collection, with what was got and what to do."""
    project.claim(more=more)
    result = project.run()
    assert result.ret == 2
    assert said in text_of(result)


def test_its_declaration_is_checked_at_the_scale_that_can_judge_it(project):
    """A wrong metric is found by a desk run, too, though desk never trains it."""
    project.claim(more=ONLY_QUICK, endpoint='mean("no_such")')
    result = project.run()
    assert result.ret == 2
    assert "metric: got 'no_such'" in text_of(result)


def test_its_arms_need_not_exist_at_other_scales(project):
    """A desk run lists the claim and its cell in the words of the scale that has them."""
    two(project, treatment='toy(name="small", only="quick")')
    assert project.run().ret == 0
    (cell,) = project.document["claims"][1]["cells"]
    assert cell["arms"]["treatment"]["label"] == "toy small"
    assert project.run("--scale", "quick").ret == 0
