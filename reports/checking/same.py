"""Whether a number that a document says is the one that its own numbers make."""

import math
from collections.abc import Iterator, Sequence

_SAME = 1e-6
"""Relative: a document carries doubles, so that only another computation differs more. Another
version of scipy differs by less: its power and its intervals are roots found to 1e-8."""

_ROUNDING = 1e-12
"""Relative to what a number was summed from: near 0 rounding is all that is left of it."""

Pair = Sequence[float | None]


def alike(said: float | None, made: float | None, *, scale: float = 0.0) -> bool:
    """Return whether both are the same number but for rounding, or both undefined.

    ``scale`` is the size of what they were summed from; 0 for a p value, which may be tiny.
    """
    if said is None or made is None:
        return said is made
    return math.isclose(said, made, rel_tol=_SAME, abs_tol=_ROUNDING * scale)


def number_differs(
    name: str, said: float | None, made: float | None, made_by: str, *, scale: float = 0.0
) -> Iterator[str]:
    """Yield a sentence where a number is not what its source makes of it."""
    if not alike(said, made, scale=scale):
        yield f"{name}: says {said}, {made_by} make {made}"


def interval_differs(
    name: str, said: Pair | None, made: Pair | None, made_by: str, *, scale: float = 0.0
) -> Iterator[str]:
    """Yield a sentence for each end that is not what its source makes of it."""
    pairs = zip(said or (None, None), made or (None, None), strict=True)
    for end, (one, other) in zip(("low", "high"), pairs, strict=True):
        yield from number_differs(f"{name} {end}", one, other, made_by, scale=scale)


def word_differs(name: str, said: object, made: object, made_by: str) -> Iterator[str]:
    """Yield a sentence where a word or a truth is not what its source makes of it."""
    if said != made or isinstance(said, bool) is not isinstance(made, bool):
        yield f"{name}: says {said}, {made_by} make {made}"
