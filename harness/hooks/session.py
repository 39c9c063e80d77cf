"""What one pytest process knows of the claims in its session."""

import math
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.declarations.searched import AnyQuestion
from harness.families.context import FamilyContext
from harness.families.settings import Settings
from harness.hooks.looking import Looking, whole_claims
from harness.runs.board import Board, Boards
from harness.runs.keys import Job
from harness.runs.slots import Place, cards_of, place_of, shared_line
from harness.runs.training import Trainer, plan_rows

SESSION: pytest.StashKey["ClaimSession"] = pytest.StashKey()

MAIN = "main"

Planned = tuple[FamilyContext, list[Job]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """How far the plan of a session is that had no time for all of it."""

    stored: int  # runs
    planned: int


class ClaimSession:
    """Families met, claims collected, verdicts heard. One in each process of a session."""

    def __init__(
        self,
        settings: Settings,
        root: Path,
        *,
        session_id: str | None,
        worker: str,
        started_ns: int | None = None,
    ) -> None:
        self.settings = settings
        self.root = root
        self.id = session_id or f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(3)}"
        self.worker = worker
        self.started = time.monotonic()
        self.started_ns = started_ns or time.time_ns()  # the main process's, in every worker
        self.left: Left | None = None  # None where the plan was or may be finished
        self.interrupted = False  # whether Ctrl-C came while runs were trained or judged
        self.heard: dict[tuple[str, str, str], dict[str, Any]] = {}  # family, slug, cell: said
        self.notices: list[str] = []  # of the whole session: they stand in every document
        self.recorded: list[str] = []  # what became of each family's ledger
        self.documents: list[dict[str, Any]] = []
        self.broken: dict[Path, str] = {}  # families that cannot be read: the file that says why
        self._contexts: dict[Path, FamilyContext] = {}
        self._places: dict[tuple[str, ...], Place] = {}  # cards -> where this process trains

    def context(self, folder: Path) -> FamilyContext:
        """Return the family of a folder, read once. Raises ClaimError for a broken one."""
        if folder not in self._contexts:
            self._contexts[folder] = FamilyContext(folder, self.settings, self.root)
        return self._contexts[folder]

    def place(self, context: FamilyContext) -> Place:
        """Return where this process trains; a slot that it has is the same for all families."""
        device = self.settings.device_name
        cards = tuple(card.identity for card in cards_of(context.bench, device))
        if cards not in self._places:
            self._places[cards] = place_of(context.bench, device, self.worker)
        return self._places[cards]

    def sharing(self) -> list[str]:
        """Return how processes share the cards asked for, in a line for each family that has."""
        device = self.settings.device_name
        lines = [shared_line(context.bench, device) for context in self._contexts.values()]
        return list(dict.fromkeys(line for line in lines if line))

    def leave_cards(self) -> None:
        """Give back what this process has taken of cards."""
        for place in self._places.values():
            place.leave()

    @property
    def boards(self) -> Boards:
        """Return this session's boards."""
        return Boards(self.root / self.settings.store, self.id)

    def board(self, context: FamilyContext) -> Board:
        """Return this session's board of a family."""
        return self.boards.of(context.family.folder)

    @property
    def stop_at(self) -> float:
        """Return when the last job may begin, in seconds since the epoch."""
        limit = self.settings.stop_after
        return math.inf if limit is None else self.started_ns / 1e9 + limit

    def train(self, asked: list[tuple[FamilyContext, AnyQuestion]]) -> Left | None:
        """Train what the questions need, together with the session's other processes.

        Return how far the plan is where time ran out before every job had begun, else None.
        """
        if self.settings.judge_only:
            for context, _ in asked:
                _ = context.store  # raises OptionError: it has no runs of theirs
            return None
        families = [(c, whole_claims(c, questions)) for c, questions in _by_context(asked)]
        for context, questions in families:
            context.check_data(questions)
        plans: list[Planned] = []
        # looks: what is needed next depends on what came out, the same in every process
        while (needed := [(c, self._needed(c, q)) for c, q in families]) != plans:
            plans, left = needed, self._train_all(needed)
            if left is not None:
                return left
        return None

    def _needed(self, context: FamilyContext, questions: list[AnyQuestion]) -> list[Job]:
        """Return the jobs that a family needs, from what the store holds."""
        return context.plan(questions).jobs(Looking(context, self.board(context)).reached)

    def _train_all(self, plans: list[Planned]) -> Left | None:
        to_train = [(context, jobs) for context, jobs in plans if self._post(context, jobs)]
        not_begun = [
            (context, job) for context, jobs in to_train for job in self._train(context, jobs)
        ]
        left = sum(not c.store.has(key) for c, job in not_begun for key in job.keys)
        planned = sum(len(job.keys) for _, jobs in plans for job in jobs)
        return Left(stored=planned - left, planned=planned) if left else None

    def _post(self, context: FamilyContext, jobs: list[Job]) -> bool:
        """Post a family's plan on its board; return whether there is anything to train."""
        rows = plan_rows(jobs, context.store)
        if all(row["stored"] for row in rows):
            return False  # nothing to write, so the store may be read-only
        self.board(context).post_plan(rows)
        return True

    def _train(self, context: FamilyContext, jobs: list[Job]) -> list[Job]:
        trainer = Trainer(
            context.bench,
            context.store,
            self.board(context),
            self.place(context),
            self.worker,
            stop_at=self.stop_at,
            replaced=self.worker != MAIN,
        )
        return trainer.run(jobs)

    def plan(self, asked: list[tuple[FamilyContext, AnyQuestion]]) -> list[dict[str, Any]]:
        """Return the plan's rows without training anything."""
        return [
            row
            for context, questions in _by_context(asked)
            for row in _plan_of(context, questions, Looking(context, None))
        ]


def _plan_of(
    context: FamilyContext, questions: list[AnyQuestion], looking: Looking
) -> list[dict[str, Any]]:
    """Return a family's rows, each with whether a verdict rests on it or a side question alone.

    And with the look that it is for: 0 where it is needed whatever comes out, else the place after
    that of the looks that open claims have reached.
    """
    questions = whole_claims(context, questions)
    plan, decide = context.plan(questions), context.verdict_jobs(questions)
    rows, known = [], set()
    for further in range(1 + max((len(context.budget.looks(q)) for q in questions), default=0)):
        jobs = plan.jobs(lambda q: looking.reached(q) + further * looking.is_open(q))  # noqa: B023
        new = [job for job in jobs if job.name not in known]
        known |= {job.name for job in new}
        rows += [
            row | {"decides": row["job"] in decide, "further": further}
            for row in plan_rows(new, context.store)
        ]
    return rows


def _by_context(
    asked: list[tuple[FamilyContext, AnyQuestion]],
) -> list[tuple[FamilyContext, list[AnyQuestion]]]:
    contexts = dict.fromkeys(context for context, _ in asked)
    return [(context, [q for c, q in asked if c is context]) for context in contexts]
