"""Theorem 4.4 as its proof gives it (Section 4.4)."""

from harness import SearchedClaim, Source
from models.theory.menu import theorem_4_4

CLAIM = SearchedClaim(
    slug="theorem-4-4-as-proved",
    statement="The largest squared gradient with respect to the weights is at most Theorem 4.4's "
    "bound as its proof gives it.",
    source=Source(section="4.4"),
    reading="X varies over all inputs of spectral norm at most lambda while sigma, y_hat and "
    "the upstream gradients stay fixed, although they depend on X. The maxima are "
    "exact.",
    search=theorem_4_4(reading="proved"),
    declared="2026-11-20",
)


def test_theorem_4_4_as_proved(judge):
    judge(CLAIM)
