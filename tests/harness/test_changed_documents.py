"""A document that a session wrote, with each of its numbers and words changed in turn.

``claims check`` must find every change: what follows from the gains even where the digest was made
anew by whoever changed it, and everything else by the digest.
"""

import functools
import shutil
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest
from toy_projects import ABOVE_5

from harness.documents import merging
from harness.documents.digest import digest_of
from harness.verdicts.decision import holm as merging_holm
from harness.words import RefutedKind, Verdict
from reports.checking import cell as check_cell
from reports.checking import sensitivity as check_sensitivity
from reports.checking.whole import changed, disagreements, each_disagreement
from reports.shape import first_misfit

HERE = Path(__file__).parent

SIDE = """readings=(Reading(name="low", leaves_open="the level", changes={"accuracy": 61.0},
    because="it may be"),),
    scope=Scope(rows=("accuracy", (60.0, 80.0)), columns=("sd", (1.0, 3.0))),
    alternatives=thirds(mean("train_accuracy")), preconditions=[learns("control", 30.0)],
    printed=(Printed(value=80.0, of="treatment", quantity=mean("train_accuracy", over=at(1.0)),
                     where="Figure 1a"),),
    figures=(curve("Accuracy", "train_accuracy"),),"""
CELLS = """cells=grid(sd=(1.0, 2.0)),"""
SWEEP = """
def of(name, end):
    return sweep("rate", decades(0.1, 10.0, 1), lambda rate: toy(
        name=f"{name}-{rate:.3g}", accuracy=80.0 if rate < end else 20.0, sd=5.0))
"""
SEARCHES = '''"""Searched."""
from harness import *
from toy_searches import *
CLAIM = SearchedClaim(slug="{slug}", statement="It holds.", source=Source(section="C"),
                      search={search}, declared="2026-11-20")
def test_{name}(judge):
    judge(CLAIM)
'''


def searched(project, slug, search):
    shutil.copy(HERE / "toy_searches.py", project.root)
    project.file(slug, SEARCHES.format(slug=slug, name=slug.replace("-", "_"), search=search))


def the_whole_family(project):
    """Claims of each kind, all decided, so that Holm's p values are there."""
    p_slugs = ("rises", "factor", "alike", "often", "share", "number", "wide")
    project.family(*p_slugs, tail=SEARCHED.format("lemma") + SEARCHED.format("false-lemma"))
    project.claim("rises", more=SIDE)
    project.claim("factor", endpoint='gmean("range", better="lower", transform="log", floor=1e-3)',
                  hypothesis='Above(1.0, because="so")', more=CELLS, before="",
                  treatment='lambda cell: toy(name=f"t{cell.sd}", sd=cell.sd)',
                  control='lambda cell: toy(name=f"c{cell.sd}", sd=cell.sd)')  # fmt: skip
    project.claim("alike", treatment='toy(name="same")', hypothesis='Equivalent(9.0, because="x")')
    yes_no = 'reaches("train_accuracy", 65.0)'
    project.claim("often", endpoint=yes_no, hypothesis="MoreOften()")
    share = 'ShareAbove(0.4, because="so")'
    project.claim("share", endpoint=yes_no, control="None", hypothesis=share,
                  more='preconditions=[learns(toy(name="other"), 30.0)],')  # fmt: skip
    project.claim("number", endpoint='mean("train_accuracy", over=end, against=79.0)',
                  control="None", hypothesis='Equivalent(4.0, because="so")')  # fmt: skip
    project.claim("wide", treatment='of("wide", 5)', control='of("narrow", 0.5)', before=SWEEP,
                  endpoint='span(reaches("train_accuracy", 50.0), "rate")',
                  hypothesis='Above(0.35, because="so")')  # fmt: skip
    searched(project, "lemma", "holds()")
    searched(project, "false-lemma", "fails()")
    project.run("--full", "--scope", "--no-ledger")
    return project.document


SEARCHED = '\n[[register]]\nslug = "{}"\nstatement = "S."\nsection = "C"\nuses_p = false\n'


def a_part_of_a_family(project):
    """Claims void, refuted, undecided and not run, and an addition."""
    project.four()
    project.family("toy-rises", "toy-falls", "toy-level", "toy-void", "toy-none")
    project.claim("toy-added", treatment='toy(name="more", accuracy=90.0)')
    project.run("--no-ledger")
    return project.document


