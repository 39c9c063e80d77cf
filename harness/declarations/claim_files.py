"""Claim files outside a pytest session: found by their slug, imported by their path."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from harness.declarations.claim import Claim
from harness.declarations.searched import AnyClaim, SearchedClaim
from harness.errors import ClaimDefinitionError
from harness.hooks.context import FamilyContext
from harness.imports.imported_values import ImportedValue


def claim_of(context: FamilyContext, slug: str, values: Sequence[ImportedValue]) -> Claim:
    """Return the claim that values are of. Raises ClaimError where this scale cannot judge it."""
    first = next(value for value in values if value.slug == slug)
    path = path_of(context, slug)
    if not path.exists():
        known = (entry.slug for entry in context.family.register)
        there = ", ".join(one for one in known if path_of(context, one).exists())
        raise first.refuse("slug", repr(slug), f"a claim with a file: {there}")
    claim = getattr(_module(path), "CLAIM", None)
    if isinstance(claim, SearchedClaim):
        raise first.refuse("slug", slug, "a claim about runs: this one is decided by search")
    if not isinstance(claim, Claim):
        raise ClaimDefinitionError(f"{path}: got CLAIM = {claim!r}; expected Claim(...)")
    elsewhere = claim.not_judged_at(context.scale.name)
    if elsewhere is not None:
        scales = " or ".join(claim.scales)
        raise first.refuse(
            "slug", slug, f"one for scale {context.scale.name}; give --scale {scales}"
        )
    context.validate(claim)
    return claim


def path_of(context: FamilyContext, slug: str) -> Path:
    """Return where a claim's file is, or would be."""
    return context.family.folder / f"test_{slug.replace('-', '_')}.py"


def claims_in(folder: Path) -> Iterator[tuple[Path, AnyClaim | ClaimDefinitionError]]:
    """Yield each claim file of a family with its claim, or with why it declares none."""
    for path in sorted(folder.glob("test_*.py")):
        try:
            claim = getattr(_module(path), "CLAIM", None)
        except ClaimDefinitionError as error:
            yield path, error
            continue
        if isinstance(claim, Claim | SearchedClaim):
            yield path, claim
        else:
            yield path, ClaimDefinitionError(f"{path}: got CLAIM = {claim!r}; expected Claim(...)")


def _module(path: Path) -> ModuleType:
    """Import a claim file by its path, as pytest does."""
    spec = importlib.util.spec_from_file_location(f"imported_{path.stem}", path)
    assert spec is not None  # noqa: S101 - a path that ends in .py has a loader
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # importing a file may raise anything
        raise ClaimDefinitionError(f"{path}: cannot be imported: {error!r}") from error
    return module
