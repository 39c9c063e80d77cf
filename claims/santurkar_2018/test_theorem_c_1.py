"""The worst-case quadratic form with respect to the weights (Appendix C, Theorem C.1)."""

from harness import SearchedClaim, Source, grid
from models.theory.menu import theorem_c_1

CLAIM = SearchedClaim(
    slug="theorem-c-1",
    statement="The largest quadratic form along the gradient with respect to the weights is at "
    "most Theorem C.1's bound, as it stands and under the mild assumptions made around "
    "Theorem 4.2.",
    source=Source(section="C"),
    reading="X varies over all inputs of spectral norm at most lambda while sigma, y_hat and the "
    "upstream derivatives stay fixed; the maxima over that ball are exact. At X = 0 the form on "
    "the left is 0, so the left side is never below 0. kappa is the separation of Theorem 4.2's "
    "second form. Printed with <, searched with <=: an equality is not held against it. mild: H "
    "positive semi-definite and preserving the relative norms, <g, y_hat> >= 0, 0 < gamma <= "
    "sigma.",
    cells=grid(conditions=("as printed", "mild")),
    search=lambda cell: theorem_c_1(condition="mild" if cell.conditions == "mild" else "none"),
    declared="2026-11-20",
)


def test_theorem_c_1(judge, cell):
    judge(CLAIM, cell)
