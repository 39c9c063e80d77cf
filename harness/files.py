"""Writing files so that no reader ever sees half of one."""

from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def write_aside(path: Path, text: str) -> None:
    """Write a text file, in UTF-8, beside its place and move it there: whole or not at all.

    A write that fails leaves the old file, and none of its own. Raises OSError where the folder is
    missing or cannot be written, UnicodeEncodeError for a lone surrogate.
    """
    content = text.encode("utf-8")
    aside = path.with_name(f".aside-{uuid4().hex}")  # unlike mkstemp's, as readable as others
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except BaseException:
        with suppress(OSError):  # the first error is the one to say
            aside.unlink(missing_ok=True)
        raise
