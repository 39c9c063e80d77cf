"""A second paper: its family, its bench and a first claim, which run as they are written."""

import keyword
import re
from pathlib import Path
from string import Template

from harness.declarations.claim_files import file_name
from harness.declarations.family import FILE
from harness.errors import OptionError

STARTERS = Path(__file__).parent / "starters"
"""What is written, with $slug, $claim and $name to be filled in."""

BENCHES = "benches"
"""The package, beside ``claims/``, with a module for the bench of each further paper."""

_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PACKAGE = '"""Benches of further papers: ``claims new-paper SLUG`` begins one."""\n'


def write_paper(slug: str, root: Path) -> tuple[Path, Path, Path]:
    """Write a family.toml, its bench and one claim, and return their paths.

    Raises OptionError for what names no folder and module, away from the folder that holds
    ``claims/``, and where one of them is there already: then nothing is written.
    """
    if not _SLUG.fullmatch(slug) or keyword.iskeyword(slug):
        raise OptionError(
            f"slug: got {slug!r}; expected lower-case words joined by _, such as nope_2021, as it "
            "names a folder and a module"
        )
    if not (root / "claims").is_dir():
        raise OptionError(
            f"{root}: got no folder claims in it; expected one: call this where claims/ lies"
        )
    texts = _texts(slug, root)
    if there := next((path for path in texts if path.exists()), None):
        raise OptionError(f"{there}: is already there; expected a new slug; choose another")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    package = root / BENCHES / "__init__.py"
    if not package.exists():
        package.write_text(_PACKAGE, encoding="utf-8")
    family, bench, claim = texts
    return family, bench, claim


def _texts(slug: str, root: Path) -> dict[Path, str]:
    """Return what is to be written, by path: the family, the bench, the claim."""
    claim = f"{slug.replace('_', '-')}-example"
    name = claim.replace("-", "_")
    folder = root / "claims" / slug
    starters = {
        folder / FILE: "family.toml.txt",
        root / BENCHES / f"{slug}.py": "bench.py.txt",
        folder / file_name(claim): "claim.py.txt",
    }
    return {
        path: Template((STARTERS / starter).read_text(encoding="utf-8")).substitute(
            slug=slug, claim=claim, name=name
        )
        for path, starter in starters.items()
    }
