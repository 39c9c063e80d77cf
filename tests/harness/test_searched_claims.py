"""Claims decided by search: rules of the verdict, and whole sessions with toy statements."""

import json
import math
import re
import shutil
import tomllib

import pytest
from toy_projects import HERE, text_of
from toy_searches import CASE, ToySearch, breaks, fails, holds, toy_plan

from harness import SearchedClaim, Source, grid
from harness.declarations.searches import Searched
from harness.documents.search_document import slack_counts, slack_edges
from harness.errors import ClaimDefinitionError
from harness.verdicts.search_judging import decide_search, is_equality
from harness.words import Verdict
from reports.checking.whole import disagreements
from reports.sentences import guarantee

TEXT = '''"""The claim {slug}."""

from harness import *
from toy_searches import *

CLAIM = SearchedClaim(slug={slug!r}, statement="Squares are small.", source=Source(section="4"),
    search={search}, declared="2026-11-20", {more})


def test_{name}({fixtures}):
    judge({call})
'''


def text(slug, search="holds()", more=""):
    cells = "cells=" in more
    return TEXT.format(
        slug=slug,
        search=search,
        more=more,
        name=slug.replace("-", "_"),
        fixtures="judge, cell" if cells else "judge",
        call="CLAIM, cell" if cells else "CLAIM",
    )


@pytest.fixture
def searched(project):
    """Return a project that can declare searched claims."""
    shutil.copy(HERE / "toy_searches.py", project.root)
    project.family("toy-rises", "toy-lemma", tail="uses_p = false")
    return project


def found(slacks, twin=1, case=None):
    return Searched(draws=100, slacks=tuple(slacks), twin_violations=twin, counterexample=case)


@pytest.mark.parametrize(
    ("result", "verdict", "said"),
    [
        (found([0.0] * 50), Verdict.SUPPORTED, "It holds as an equality"),
        (found([0.0, 0.1] * 25), Verdict.SUPPORTED, "No counterexample in 50 random draws"),
        (found([-1e-9] + [0.1] * 50), Verdict.SUPPORTED, "This is no proof"),
        (
            found([-1.1e-9] + [0.1] * 50),
            Verdict.REFUTED,
            "1 of the 51 random draws violate it, by up to 1.1e-09",
        ),
        (found([0.1] * 50, case=CASE), Verdict.REFUTED, "1 on the left and 0.5 on the right"),
        (found([0.1] * 10), Verdict.SUPPORTED, "No counterexample in 10 random draws"),
        (found([0.1] * 9), Verdict.INVALID, "hold in 9 of 100 draws, 10 are needed"),
        (found([0.1] * 50, twin=0), Verdict.INVALID, "does not refute the planted false twin"),
        (found([0.1] * 9, case=CASE), Verdict.REFUTED, "on the left"),
        (found([-0.1] * 50, twin=0), Verdict.REFUTED, "50 of the 50"),
        (found([0.1] * 50 + [math.nan]), Verdict.ERROR, "not finite"),
        (found([]), Verdict.INVALID, "vacuous"),
    ],
)
def test_rules_of_the_verdict(result, verdict, said):
    """A counterexample refutes, whatever else; support needs enough draws and a refuted twin."""
    got, reason = decide_search(toy_plan(), result)
    assert got is verdict
    assert said in reason


def test_an_equality_is_one_on_both_sides_of_nought():
    """Slack above the tolerance is an inequality; no draws are no equality."""
    assert is_equality(toy_plan(), (1e-10, -1e-10))
    assert is_equality(toy_plan(), (1e-9, -1e-9))  # as far as rounding may go
    assert not is_equality(toy_plan(), (1e-8, 0.0))
    assert not is_equality(toy_plan(), ())


def test_slack_is_counted_in_decades_with_rounding_in_the_middle():
    """Edges mirror each other; what is counted as violated is what lies left of -tolerance."""
    edges = slack_edges(1e-3)
    assert edges == pytest.approx([-1, -0.1, -0.01, -0.001, 0.001, 0.01, 0.1, 1])
    counts = slack_counts(edges, (-2.0, -0.5, -0.0011, -0.001, 0.0, 0.0009, 0.5, 3.0))
    assert counts == [1, 1, 0, 1, 3, 0, 0, 1, 1]


