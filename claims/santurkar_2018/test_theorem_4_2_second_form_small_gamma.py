"""The second form of Theorem 4.2 with its condition and gamma at most sigma (Section 4.2)."""

from harness import SearchedClaim, Source
from models.theory.menu import theorem_4_2

CLAIM = SearchedClaim(
    slug="theorem-4-2-second-form-small-gamma",
    statement="Along the gradient, BatchNorm's quadratic form is at most the second bound of "
    "Theorem 4.2, where H preserves the relative norms of g and G and 0 < gamma <= "
    "sigma.",
    source=Source(section="4.2"),
    reading="The paper's condition, read as for theorem-4-2, and one that the paper does not "
    "name: with gamma <= sigma, |G| does not exceed |g|.",
    search=theorem_4_2(form="second", condition="small-gamma"),
    declared="2026-11-20",
)


def test_theorem_4_2_second_form_small_gamma(judge):
    judge(CLAIM)
