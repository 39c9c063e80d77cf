"""Small cases of whole numbers, which a reader can check by hand, and the search among them.

`hypothesis` generates and shrinks. It is derandomised and keeps no database; all numbers lie within
-3 to 4, where it mixes in no constants of the code around it, so that each process finds the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from torch import Tensor

from models.theory import losses
from models.theory.layer import Cases

Ints = tuple[int, ...]

_MOST = 3


def _row(values: Ints) -> Tensor:
    return torch.tensor([values], dtype=torch.float64)


def _ints(count: int) -> st.SearchStrategy[Ints]:
    return st.tuples(*[st.integers(-_MOST, _MOST)] * count)


@dataclass(frozen=True, kw_only=True)
class SmallLayer:
    """One unit: outputs y, upstream gradient g and the diagonal h of the upstream Hessian."""

    y: Ints
    g: Ints
    h: Ints
    gamma: int
    lam: int

    @property
    def defined(self) -> bool:
        """Return whether BatchNorm is: sigma above 0."""
        return len(set(self.y)) > 1

    def cases(self) -> Cases:
        """Return the case, alone in its group."""
        one = torch.ones((1, 1, 1), dtype=torch.float64)
        shown: dict[str, object] = {"m": len(self.y), "y": self.y, "gamma": self.gamma, "g": self.g}
        return Cases(
            x=_row(self.y)[..., None],
            w=one,
            gamma=self.gamma * one,
            beta=0 * one,
            upstream=losses.local(_row(self.g), torch.diag_embed(_row(self.h))),
            lam=float(self.lam) * one[:, 0, 0],
            shown=shown | {"diagonal of H": self.h, "lambda": self.lam},
        )


@dataclass(frozen=True, kw_only=True)
class SmallOptimum:
    """Inputs of two numbers each, an optimum W* of |X W - X W*|^2 / 2 and initial weights W0."""

    x: tuple[Ints, ...]
    w: Ints
    w0: Ints

    @property
    def defined(self) -> bool:
        """Return whether BatchNorm is: sigma above 0, which needs a W* that is not 0."""
        return len({row[0] * self.w[0] + row[1] * self.w[1] for row in self.x}) > 1

    def cases(self) -> Cases:
        """Return the case, alone in its group."""
        x = torch.tensor([self.x], dtype=torch.float64)
        w = _row(self.w)[..., None]
        one, target = torch.ones((1, 1, 1), dtype=torch.float64), x @ w
        return Cases(
            x=x,
            w=w,
            gamma=one,
            beta=0 * one,
            upstream=lambda z, _: (z - target).square().sum(dim=(1, 2)) / 2,
            lam=one[:, 0, 0],
            start=_row(self.w0)[..., None],
            shown={"X": self.x, "W*": self.w, "W0": self.w0},
        )


Small = SmallLayer | SmallOptimum


def _layer(hessian: Callable[[int], st.SearchStrategy[Ints]]) -> st.SearchStrategy[Small]:
    def of(m: int) -> st.SearchStrategy[Small]:
        return st.builds(
            SmallLayer,
            y=_ints(m),
            g=_ints(m),
            h=hessian(m),
            gamma=st.integers(1, 4),
            lam=st.integers(1, 3),
        )

    return st.integers(2, 5).flatmap(of)


def _optimum() -> st.SearchStrategy[Small]:
    def of(m: int) -> st.SearchStrategy[Small]:
        return st.builds(SmallOptimum, x=st.tuples(*[_ints(2)] * m), w=_ints(2), w0=_ints(2))

    return st.integers(2, 4).flatmap(of)


SMALL: dict[str, Callable[[], st.SearchStrategy[Small]]] = {
    "layer": lambda: _layer(lambda m: st.just((0,) * m)),
    "curved": lambda: _layer(_ints),
    "round": lambda: _layer(lambda m: st.integers(0, _MOST).map(lambda h: (h,) * m)),
    "mild": lambda: _layer(lambda m: st.integers(0, _MOST).map(lambda h: (h,) * m)),
    "optimum": _optimum,
}


def smallest(kind: str, violates: Callable[[Small], bool], examples: int) -> Small | None:
    """Return the smallest case found that violates, or None after so many ``examples``."""
    rules = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        found: Small = find(
            SMALL[kind](), lambda case: case.defined and violates(case), settings=rules
        )
    except NoSuchExample:
        return None
    return found
