"""The Jacobian of the normalised outputs is that of Fact C.2 (Appendix C)."""

from harness import SearchedClaim, Source
from models.theory.menu import fact_c2

CLAIM = SearchedClaim(
    slug="fact-c2",
    statement="The Jacobian of the normalised outputs with respect to the layer's inputs is "
    "exactly what Fact C.2 says.",
    source=Source(section="C"),
    reading="m samples, biased variance, no eps.",
    search=fact_c2(),
    declared="2026-11-20",
)


def test_fact_c2(judge):
    judge(CLAIM)
