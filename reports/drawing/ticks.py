"""Where an axis has its ticks, and what they say."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports import formats

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_LETTER = 0.024  # of a phone's 300 px: a digit at 12 px
_GAP = 0.02  # between two texts


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A mark on an axis: ``at`` is a CSS percentage of the axis, ``anchor`` an SVG text-anchor."""

    at: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """A stretch of numbers, ``low`` < ``high``, drawn linearly on its own scale."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where ``value`` lies: 0 at the low end, 1 at the high end."""
        return (value - self.low) / (self.high - self.low)

    def held(self, value: float) -> float:
        """Like ``share``, held to 0 to 1."""
        return min(max(self.share(value), 0.0), 1.0)


def axis_over(values: Iterable[float], *, margin: float = 0.05) -> Axis:
    """Return an axis that holds all values with a margin on both sides; 0 to 1 around no values."""
    finite = [value for value in values if formats.is_number(value)]
    if not finite:
        return Axis(low=0.0, high=1.0)
    low, high = min(finite), max(finite)
    room = (high - low) * margin or abs(high) * 0.1 or 1.0
    return Axis(low=low - room, high=high + room)


def css_percent(share: float) -> str:
    """Return a share of 1 as a CSS length."""
    return f"{100 * share:.1f}%"


def linear_values(axis: Axis, *, about: int = 5) -> list[float]:
    """Round numbers inside the axis, about so many."""
    raw = (axis.high - axis.low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((n * power for n in _NICE if n * power >= raw * 0.999), 10 * power)
    first = math.ceil(axis.low / step - 1e-9)
    last = math.floor(axis.high / step + 1e-9)
    return [0.0 if index == 0 else index * step for index in range(first, last + 1)]


def log_values(axis: Axis, *, about: int = 5) -> list[float]:
    """Natural logarithms of round factors inside the axis, whose ends are natural logarithms."""
    decades = (axis.high - axis.low) / math.log(10)
    if decades < 0.5:
        ends = Axis(low=formats.exponential(axis.low), high=formats.exponential(axis.high))
        return [math.log(v) for v in linear_values(ends, about=about) if v > 0]
    first, last = math.floor(axis.low / math.log(10)), math.ceil(axis.high / math.log(10))
    every = max(1, math.ceil(decades / about))
    mantissas = (1.0, 2.0, 5.0) if decades < 2 else (1.0, 3.0) if decades < 3 else (1.0,)
    found = [
        math.log(mantissa) + exponent * math.log(10)
        for exponent in range(first, last + 1)
        if exponent % every == 0
        for mantissa in mantissas
    ]
    return [value for value in found if axis.low <= value <= axis.high]


def ticks(
    axis: Axis, values: Sequence[float], text: Callable[[float], str], *, ends_first: bool = False
) -> tuple[Tick, ...]:
    """Ticks at these ascending values, but for those whose text would touch another one.

    One at an end gives way: its text is turned inwards, towards its neighbour's. With
    ``ends_first`` the neighbour does: where a sweep begins and ends must be said.
    """
    shares = {axis.share(value): text(value) for value in values}
    kept: list[float] = []
    for share in sorted(shares, key=lambda share: (_anchor(share) == "middle") is ends_first):
        if all(_apart((share, shares[share]), (other, shares[other])) for other in kept):
            kept.append(share)
    return tuple(
        Tick(at=css_percent(share), text=shares[share], anchor=_anchor(share))
        for share in sorted(kept)
    )


def _apart(one: tuple[float, str], other: tuple[float, str]) -> bool:
    """Whether two texts, each with its place, leave a gap between them."""
    (_, end), (start, _) = sorted((_extent(*one), _extent(*other)))
    return start - end >= _GAP


def _extent(share: float, text: str) -> tuple[float, float]:
    width = _LETTER * len(text)
    start = share - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[_anchor(share)]
    return start, start + width


def decimals_of(values: Sequence[float]) -> int:
    """Decimals that tell neighbouring ticks apart."""
    if len(values) < 2:
        return formats.decimals_for(values[0] if values else 0, digits=2) or 0
    step = abs(values[1] - values[0])
    return min((n for n in range(10) if abs(round(step, n) - step) < step * 1e-6), default=9)


def _anchor(share: float) -> str:
    if share < 0.04:
        return "start"
    return "end" if share > 0.96 else "middle"
