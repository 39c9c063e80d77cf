"""What a document says of a claim that is tried again: which attempt, why, what came before."""

from harness.admission.attempts import Budget, earlier_attempts
from harness.declarations.searched import AnyClaim, SearchedClaim
from harness.documents.document import Plain
from harness.ledgers.ledger import Ledger


def attempt_entry(claim: AnyClaim, budget: Budget, ledger: Ledger) -> Plain | None:
    """Return what is said of a claim's attempt at a scale; None of a first one."""
    if isinstance(claim, SearchedClaim) or budget.attempt(claim) == 1:
        return None
    number = budget.attempt(claim)
    earlier = earlier_attempts(ledger, claim.slug, budget.scale.name, number)
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
