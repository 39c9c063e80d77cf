"""Writing files so that no reader ever sees half of one."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

LEFT = ".aside-*"
OLD_AFTER_S = 24 * 3600
"""No write takes as long as this: the process that began it was killed."""


def write_aside(path: Path, text: str) -> None:
    """Write a text file, in UTF-8, beside its place and move it there: whole or not at all.

    A write that fails leaves the old file, and none of its own. Raises OSError where the folder is
    missing or cannot be written, UnicodeEncodeError for a lone surrogate.
    """
    _write_aside(path, text, lambda aside: aside.replace(path))


def write_new(path: Path, text: str) -> bool:
    """Write a file like ``write_aside``, unless there is one; return whether it was written.

    Of two processes that write at the same time one writes and the other learns that it did not.
    """
    try:
        _write_aside(path, text, lambda aside: _link(aside, path))
    except FileExistsError:
        return False
    return True


def remove_left(folder: Path, *patterns: str) -> None:
    """Remove what processes that were killed have left in a folder: files beside their place.

    And any other files of these patterns; of all of them only those of more than a day ago, as a
    younger one may be in use. What cannot be removed stays.
    """
    for pattern in (LEFT, *patterns):
        for path in folder.glob(pattern):
            with suppress(OSError):  # another process removes it, too; or it is not ours
                if time.time() - path.stat().st_mtime > OLD_AFTER_S:
                    path.unlink()


def _link(aside: Path, path: Path) -> None:
    """Give a file its name. Raises FileExistsError where another has it; there is no gap."""
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links (exFAT, some network ones): a gap remains
        if path.exists():
            raise FileExistsError(path) from None
        aside.replace(path)


def _write_aside(path: Path, text: str, place: Callable[[Path], object]) -> None:
    content = text.encode("utf-8")
    aside = path.with_name(f".aside-{uuid4().hex}")  # unlike mkstemp's, as readable as others
    try:
        aside.write_bytes(content)
        place(aside)
    finally:
        with suppress(OSError):  # an error before is the one to say
            aside.unlink(missing_ok=True)
