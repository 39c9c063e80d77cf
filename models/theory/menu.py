"""What claim files import: the statements of the paper's theory, to be searched.

Imports nothing heavy; what searches is imported when it is asked.
"""

from dataclasses import dataclass

from harness.declarations.searches import Searched, SearchPlan
from harness.errors import ClaimDefinitionError


@dataclass(frozen=True, kw_only=True, slots=True)
class TheorySearch:
    """One reading of one statement: a ``harness.declarations.searches.Search``."""

    statement: str  # a key of models.theory.searching.STATEMENTS
    settings: tuple[tuple[str, str | bool], ...] = ()

    @property
    def name(self) -> str:
        """Return the statement and its settings, such as ``theorem-4-1 printed=True``."""
        return " ".join([self.statement, *(f"{key}={value}" for key, value in self.settings)])

    @property
    def modules(self) -> tuple[str, ...]:
        """Return the module that searches: what it imports counts, too."""
        return ("models.theory.searching",)

    def plan(self, scale: str) -> SearchPlan:
        """Return what the search declares at a scale."""
        from models.theory.searching import plan

        return plan(self.statement, dict(self.settings), scale)

    def run(self, scale: str) -> Searched:
        """Search, and return what was found."""
        from models.theory.searching import search

        return search(self.statement, dict(self.settings), scale)


def _search(statement: str, **settings: str | bool) -> TheorySearch:
    return TheorySearch(statement=statement, settings=tuple(sorted(settings.items())))


def _one_of(name: str, got: str, *known: str) -> None:
    """Raise ClaimDefinitionError for a word that names no statement."""
    if got not in known:
        raise ClaimDefinitionError(f"{name}: got {got!r}; expected one of {', '.join(known)}")


def fact_c1() -> TheorySearch:
    """Return Fact C.1, the gradient of a BatchNorm layer."""
    return _search("fact-c1")


def fact_c2() -> TheorySearch:
    """Return Fact C.2, the Jacobian of the normalised outputs."""
    return _search("fact-c2")


def theorem_4_1(*, printed: bool) -> TheorySearch:
    """Return Theorem 4.1, with 1/sqrt(m) on its last term as ``printed`` or with 1/m."""
    return _search("theorem-4-1", printed=printed)


def theorem_4_2(*, form: str, condition: str = "none") -> TheorySearch:
    """Return Theorem 4.2: its ``first`` form, or its ``second``.

    The second form stands under no condition (``none``), under the paper's (``preserving``: H
    preserves the relative norms of g and G), or under that and gamma <= sigma (``small-gamma``).
    """
    _one_of("form", form, "first", "second")
    _one_of("condition", condition, "none", "preserving", "small-gamma")
    if form == "first":
        return _search("theorem-4-2-first")
    return _search("theorem-4-2-second", condition=condition)


def observation_4_3() -> TheorySearch:
    """Return Observation 4.3: BatchNorm parameters that give back any activations."""
    return _search("observation-4-3")


def theorem_4_4(*, reading: str) -> TheorySearch:
    """Return Theorem 4.4 as ``proved``, or as printed, its g read as ``squares`` or ``norms``."""
    _one_of("reading", reading, "proved", "squares", "norms")
    return _search("theorem-4-4", reading=reading)


def theorem_c_1(*, condition: str = "none") -> TheorySearch:
    """Return Theorem C.1, under no condition or under all ``mild`` ones that 4.2 speaks of."""
    _one_of("condition", condition, "none", "mild")
    return _search("theorem-c-1", condition=condition)


def lemma_4_5() -> TheorySearch:
    """Return Lemma 4.5, on the distance from the initial weights to the nearest optimum."""
    return _search("lemma-4-5")
