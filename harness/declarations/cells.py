"""Declared cases of a claim (a layer, a learning rate, a p) that must all hold."""

import re
from dataclasses import dataclass
from itertools import product

from harness.errors import ClaimDefinitionError

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Cell:
    """One case; its values are attributes: ``grid(layer=(5, 10))[0].layer == 5``."""

    values: tuple[tuple[str, Value], ...] = ()

    def __getattr__(self, name: str) -> Value:
        for key, value in self.values:
            if key == name:
                return value
        known = ", ".join(key for key, _ in self.values) or "none"
        raise AttributeError(f"cell: got {name!r}; expected one of its names: {known}")

    @property
    def id(self) -> str:
        """Return the cell as pytest's parameter id, free of ``=``: ``layer5-lr0.1-l2``."""
        parts = (str(v) if isinstance(v, str) else f"{k}{v:g}" for k, v in self.values)
        return "-".join(re.sub(r"[^A-Za-z0-9_.]+", "_", part) for part in parts)

    @property
    def label(self) -> str:
        """Return the cell for a reader: ``layer 5, LR 0.1, l2``."""
        names = {"lr": "LR"}
        return ", ".join(
            str(v) if isinstance(v, str) else f"{names.get(k, k)} {v:g}" for k, v in self.values
        )


def grid(**axes: tuple[Value, ...]) -> tuple[Cell, ...]:
    """Return every combination of the axes, the last axis fastest."""
    own = sorted(set(axes) & {"id", "label", "values"})
    if own:
        raise ClaimDefinitionError(f"grid: axis {own[0]} is a cell's own word; expected another")
    for name, values in axes.items():
        if not isinstance(values, tuple | list | range) or not values:
            raise ClaimDefinitionError(
                f"grid: axis {name} got {values!r}; expected a tuple of at least one value"
            )
        wrong = [v for v in values if isinstance(v, bool) or not isinstance(v, str | int | float)]
        if wrong:
            raise ClaimDefinitionError(
                f'grid: axis {name} got {wrong[0]!r}; expected texts or numbers, as in "none" or 2'
            )
    combinations = product(*axes.values())
    return tuple(Cell(tuple(zip(axes, values, strict=True))) for values in combinations)
