"""How a gain is said: as a difference, as a factor, as odds, or as a share of the seeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reports import formats

Span = tuple[float, float]


class Saying(StrEnum):
    """The four ways to say a gain."""

    DIFFERENCE = "difference"
    FACTOR = "factor"
    ODDS = "odds"
    SHARE = "share"


_BY_TRANSFORM = {"identity": Saying.DIFFERENCE, "log": Saying.FACTOR, "logit": Saying.ODDS}
_SHARE_KINDS = ("more often", "share above")


@dataclass(frozen=True, kw_only=True, slots=True)
class GainScale:
    """Turns numbers on the gain scale into text. Two cells with equal scales share an axis."""

    saying: Saying
    unit: str  # of a difference; empty otherwise

    def text(self, gain: float | None, *, width: float | None = None) -> str:
        """Return a gain without its unit; a difference has the decimals that ``width`` asks for."""
        match self.saying:
            case Saying.DIFFERENCE:
                return formats.signed(gain, decimals=self._held(_decimals(gain, width)))
            case Saying.FACTOR | Saying.ODDS:
                return formats.factor(gain)
            case Saying.SHARE:
                return formats.percent(gain, digits=3)

    def _held(self, decimals: int | None) -> int | None:
        """Return the decimals, at least one for points: 12.0 beside 30.7."""
        return max(decimals, 1) if decimals is not None and self.unit == "points" else decimals

    def with_unit(self, gain: float | None, *, width: float | None = None) -> str:
        """Return a gain as a reader says it."""
        text = self.text(gain, width=width)
        return f"{text} {self.unit}" if self.unit and text != formats.NOTHING else text

    def chosen(self, gain: float | None) -> str:
        """Return a gain that somebody chose, such as a bound: ``5 points``, ``1.25`` times."""
        match self.saying:
            case Saying.DIFFERENCE:
                number = formats.short(gain)
                unit = "point" if (number, self.unit) == ("1", "points") else self.unit
                return f"{number} {unit}".rstrip()
            case Saying.FACTOR | Saying.ODDS:
                return formats.factor(gain, chosen=True)
            case Saying.SHARE:
                return f"{formats.percent(gain)} of the seeds"

    def interval(self, span: Span | None) -> str:
        """``+21.5 to +26.3 points``."""
        if span is None:
            return formats.NOTHING
        width = span[1] - span[0]
        if self.saying is not Saying.DIFFERENCE or width == 0:
            return f"{self.text(span[0])} to {self.with_unit(span[1])}"
        decimals = self._held(formats.decimals_for(width))
        low, high = (formats.signed(end, decimals=decimals) for end in span)
        return f"{low} to {high} {self.unit}".rstrip()


def scale_of(transform: str | None, unit: str | None, kind: str | None) -> GainScale:
    """Return the scale of a cell's gains. A difference of two percentages is in points."""
    if kind in _SHARE_KINDS:
        return GainScale(saying=Saying.SHARE, unit="")
    saying = _BY_TRANSFORM.get(transform or "identity", Saying.DIFFERENCE)
    if saying is not Saying.DIFFERENCE:
        return GainScale(saying=saying, unit="")
    return GainScale(saying=saying, unit="points" if unit == "%" else unit or "")


def bound_text(scale: GainScale, hypothesis: Mapping[str, Any]) -> str:
    """Return what the interval has to do: ``above 5 points``, ``within a factor of 1.25``."""
    bound = hypothesis.get("bound")
    said = scale.chosen(bound)
    match hypothesis.get("kind"):
        case "above":
            return f"above {said}"
        case "not below":
            return f"not below {said}"
        case "equivalent":
            return _margin_text(scale, bound)
        case "more often":
            return f"above {said} that differ"
        case "share above":
            return f"above {said}"
        case other:
            return str(other)


def bound_of(cell: Mapping[str, Any], scale: GainScale) -> str:
    """Return the same for a reader who has not turned the sign: a margin in both directions.

    ``not below -0.1 (at most 0.1 higher)``, where the paper says lower.
    """
    hypothesis = cell.get("hypothesis") or {}
    said, (bound, _) = bound_text(scale, hypothesis), region_of(hypothesis)
    loses = {"higher": "lower", "lower": "higher"}.get(cell.get("better") or "")
    difference = scale.saying is Saying.DIFFERENCE and hypothesis.get("kind") == "not below"
    if bound is None or bound >= 0 or not (difference and loses):
        return said
    return f"{said} (at most {scale.chosen(-bound)} {loses})"


def region_of(hypothesis: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Where the whole interval must lie, on the gain scale; None on a side without a limit."""
    bound = hypothesis.get("bound")
    if not formats.is_number(bound):
        return None, None
    if hypothesis.get("kind") == "equivalent":
        return -abs(bound), abs(bound)  # type: ignore[arg-type]
    return bound, None


def no_effect(scale: GainScale, hypothesis: Mapping[str, Any]) -> float | None:
    """Return the gain that means no effect; None where the statement is about one arm."""
    if scale.saying is not Saying.SHARE:
        return 0.0
    return 0.5 if hypothesis.get("kind") == "more often" else None


def deciding_interval(numbers: Mapping[str, Any]) -> str:
    """Return the key of the interval that decided: REFUTED has one of its own."""
    return "ci_refute" if numbers.get("verdict") == "REFUTED" else "ci"


def interval_name(numbers: Mapping[str, Any]) -> str:
    """Return what the interval that decided is called: two intervals have two names."""
    return "refuting" if deciding_interval(numbers) == "ci_refute" else "supporting"


def span_of(pair: object) -> Span | None:
    """Return an interval with two finite ends, or None."""
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return None
    low, high = pair
    if not (formats.is_number(low) and formats.is_number(high)):
        return None
    return float(low), float(high)


def _margin_text(scale: GainScale, bound: float | None) -> str:
    if bound is None:
        return "within the margins"
    size = abs(bound)
    if scale.saying is Saying.DIFFERENCE:
        return f"within {scale.chosen(size)} either way"
    return f"within a factor of {formats.short(formats.exponential(size))}"


def _decimals(gain: float | None, width: float | None) -> int | None:
    """Return the decimals that the width of the interval earns, and two digits of the gain."""
    earned, own = formats.decimals_for(width), formats.decimals_for(gain)
    if earned is None or own is None:
        return earned
    return max(earned, min(own, earned + 2))
