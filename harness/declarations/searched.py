"""A claim that is decided by search: no arms, no seeds, no p value and no share of alpha."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.bench import Arm
from harness.declarations.cells import Cell
from harness.declarations.claim import Claim, Question, Source, check_names_of_scales
from harness.declarations.declared import iso_date, of_kind, slug
from harness.declarations.family import Registered
from harness.declarations.figures import Figure
from harness.declarations.filling import filled
from harness.declarations.searches import Search
from harness.errors import ClaimDefinitionError


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchQuestion:
    """A searched claim with one of its cells filled in. It needs no runs."""

    slug: str
    statement: str
    cell: Cell
    cells: int
    search: Search
    reading: str = ""

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Return none: nothing is trained."""
        return ()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Return none: the evidence brings its own."""
        return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchedClaim:
    """One statement of a paper that a counterexample refutes, searched for one.

    ``reading`` says how the statement is read where the paper leaves that open. ``search`` may be a
    function of the cell. ``full`` names the scales that run it with ``--full`` alone. ``declared``
    is the ISO date on which the declaration was written down. Raises ClaimDefinitionError for what
    is wrong whatever the scale.
    """

    slug: str
    statement: str
    source: Source
    search: Search | Callable[[Cell], Search]
    reading: str = ""
    cells: tuple[Cell, ...] = (Cell(),)
    declared: str | None = None
    full: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        slug("slug", self.slug)
        if not self.statement.strip():
            raise ClaimDefinitionError(f"{self.slug}: statement: got none; write one sentence")
        if not isinstance(self.source, Source):
            raise ClaimDefinitionError(
                f"{self.slug}: source: got {self.source!r}; expected Source(section=...)"
            )
        if isinstance(self.cells, list):
            object.__setattr__(self, "cells", tuple(self.cells))
        for cell in of_kind(f"{self.slug}: cells", self.cells, tuple, "a grid"):
            of_kind(f"{self.slug}: cells", cell, Cell, "cells of a grid, as in grid(layer=(5, 10))")
        ids = [cell.id for cell in self.cells]
        if len(set(ids)) != len(ids) or not ids:
            raise ClaimDefinitionError(
                f"{self.slug}: cells: got ids {ids}; expected at least one and each once"
            )
        check_names_of_scales(self.slug, "full", self.full)
        iso_date(f"{self.slug}: declared", self.declared)

    @property
    def has_cells(self) -> bool:
        """Whether the claim declares cases."""
        return self.cells != (Cell(),)

    def not_judged_at(self, scale: str) -> str | None:  # noqa: ARG002 - as a Claim's
        """Return None: a search is the same at every scale that gives verdicts."""
        return None

    def question(self, cell: Cell) -> SearchQuestion:
        """Return the claim with the cell filled in. Raises ClaimDefinitionError on a wrong type."""
        given = self.search
        search = given if isinstance(given, Search) else filled(self.slug, "search", given, cell)
        if not isinstance(search, Search):
            raise ClaimDefinitionError(
                f"{self.slug}: search: got {search!r}; expected one of a paper's menu of statements"
            )
        return SearchQuestion(
            slug=self.slug,
            statement=self.statement,
            cell=cell,
            cells=len(self.cells),
            search=search,
            reading=self.reading,
        )

    def questions(self) -> tuple[SearchQuestion, ...]:
        """Return one question for each cell, in the declared order."""
        return tuple(self.question(cell) for cell in self.cells)


AnyClaim = Claim | SearchedClaim
AnyQuestion = Question | SearchQuestion


def validate_search(claim: SearchedClaim, entry: Registered | None, scale: str) -> None:
    """Raise ClaimError where the claim cannot be searched, or is registered as one with a p."""
    if entry is not None and entry.uses_p:
        raise ClaimDefinitionError(
            f"{claim.slug}: uses_p: the register gives it a share of alpha, and a searched claim "
            "takes none; expected uses_p = false in the register"
        )
    asked: dict[str, str] = {}
    for question in claim.questions():
        question.search.plan(scale)
        other = asked.setdefault(question.search.name, question.cell.id)
        if other != question.cell.id:
            raise ClaimDefinitionError(
                f"{claim.slug}: cells {other} and {question.cell.id} search the same statement; "
                "expected each cell to differ"
            )
