"""A menu of toy statements: no torch, no paper. Copied into test projects."""

from dataclasses import dataclass

from harness.declarations.searches import Counterexample, Searched, SearchPlan

CASE = Counterexample(
    given={"x": (0, 1)},
    worked_out={"sum": 1.0},
    left=1.0,
    right=0.5,
    scale=1.5,
    found="among small whole numbers",
)


def toy_plan(**changes):
    """Return a plan; every part can be changed."""
    parts = {
        "relation": "<=",
        "left": "x^2",
        "right": "|x|",
        "conditions": "",
        "planted": "the right side is halved",
        "drawn": "x between -1 and 1",
        "small": "whole numbers",
        "draws": 100,
        "examples": 10,
        "needed": 10,
        "tolerance": 1e-9,
        "scale": "both sides",
        "because": "rounding is 1e-16",
    }
    return SearchPlan(**(parts | changes))


@dataclass(frozen=True, kw_only=True, slots=True)
class ToySearch:
    """Finds what it is told to find."""

    slacks: tuple[float, ...] = (0.0, 0.25, 0.5, 1e-12) * 25
    twin: int = 7
    case: Counterexample | None = None
    raises: bool = False

    @property
    def name(self):
        return f"toy {self.slacks[:1]} {self.twin} {self.case is None} {self.raises}"

    @property
    def modules(self):
        return ("toy_numbers",)

    def plan(self, scale):
        return toy_plan(draws=10 if scale == "quick" else 100)

    def run(self, scale):
        if self.raises:
            raise RuntimeError("toy search broke")
        return Searched(
            draws=100, slacks=self.slacks, twin_violations=self.twin, counterexample=self.case
        )


def holds():
    return ToySearch()


def fails():
    return ToySearch(slacks=(-0.5, 0.25) * 50, case=CASE)


def vacuous():
    return ToySearch(slacks=(0.5,) * 9)


def blind():
    return ToySearch(twin=0)


def breaks():
    return ToySearch(raises=True)