def flipped(key, value):
    """Return the value with one digit changed, a truth turned, or a word replaced."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        digits, _, power = f"{value:.16e}".partition("e")  # -1.2340000000000000
        place = digits.index(".") + 2  # the third that counts
        changed_digit = (int(digits[place]) + 1) % 10
        return float(f"{digits[:place]}{changed_digit}{digits[place + 1 :]}e{power}")
    sets = {
        "verdict": list(Verdict), "refuted_kind": list(RefutedKind),
        "transform": ["identity", "log"], "better": ["higher", "lower"],
        "kind": ["above", "not below"], "hypothesis": ["above", "not below"],
    }  # fmt: skip
    words = [str(word) for word in sets.get(key, ()) if word != value]
    return words[0] if words and value in map(str, sets[key]) else f"{value}."


def leaves(part, path=()):
    """Yield (container, key, path) of each number, truth and text of a document."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        name = str(key) if isinstance(part, dict) else None
        where = (*path, name) if name else path
        if isinstance(value, dict | list):
            yield from leaves(value, where)
        elif value is not None:
            yield part, key, ".".join(where)


ONLY_THE_DIGEST = (
    # who, where, when, and what was declared
    "schema", "created", "scale", "environment.*", "family.slug", "family.title",
    "family.citation", "family.url", "settings.command", "settings.options.*",
    "settings.judge_only", "settings.partial", "cost.wall_s", "cost.trained", "cost.trained_beside",
    "claims.statement", "claims.title", "claims.path", "claims.command", "claims.source.*",
    "claims.declaration.*", "claims.deviations", "claims.ledger.*",
    "claims.reason",  # of a claim that was not run; else it is its cells'
    "claims.cells.id", "claims.cells.label", "claims.cells.arms.*", "claims.cells.runs.*.key",
    "claims.cells.endpoint.*", "claims.cells.hypothesis.because",
    # measured, and not kept in full
    "claims.figures.*",
    "claims.cells.preconditions.values",  # where the value stays on its side of the limit
    *(f"claims.cells.preconditions.{name}" for name in ("text", "because", "at_least", "required")),
    *(f"claims.cells.printed.{name}" for name in ("arm", "limits", "note", "of", "read_off", "text",
                                                  "unit", "value", "where")),
    *(f"claims.cells.sensitivity.{name}" for name in ("name", "note", "unit", "transform")),
    # a search keeps counts, not draws, and has neither unit nor transform
    *(f"claims.cells.search.{name}" for name in (
        "because", "conditions", "drawn", "draws", "examples", "left", "needed", "planted",
        "relation", "right", "scale", "small", "twin_violations", "quantiles.*",
        "counterexample.*")),
    "claims.cells.hypothesis.kind", "claims.cells.hypothesis.text", "claims.cells.transform",
    "claims.cells.unit",
    # which question a side answer is to
    "claims.cells.readings.arms.*", "claims.cells.readings.because",
    "claims.cells.readings.leaves_open", "claims.readings.rows.because",
    "claims.readings.rows.leaves_open", "claims.scope.columns.*", "claims.scope.rows.*",
    "claims.scope.points.row", "claims.scope.points.column",
    *(f"claims.scope.points.cells.{name}" for name in ("arms.*", "label", "row", "column")),
)  # fmt: skip

OF_CELLS = ("claims.cells.hypothesis.kind", "claims.cells.hypothesis.text",
            "claims.cells.transform", "claims.cells.unit")  # fmt: skip
"""Found by numbers wherever there are gains."""


@pytest.fixture
def once(monkeypatch):
    """Make each test and decision once: a document is checked thousands of times."""
    for module, names in ((check_sensitivity, ("other_tests", "other_definition")),
                          (check_cell, ("decide", "correlation", "power_of"))):  # fmt: skip
        for name in names:
            monkeypatch.setattr(module, name, functools.cache(getattr(module, name)))
    adjusted = functools.cache(lambda items: merging_holm(dict(items)))
    monkeypatch.setattr(merging, "holm", lambda p_of: adjusted(tuple(p_of.items())))


def found_by_numbers(document, first):
    """Return whether anything disagrees; the changed claim is looked at first."""
    claims = document["claims"]
    turned = document | {"claims": [*claims[first:], *claims[:first]]}
    return next(each_disagreement(turned), None) is not None


