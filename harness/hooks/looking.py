"""Where the claims with looks of one family stand, from the records that the store holds."""

from collections.abc import Iterable, Sequence

from harness.declarations.claim import Claim, Question
from harness.declarations.searched import AnyQuestion, SearchQuestion
from harness.errors import RunFailedError, RunMissingError
from harness.families.context import FamilyContext
from harness.runs.board import Board
from harness.verdicts.judging import Runs, judge_cell
from harness.verdicts.sequential import Followed, follow
from harness.words import Verdict


class Looking:
    """Follows the looks of claims. Every process that sees the same store sees the same."""

    def __init__(self, context: FamilyContext, board: Board | None) -> None:
        self._context = context
        self._board = board
        self._stands: dict[str, Followed] = {}

    def runs(self, question: Question) -> Runs:
        """Return the runs that a verdict on a cell rests on. Raises RunMissingError.

        Of a claim with looks: those of the seeds up to the look at which the cell stops. Which one
        that is may depend on the claim's other cells, so runs of theirs may be what is missing.
        """
        looks = self._context.budget.looks(question)
        if not looks or question.claim is None:
            return self._context.runs(question, self._board)
        stands, cells = self._stand(question.claim), _cells_of(question.claim)
        cell, n = question.cell.id, looks[stands.at[question.cell.id]].n
        for other in () if cell in stands.closed else stands.waiting:
            self._first(cells[other], looks[stands.at[other]].n)  # raises: they are not there
        return self._first(question, n)

    def reached(self, question: AnyQuestion) -> int:
        """Return the index of the look up to which a question's seeds are needed, from what is."""
        if isinstance(question, SearchQuestion) or question.claim is None:
            return 0
        if not self._context.budget.looks(question):
            return 0
        if question.slug not in self._stands:
            self._stands[question.slug] = self._stand(question.claim)
        return self._stands[question.slug].at[question.cell.id]

    def is_open(self, question: AnyQuestion) -> bool:
        """Return whether a question may need more seeds than up to the look that it has reached."""
        if isinstance(question, SearchQuestion) or not self._context.budget.looks(question):
            return False
        self.reached(question)
        return question.cell.id not in self._stands[question.slug].closed

    def _stand(self, claim: Claim) -> Followed:
        cells = _cells_of(claim)
        looks = self._context.budget.looks(next(iter(cells.values())))

        def verdict_at(cell: str, index: int) -> Verdict | None:
            return self._verdict(cells[cell], index)

        return follow(tuple(cells), len(looks), verdict_at)

    def _verdict(self, question: Question, index: int) -> Verdict | None:
        look, known = self._context.budget.looks(question)[index], self._context.verdicts_at_looks
        key = (question.slug, question.cell.id, look.n)
        if key not in known:
            try:
                runs = self._first(question, look.n)
            except RunFailedError:
                return Verdict.ERROR
            except RunMissingError:
                return None
            metrics = self._context.bench.metrics(question.judged_arms[0])
            judged = judge_cell(question, runs, metrics=metrics, alpha=look.alpha, shown=False)
            known[key] = judged.verdict
        return known[key]

    def _first(self, question: Question, n: int) -> Runs:
        seeds = self._context.budget.seeds(question)[:n]
        return self._context.runs(question, self._board, seeds)


def _cells_of(claim: Claim) -> dict[str, Question]:
    return {question.cell.id: question for question in claim.questions()}


def whole_claims(context: FamilyContext, questions: Iterable[AnyQuestion]) -> list[AnyQuestion]:
    """Return the questions, and of each claim with looks all its cells: they stop together.

    So that a verdict does not depend on which of the cells were selected.
    """
    found: dict[tuple[str, str], AnyQuestion] = {}
    for asked in questions:
        cells: Sequence[AnyQuestion] = (asked,)
        if context.budget.looks(asked) and isinstance(asked, Question) and asked.claim is not None:
            cells = asked.claim.questions()
        for question in cells:
            found.setdefault((question.slug, question.cell.id), question)
    return list(found.values())
