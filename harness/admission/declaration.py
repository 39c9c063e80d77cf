"""What of a question was written down before the run, in two parts with a hash each.

The first part decides the verdict: another one is another question, judged for the first time. The
second is shown beside it. A map or a definition more leaves the first as it is.
"""

from typing import Any

from harness.admission.attempts import Budget
from harness.bench import Bench
from harness.declarations.claim import Question
from harness.declarations.searched import AnyClaim, SearchedClaim
from harness.declarations.spending import looks_at
from harness.runs.keys import sha256


def declared_question(question: Question, bench: Bench, budget: Budget) -> dict[str, Any]:
    """Return what decides a question at one scale as plain data: arms, rules, seeds, level.

    Looks are there with the level at which each tests; a claim without any says nothing of them.
    """
    identities = [bench.identity(arm) for arm in question.judged_arms]
    looks = [[look.n, look.alpha] for look in looks_at(question.looks, budget.level(question))]
    return {
        "statement": question.statement,
        "cell": question.cell.id,
        "arms": [[dict(i.settings), i.data_md5] for i in identities],
        "rules": repr((question.endpoint, question.hypothesis, question.preconditions)),
        "seeds": list(budget.seeds(question)),
        "alpha": budget.level(question),
        **({"looks": looks} if looks else {}),
    }


def shown_hash(claim: AnyClaim) -> str | None:
    """Return the sha256 of what a claim declares to show beside its verdict; none of a search."""
    if isinstance(claim, SearchedClaim):
        return None
    return sha256([_shown_question(question) for question in claim.questions()])


def _shown_question(question: Question) -> dict[str, Any]:
    """Return what is shown beside a question's verdict: other definitions, readings, the map."""
    return {
        "cell": question.cell.id,
        "alternatives": repr(question.alternatives),
        "readings": [repr(reading) for reading in question.readings],
        "scope": repr(question.scope) if question.scope is not None else None,
    }
