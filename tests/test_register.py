"""The register of our families and their claim files: nothing that the paper states is left out.

Of the families named here. A paper that somebody adds may have claims without a file, and a claim
that `claims new` begins is an addition.
"""

import ast
import tomllib
from pathlib import Path

import pytest

CLAIMS = Path(__file__).parents[1] / "claims"
OURS = (CLAIMS / "precision", CLAIMS / "santurkar_2018")
EVERY = sorted(path.parent for path in CLAIMS.glob("*/family.toml"))


def register_of(family):
    text = (family / "family.toml").read_text(encoding="utf-8")
    return [entry["slug"] for entry in tomllib.loads(text)["register"]]


def slug_in(path):
    """Return the slug that a claim file declares, read from its source: nothing is imported."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "slug":
            return ast.literal_eval(node.value)
    return None


def files_of(family):
    return {slug_in(path): path.name for path in sorted(family.glob("test_*.py"))}


def test_our_families_are_there():
    """A comparison of nothing would pass: the paper's, and the study of precision."""
    assert set(OURS) <= set(EVERY)
    assert all(register_of(family) for family in OURS)


@pytest.mark.parametrize("family", OURS, ids=lambda family: family.name)
def test_every_registered_claim_has_a_file(family):
    """Also those that only one scale can judge."""
    assert set(register_of(family)) - set(files_of(family)) == set()


def test_the_papers_theorems_as_proved_are_additions():
    """Written after the verdicts on what is printed: the register must not take them up.

    A slug with a typing error leaves a registered one without a file, which is found above.
    """
    additions = {
        "theorem-4-1-as-proved",
        "theorem-4-2-second-form-small-gamma",
        "theorem-4-2-second-form-unconditioned",
        "theorem-4-4-as-proved",
    }
    family = CLAIMS / "santurkar_2018"
    assert additions <= set(files_of(family)) - set(register_of(family))


@pytest.mark.parametrize("family", EVERY, ids=lambda family: family.name)
def test_a_file_is_named_as_its_slug(family):
    """So that a slug leads to its file."""
    for slug, name in files_of(family).items():
        assert name == f"test_{slug.replace('-', '_')}.py"
