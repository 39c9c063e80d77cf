"""The ``judge`` fixture: the whole of what a claim file's author calls."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.declarations.cells import Cell
from harness.declarations.searched import AnyClaim, AnyQuestion, SearchQuestion
from harness.documents.document import Plain
from harness.errors import ClaimDefinitionError, RunMissingError, StoreError
from harness.families.context import FamilyContext
from harness.hooks.collecting import question_of
from harness.hooks.looking import Looking
from harness.hooks.session import SESSION
from harness.hooks.side_judging import judged_readings, judged_scope
from harness.runs.board import Board
from harness.verdicts.judging import Judged, Runs
from harness.verdicts.search_judging import AnyJudged, judge_search
from harness.words import Verdict


@dataclass(kw_only=True, slots=True)
class Case:
    """What a test's hooks and its fixture tell each other."""

    context: FamilyContext
    claim: AnyClaim
    question: AnyQuestion
    board: Board
    runs: Runs | None = None
    judged: AnyJudged | None = None
    figures: list[Plain] = field(default_factory=list)
    readings: list[Plain] | None = None  # None until the cell is judged
    scope: Plain | None = None

    @property
    def not_run(self) -> str | None:
        """Why this session's scale cannot judge the claim, or None where it can."""
        return self.claim.not_judged_at(self.context.scale.name)


CASE: pytest.StashKey[Case] = pytest.StashKey()


def load_runs(item: pytest.Item) -> None:
    """Read the runs that the test's verdict needs. Raises RunMissingError.

    Skips the test of a claim that this scale cannot judge.
    """
    asked = question_of(item)
    if asked is None:
        return
    context, claim, question = asked
    board = item.config.stash[SESSION].board(context)
    case = Case(context=context, claim=claim, question=question, board=board)
    item.stash[CASE] = case
    __tracebackhide__ = True
    if case.not_run is not None:
        pytest.skip(f"NOT RUN: {case.not_run}")
    if isinstance(question, SearchQuestion):
        case.runs = Runs(treatment=())
    else:
        case.runs = Looking(context, board).runs(question)


class Judge:
    """Judges a claim on one of its cells, records the evidence and returns the verdict."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def __call__(self, claim: AnyClaim, cell: Cell | None = None) -> Verdict:
        """Return the verdict. Raises ClaimDefinitionError for another claim than the file's."""
        __tracebackhide__ = True
        case = self._item.stash.get(CASE, None)
        if case is None or claim is not case.claim:
            raise ClaimDefinitionError(
                f"judge: got the claim {getattr(claim, 'slug', claim)!r}; expected the CLAIM of "
                "the file that the test stands in, beside a family.toml"
            )
        if (cell or Cell()) != case.question.cell:
            raise ClaimDefinitionError(
                f"judge: got cell {cell!r}; expected judge(CLAIM, cell) with the test's own cell"
            )
        case.judged = _judged(case)
        _show(case)  # after the verdict is kept: what fails here costs none
        return case.judged.verdict


def _judged(case: Case) -> AnyJudged:
    context, question = case.context, case.question
    if isinstance(question, SearchQuestion):
        return judge_search(question, scale=context.scale.name, withheld=context.withheld)
    assert case.runs is not None  # noqa: S101 - set-up has read them, or the test did not run
    return context.judge(question, case.runs)


def _show(case: Case) -> None:
    """Add what is shown beside a verdict that gains decide: figures, readings, scope."""
    context, judged = case.context, case.judged
    if not isinstance(judged, Judged) or case.runs is None:
        return
    case.figures = context.figures(judged.question, case.runs, case.board)
    case.readings = judged_readings(context, judged, case.board)
    case.scope = judged_scope(context, judged, case.board)


def error_of(call: pytest.CallInfo[Any]) -> str | None:
    """Return what is wrong with the runs, where that is what ended a phase of the test."""
    if call.excinfo is not None and isinstance(call.excinfo.value, RunMissingError | StoreError):
        return str(call.excinfo.value)
    return None
