"""How numbers become text. Rounding happens here and nowhere else in the project."""

import math
from collections.abc import Sequence
from datetime import datetime

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
NARROW = "\N{NARROW NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
NOTHING = "\N{EM DASH}"  # shown where a number is undefined

_TINY_P = 0.0001
_SMALL_FACTOR = 0.1


def is_number(value: object) -> bool:
    """Whether this can be shown and drawn: a finite int or float, and no bool."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def decimals_for(width: float | None, *, digits: int = 2) -> int | None:
    """Decimals that show ``width`` with ``digits`` significant digits; None without a width."""
    if width is None or not is_number(width) or width == 0:
        return None
    return min(max(digits - 1 - math.floor(math.log10(abs(width))), 0), 9)


def number(value: float | None, *, digits: int = 3, decimals: int | None = None) -> str:
    """Return a plain number: so many decimals, or so many significant digits; a dash for None."""
    if value is None or not is_number(value):
        return NOTHING
    size = abs(value)
    if size != 0 and (size >= 1e7 or size < 1e-5):
        return _scientific(value, digits)
    if decimals is None:
        decimals = decimals_for(value, digits=digits) or 0
    rounded = round(value, decimals)
    text = f"{abs(rounded):.{decimals}f}"
    if size >= 10_000:
        text = f"{abs(rounded):,.{decimals}f}".replace(",", NARROW)
    return f"{MINUS}{text}" if rounded < 0 else text


def short(value: float | None, *, digits: int = 4) -> str:
    """Return a number that somebody chose, such as a bound: no zeros behind the last digit."""
    text, exponential_mark, exponent = number(value, digits=digits).partition("e")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text + exponential_mark + exponent


def signed(value: float | None, *, digits: int = 3, decimals: int | None = None) -> str:
    """Return a number that always shows its sign, except a zero."""
    text = number(value, digits=digits, decimals=decimals)
    return f"+{text}" if value is not None and is_number(value) and _positive(text) else text


def exponential(value: float) -> float:
    """``exp(value)``, with an overflow read as infinity."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def factor(log_value: float | None, *, chosen: bool = False) -> str:
    """Return the factor with this natural logarithm; a ``chosen`` one has no closing zeros.

    A small one that was found is said by its reciprocal: ``1/138``, not 0.00725 times.
    """
    if log_value is None or not is_number(log_value):
        return NOTHING
    value = exponential(log_value)
    if math.isinf(value):
        return f"over 10{TIMES}10^307"
    if value < _SMALL_FACTOR and not chosen and is_number(inverse := exponential(-log_value)):
        return f"1/{number(inverse)}{TIMES}"
    return f"{short(value) if chosen else number(value)}{TIMES}"


def p_value(p: float | None) -> str:
    """``p = 0.012``; below a ten-thousandth only that."""
    if p is None or not is_number(p):
        return NOTHING
    return f"p < {_TINY_P}" if p < _TINY_P else f"p = {number(p, digits=2)}"


def percent(share: float | None, *, digits: int = 4) -> str:
    """Return a share of 1 as per cent; a share below 1 is never rounded to all of it."""
    if share is None or not is_number(share):
        return NOTHING
    text = short(100 * share, digits=digits)
    return f"{_nearly_all(share) if share < 1 and text == '100' else text}{NARROW}%"


def _nearly_all(share: float) -> str:
    """Return the per cent of a share just below 1, with the first digit that tells it from 100."""
    decimals = decimals_for(100 * (1 - share), digits=1) or 0
    text = number(min(100 * share, 100 - 10.0**-decimals), decimals=decimals)
    return text.rstrip("0") if "." in text else text


def duration(seconds: float | None) -> str:
    """Seconds as a reader says them: 0.4 s, 14 min, 3 h 5 min."""
    if seconds is None or not is_number(seconds):
        return NOTHING
    if seconds < 60:
        return f"{number(seconds, digits=2)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def moment(iso: str | None) -> str:
    """Return an ISO time as ``20 November 2026, 19:00 UTC``; other text stays as it is."""
    if not iso:
        return NOTHING
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if len(iso) <= len("2026-11-20"):
        return day(iso)
    zone = when.tzname() or ""
    return f"{when.day} {when:%B %Y, %H:%M} {zone}".rstrip()


def day(iso: str | None) -> str:
    """Return an ISO date or time as ``20 November 2026``."""
    if not iso:
        return NOTHING
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{when.day} {when:%B %Y}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """``1 run``, ``20 runs``."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def consecutive(numbers: Sequence[int]) -> str:
    """Return ``0 to 9`` for numbers without a gap, each of them otherwise."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def listed(words: Sequence[str], *, last: str = "and") -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _positive(text: str) -> bool:
    return not text.startswith(MINUS) and any(digit in text for digit in "123456789")


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", MINUS)
