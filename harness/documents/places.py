"""Where a claim's file lies, for a document."""

from pathlib import Path


def place_of_file(path: Path, root: Path) -> str:
    """Return a path from the root folder; that of a file outside of it is whole."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
