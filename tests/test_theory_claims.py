"""The paper's theory in the register: every statement has a file, and the ledger what it found."""

import importlib.util
import tomllib
from pathlib import Path

import pytest

from harness import SearchedClaim
from harness.declarations.family import read_family

FAMILY = Path(__file__).parents[1] / "claims" / "santurkar_2018"
REGISTERED = [entry.slug for entry in read_family(FAMILY).register if not entry.uses_p]
ADDED = [
    "theorem-4-1-as-proved",
    "theorem-4-2-second-form-small-gamma",
    "theorem-4-2-second-form-unconditioned",
    "theorem-4-4-as-proved",
]


def claim_of(slug):
    path = FAMILY / f"test_{slug.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CLAIM


@pytest.mark.parametrize("slug", [*REGISTERED, *ADDED])
def test_every_statement_is_searched_and_recorded(slug):
    """A declared search for each cell, at every scale, and a desk entry for each in the ledger."""
    claim = claim_of(slug)
    assert isinstance(claim, SearchedClaim)
    assert claim.slug == slug
    assert claim.declared
    assert claim.reading
    plans = [q.search.plan(s) for q in claim.questions() for s in ("quick", "desk", "paper")]
    assert all(plan.draws > 0 and plan.needed > 0 for plan in plans)
    rows = tomllib.loads((FAMILY / "ledger.toml").read_text())["entry"]
    recorded = {row["cell"] for row in rows if row["slug"] == slug and row["scale"] == "desk"}
    assert recorded == {cell.id for cell in claim.cells}


def test_the_register_has_eight_statements_of_theory():
    """What a proof gives where the print differs is an addition, outside the register."""
    assert len(REGISTERED) == 8
    assert not set(ADDED) & set(REGISTERED)


@pytest.mark.parametrize("slug", ["theorem-4-1-as-printed", "fact-c1"])
def test_a_quick_search_of_the_paper_runs(slug):
    """From the claim file to draws and a counterexample, or none."""
    (question,) = claim_of(slug).questions()
    found = question.search.run("quick")
    assert found.draws == question.search.plan("quick").draws
    assert (found.counterexample is None) is (slug == "fact-c1")
