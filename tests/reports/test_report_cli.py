"""The console command: what it prints and what it exits with."""

import ast
import copy
import json
import math

import pytest
from documents import a_cell, a_claim, a_document, a_hypothesis, an_unrun_claim

from harness.decision import decide
from harness.hypotheses import Above, Equivalent, MoreOften, NotBelow
from harness.words import Transform
from reports.check import disagreements
from reports.cli import main
from reports.document import write_document

ALPHA = 0.05 / 26


def _judged(cell, hypothesis, *, cells=1):
    """Put what ``decide`` makes of the gains into the cell."""
    transform = Transform(cell["transform"])
    evidence = decide(cell["gains"], hypothesis, ALPHA, cells=cells, transform=transform)
    names = ("n", "estimate", "sd", "se", "p", "p_refute", "alpha", "test")
    cell |= {name: getattr(evidence, name) for name in names}
    cell |= {name: list(getattr(evidence, name)) for name in ("ci", "ci_refute", "ci95")}
    said = a_hypothesis(hypothesis.kind, evidence.bound)
    kind = str(evidence.refuted_kind) if evidence.refuted_kind else None
    words = {"verdict": str(evidence.verdict), "refuted_kind": kind}
    return cell | words | {"hypothesis": said, "alpha_refute": ALPHA / cells}


@pytest.fixture
def sound():
    """Return a document whose every number is what ``decide`` makes of its gains."""
    yes_no = a_cell(gains=[1.0] * 10, treatment=[1.0] * 10, control=[0.0] * 10, unit="")
    log = a_cell(mean=-0.9, spread=0.2, transform="log")
    two = [_judged(a_cell(name), Above(5.0, because="x"), cells=2) for name in ("a", "b")]
    judged = [
        ("above", [_judged(a_cell(), Above(5.0, because="x"))]),
        ("equal", [_judged(a_cell(mean=-6.0), Equivalent(2.0, because="x"))]),
        ("factor", [_judged(log, NotBelow(0.8, because="x"))]),
        ("often", [_judged(yes_no, MoreOften())]),
        ("cells", two),
    ]
    claims = [
        a_claim(
            slug,
            cells=cells,
            verdict=cells[0]["verdict"],
            refuted_kind=cells[0]["refuted_kind"],
            contradicting=len(cells),
        )
        for slug, cells in judged
    ]
    return a_document([*claims, an_unrun_claim("rest")])


@pytest.fixture
def path(tmp_path, sound):
    """Return the path of the sound document."""
    write_document(tmp_path / "verdicts.json", sound)
    return tmp_path / "verdicts.json"


def test_check_agrees_with_a_sound_document(path, sound, capsys):
    """Verdicts that follow from their numbers pass."""
    assert {c["verdict"] for c in sound["claims"]} == {"SUPPORTED", "REFUTED", "NOT RUN"}
    assert disagreements(sound) == ()
    assert main(["check", str(path)]) == 0
    assert "no disagreements" in capsys.readouterr().out


def _set(document, keys, value):
    *parents, last = keys
    for key in parents:
        document = document[key]
    document[last] = value


@pytest.mark.parametrize(
    ("keys", "value", "words"),
    [
        (["counts", "SUPPORTED"], 9, "counts"),
        (["family", "alpha_claim"], 0.05, "alpha_claim"),
        (["claims", 0, "verdict"], "REFUTED", "its cells make SUPPORTED"),
        (["claims", 0, "cells", 0, "verdict"], "INCONCLUSIVE", "its gains make SUPPORTED"),
        (["claims", 1, "cells", 0, "refuted_kind"], "too small", "its gains make opposite"),
        (["claims", 0, "cells", 0, "p"], 0.04, "p: says 0.04"),
        (["claims", 0, "cells", 0, "estimate"], None, "estimate: says None"),
        (["claims", 2, "cells", 0, "ci_refute", 1], 0.0, "ci_refute high"),
        (["claims", 0, "cells", 0, "treatment", 4], 1e3, "gain 4"),
        (["claims", 0, "cells", 0, "gains", 0], -9.0, "estimate"),
        (["claims", 0, "cells", 0, "gains"], [], "without the gains"),
        (["claims", 4, "cells", 0, "alpha"], 0.05, "more than its"),
        (["claims", 0, "fragile"], False, "fragile"),
        (["claims", 0, "contradicting"], 3, "alternatives"),
        (["claims", 0, "cells", 0, "hypothesis", "bound"], None, "no bound"),
    ],
)
def test_check_finds_what_does_not_follow(path, sound, capsys, keys, value, words):
    """One number or word changed by hand is found, named, and fails."""
    tampered = copy.deepcopy(sound)
    _set(tampered, keys, value)
    assert words in "\n".join(disagreements(tampered))
    write_document(path, tampered)
    assert main(["check", str(path)]) == 1
    assert words in capsys.readouterr().out


