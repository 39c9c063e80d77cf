"""Synthetic documents in which everything follows from the gains, as the harness would write it."""

import functools
from dataclasses import asdict

from documents import a_document, some_alternatives

from harness.declarations.hypotheses import MoreOften, ShareAbove, as_written
from harness.documents.document import plain, run_cost
from harness.documents.merging import reason_of, refuted_if, that_could_contradict
from harness.statistics import correlation
from harness.verdicts.decision import combine_cells, decide
from harness.verdicts.other_ways import rng_seed_of
from harness.verdicts.power import power_of
from harness.verdicts.sensitivity import other_tests
from harness.words import Transform, Verdict

ALPHA = 0.05 / 26

TESTS_ONCE, POWER_ONCE = functools.cache(other_tests), functools.cache(power_of)
"""For the check's modules: a document is checked again and again, its gains are few."""

NUMBERS = ("n", "estimate", "sd", "se", "p", "p_refute", "alpha", "test", "ci", "ci_refute", "ci95")


def decided(cell, hypothesis, *, slug, cells=1, contradicted=False, withheld=None):
    """Return the cell with what ``decide`` and all that stands beside it make of its gains.

    ``withheld`` is why it is INCONCLUSIVE whatever they make.
    """
    transform, unit = Transform(cell["transform"]), cell["unit"]
    evidence = decide(cell["gains"], hypothesis, ALPHA, cells=cells, transform=transform, unit=unit)
    power = POWER_ONCE(evidence)
    if withheld:
        evidence = evidence.ruled(Verdict.INCONCLUSIVE, f"{withheld} {evidence.reason}")
    tests = TESTS_ONCE(
        tuple(cell["gains"]), hypothesis, transform, unit, verdict=evidence.verdict,
        rng_seed=rng_seed_of(slug, cell["id"], tuple(cell["seeds"])),
    )  # fmt: skip
    yes_no = isinstance(hypothesis, MoreOften | ShareAbove)
    pairs = None if yes_no else correlation(cell["treatment"], cell["control"])
    kind = str(evidence.refuted_kind) if evidence.refuted_kind else None
    said = {
        "kind": hypothesis.kind,
        "bound": evidence.bound,
        "written": as_written(evidence.bound, transform),
        "text": hypothesis.text(unit, transform),
        "refuted_if": hypothesis.refuted_if(unit, transform),
    }
    definition = some_alternatives(1.0, [0.0, 2.0])[-1:] if contradicted else []
    made = {
        **{name: getattr(evidence, name) for name in NUMBERS},
        "verdict": str(evidence.verdict),
        "refuted_kind": kind,
        "reason": evidence.reason,
        "alpha_refute": ALPHA / cells,
        "hypothesis": cell["hypothesis"] | said,
        "sensitivity": [*(asdict(test) for test in tests), *definition],
        "power": asdict(power),
        "correlation": asdict(pairs) if pairs else None,
    }
    return cell | plain(made)


def concluded(claim):
    """Return the claim with the words that its cells make."""
    cells = claim["cells"]
    verdict = combine_cells(Verdict(cell["verdict"]) for cell in cells)
    deciding = next(cell for cell in cells if cell["verdict"] == verdict)
    rows = that_could_contradict(verdict, cells)
    against = sum(row["contradicts"] for row in rows)
    return claim | {
        "verdict": str(verdict),
        "refuted_kind": deciding["refuted_kind"],
        "reason": reason_of(deciding, cells),
        "refuted_if": refuted_if(cells),
        "fragile": against > 0,
        "contradicting": against,
        "alternatives": len(rows),
        "cost": run_cost(cells),
    }


def costed(claims, **changes):
    """Return a document whose costs are those of its claims' runs."""
    cost = run_cost([cell for claim in claims for cell in claim["cells"]])
    trained = {"trained": cost["runs"], "reused": 0, "wall_s": 1.0}
    return a_document(claims, **({"cost": cost | trained} | changes))
