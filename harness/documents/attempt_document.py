"""What a document says of a claim that is tried again: which attempt, why, what came before."""

from harness.declarations.searched import AnyClaim, SearchedClaim
from harness.documents.document import Plain
from harness.hooks.context import FamilyContext
from harness.verdicts.attempts import earlier_attempts


def attempt_entry(context: FamilyContext, claim: AnyClaim) -> Plain | None:
    """Return what is said of a claim's attempt at a scale; None of a first one."""
    if isinstance(claim, SearchedClaim) or context.budget.attempt(claim) == 1:
        return None
    number, budget = context.budget.attempt(claim), context.budget
    earlier = earlier_attempts(context.ledger, claim.slug, context.scale.name, number)
    return {
        "number": number,
        "because": claim.because_again,
        "alpha": budget.level(claim),
        "seeds": sorted({s for q in claim.questions() for s in budget.declared_seeds(q)}),
        "earlier": [
            {
                "number": one.number,
                "verdict": str(one.verdict) if one.verdict is not None else None,
                "date": one.date,
                "seeds": list(one.seeds),
            }
            for one in earlier
        ],
    }
