"""Numbers that a paper printed or plotted, to be shown beside our runs; they never decide."""

from dataclasses import dataclass

from harness.declarations.declared import number, of_kind, text
from harness.declarations.endpoints import Endpoint
from harness.errors import ClaimDefinitionError
from harness.words import Transform

ARMS = ("treatment", "control")
GAIN = "gain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """One number of the paper, and the quantity of one run of ours that it is a number of.

    ``of`` is the arm, or ``gain`` for the quantity's gain between the arms (on log a factor). The
    quantity is as the paper plots it: ``mean("train_accuracy", over=at(1 / 30))`` is the accuracy
    of the one batch at a thirtieth of training. ``read_off`` is False for a number in the text.
    """

    value: float
    of: str
    quantity: Endpoint
    where: str
    read_off: bool = True

    def __post_init__(self) -> None:
        number("printed: value", self.value)
        text("printed: where", self.where)
        of_kind("printed: quantity", self.quantity, Endpoint)
        if self.of not in (*ARMS, GAIN):
            _refuse("of", self.of, "treatment, control or gain")
        if not self.where.strip():
            _refuse("where", self.where, 'a place in the paper, as in "Figure 1a, step 500"')
        if self.quantity.is_yes_no:
            _refuse("quantity", self.quantity.metric, "a measured one: a yes/no has no interval")
        if self.of == "treatment" and self.quantity.over.metric is not None:
            _refuse("quantity", self.quantity.over.name, "a stretch that no other arm sets")
        transform = self.quantity.transform
        if transform is Transform.LOG and self.value <= 0:
            _refuse("value", self.value, "one above 0, as the quantity is taken on log")
        if transform is Transform.LOGIT and self.of == GAIN:
            _refuse("quantity", "a gain on logit", "a gain on identity or log")


def _refuse(name: str, got: object, expected: str) -> None:
    raise ClaimDefinitionError(f"printed: {name}: got {got!r}; expected {expected}")
