"""The claim: data that a claim file declares, and the questions that it asks, one for each cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from harness.bench import Arm
from harness.declarations.alternatives import Alternative as Alternative
from harness.declarations.alternatives import thirds as thirds
from harness.declarations.cells import Cell
from harness.declarations.declared import iso_date, of_kind, slug, text
from harness.declarations.endpoints import Endpoint
from harness.declarations.figures import Figure
from harness.declarations.filling import WANTED, attempts, filled, listed
from harness.declarations.hypotheses import Hypothesis
from harness.declarations.preconditions import Precondition
from harness.declarations.printed import Printed
from harness.declarations.readings import Reading
from harness.declarations.scope import Scope
from harness.declarations.spending import check_looks
from harness.declarations.sweeps import Side, arms_of
from harness.errors import ClaimDefinitionError

T = TypeVar("T")
Preconditions = tuple[Precondition, ...] | list[Precondition]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where the paper says it. ``quote`` is short and verbatim."""

    section: str
    figure: str | None = None
    quote: str | None = None

    def __post_init__(self) -> None:
        if not text("source: section", self.section).strip():
            raise ClaimDefinitionError('source: got no section; expected, say, section="2.1"')
        for name in ("figure", "quote"):
            if getattr(self, name) is not None:
                text(f"source: {name}", getattr(self, name))


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A claim with one of its cells filled in: plain data, all that is judged together."""

    slug: str
    statement: str
    cell: Cell
    cells: int
    treatment: Side
    control: Side | None
    endpoint: Endpoint
    hypothesis: Hypothesis
    preconditions: tuple[Precondition, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    figures: tuple[Figure, ...] = ()
    readings: tuple[Reading, ...] = ()
    scope: Scope | None = None
    printed: tuple[Printed, ...] = ()
    attempt: int | Mapping[str, int] = 1
    looks: tuple[int, ...] = ()
    claim: "Claim | None" = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        """Return what an error calls it: the claim's slug and, of a claim with cells, its cell."""
        return f"{self.slug} [{self.cell.id}]" if self.cell.values else self.slug

    @property
    def compared_arms(self) -> tuple[Arm, ...]:
        """Return the arms of both sides, the treatment's first."""
        return (*arms_of(self.treatment), *arms_of(self.control))

    @property
    def other_arms(self) -> tuple[Arm, ...]:
        """Return the arm of each precondition that is about none of the sides."""
        arms = (precondition.other_arm for precondition in self.preconditions)
        return tuple(arm for arm in arms if arm is not None)

    @property
    def judged_arms(self) -> tuple[Arm, ...]:
        """Return every arm whose runs the verdict rests on, the treatment's first."""
        return (*self.compared_arms, *self.other_arms)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Return every arm whose runs the verdict or its figures need, each once."""
        drawn = (arm for figure in self.figures for arm in figure.extra_arms)
        return tuple(dict.fromkeys((*self.judged_arms, *drawn)))


def check_names_of_scales(slug: str, name: str, got: object) -> None:
    """Raise ClaimDefinitionError for what is no tuple of words."""
    if not isinstance(got, tuple) or not all(isinstance(word, str) for word in got):
        raise ClaimDefinitionError(
            f'{slug}: {name}: got {got!r}; expected names of scales, as in ("paper",)'
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One statement of a paper with an endpoint and what would refute it.

    Where there are ``cells``, any of the fields typed as a callable may be a function of the cell.
    ``declared`` is the ISO date on which the declaration was written down, before its first judged
    run. ``scales`` names the scales that can judge the claim (none: every one), ``only_because``
    says why no other can; ``full`` names those that run it with ``--full`` alone.

    ``attempt=2`` tries a claim again that the ledger has a first attempt of: on seeds of its own,
    100 higher, at a level of alpha / 4 (attempt k: 100 (k - 1) higher, alpha / 2^k; with a few
    seeds more where that level needs them), and ``because_again`` says what was learnt and what
    has changed. ``attempt={"desk": 2}`` names the scales at which it was tried before; at the
    others it is the first attempt.

    ``written_knowing`` says what was known from these seeds when the declaration was written or
    changed. The guarantee does not cover such a claim; a change that is not said is refused.

    ``looks=(6, 10, 16)`` judges the claim on its first 6 seeds, then on 10, then on 16, and stops
    at the first look that decides it; each look spends a part of alpha
    (``harness.declarations.spending``), and no seed is trained before the look that needs it. One
    number, as in ``looks=(16,)``, is another number of seeds than the scale's.

    Raises ClaimDefinitionError for what is wrong whatever the bench; the rest is checked later.
    """

    slug: str
    statement: str
    source: Source
    treatment: Side | Callable[[Cell], Side]
    endpoint: Endpoint | Callable[[Cell], Endpoint]
    hypothesis: Hypothesis | Callable[[Cell], Hypothesis]
    control: Side | Callable[[Cell], Side | None] | None = None
    cells: tuple[Cell, ...] = (Cell(),)
    preconditions: Preconditions | Callable[[Cell], Preconditions] = ()
    alternatives: tuple[Alternative, ...] | Callable[[Cell], tuple[Alternative, ...]] = ()
    figures: tuple[Figure, ...] | Callable[[Cell], tuple[Figure, ...]] = ()
    readings: tuple[Reading, ...] = ()
    scope: Scope | None = None
    printed: tuple[Printed, ...] | Callable[[Cell], tuple[Printed, ...]] = ()
    declared: str | None = None
    scales: tuple[str, ...] = ()
    only_because: str = ""
    full: tuple[str, ...] = ()
    attempt: int | Mapping[str, int] = 1
    because_again: str = ""
    written_knowing: str = ""
    looks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        slug("slug", self.slug)
        if not text(f"{self.slug}: statement", self.statement).strip():
            raise ClaimDefinitionError(f"{self.slug}: statement: got none; write one sentence")
        of_kind(f"{self.slug}: source", self.source, Source, "Source(section=...)")
        for name in ("only_because", "because_again", "written_knowing"):
            text(f"{self.slug}: {name}", getattr(self, name))
        iso_date(f"{self.slug}: declared", self.declared)
        if isinstance(self.cells, list):
            object.__setattr__(self, "cells", tuple(self.cells))
        for cell in of_kind(f"{self.slug}: cells", self.cells, tuple, "a grid"):
            of_kind(f"{self.slug}: cells", cell, Cell, "cells of a grid, as in grid(layer=(5, 10))")
        if not callable(self.preconditions):
            self._preconditions(Cell())
        self._check_side_questions()
        ids = [cell.id for cell in self.cells]
        if len(set(ids)) != len(ids) or not ids:
            raise ClaimDefinitionError(
                f"{self.slug}: cells: got ids {ids}; expected at least one and each once"
            )
        self._check_scales()
        self._check_attempt()
        check_looks(self.slug, self.looks)

    def _check_attempt(self) -> None:
        numbers = [n for n in attempts(self.attempt) if type(n) is int and n >= 1]
        if len(numbers) < len(attempts(self.attempt)):
            raise ClaimDefinitionError(
                f"{self.slug}: attempt: got {self.attempt!r}; expected a number from 1 on, or one "
                'for each scale, as in {"desk": 2}'
            )
        if (max(numbers) > 1) is not bool(self.because_again.strip()):
            raise ClaimDefinitionError(
                f"{self.slug}: attempt: got {self.attempt!r} and because_again "
                f"{self.because_again!r}; expected a second attempt to say in because_again what "
                "was learnt and what has changed, and a first one to say nothing"
            )

    def _check_scales(self) -> None:
        for name in ("scales", "full"):
            check_names_of_scales(self.slug, name, getattr(self, name))
        if bool(self.scales) != bool(self.only_because.strip()):
            raise ClaimDefinitionError(
                f"{self.slug}: scales: got {self.scales} and only_because {self.only_because!r}; "
                "expected both or neither: say why no other scale can judge the claim"
            )

    def not_judged_at(self, scale: str) -> str | None:
        """Return why a scale cannot judge the claim, or None where it can."""
        if not self.scales or scale in self.scales:
            return None
        return f"Not judged at scale {scale}, only at {', '.join(self.scales)}: {self.only_because}"

    def _check_side_questions(self) -> None:
        other = [r for r in listed(self.readings) if not isinstance(r, Reading)]
        if other:
            raise ClaimDefinitionError(
                f"{self.slug}: readings: got {other[0]!r}; expected a tuple of Reading"
            )
        names = [reading.name for reading in self.readings]
        if len(set(names)) < len(names):
            raise ClaimDefinitionError(
                f"{self.slug}: readings: got the names {names}; expected each once"
            )
        if self.scope is not None and not isinstance(self.scope, Scope):
            raise ClaimDefinitionError(
                f"{self.slug}: scope: got {self.scope!r}; expected Scope(rows=..., columns=...)"
            )

    @property
    def has_cells(self) -> bool:
        """Whether the claim declares cases."""
        return self.cells != (Cell(),)

    def question(self, cell: Cell) -> Question:
        """Return the claim with the cell filled in. Raises ClaimDefinitionError on a wrong type."""
        return Question(
            slug=self.slug,
            statement=self.statement,
            cell=cell,
            cells=len(self.cells),
            treatment=self._filled("treatment", cell, cast("type[Side]", Side)),
            control=self._filled("control", cell, cast("type[Side | None]", Side | None)),
            endpoint=self._filled("endpoint", cell, Endpoint),
            hypothesis=self._filled("hypothesis", cell, cast("type[Hypothesis]", Hypothesis)),
            preconditions=self._preconditions(cell),
            alternatives=self._filled("alternatives", cell, tuple),
            figures=self._filled("figures", cell, tuple),
            readings=tuple(self.readings),
            scope=self.scope,
            printed=self._filled("printed", cell, tuple),
            attempt=self.attempt,
            looks=self.looks,
            claim=self,
        )

    def questions(self) -> tuple[Question, ...]:
        """Return one question for each cell, in the declared order."""
        return tuple(self.question(cell) for cell in self.cells)

    def _preconditions(self, cell: Cell) -> tuple[Precondition, ...]:
        rules = filled(self.slug, "preconditions", self.preconditions, cell)
        wrong = [p for p in listed(rules) if not isinstance(p, Precondition)]
        if wrong:
            raise ClaimDefinitionError(
                f"{self.slug}: preconditions: got {wrong[0]!r}; expected a list of Precondition"
            )
        return tuple(rules)  # type: ignore[arg-type]

    def _filled(self, name: str, cell: Cell, expected: type[T]) -> T:
        value = filled(self.slug, name, getattr(self, name), cell)
        if not isinstance(value, expected):
            wanted = WANTED.get(name, "a tuple")
            raise ClaimDefinitionError(f"{self.slug}: {name}: got {value!r}; expected {wanted}")
        return value
