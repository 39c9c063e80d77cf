"""The runs that a verdict rests on, read from the store of its family."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.bench import Arm
from harness.bench_values import same_steps
from harness.declarations.claim import Question
from harness.declarations.preconditions import OtherRuns
from harness.declarations.sweeps import Run, Side, swept
from harness.errors import RunFailedError, RunMissingError
from harness.records import RunRecord
from harness.runs.board import Board
from harness.verdicts.judging import Runs

if TYPE_CHECKING:
    from harness.families.context import FamilyContext


class Reader:
    """Reads records of some seeds, where training has not failed on this session's board."""

    def __init__(self, context: "FamilyContext", board: Board | None, seeds: Sequence[int]) -> None:
        self._context = context
        self._board = board
        self._seeds = seeds

    def runs(self, question: Question) -> Runs:
        """Return the records of a question's arms.

        Raises RunMissingError for the first that is missing; where nothing is trained it says of
        how many.
        """
        try:
            return self._runs(question)
        except RunFailedError:
            raise
        except RunMissingError as error:
            raise RunMissingError(f"{error}{self._missing(question)}") from error

    def records(self, arm: Arm) -> tuple[RunRecord, ...]:
        """Return an arm's records. Raises RunMissingError."""
        keys = [self._context.keys.key(arm, seed) for seed in self._seeds]
        label = self._context.bench.describe(arm)
        why = self._board.why_missing(keys) if self._board is not None else None
        if why is not None:
            raise RunFailedError(f"training {label} failed: {why}")
        records = tuple(self._context.store.read(key, label) for key in keys)
        wrong = same_steps(records)
        if wrong is not None:  # of one block training has refused it; these are of several
            raise RunFailedError(f"{label}: got records of {wrong}")
        return records

    def _runs(self, question: Question) -> Runs:
        control = question.control
        return Runs(
            treatment=self._side(question.treatment),
            control=self._side(control) if control is not None else (),
            others=tuple(self._other(arm) for arm in dict.fromkeys(question.other_arms)),
        )

    def _other(self, arm: Arm) -> OtherRuns:
        label = self._context.bench.describe(arm)
        return OtherRuns(arm=arm, label=label, runs=self.records(arm))

    def _side(self, side: Side) -> tuple[Run, ...]:
        if isinstance(side, Arm):
            return self.records(side)
        return swept(side, [self.records(arm) for arm in side.arms])

    def _missing(self, question: Question) -> str:
        """Return how many runs are missing, for who must copy or train them."""
        if not self._context.settings.judge_only:
            return ""
        arms = dict.fromkeys(question.judged_arms)
        keys = [self._context.keys.key(arm, seed) for arm in arms for seed in self._seeds]
        missing = sum(not self._context.store.has(key) for key in keys)
        return f" ({missing} of the {len(keys)} runs of this verdict missing)"
