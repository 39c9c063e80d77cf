"""What a claim says about its gains, as data: five hypotheses with their bounds and reasons.

Bounds are written in the words of the claim's reader. On the log transform a bound is a factor, on
logit an odds ratio; ``bound_on_gain_scale`` turns either into the number that gains are compared
with. The statement contains the bound, so that what can be refuted is what is written.
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar, assert_never

from harness.declarations.declared import is_number, text
from harness.errors import ClaimDefinitionError
from harness.words import Transform


@dataclass(frozen=True, slots=True)
class Above:
    """The mean gain is above ``bound``: the smallest effect that would matter to a reader.

    ``because`` is the reason of the bound; bound 0 needs none. On log and logit "no more than a
    difference" is ``Above(1.0, because=...)``.
    """

    kind: ClassVar[str] = "above"
    estimand: ClassVar[str] = "mean gain"
    bound: float
    because: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        _require_finite("Above", "bound", self.bound)
        if self.bound < 0:
            _refuse(f"Above: got bound {self.bound:g}, expected 0 or more", "NotBelow for a margin")
        if self.bound != 0:
            _require_reason("Above", "bound", self.bound, self.because)

    def text(self, unit: str, transform: Transform) -> str:
        """Return the hypothesis as part of a sentence: "the mean gain is above 5 points"."""
        return f"the mean gain is above {in_words(self.bound, unit, transform)}"

    def refuted_if(self, unit: str, transform: Transform) -> str:
        """Return what would refute it, as part of a sentence."""
        return f"the mean gain is shown to be below {in_words(self.bound, unit, transform)}"


@dataclass(frozen=True, slots=True)
class Equivalent:
    """The mean gain is within ``margin`` of no effect (on log, within 1/margin and margin)."""

    kind: ClassVar[str] = "equivalent"
    estimand: ClassVar[str] = "mean gain"
    margin: float
    because: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        _require_finite("Equivalent", "margin", self.margin)
        if self.margin <= 0:
            _refuse(
                f"Equivalent: got margin {self.margin:g}, expected above 0", "a positive margin"
            )
        _require_reason("Equivalent", "margin", self.margin, self.because)

    def text(self, unit: str, transform: Transform) -> str:
        """Return the hypothesis as part of a sentence."""
        return f"the mean gain is {_within(self.margin, unit, transform)}"

    def refuted_if(self, unit: str, transform: Transform) -> str:
        """Return what would refute it, as part of a sentence."""
        return f"the mean gain is shown not to be {_within(self.margin, unit, transform)}"


@dataclass(frozen=True, slots=True)
class NotBelow:
    """Non-inferiority: the mean gain is above ``minus_margin``, a loss too small to matter.

    ``NotBelow(-2.0, because=...)``; on log a factor of at most 1, such as ``NotBelow(0.8, ...)``.
    """

    kind: ClassVar[str] = "not below"
    estimand: ClassVar[str] = "mean gain"
    minus_margin: float
    because: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        _require_finite("NotBelow", "minus_margin", self.minus_margin)
        if self.minus_margin > 1:
            _refuse(
                f"NotBelow: got {self.minus_margin:g}, expected at most 0 (a factor: at most 1)",
                "Above where a gain is claimed",
            )
        _require_reason("NotBelow", "minus_margin", self.minus_margin, self.because)

    def text(self, unit: str, transform: Transform) -> str:
        """Return the hypothesis as part of a sentence."""
        return f"the mean gain is not below {in_words(self.minus_margin, unit, transform)}"

    def refuted_if(self, unit: str, transform: Transform) -> str:
        """Return what would refute it, as part of a sentence."""
        return f"the mean gain is shown to be below {in_words(self.minus_margin, unit, transform)}"


@dataclass(frozen=True, slots=True)
class MoreOften:
    """Paired yes or no: of the seeds on which the arms differ, more than half favour the paper."""

    kind: ClassVar[str] = "more often"
    estimand: ClassVar[str] = "share of discordant seeds that favour the paper"
    because: str = field(default="", kw_only=True)

    def text(self, unit: str, transform: Transform) -> str:  # noqa: ARG002 - one shape for all five
        """Return the hypothesis as part of a sentence."""
        return "of the seeds on which the arms differ, more than half favour the paper"

    def refuted_if(self, unit: str, transform: Transform) -> str:  # noqa: ARG002
        """Return what would refute it, as part of a sentence."""
        return (
            "of the seeds on which the arms differ, fewer than half are shown to favour the paper"
        )


@dataclass(frozen=True, slots=True)
class ShareAbove:
    """One arm, yes or no: the share of seeds with a yes is above ``share``."""

    kind: ClassVar[str] = "share above"
    estimand: ClassVar[str] = "share of seeds"
    share: float
    because: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        _require_finite("ShareAbove", "share", self.share)
        if not 0 < self.share < 1:
            _refuse(
                f"ShareAbove: got share {self.share:g}, expected between 0 and 1",
                "a fraction such as 0.5, not a percentage",
            )
        _require_reason("ShareAbove", "share", self.share, self.because)

    def text(self, unit: str, transform: Transform) -> str:  # noqa: ARG002
        """Return the hypothesis as part of a sentence."""
        return f"the share of seeds on which it holds is above {self.share:g}"

    def refuted_if(self, unit: str, transform: Transform) -> str:  # noqa: ARG002
        """Return what would refute it, as part of a sentence."""
        return f"the share of seeds on which it holds is shown to be below {self.share:g}"


Hypothesis = Above | Equivalent | NotBelow | MoreOften | ShareAbove


def bound_on_gain_scale(hypothesis: Hypothesis, transform: Transform) -> float:
    """Return the number that the estimate is compared with: ``Above(1.25)`` on log gives log 1.25.

    For ``Equivalent`` it is the upper margin (the lower is its negative), for ``MoreOften`` 1/2.
    Raises ClaimDefinitionError where the bound makes no sense on this transform.
    """
    match hypothesis:
        case MoreOften():
            return _share_bound(0.5, hypothesis.kind, transform)
        case ShareAbove(share=share):
            return _share_bound(share, hypothesis.kind, transform)
        case Above(bound=written):
            expected, allowed = "a factor of at least 1", written >= 1
        case Equivalent(margin=written):
            expected, allowed = "a factor above 1", written > 1
        case NotBelow(minus_margin=written):
            if transform is Transform.IDENTITY and written > 0:
                _refuse(
                    f"NotBelow: got {written:g} on identity, expected at most 0",
                    f"NotBelow({-written:g}), or transform log where it is a factor",
                )
            expected, allowed = "a factor above 0 and at most 1", 0 < written <= 1
        case _:
            assert_never(hypothesis)
    if transform is Transform.IDENTITY:
        return float(written)
    if not allowed:
        _refuse(
            f"{type(hypothesis).__name__}: got {written:g} on {transform}, expected {expected}",
            "a factor (on log) or an odds ratio (on logit), 1 being no effect",
        )
    return math.log(written)


def in_words(written: float, unit: str, transform: Transform) -> str:
    """Return a bound as a reader says it: "5 points", "a factor of 1.25", "an odds ratio of 2"."""
    return _with_unit(f"{written:.4g}", unit, transform)


def on_reader_scale(*gains: float, unit: str, transform: Transform) -> str:
    """Return numbers of the gain scale as a reader says them: "a factor of 1.1 to 1.4"."""
    return _with_unit(
        " to ".join(f"{as_written(gain, transform):.4g}" for gain in gains), unit, transform
    )


def as_written(gain: float, transform: Transform) -> float:
    """Return a number of the gain scale as a claim writes it: exp of it on log and logit."""
    if transform is Transform.IDENTITY:
        return gain
    return math.exp(gain) if gain < 700 else math.inf  # exp overflows a float at 709.8


def _with_unit(number: str, unit: str, transform: Transform) -> str:
    match transform:
        case Transform.LOG:
            return f"a factor of {number}"
        case Transform.LOGIT:
            return f"an odds ratio of {number}"
        case Transform.IDENTITY:
            if unit in ("%", "points"):  # a difference between percentages is counted in points
                unit = "point" if number == "1" else "points"
            return f"{number} {unit}".rstrip()


def _within(margin: float, unit: str, transform: Transform) -> str:
    if transform is Transform.IDENTITY:
        return f"within {in_words(margin, unit, transform)} of zero"
    low = in_words(1 / margin, unit, transform)
    return f"between {low} and {in_words(margin, unit, transform)}"


def _share_bound(share: float, kind: str, transform: Transform) -> float:
    if transform is not Transform.IDENTITY:
        _refuse(
            f"hypothesis {kind!r}: got transform {transform.value}, expected identity",
            "a yes/no endpoint without a transform",
        )
    return share


def _require_finite(name: str, what: str, value: float) -> None:
    if not is_number(value):
        _refuse(f"{name}: got {what} {value!r}, expected a finite number", "a number")


def _require_reason(name: str, what: str, value: float, because: str) -> None:
    if not text(f"{name}: because", because).strip():
        _refuse(
            f"{name}: got {what} {value:g} without a reason, expected because=...",
            f'{name}({value:g}, because="the smallest effect that would matter, and why")',
        )


def _refuse(got_and_expected: str, use: str) -> None:
    raise ClaimDefinitionError(f"{got_and_expected}; use {use}")
