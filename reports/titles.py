"""What a claim is called: its title without the place in the paper that stands beside it."""

import re
from collections.abc import Mapping
from typing import Any

_NAMED = r"(?:Section|Sec\.|Appendix|Figures?|Fig\.) [A-Z]?[\d.]*[a-z]?"
_PLACE = re.compile(_NAMED + r"|\d[\d.]*[a-z]?|(?:the )?text")
_BETWEEN = re.compile(r", and | and |, ")


def short_title(claim: Mapping[str, Any]) -> str:
    """Return the claim's title without the place in the paper that stands beside it."""
    title = " ".join((claim.get("title") or "").split()).removesuffix(".")
    source = claim.get("source") or {}
    if not (source.get("section") or source.get("figure")):
        return title
    name, _, place = title.rpartition(" (")
    return name if name and _says_only_where(place) else title


def _says_only_where(place: str) -> bool:
    """``Section 1, Figure 1, and the text)`` does; ``Appendix C, Theorem C.1)`` says more."""
    parts = _BETWEEN.split(place.removesuffix(")"))
    named = any(re.fullmatch(_NAMED, part) for part in parts)
    return place.endswith(")") and named and all(map(_PLACE.fullmatch, parts))
