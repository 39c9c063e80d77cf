"""What of a question was written down before the run: the part that a declaration's hash is of."""

from typing import Any

from harness.bench import Bench
from harness.declarations.claim import Question
from harness.verdicts.attempts import Budget
from harness.verdicts.spending import looks_at


def declared_question(question: Question, bench: Bench, budget: Budget) -> dict[str, Any]:
    """Return a question's declaration at one scale as plain data: arms, rules, seeds, level."""
    identities = [bench.identity(arm) for arm in question.judged_arms]
    return {
        "statement": question.statement,
        "cell": question.cell.id,
        "arms": [[dict(i.settings), i.data_md5] for i in identities],
        "rules": repr(
            (question.endpoint, question.hypothesis, question.preconditions, question.alternatives)
        ),
        "seeds": list(budget.seeds(question)),
        "alpha": budget.level(question),
        **_shown(question, budget),
    }


def _shown(question: Question, budget: Budget) -> dict[str, Any]:
    """Return the looks and side questions of a declaration; nothing for a claim without any.

    A look is declared with the level at which it tests.
    """
    readings = [repr(reading) for reading in question.readings]
    scope = repr(question.scope) if question.scope is not None else None
    looks = [[look.n, look.alpha] for look in looks_at(question.looks, budget.level(question))]
    declared = {"readings": readings, "scope": scope, "looks": looks}
    return {name: value for name, value in declared.items() if value}
