"""The register of each family and its claim files: nothing that the paper states is left out."""

import ast
import tomllib
from pathlib import Path

import pytest

CLAIMS = Path(__file__).parents[1] / "claims"
FAMILIES = sorted(path.parent for path in CLAIMS.glob("*/family.toml"))


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


def test_there_is_a_family():
    """A comparison of nothing would pass: the paper's, and the study of precision."""
    assert [family.name for family in FAMILIES] == ["precision", "santurkar_2018"]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_registered_claim_has_a_file(family):
    """Also those that only one scale can judge."""
    assert set(register_of(family)) - set(files_of(family)) == set()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_what_is_not_registered_is_an_addition_on_purpose(family):
    """A slug with a typing error would else leave the guarantee in silence."""
    additions = {
        "precision": set(),
        "santurkar_2018": {
            "theorem-4-1-as-proved",
            "theorem-4-2-second-form-small-gamma",
            "theorem-4-2-second-form-unconditioned",
            "theorem-4-4-as-proved",
        },
    }
    assert set(files_of(family)) - set(register_of(family)) == additions[family.name]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_file_is_named_as_its_slug(family):
    """So that a slug leads to its file."""
    for slug, name in files_of(family).items():
        assert name == f"test_{slug.replace('-', '_')}.py"