def test_two_claims_by_search_beside_one_by_gains(searched):
    """Verdicts, a table and a document in which p, alpha and intervals of a search are null."""
    searched.claim()
    searched.file("toy-lemma", text("toy-lemma"))
    searched.file("toy-false", text("toy-false", "fails()"))
    result = searched.run()
    assert searched.verdicts == {
        "toy-rises": "SUPPORTED",
        "toy-lemma": "SUPPORTED",
        "toy-false": "REFUTED",
    }
    result.assert_outcomes(passed=2, failed=1)
    rises, lemma, false = searched.document["claims"]
    (cell,) = false["cells"]
    for key in ("n", "estimate", "ci", "ci_refute", "ci95", "p", "p_holm", "alpha", "refuted_kind"):
        assert cell[key] is None
    assert cell["search"]["violations"] == 50
    assert cell["search"]["met"] == sum(cell["search"]["histogram"]["counts"]) == 100
    assert cell["search"]["counterexample"]["given"] == [{"name": "x", "value": [0, 1]}]
    assert [claim["uses_p"] for claim in (rises, lemma, false)] == [True, False, False]
    assert [claim["addition"] for claim in (rises, lemma, false)] == [False, False, True]
    assert rises["cells"][0]["alpha"] == pytest.approx(0.05)  # a search takes no share of it
    assert rises["cells"][0]["p_holm"] == rises["cells"][0]["p"]
    assert searched.document["cost"]["runs"] == 20


@pytest.mark.parametrize(("search", "verdict"), [("vacuous()", "INVALID"), ("blind()", "INVALID")])
def test_a_search_that_proves_nothing_is_invalid(searched, search, verdict):
    """Too few draws under the conditions, or a twin that slips through."""
    searched.file("toy-lemma", text("toy-lemma", search))
    assert searched.run().ret == 1
    assert searched.verdicts["toy-lemma"] == verdict


def test_a_search_that_raises_is_an_error(searched):
    """The traceback is shown, and the claim is ERROR."""
    searched.file("toy-lemma", text("toy-lemma", "breaks()"))
    result = searched.run()
    assert result.ret == 1
    assert "toy search broke" in text_of(result)
    assert searched.verdicts["toy-lemma"] == "ERROR"


def test_cells_of_a_search_all_count(searched):
    """One refuted cell refutes the claim; those not selected are NOT RUN, with what they ask."""
    by_cell = "lambda cell: holds() if cell.form == 'first' else fails()"
    searched.file("toy-lemma", text("toy-lemma", by_cell, "cells=grid(form=('first', 'second')),"))
    searched.run()
    assert searched.verdicts["toy-lemma"] == "REFUTED"
    searched.run("-k", "first")
    (lemma,) = (c for c in searched.document["claims"] if c["slug"] == "toy-lemma")
    assert [cell["verdict"] for cell in lemma["cells"]] == ["SUPPORTED", "NOT RUN"]
    assert lemma["cells"][1]["search"]["met"] is None
    assert lemma["cells"][1]["search"]["left"] == "x^2"


def test_the_ledger_of_a_search_compares_verdicts_alone(searched):
    """Recorded, owed, agreed; then any other verdict is drift, whatever the code's digest."""
    searched.file("toy-lemma", text("toy-lemma"))
    searched.file("toy-false", text("toy-false", "fails()"))
    first = searched.run("--update-ledger")
    assert "reason of: toy-false" in text_of(first)
    ledger = searched.folder / "ledger.toml"
    ledger.write_text(ledger.read_text().replace('reason = ""', 'reason = "found by hand"'))
    agreed = searched.run()
    assert agreed.ret == 0
    agreed.assert_outcomes(passed=1, xfailed=1)
    assert [row.get("attempt", 1) for row in tomllib.loads(ledger.read_text())["entry"]] == [1, 1]
    recorded = ledger.read_text()
    turned = {'verdict = "SUPPORTED"': "REFUTED", 'verdict = "REFUTED"': "SUPPORTED"}
    parts = re.split(f"({'|'.join(turned)})", recorded)
    ledger.write_text("".join(f'verdict = "{turned[p]}"' if p in turned else p for p in parts))
    drifted = searched.run()
    drifted.assert_outcomes(failed=2)
    assert "SUPPORTED (ledger: REFUTED, drift)" in text_of(drifted)
    assert "REFUTED (ledger: SUPPORTED, drift)" in text_of(drifted)
    ledger.write_text(recorded)
    searched.file("toy-lemma", text("toy-lemma", "fails()"))
    searched.file("toy-false", text("toy-false", "holds()"))
    changed = searched.run()
    changed.assert_outcomes(passed=1, failed=1)
    assert "REFUTED (ledger: SUPPORTED, of another declaration)" in text_of(changed)
    assert "SUPPORTED (ledger: REFUTED, of another declaration)" in text_of(changed)


def test_two_workers_say_the_same(searched):
    """A search is the same in every process: the documents are equal but for times."""
    by_cell = "lambda cell: holds() if cell.form == 'first' else fails()"
    searched.file("toy-lemma", text("toy-lemma", by_cell, "cells=grid(form=('first', 'second')),"))
    searched.file("toy-false", text("toy-false", "fails()"))
    searched.run()
    alone = searched.document["claims"]
    searched.start("-n", "2")
    assert json.dumps(searched.document["claims"]) == json.dumps(alone)


