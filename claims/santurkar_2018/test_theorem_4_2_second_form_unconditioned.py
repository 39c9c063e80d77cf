"""The second form of Theorem 4.2 without the condition that it names (Section 4.2)."""

from harness import SearchedClaim, Source
from models.theory.menu import theorem_4_2

CLAIM = SearchedClaim(
    slug="theorem-4-2-second-form-unconditioned",
    statement="Along the gradient, BatchNorm's quadratic form is at most the second bound of "
    "Theorem 4.2, whatever H is.",
    source=Source(section="4.2"),
    reading="Not what the paper says: it shows what the theorem's condition is for.",
    search=theorem_4_2(form="second", condition="none"),
    declared="2026-11-20",
)


def test_theorem_4_2_second_form_unconditioned(judge):
    judge(CLAIM)
