"""BatchNorm's nearest optimum is no farther from the initial weights (Section 4.5)."""

from harness import SearchedClaim, Source
from models.theory.menu import lemma_4_5

CLAIM = SearchedClaim(
    slug="lemma-4-5",
    statement="If <W0, W*> > 0, the nearest optimum with BatchNorm is nearer to W0 than W* is, by "
    "at least what Lemma 4.5 says.",
    source=Source(section="4.5"),
    reading="W* is an optimum without BatchNorm. Of those with BatchNorm, its positive "
    "multiples are looked at, with the parameters of Observation 4.3; others could only "
    "be nearer.",
    search=lemma_4_5(),
    declared="2026-11-20",
)


def test_lemma_4_5(judge):
    judge(CLAIM)
