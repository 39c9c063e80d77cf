"""From what a search found to a verdict.

REFUTED by one counterexample beyond rounding. SUPPORTED where many draws hold none, the statement's
conditions were met in enough of them, and the same draws do refute a planted false twin: a search
that would have missed that proves nothing (INVALID). SUPPORTED is no proof.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from harness.declarations.searched import SearchQuestion
from harness.declarations.searches import Searched, SearchPlan
from harness.verdicts.evidence import Evidence
from harness.verdicts.judging import Judged
from harness.words import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedSearch:
    """All that one searched cell's verdict rests on."""

    question: SearchQuestion
    verdict: Verdict
    reason: str
    plan: SearchPlan
    found: Searched
    seeds: tuple[int, ...] = field(default=())  # a search has none
    evidence: Evidence | None = None  # nor gains


AnyJudged = Judged | JudgedSearch


def judge_search(
    question: SearchQuestion, *, scale: str, withheld: str | None = None
) -> JudgedSearch:
    """Search, and return the verdict. ``withheld`` is why none may be given, as at quick scale."""
    plan, found = question.search.plan(scale), question.search.run(scale)
    verdict, reason = decide_search(plan, found)
    if withheld is not None and verdict is not Verdict.ERROR:
        verdict, reason = Verdict.INCONCLUSIVE, f"{withheld} {reason}"
    return JudgedSearch(question=question, verdict=verdict, reason=reason, plan=plan, found=found)


def decide_search(plan: SearchPlan, found: Searched) -> tuple[Verdict, str]:
    """Return the verdict that the numbers give, and why."""
    if not all(math.isfinite(slack) for slack in found.slacks):
        return Verdict.ERROR, "A side of the statement is not finite in some draw."
    violations, met = violated(plan, found.slacks), len(found.slacks)
    if violations or found.counterexample is not None:
        return Verdict.REFUTED, _refuted(found, violations)
    if met < max(plan.needed, 1):
        return Verdict.INVALID, (
            f"The search is vacuous: the statement's conditions ({plan.conditions or 'none'}) hold "
            f"in {met} of {found.draws} draws, {plan.needed} are needed."
        )
    if not found.twin_violations:
        return Verdict.INVALID, (
            f"The search is blind: it does not refute the planted false twin ({plan.planted})."
        )
    return Verdict.SUPPORTED, _supported(plan, found)


def violated(plan: SearchPlan, slacks: Sequence[float]) -> int:
    """Return how many draws violate the statement beyond rounding."""
    return sum(slack < -plan.tolerance for slack in slacks)


def is_equality(plan: SearchPlan, slacks: Sequence[float]) -> bool:
    """Return whether both sides agree to rounding in every draw."""
    return bool(slacks) and max(map(abs, slacks)) <= plan.tolerance


def _refuted(found: Searched, violations: int) -> str:
    by = f", by up to {-min(found.slacks):.2g} of the scale" if violations else ""
    text = f"{violations:,} of the {len(found.slacks):,} random draws violate it{by}."
    if found.counterexample is None:
        return text
    case = found.counterexample
    return (
        f"{text} The smallest counterexample found ({case.found}) has {case.left:.6g} on the left "
        f"and {case.right:.6g} on the right."
    )


def _supported(plan: SearchPlan, found: Searched) -> str:
    equal = ""
    if is_equality(plan, found.slacks):
        widest = max(map(abs, found.slacks))
        equal = f" It holds as an equality: the sides differ by at most {widest:.1g} of the scale."
    where = f" that meet its conditions (of {found.draws:,})" if plan.conditions else ""
    return (
        f"No counterexample in {len(found.slacks):,} random draws{where}, nor in up to "
        f"{plan.examples} small cases.{equal} The same draws refute a planted false twin "
        f"({plan.planted}) {found.twin_violations:,} times. This is no proof."
    )


def declared_search(question: SearchQuestion, scale: str) -> dict[str, object]:
    """Return all that was written down before the search, for one scale."""
    return {
        "statement": question.statement,
        "cell": question.cell.id,
        "reading": question.reading,
        "search": question.search.name,
        "plan": asdict(question.search.plan(scale)),
    }
