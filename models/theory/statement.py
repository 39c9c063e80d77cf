"""What a searched statement is: two sides, and the conditions under which it is made."""

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from models.theory.layer import Cases


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Both sides of a statement for n cases.

    ``left`` and ``right`` are (n,) or (n, parts). ``twin`` is the right side with a planted
    mistake. ``scale`` (n,) is the size of what cancels in them: rounding is relative to it.
    ``met`` (n,) says where the statement's conditions hold; ``terms`` are what the right side is
    made of, for a reader who checks it by hand.
    """

    left: Tensor
    right: Tensor
    twin: Tensor
    scale: Tensor
    met: Tensor
    terms: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One reading of one statement. The texts are for a reader."""

    relation: str  # "=" or "<="
    left: str
    right: str
    planted: str  # what is wrong in the twin
    conditions: str = ""
    drawn: str  # which random draws
    sides: Callable[[Cases], Sides]
    random: str  # a key of models.theory.draws.RANDOM
    small: str  # a key of models.theory.small.SMALL
    shown: tuple[str, ...] = ("m", "y", "gamma", "g")  # of a small case, what the sides depend on


def slacks(statement: Statement, left: Tensor, right: Tensor, scale: Tensor) -> Tensor:
    """Return right - left, the smallest part of it, relative to the scale: (n,), below 0 if false.

    For an equality it is minus the largest difference. A scale of 0 has two sides of 0.
    """
    gap = (right - left).reshape(left.shape[0], -1)
    if statement.relation == "=":
        gap = -gap.abs()
    return gap.amin(dim=1) / scale.clamp(min=1e-300)
