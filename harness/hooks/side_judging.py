"""Judging side questions with what the store holds: a missing run costs a row, no verdict."""

from harness.declarations.claim import Question
from harness.declarations.side_questions import readings_of, same_arms, scope_of
from harness.documents.document import Plain
from harness.documents.side_document import (
    Answer,
    reading_row,
    scope_entry,
    scope_row,
    unasked_readings,
    unasked_scope,
)
from harness.errors import RunFailedError, RunMissingError, StoreError
from harness.families.context import FamilyContext
from harness.runs.board import Board
from harness.verdicts.judging import Judged
from harness.words import Verdict

WITHOUT_FULL = "Not run (--full)."
WITHOUT_SCOPE = "Not run (--scope)."


def judged_readings(context: FamilyContext, own: Judged, board: Board | None) -> list[Plain]:
    """Return a row for each reading of a judged cell: judged with --full, else as declared."""
    question = own.question
    if not context.settings.full:
        return unasked_readings(question, context.bench, WITHOUT_FULL)
    return [
        reading_row(reading, _answer(context, own, asked, board), context.bench)
        for reading, asked in readings_of(question)
    ]


def judged_scope(context: FamilyContext, own: Judged, board: Board | None) -> Plain | None:
    """Return a judged cell's scope: judged with --scope, else as declared; None without one."""
    question = own.question
    if question.scope is None or not context.settings.scope:
        return unasked_scope(question, WITHOUT_SCOPE)
    points = [
        scope_row(point, _answer(context, own, asked, board), context.bench)
        for point, asked in scope_of(question, context.keys.same_arm)
    ]
    return scope_entry(question.scope, points)


def _answer(context: FamilyContext, own: Judged, asked: Question, board: Board | None) -> Answer:
    same = same_arms(own.question, asked, context.keys.same_arm)
    try:
        runs, alpha = context.runs(asked, board, own.seeds), own.alpha  # at the cell's own look
        judged = context.judge(asked, runs, alpha)
    except (RunMissingError, StoreError) as error:
        failed = isinstance(error, RunFailedError | StoreError)
        verdict = Verdict.ERROR if failed else Verdict.NOT_RUN
        return Answer(question=asked, same=same, verdict=verdict, note=str(error))
    known = _deviations(own)  # those of the claim's own phase stand on its card
    note = " ".join(text for text in _deviations(judged) if text not in known)
    return Answer(question=asked, same=same, judged=judged, note=note)


def _deviations(judged: Judged) -> tuple[str, ...]:
    return judged.measured.deviations if judged.measured else ()
