"""The console command: what it prints and what it exits with."""

import ast
import copy
import hashlib
import json
import math
import runpy

import pytest
from documents import a_cell, a_claim, a_document, an_unrun_claim
from sound import POWER_ONCE, TESTS_ONCE, concluded, costed, decided

from harness.declarations.hypotheses import Above, Equivalent, MoreOften, NotBelow
from harness.declarations.unfilled import check_filled_in
from harness.documents.digest import digest_of
from harness.documents.digest import sealed as with_digest
from harness.errors import ClaimDefinitionError
from reports.checking.whole import disagreements
from reports.cli import main
from reports.document import write_document
from reports.planning import command_words


@pytest.fixture(autouse=True)
def _tests_once(monkeypatch):
    """Make what the same gains make once."""
    monkeypatch.setattr("reports.checking.sensitivity.other_tests", TESTS_ONCE)
    monkeypatch.setattr("reports.checking.cell.power_of", POWER_ONCE)


def a_sound_document(**rules):
    """Return a document whose every number is what ``decide`` makes of its gains."""
    yes_no = a_cell(gains=[1.0] * 10, treatment=[1.0] * 10, control=[0.0] * 10, unit="")
    log = a_cell(mean=-0.9, spread=0.2, transform="log", unit="")
    above = Above(5.0, because="x")
    judged = {
        "above": [(a_cell(), above)],
        "equal": [(a_cell(mean=-6.0), Equivalent(2.0, because="x"))],
        "factor": [(log, NotBelow(0.8, because="x"))],
        "often": [(yes_no, MoreOften())],
        "cells": [(a_cell("a"), above), (a_cell("b"), above)],
    }
    claims = []
    for slug, asked in judged.items():
        cells = [decided(c, rule, slug=slug, cells=len(asked), **rules) for c, rule in asked]
        claims.append(concluded(a_claim(slug, cells=cells)))
    return json.loads(json.dumps(costed([*claims, an_unrun_claim("rest")])))  # nothing is shared


@pytest.fixture
def sound():
    """Return such a document; one alternative of each cell contradicts."""
    return a_sound_document(contradicted=True)


@pytest.fixture
def path(tmp_path, sound):
    """Return the path of the sound document."""
    write_document(tmp_path / "verdicts.json", with_digest(sound))
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
        (["claims", 1, "cells", 0, "refuted_kind"], "too small", "its gains make too different"),
        (["claims", 0, "cells", 0, "p"], 0.04, "p: says 0.04"),
        (["claims", 0, "cells", 0, "estimate"], None, "estimate: says None"),
        (["claims", 2, "cells", 0, "ci_refute", 1], 0.0, "ci_refute high"),
        (["claims", 0, "cells", 0, "treatment", 4], 1e3, "gain 4"),
        (["claims", 0, "cells", 0, "gains", 0], -9.0, "estimate"),
        (["claims", 0, "cells", 0, "gains"], [], "without the gains"),
        (["claims", 4, "cells", 0, "alpha"], 0.05, "each claim's share is"),
        (["claims", 0, "fragile"], False, "fragile"),
        (["claims", 0, "contradicting"], 3, "alternatives contradict"),
        (["claims", 0, "alternatives"], 9, "alternatives"),
        (["claims", 0, "slug"], "equal", "equal more than once"),
        (["claims", 4, "cells", 1, "id"], "a", "expected each once"),
        (["claims", 0, "uses_p"], False, "uses_p"),
        (["claims", 0, "refuted_kind"], "opposite", "refuted kind: says opposite"),
        (["claims", 0, "cells", 0, "refuted_kind"], "opposite", "its gains make None"),
        (["claims", 0, "cells", 0, "seeds", 3], 2, "expected each once"),
        (["claims", 0, "cells", 0, "seeds", 3], 1003, "are pilots, never judged"),
        (["settings", "seeds", 3], 13, "the run's are"),
        (["claims", 0, "cells", 0, "control"], [], "unpaired"),
        (["claims", 0, "cells", 0, "runs", "control", 4, "seed"], 5, "unpaired: runs of the"),
        (["claims", 0, "cells", 0, "runs", "control", 4, "key"], "none-s3-3f9a1c27e0b4", "twice"),
        (["claims", 0, "cells", 0, "verdict"], "ERROR", "its gains make SUPPORTED"),
        (["claims", 0, "cells"], [], "no cells make NOT RUN"),
        (["claims", 0, "cells", 0, "hypothesis", "bound"], None, "no bound"),
    ],
)
def test_check_finds_what_does_not_follow(path, sound, capsys, keys, value, words):
    """One number or word changed by hand is found, named, and fails."""
    tampered = copy.deepcopy(sound)
    _set(tampered, keys, value)
    assert words in "\n".join(disagreements(tampered))
    write_document(path, with_digest(tampered))  # a forger makes that anew
    assert main(["check", str(path)]) == 1
    assert words in capsys.readouterr().out


