"""Theorem 4.4 as printed, in both readings of its g (Section 4.4)."""

from harness import SearchedClaim, Source, grid
from models.theory.menu import theorem_4_4

CLAIM = SearchedClaim(
    slug="theorem-4-4-as-printed",
    statement="The largest squared gradient with respect to the weights is at most Theorem 4.4's "
    "bound as printed.",
    source=Source(section="4.4"),
    reading="The printed bound holds g^2, where g is defined as a squared maximum: read "
    "literally (squares) it adds quantities of different dimension; read kindly "
    "(norms), g and its counterpart are maxima of norms. X varies over all inputs of "
    "spectral norm at most lambda while sigma, y_hat and the upstream gradients stay "
    "fixed. The maxima are exact.",
    cells=grid(reading=("squares", "norms")),
    search=lambda cell: theorem_4_4(reading=cell.reading),
    declared="2026-11-20",
)


def test_theorem_4_4_as_printed(judge, cell):
    judge(CLAIM, cell)
