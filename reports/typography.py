"""One way to write numbers, whoever wrote the sentence: the page, a claim, a verdict."""

import re
from collections.abc import Mapping
from html import escape

from reports.formats import MINUS, NARROW

_PIECES = re.compile(r"<(style|code|pre)\b.*?</\1>|<[^>]*>|[^<]+", re.DOTALL)

_PER_CENT = re.compile(r"(?<=\d) ?%")
_NEGATIVE = re.compile(r"(?<![\w)\].-])-(?=\.?\d)")  # not in a range, a date, a name or an option
_EXPONENT = re.compile(r"(?<=\de)-0*(?=\d)")  # after a hyphen a line may break, after a minus not
_THOUSANDS = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:,\d{3})+(?![\w,])")


def typeset(page: str, names: Mapping[str, str] | None = None) -> str:
    """Return HTML whose texts have one minus sign, one space before % and one thousands style.

    And where a key of ``names`` stands in a sentence, as a claim file writes it, its name. Code,
    such as a command to copy, is left as it is; so are attributes.
    """
    names = names or {}
    keys = "|".join(map(re.escape, names)) or "(?!)"  # nothing
    key = re.compile(rf"(?<![\w./-])(?:{keys})(?![\w/-]|\.\w)")

    def piece(found: re.Match[str]) -> str:
        text = found[0]
        if text.startswith("<"):
            return text
        return _numbers(key.sub(lambda each: escape(names[each[0]]), text))

    return _PIECES.sub(piece, page)


def _numbers(text: str) -> str:
    text = _PER_CENT.sub(f"{NARROW}%", text)
    text = _EXPONENT.sub(MINUS, _NEGATIVE.sub(MINUS, text))
    return _THOUSANDS.sub(lambda found: _grouped(found[0]), text)


def _grouped(number: str) -> str:
    """Return 15,000 with a narrow space; four digits stand without one, as in ``formats``."""
    digits = number.replace(",", "")
    return digits if len(digits) == 4 else number.replace(",", NARROW)
