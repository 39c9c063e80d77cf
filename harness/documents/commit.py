"""Which commit the code is of that judged, and whether it is all of it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

CODE = ("benches", "claims", "harness", "models", "reports")
"""Folders whose files decide numbers and verdicts, beside modules in the root itself."""

_BELOW = (f":(glob){folder}/**/*.{end}" for folder in CODE for end in ("py", "toml"))
_PLACES = (":(glob)*.py", *_BELOW)


def commit_of(root: Path) -> str | None:
    """Return the commit of a folder, None where it is in no repository.

    ``-dirty`` follows where files of the commit were changed, ``+untracked`` where code lies there
    that is in no commit: files that git ignores do not count.
    """
    commit = _git(root, ["describe", "--always", "--dirty", "--abbrev=12"])
    if not commit:
        return None
    asked = ["status", "--porcelain", "--untracked-files=all", "--", *_PLACES]
    untracked = any(line.startswith("?? ") for line in (_git(root, asked) or "").splitlines())
    return f"{commit}+untracked" if untracked else commit


def _git(root: Path, words: Sequence[str]) -> str | None:
    """Return what git answers, None where it does not."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            ["git", "-C", str(root), *words],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
