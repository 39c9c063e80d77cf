"""Claim files: named by their slug; outside a pytest session imported by their path."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from harness.declarations.claim import Claim
from harness.declarations.searched import AnyClaim, SearchedClaim
from harness.errors import ClaimDefinitionError


def file_name(slug: str) -> str:
    """Return the name of the file that declares a claim."""
    return f"test_{slug.replace('-', '_')}.py"


def claims_in(folder: Path) -> Iterator[tuple[Path, AnyClaim | ClaimDefinitionError]]:
    """Yield each claim file of a family with its claim, or with why it declares none."""
    for path in sorted(folder.glob("test_*.py")):
        try:
            claim = getattr(module_of(path), "CLAIM", None)
        except ClaimDefinitionError as error:
            yield path, error
            continue
        if isinstance(claim, Claim | SearchedClaim):
            yield path, claim
        else:
            yield path, ClaimDefinitionError(f"{path}: got CLAIM = {claim!r}; expected Claim(...)")


def module_of(path: Path) -> ModuleType:
    """Import a claim file by its path, as pytest does. Raises ClaimDefinitionError."""
    spec = importlib.util.spec_from_file_location(f"imported_{path.stem}", path)
    assert spec is not None  # noqa: S101 - a path that ends in .py has a loader
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # importing a file may raise anything
        raise ClaimDefinitionError(f"{path}: cannot be imported: {error!r}") from error
    return module