def missed_by_numbers(document):
    """Change every leaf in turn; return the paths of those that only the digest finds."""
    seal, missed, count, drawn = document["digest"], {}, 0, Counter()
    parts = [(0, document)] + [(i, claim) for i, claim in enumerate(document["claims"])]
    for first, part in parts:
        path = () if part is document else ("claims",)
        own = {k: v for k, v in part.items() if k not in ("claims", "digest")}
        for holder, key, where in leaves(own, path):
            real = part if holder is own else holder
            drawn[where] += where.startswith("claims.figures")
            if drawn[where] > 3:  # hundreds of points of curves, all alike
                continue
            before, real[key] = real[key], flipped(key, real[key])
            count += 1
            if not found_by_numbers(document, first):
                missed.setdefault(where, []).append((document["claims"][first], before))
                assert digest_of(document) != seal, where
            real[key] = before
    assert digest_of(document) == seal  # everything was put back
    print(f"{count} changes, {sum(map(len, missed.values()))} of them found by the digest alone")
    return missed


THERE = {
    the_whole_family: {
        "claims.cells.p_holm", "claims.cells.readings.p", "claims.scope.points.cells.gains",
        "claims.cells.printed.interval", "claims.cells.search.histogram.counts",
        "claims.cells.sensitivity.gains", "claims.cells.power.detectable",
        "claims.cells.preconditions.share", "claims.cells.runs.others.arm",
        "claims.cells.correlation.ci95", "digest",
    },
    a_part_of_a_family: {"claims.cells.power.n_needed", "claims.cells.refuted_kind"},
}  # fmt: skip


@pytest.mark.parametrize("make", THERE)
def test_every_changed_number_and_word_is_found(project, once, make):
    """By recomputation in all that follows from gains and endpoints, else by the digest."""
    document = make(project)
    assert {where for _, _, where in leaves(document)} >= THERE[make]
    assert disagreements(document) == ()
    assert changed(document) is None
    assert first_misfit(document) is None
    missed = missed_by_numbers(document)
    unexpected = {
        where for where in missed if not any(fnmatch(where, each) for each in ONLY_THE_DIGEST)
    }
    assert unexpected == set()
    with_gains = {
        where for where in OF_CELLS for claim, _ in missed.get(where, ()) if claim["uses_p"]
    }
    assert with_gains == set()


def test_a_registered_claim_that_is_taken_out_is_found(project):
    """With the counts and the digest made to fit."""
    project.four()
    project.run("--no-ledger")
    document = project.document
    document["claims"] = [c for c in document["claims"] if c["slug"] != "toy-falls"]
    document["counts"]["REFUTED"] = 0
    assert any("toy-falls, which no claim is" in text for text in disagreements(document))


def test_a_budget_shared_by_fewer_than_the_register_has_is_found(project):
    """Fewer slugs and a larger level that fits them: every claim would be judged too easily."""
    project.four()
    project.run("--no-ledger")
    document = project.document
    document["family"]["p_slugs"] -= 1
    document["family"]["alpha_claim"] = document["family"]["alpha"] / document["family"]["p_slugs"]
    assert any(text.startswith("family: p_slugs") for text in disagreements(document))


def test_a_void_comparison_must_say_why(project):
    """INVALID without a failed precondition, and a verdict beside a failed one, are found."""
    project.four()
    project.run("--no-ledger")
    rises, _, _, void = project.document["claims"]
    for claim, verdict in ((rises, "INVALID"), (void, "SUPPORTED")):
        document = project.document
        (changed_claim,) = [c for c in document["claims"] if c["slug"] == claim["slug"]]
        changed_claim["cells"][0]["verdict"] = changed_claim["verdict"] = verdict
        made = claim["verdict"]
        words = f"verdict: says {verdict}, its gains make {made}"
        assert any(words in text for text in disagreements(document))


def test_a_cell_that_is_taken_out_is_found(project):
    """The level that refutes is shared by all declared cells."""
    project.claim(hypothesis=ABOVE_5, more='cells=grid(sd=(1.0, 2.0)),',
                  treatment='lambda cell: toy(name=f"t{cell.sd}", sd=cell.sd, accuracy=80.0)',
                  control='lambda cell: toy(name=f"c{cell.sd}", sd=cell.sd)')  # fmt: skip
    project.run("--no-ledger")
    document = project.document
    del document["claims"][0]["cells"][1]
    assert any("alpha_refute" in text for text in disagreements(document))