def test_check_knows_the_verdicts_that_rules_make(sound):
    """At quick scale INCONCLUSIVE stands against any gains, and INVALID does everywhere."""
    quick = copy.deepcopy(sound) | {"scale": "quick"}
    for claim in quick["claims"][:-1]:
        claim["verdict"] = "INCONCLUSIVE"
        for cell in claim["cells"]:
            cell |= {"verdict": "INCONCLUSIVE", "refuted_kind": None}
    quick["counts"] |= {"SUPPORTED": 0, "REFUTED": 0, "INCONCLUSIVE": 5}
    assert disagreements(quick) == ()
    sound["claims"][0]["verdict"] = sound["claims"][0]["cells"][0]["verdict"] = "INVALID"
    sound["counts"] |= {"SUPPORTED": sound["counts"]["SUPPORTED"] - 1, "INVALID": 1}
    assert disagreements(sound) == ()


def test_report_draws_the_page_again(path, tmp_path, capsys):
    """Without a store: the page is a view of the document."""
    assert main(["report", str(path)]) == 0
    assert (tmp_path / "index.html").exists()
    assert main(["report", str(path), "--out", str(tmp_path / "b")]) == 0
    assert (tmp_path / "b" / "index.html").read_text() == (tmp_path / "index.html").read_text()
    assert str(tmp_path / "b" / "index.html") in capsys.readouterr().out


@pytest.mark.parametrize("command", ["report", "check", "history"])
def test_bad_input_is_exit_code_2(command, tmp_path, capsys):
    """A file that is no document, in words and without a traceback."""
    bad = tmp_path / "bad.json"
    bad.write_text('{"schema": 1, "x": NaN}')
    assert main([command, str(bad)]) == 2
    assert "got NaN" in capsys.readouterr().err
    assert main([command, str(tmp_path / "none.json")]) == 2


@pytest.mark.parametrize("arguments", [[], ["prove"], ["report"], ["check", "a", "--wrong"]])
def test_wrong_usage_is_exit_code_2(arguments):
    """As argparse has it."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_help_documents_the_exit_codes(capsys):
    """Exit codes are part of the interface."""
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert "exit codes:" in capsys.readouterr().out


def test_a_report_that_cannot_be_written_is_exit_code_1(path, tmp_path):
    """A folder that is a file is no bad input, but a failure."""
    assert main(["report", str(path), "--out", str(path)]) == 1


def test_new_writes_a_claim_file_once(tmp_path, monkeypatch, capsys):
    """Valid Python with the slug and its test; a second time it is refused."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims" / "santurkar_2018").mkdir(parents=True)
    assert main(["new", "bn-is-new"]) == 0
    file = tmp_path / "claims" / "santurkar_2018" / "test_bn_is_new.py"
    tree = ast.parse(file.read_text())
    assert ast.get_docstring(tree)
    assert [n.name for n in tree.body if isinstance(n, ast.FunctionDef)] == ["test_bn_is_new"]
    assert 'slug="bn-is-new"' in file.read_text()
    file.write_text("mine")
    assert main(["new", "bn-is-new"]) == 2
    assert file.read_text() == "mine"
    assert "already there" in capsys.readouterr().err


@pytest.mark.parametrize("slug", ["Upper", "under_score", "../up", "a--b", "", "a b", 'x"'])
def test_new_refuses_what_is_no_slug(slug, tmp_path, monkeypatch):
    """Nothing is written outside the family's folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims" / "santurkar_2018").mkdir(parents=True)
    assert main(["new", slug]) == 2
    assert main(["new", "fine", "--family", "../x"]) == 2
    assert main(["new", "fine", "--family", "unknown"]) == 2
    assert list((tmp_path / "claims" / "santurkar_2018").iterdir()) == []


def test_plan_hands_everything_to_pytest(monkeypatch):
    """Options too, with claims/ where no path is given."""
    calls = []

    class Done:
        returncode = 5

    def run(command, check):
        calls.append(command[1:])
        return Done()

    monkeypatch.setattr("subprocess.run", run)
    assert main(["plan", "--scale", "quick", "-k", "noisy"]) == 5
    assert main(["plan", "tests"]) == 5
    assert calls[0] == ["-m", "pytest", "claims/", "--plan", "--scale", "quick", "-k", "noisy"]
    assert calls[1] == ["-m", "pytest", "--plan", "tests"]


def test_history_lists_what_changed(tmp_path, capsys):
    """In the order of time, whatever the order of the files."""
    first = a_document([a_claim("a")], created="2026-11-01T00:00:00+00:00")
    later = a_document([a_claim("a", verdict="REFUTED"), an_unrun_claim("b")])
    write_document(tmp_path / "1.json", first)
    write_document(tmp_path / "2.json", later)
    assert main(["history", str(tmp_path / "2.json"), str(tmp_path / "1.json")]) == 0
    title, one, two = capsys.readouterr().out.splitlines()
    assert title == "a (desk)"
    assert "1 November 2026" in one
    assert "SUPPORTED" in one
    assert "REFUTED" in two
    assert two.endswith("was SUPPORTED")
    other = a_document(family={"slug": "x", "title": "X"})
    write_document(tmp_path / "3.json", other)
    assert main(["history", str(tmp_path / "1.json"), str(tmp_path / "3.json")]) == 2


def test_the_bound_of_a_factor_is_read_on_the_gain_scale(sound):
    """The document carries log 0.8; the hypothesis speaks of 0.8."""
    bound = sound["claims"][2]["cells"][0]["hypothesis"]["bound"]
    assert bound == pytest.approx(math.log(0.8))
    assert json.loads(json.dumps(sound)) == sound
