"""The gradient of a BatchNorm layer is that of Fact C.1 (Appendix C)."""

from harness import SearchedClaim, Source
from models.theory.menu import fact_c1

CLAIM = SearchedClaim(
    slug="fact-c1",
    statement="The gradient of a BatchNorm layer's loss with respect to its inputs is exactly "
    "what Fact C.1 says.",
    source=Source(section="C"),
    reading="m samples, biased variance, no eps; gamma and beta constant.",
    search=fact_c1(),
    declared="2026-11-20",
)


def test_fact_c1(judge):
    judge(CLAIM)
