"""Theorem 4.1 with 1/m on its last term, as its proof gives it (Section 4.1)."""

from harness import SearchedClaim, Source
from models.theory.menu import theorem_4_1

CLAIM = SearchedClaim(
    slug="theorem-4-1-as-proved",
    statement="With BatchNorm the squared gradient norm is at most Theorem 4.1's bound with 1/m "
    "on its last term.",
    source=Source(section="4.1"),
    reading="Both losses have the same upstream gradient: at y without BatchNorm, at z with it. "
    "gamma and beta are constants.",
    search=theorem_4_1(printed=False),
    declared="2026-11-20",
)


def test_theorem_4_1_as_proved(judge):
    judge(CLAIM)
