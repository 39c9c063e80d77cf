"""Theorem 4.2, its first form and its second under the condition that it names (Section 4.2)."""

from harness import SearchedClaim, Source, grid
from models.theory.menu import theorem_4_2

CLAIM = SearchedClaim(
    slug="theorem-4-2",
    statement="Along the gradient, BatchNorm's quadratic form is at most both of Theorem 4.2's "
    "bounds; the second where H preserves the relative norms of g and G.",
    source=Source(section="4.2"),
    reading="The losses' upstream gradients and Hessians agree: at y without BatchNorm, at z "
    "with it. H preserves the relative norms if it is positive semi-definite (it "
    "measures norms) and v'Hv / |v|^2 is the same for g and G; gamma is any constant, "
    "as the theorem has it.",
    cells=grid(form=("first form", "second form")),
    search=lambda cell: theorem_4_2(form=cell.form.removesuffix(" form"), condition="preserving"),
    declared="2026-11-20",
)


def test_theorem_4_2(judge, cell):
    judge(CLAIM, cell)
