"""Parts of a declaration that are of the wrong kind, refused before they are asked for anything."""

import difflib
import math
import re
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from harness.errors import ClaimDefinitionError

T = TypeVar("T")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def text(what: str, got: object) -> str:
    """Return a text. Raises ClaimDefinitionError for what is none; an empty one is a text."""
    return of_kind(what, got, str, "text")


def slug(what: str, got: object) -> None:
    """Raise ClaimDefinitionError for what is no slug: it names a file and stands in commands."""
    if not SLUG.fullmatch(text(what, got)):
        raise ClaimDefinitionError(
            f"{what}: got {got!r}; expected lower-case words joined by -, as in "
            "'noisy-bn-matches-bn'"
        )


def number(what: str, got: object) -> float:
    """Return a finite number. Raises ClaimDefinitionError for what is none; True is none."""
    if not is_number(got):
        raise ClaimDefinitionError(f"{what}: got {got!r}; expected a finite number")
    return got  # type: ignore[return-value]


def is_number(got: object) -> bool:
    """Return whether it is a finite number; True and False are none."""
    return isinstance(got, int | float) and not isinstance(got, bool) and math.isfinite(got)


def of_kind(what: str, got: object, kind: type[T], expected: str = "") -> T:
    """Return what is of a kind. Raises ClaimDefinitionError for anything else."""
    if not isinstance(got, kind):
        raise ClaimDefinitionError(f"{what}: got {got!r}; expected {expected or _called(kind)}")
    return got


def iso_date(what: str, got: object) -> None:
    """Raise ClaimDefinitionError for what is neither None nor a date such as 2026-11-20."""
    try:
        known = got is None or (isinstance(got, str) and bool(date.fromisoformat(got)))
    except ValueError:
        known = False
    if not known:
        raise ClaimDefinitionError(f"{what}: got {got!r}; expected a date, as in '2026-11-20'")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return what a misspelt word may have been meant for, to go on with an error, or nothing."""
    close = difflib.get_close_matches(word, list(known))
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


def _called(kind: type) -> str:
    article = "an" if kind.__name__[0] in "AEIO" else "a"
    return f"{article} {kind.__name__}"
