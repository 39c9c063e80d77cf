"""Which claims imported values are of: their files, found by slug."""

from collections.abc import Sequence
from pathlib import Path

from harness.declarations.claim import Claim
from harness.declarations.claim_files import file_name, module_of
from harness.declarations.searched import SearchedClaim
from harness.errors import ClaimDefinitionError
from harness.families.context import FamilyContext
from harness.imports.imported_values import ImportedValue


def claim_of(context: FamilyContext, slug: str, values: Sequence[ImportedValue]) -> Claim:
    """Return the claim that values are of. Raises ClaimError where this scale cannot judge it."""
    first = next(value for value in values if value.slug == slug)
    path = path_of(context, slug)
    if not path.exists():
        known = (entry.slug for entry in context.family.register)
        there = ", ".join(one for one in known if path_of(context, one).exists())
        raise first.refuse("slug", repr(slug), f"a claim with a file: {there}")
    claim = getattr(module_of(path), "CLAIM", None)
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
    return context.family.folder / file_name(slug)