def test_check_knows_the_verdicts_that_rules_make(sound):
    """At quick scale INCONCLUSIVE stands against any gains, and INVALID does everywhere."""
    quick = a_sound_document(withheld="Too small to judge.") | {"scale": "quick"}
    assert quick["counts"]["INCONCLUSIVE"] == 5
    assert disagreements(quick) == ()
    (cell,) = sound["claims"][0]["cells"]
    cell |= {"verdict": "INVALID", "reason": "Void."}
    assert "says INVALID" not in "\n".join(disagreements(sound))  # too old to say its limits


def test_a_change_that_no_number_shows_is_found_by_the_digest(path, sound, capsys):
    """Exit code 1 and what happened, as the last word; nothing disagrees."""
    changed = with_digest(sound)
    changed["claims"][0]["statement"] = "Another statement."
    write_document(path, changed)
    assert main(["check", str(path)]) == 1
    printed = capsys.readouterr().out
    assert f"{path}: changed after it was written: its digest is" in printed
    assert printed.endswith(", in what does not follow from its numbers\n")
    assert "disagreement" not in printed


def test_a_change_that_numbers_show_is_counted_beside_the_digest(path, sound, capsys):
    """Both are said, and neither hides the other."""
    changed = with_digest(sound)
    changed["counts"]["SUPPORTED"] = 9
    write_document(path, changed)
    assert main(["check", str(path)]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert "changed after it was written" in last
    assert last.endswith("; and 1 disagreement")


def test_report_warns_of_a_changed_document(path, sound, capsys):
    """It is drawn all the same; an unchanged one, or one without a digest, goes without a word."""
    assert main(["report", str(path)]) == 0
    write_document(path, sound)
    assert main(["report", str(path)]) == 0
    assert capsys.readouterr().err == ""
    changed = with_digest(sound)
    changed["claims"][0]["statement"] = "Another statement."
    write_document(path, changed)
    assert main(["report", str(path)]) == 0
    assert f"claims report: {path}: changed after it was written" in capsys.readouterr().err


def test_a_document_without_a_digest_is_exit_code_3(path, sound, capsys):
    """Written by an older version, or taken out: said, and not passed over."""
    write_document(path, sound)
    assert main(["check", str(path)]) == 3
    assert "no digest: an older version wrote the file, or it was taken out" in (
        capsys.readouterr().out
    )


def test_the_digest_is_of_the_canonical_form(sound):
    """By hand: sorted keys, no spaces, ASCII, without the digest; order and spaces do not count."""
    made = {"b": [1.5, None], "a": "\N{GREEK SMALL LETTER BETA}", "digest": "whatever"}
    text = b'{"a":"\\u03b2","b":[1.5,null]}'
    assert digest_of(made) == hashlib.sha256(text).hexdigest()
    assert digest_of(json.loads(json.dumps(sound, indent=3))) == digest_of(sound)
    assert digest_of(sound | {"scale": "paper"}) != digest_of(sound)


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
    for text in ("{}", "[]", "3"):
        bad.write_text(text)
        assert main([command, str(bad)]) == 2
        assert "without a schema, so no verdicts.json; expected one" in capsys.readouterr().err
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


def test_a_report_that_cannot_be_written_is_exit_code_1(path, capsys):
    """A folder that is a file is no bad input, but a failure, in words."""
    assert main(["report", str(path), "--out", str(path)]) == 1
    said = f"claims report: --out: got {path}, which is a file; expected a folder; give another\n"
    assert capsys.readouterr().err == said


def a_family(root, name, bench="benches.nope:Bench"):
    """Write a family.toml and return its folder."""
    folder = root / "claims" / name
    folder.mkdir(parents=True)
    (folder / "family.toml").write_text(
        f'title = "T"\ncitation = "C"\nbench = "{bench}"\n'
        '[[register]]\nslug = "a"\nstatement = "It rises."\nsection = "1"\n'
    )
    return folder


def test_new_writes_a_claim_file_once(tmp_path, monkeypatch, capsys):
    """Valid Python with the slug and its test; a second time it is refused."""
    monkeypatch.chdir(tmp_path)
    a_family(tmp_path, "santurkar_2018", bench="models.bench:VisionBench")
    assert main(["new", "bn-is-new"]) == 0
    file = tmp_path / "claims" / "santurkar_2018" / "test_bn_is_new.py"
    tree = ast.parse(file.read_text())
    assert ast.get_docstring(tree)
    assert [n.name for n in tree.body if isinstance(n, ast.FunctionDef)] == ["test_bn_is_new"]
    assert 'slug="bn-is-new"' in file.read_text()
    for text in (file.read_text(), capsys.readouterr().out):  # it need not be registered
        assert "is an addition: judged at" in text
        assert "level of every claim" in text
    file.write_text("mine")
    assert main(["new", "bn-is-new"]) == 2
    assert file.read_text() == "mine"
    assert "already there" in capsys.readouterr().err


def test_what_new_writes_is_refused_until_it_is_filled_in(tmp_path, monkeypatch):
    """Every place that a reader would be shown is named, so that no TODO is ever judged."""
    a_family(tmp_path, "santurkar_2018", bench="models.bench:VisionBench")
    monkeypatch.chdir(tmp_path)
    main(["new", "bn-is-new"])
    file = tmp_path / "claims" / "santurkar_2018" / "test_bn_is_new.py"
    module = runpy.run_path(str(file))
    said = "TODO in docstring, statement, source, hypothesis: because; expected"
    with pytest.raises(ClaimDefinitionError, match=said):
        check_filled_in(module["CLAIM"], module["__doc__"])
    file.write_text(file.read_text().replace("TODO", "5"))
    module = runpy.run_path(str(file))
    check_filled_in(module["CLAIM"], module["__doc__"])


@pytest.mark.parametrize("slug", ["Upper", "under_score", "../up", "a--b", "", "a b", 'x"'])
def test_new_refuses_what_is_no_slug(slug, tmp_path, monkeypatch):
    """Nothing is written outside the family's folder."""
    monkeypatch.chdir(tmp_path)
    folder = a_family(tmp_path, "santurkar_2018")
    assert main(["new", slug]) == 2
    assert main(["new", "fine", "--family", "../x"]) == 2
    assert main(["new", "fine", "--family", "unknown"]) == 2
    assert [path.name for path in folder.iterdir()] == ["family.toml"]


def test_new_for_another_bench_names_no_network_of_the_first_paper(tmp_path, monkeypatch):
    """Valid Python that says where its arms are known; the family by its name or its path."""
    monkeypatch.chdir(tmp_path)
    folder = a_family(tmp_path, "nope_2021")
    assert main(["new", "it-rises", "--family", "nope_2021"]) == 0
    assert main(["new", "it-falls", "--family", "claims/nope_2021"]) == 0
    for name in ("it_rises", "it_falls"):
        text = (folder / f"test_{name}.py").read_text()
        ast.parse(text)
        assert "models" not in text
        assert 'Arm.of("TODO"' in text
        assert "benches.nope:Bench" in text


def test_new_refuses_a_family_that_could_not_be_judged(tmp_path, monkeypatch, capsys):
    """It says what family.toml lacks; and of a family that is not there which there are."""
    monkeypatch.chdir(tmp_path)
    folder = a_family(tmp_path, "nope_2021")
    (folder / "family.toml").write_text('title = "T"\ncitation = "C"\nbench = "b:B"\n')
    assert main(["new", "it-rises", "--family", "nope_2021"]) == 2
    assert "no ['register']" in capsys.readouterr().err
    assert main(["new", "it-rises", "--family", "other"]) == 2
    said = capsys.readouterr().err
    assert "claims/ (nope_2021)" in said
    assert "claims new-paper" in said


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


@pytest.mark.parametrize(
    ("words", "tests_given"),
    [
        (["--store", "kept"], False),
        (["--data-dir", "kept", "--full"], False),
        (["--report-dir", "kept"], False),
        (["-k", "kept"], False),
        (["--store=kept"], False),
        (["--ignore", "kept"], False),
        (["--full", "kept"], True),
        (["--store", "kept", "kept"], True),
        (["kept::test_a"], True),
        (["gone"], False),
    ],
)
def test_the_value_of_an_option_is_no_path_of_tests(words, tests_given, monkeypatch, tmp_path):
    """Whoever's option it is: the harness's, a bench's, the report's, pytest's."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "claims" / "p").mkdir(parents=True)
    head = 'title = "T"\ncitation = "C"\nbench = "models.bench:VisionBench"\nregister = []\n'
    (tmp_path / "claims" / "p" / "family.toml").write_text(head)
    monkeypatch.chdir(tmp_path)
    assert command_words(words) == [*([] if tests_given else ["claims/"]), "--plan", *words]


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
