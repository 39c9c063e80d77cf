"""Where a user's own file raised: a traceback without our lines and those of libraries."""

import sysconfig
import traceback
from pathlib import Path

import harness

MOST_LINES = 3
"""Frames of the user's that are shown, the last ones: what called what is seldom further off."""

_HARNESS = Path(harness.__file__).parent
_LIBRARIES = tuple(
    Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def own_lines(error: BaseException) -> str:
    """Return an error as Python prints it, with the frames of the user's own files alone."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_own(f.filename)]
    lines = traceback.format_list(frames[-MOST_LINES:])
    return "".join([*lines, *traceback.format_exception_only(error)]).rstrip()


def _is_own(name: str) -> bool:
    path = Path(name)
    if name.startswith("<") or path.is_relative_to(_HARNESS):
        return False
    return not any(path.is_relative_to(folder) for folder in _LIBRARIES)