@pytest.mark.parametrize("options", [("--scale", "quick"), ("--seeds", "0-4")])
def test_quick_and_exploratory_searches_are_inconclusive_by_rule(searched, options):
    """As every claim there: the evidence is shown, the ledger not read, the test passes."""
    searched.file("toy-false", text("toy-false", "fails()"))
    assert searched.run(*options).ret == 0
    claim = searched.document["claims"][-1]
    assert claim["verdict"] == "INCONCLUSIVE"
    assert "50 of the 100 random draws violate it" in claim["reason"]
    assert claim["ledger"]["status"] == "not read"


def test_a_search_trains_nothing_and_needs_no_store(searched):
    """--plan lists it, --collect-only does not search, --judge-only searches beside a store."""
    searched.file("toy-lemma", text("toy-lemma", "breaks()"))
    plan = text_of(searched.run("--plan"))
    assert "toy-lemma: searched, trains nothing" in plan
    assert "toy search broke" not in plan + text_of(searched.run("--collect-only", "-q"))
    searched.file("toy-lemma", text("toy-lemma"))
    searched.claim()
    searched.run()
    assert searched.run("--judge-only").ret == 0
    assert searched.verdicts["toy-lemma"] == "SUPPORTED"


def test_full_searches_run_only_with_full(searched):
    """At the scales that ``full`` names."""
    searched.file("toy-lemma", text("toy-lemma", more='full=("desk",),'))
    searched.run().assert_outcomes(deselected=1)
    searched.run("--full").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("slug", "search", "more", "expected"),
    [
        ("toy-rises", "holds()", "", "takes none; expected uses_p = false"),
        ("toy-lemma", "lambda cell: 3", "cells=grid(form=('a', 'b')),", "search: got 3"),
        (
            "toy-lemma",
            "holds()",
            'full=("huge",),',
            "scales: got huge; expected some of quick, desk",
        ),
        ("toy-lemma", "lambda cell: holds()", "cells=grid(form=('a', 'b')),", "search the same"),
    ],
)
def test_wrong_declarations_are_refused_at_collection(searched, slug, search, more, expected):
    """With what was got and what was expected, as one collect report."""
    searched.file(slug, text(slug, search, more))
    result = searched.run()
    assert result.ret == 2
    assert expected in text_of(result)
    assert "INTERNALERROR" not in text_of(result)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"slug": "Bad Slug"}, "slug: got"),
        ({"statement": " "}, "statement: got none"),
        ({"source": None}, "source: got None"),
        ({"cells": grid(form=("a", "b")) * 2}, "each once"),
    ],
)
def test_wrong_parts_are_refused_at_once(changes, expected):
    """Whatever the scale."""
    parts = {"slug": "x", "statement": "x", "source": Source(section="1"), "search": holds()}
    with pytest.raises(ClaimDefinitionError, match=expected):
        SearchedClaim(**(parts | changes))


def test_another_declaration_has_another_hash(searched):
    """Statement, reading and search are declared; the ledger's entry knows."""
    hashes = set()
    for search, more in (("holds()", ""), ("blind()", ""), ("holds()", 'reading="otherwise",')):
        searched.file("toy-lemma", text("toy-lemma", search, more))
        searched.run()
        claim = next(c for c in searched.document["claims"] if c["slug"] == "toy-lemma")
        hashes.add(claim["declaration"]["sha256"])
    assert len(hashes) == 3


def test_toy_searches_are_searches():
    """The protocol is what a claim file checks; these toys stand for a paper's menu."""
    assert ToySearch().plan("desk").draws == 100
    assert fails().run("desk").counterexample is CASE
    with pytest.raises(RuntimeError):
        breaks().run("desk")


def test_a_register_of_searches_alone_is_judged(searched):
    """No slug shares the budget: the verdicts stand, the document holds, an addition has all."""
    searched.family("toy-lemma", tail="uses_p = false")
    searched.file("toy-lemma", text("toy-lemma"))
    assert searched.run().ret == 0
    assert searched.verdicts == {"toy-lemma": "SUPPORTED"}
    family = searched.document["family"]
    assert (family["p_slugs"], family["alpha_claim"]) == (0, 0.05)
    assert list(disagreements(searched.document)) == []
    assert guarantee(searched.document)[0].startswith("No error budget was spent: no registered")
    searched.claim("toy-added")
    assert searched.run().ret == 0
    added = searched.document["claims"][1]
    assert (added["addition"], added["cells"][0]["alpha"]) == (True, 0.05)
    assert list(disagreements(searched.document)) == []
    assert guarantee(searched.document)[1].startswith("Additions are judged at a level of 0.05")


def test_an_empty_register_is_refused_still(searched):
    """Nothing to share the budget, and nothing promised: the register is to be completed."""
    searched.family(tail="register = []")
    searched.file("toy-lemma", text("toy-lemma"))
    result = searched.run()
    assert result.ret == 2
    assert "complete the register in family.toml" in text_of(result)
