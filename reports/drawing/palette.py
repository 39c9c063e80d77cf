"""Colours and markers by arm: one arm looks alike on every card."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.naming import parts, without

STYLES = 8  # colours and markers that differ

Line = Mapping[str, Any]
Key = tuple[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """Places of arms among the styles, by what is left of their labels without common parts.

    ``common`` are the parts that both sides of some comparison have, such as a learning rate.
    """

    common: frozenset[str] = frozenset()
    places: Mapping[str, int] = field(default_factory=dict)

    def styles(self, drawn: Sequence[tuple[Line, bool]]) -> list[int]:
        """Return a style per line; one of the paper has that of our line with its role and place.

        Two lines of a figure never share a style while there is another.
        """
        ours: dict[Key, int] = {}
        for key, line in _by_role(line for line, paper in drawn if not paper):
            ours[key] = self._free(line, ours.values())
        theirs: dict[Key, int] = {}
        for key, line in _by_role(line for line, paper in drawn if paper):
            taken = [*ours.values(), *theirs.values()]
            theirs[key] = ours[key] if key in ours else self._free(line, taken)
        of = {False: iter(ours.values()), True: iter(theirs.values())}
        return [next(of[paper]) for _, paper in drawn]

    def _free(self, line: Line, taken: Iterable[int]) -> int:
        """Return the first free style from the arm's own on; its own if none is free."""
        held = set(taken)
        own = self.places.get(without(line["label"], self.common), len(self.places))
        order = [(own + step) % STYLES for step in range(STYLES)]
        return next((style for style in order if style not in held), order[0])


NO_PALETTE = Palette()  # of a figure on its own: its lines in their order


def _by_role(lines: Iterable[Line]) -> Iterator[tuple[Key, Line]]:
    """Yield each line with its role and its place among the lines of that role."""
    seen: dict[str, int] = {}
    for line in lines:
        place = seen.get(line["role"], 0)
        seen[line["role"]] = place + 1
        yield (line["role"], place), line


def palette_of(claims: Sequence[Mapping[str, Any]]) -> Palette:
    """Return the places of all arms of a document, in the order of their first appearance.

    Arms that are compared come first, so that what is drawn beside them never moves them.
    """
    pairs = [pair for claim in claims for cell in claim["cells"] if (pair := _compared(cell))]
    common = frozenset(
        part
        for treatment, control in pairs
        if treatment and control
        for part in set(parts(treatment)) & set(parts(control))
    )
    drawn = [
        line["label"]
        for claim in claims
        for figure in claim["figures"]
        for line in figure.get("lines") or []
    ]
    labels = [label for pair in pairs for label in pair if label] + drawn
    names = dict.fromkeys(without(label, common) for label in labels)
    return Palette(common=common, places={name: place for place, name in enumerate(names)})


def _compared(cell: Mapping[str, Any]) -> tuple[str, str]:
    arms = cell.get("arms") or {}
    treatment, control = ((arms.get(role) or {}).get("label") for role in ("treatment", "control"))
    return treatment or "", control or ""
