"""Which faults are also trained, and which claims' questions they must turn.

Desk arms on pilot seeds, which are never judged for a verdict of the paper: alpha 0.05, six seeds.
"""

from dataclasses import dataclass

SEEDS = tuple(range(1100, 1106))
OTHER_SEEDS = tuple(range(1106, 1112))  # of the A/A comparison
ALPHA = 0.05

FASTER = "bn-trains-faster"
SMOOTHER = "bn-smooths-loss-vgg"
PREDICTIVE = "bn-makes-gradients-predictive-vgg"
LESS_STABLE = "noisy-bn-is-less-stable"
MATCHES = "noisy-bn-matches-bn"
LP = "lp-norms-match-bn-vgg/linf"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A fault by its name, and questions as ``slug`` or ``slug/cell``.

    ``turns``: those whose verdict on broken code must be another than on sound code. ``shown``:
    those that need not turn, because what the fault changes may leave the comparison as it was.
    """

    fault: str
    turns: tuple[str, ...]
    shown: tuple[str, ...] = ()


CASES = (
    Case(
        fault="BatchNorm does not normalise: gamma a + beta",
        turns=(FASTER, SMOOTHER),
        shown=(PREDICTIVE,),
    ),
    Case(fault="labels are shuffled", turns=(FASTER, SMOOTHER, PREDICTIVE)),
    Case(
        fault="noise without effect",
        turns=(f"{LESS_STABLE}/layer2", f"{LESS_STABLE}/layer9", MATCHES),
    ),
    Case(fault="l_infinity with the wrong p: the l_2 norm", turns=(LP,)),
    # Both arms are measured alike, so the comparison may come out the same: here a unit test is
    # what notices.
    Case(
        fault="the landscape along minus the gradient: theta + eta g",
        turns=(),
        shown=(SMOOTHER, PREDICTIVE),
    ),
)


def questions() -> tuple[str, ...]:
    """Return every question that a case asks, each once."""
    return tuple(dict.fromkeys(name for case in CASES for name in (*case.turns, *case.shown)))
