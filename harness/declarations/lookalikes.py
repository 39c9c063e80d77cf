"""Claim files that no entry of the register names, beside an entry that nearly does."""

import difflib

from harness.declarations.claim_files import file_name
from harness.declarations.family import FILE, Family

ALIKE = 0.8
"""Share of letters that two names have in common: less is another name, not a misspelt one."""


def lookalikes(family: Family) -> tuple[str, ...]:
    """Return a line for each registered slug without a file that a file outside of it is like.

    The names alone are looked at, as a claim's file is named by its slug: nothing is imported.
    """
    files = {_slug_of(path.name) for path in family.folder.glob("test_*.py")}
    registered = [entry.slug for entry in family.register]
    additions = sorted(files.difference(registered))
    found = []
    for slug in registered:
        close = difflib.get_close_matches(slug, additions, n=1, cutoff=ALIKE)
        if slug not in files and close:
            found.append(
                f"{family.slug}/{FILE}: got {slug} in the register, without a file and so NOT RUN, "
                f"and {file_name(close[0])}, an addition; did you mean one claim? Write its slug "
                "the same in both"
            )
    return tuple(found)


def _slug_of(name: str) -> str:
    return name.removeprefix("test_").removesuffix(".py").replace("_", "-")
