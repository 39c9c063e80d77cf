"""What one pytest process knows of the claims in its session."""

import secrets
import time
from pathlib import Path
from typing import Any

import pytest

from harness.board import Board
from harness.context import FamilyContext
from harness.errors import ClaimDefinitionError
from harness.searched import AnyClaim, AnyQuestion
from harness.settings import Settings
from harness.training import Trainer, plan_rows

SESSION: pytest.StashKey["ClaimSession"] = pytest.StashKey()

MAIN = "main"


class ClaimSession:
    """Families met, claims collected, verdicts heard. One in each process of a session."""

    def __init__(
        self, settings: Settings, root: Path, *, session_id: str | None, worker: str
    ) -> None:
        self.settings = settings
        self.root = root
        self.id = session_id or f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(3)}"
        self.worker = worker
        self.started = time.monotonic()
        self.started_ns = time.time_ns()
        self.heard: dict[str, dict[str, Any]] = {}  # test id -> what was said of its cell
        self.notices: list[str] = []
        self.documents: list[dict[str, Any]] = []
        self._contexts: dict[Path, FamilyContext] = {}
        self._paths: dict[str, Path] = {}  # slug -> file

    def context(self, folder: Path) -> FamilyContext:
        """Return the family of a folder, read once. Raises ClaimError for a broken one."""
        if folder not in self._contexts:
            self._contexts[folder] = FamilyContext(folder, self.settings, self.root)
        return self._contexts[folder]

    def add(self, claim: AnyClaim, path: Path) -> None:
        """Note a collected claim. Raises ClaimDefinitionError where its slug is taken."""
        other = self._paths.setdefault(claim.slug, path)
        if other != path:
            raise ClaimDefinitionError(
                f"slug: got {claim.slug!r}, which {other.parent.name}/{other.name} declares too; "
                "expected each slug once"
            )

    def board(self, context: FamilyContext) -> Board:
        """Return this session's board in the family's store."""
        return Board(context.store.folder, self.id)

    def train(self, asked: list[tuple[FamilyContext, AnyQuestion]]) -> None:
        """Train what the questions need, together with the session's other processes."""
        for context, questions in _by_context(asked):
            jobs = context.jobs(questions)
            if self.settings.judge_only or not jobs:
                continue
            context.check_data(questions)
            board = self.board(context)
            rows = plan_rows(jobs, context.store)
            if all(row["stored"] for row in rows):
                continue  # nothing to write, so the store may be read-only
            board.post_plan(rows)
            device = self.settings.device_name
            Trainer(context.bench, context.store, board, device, self.worker).run(jobs)

    def plan(self, asked: list[tuple[FamilyContext, AnyQuestion]]) -> list[dict[str, Any]]:
        """Return the plan's rows without training anything."""
        return [row for c, questions in _by_context(asked) for row in _plan_of(c, questions)]


def _plan_of(context: FamilyContext, questions: list[AnyQuestion]) -> list[dict[str, Any]]:
    """Return a family's rows, each with whether a verdict rests on it or a side question alone."""
    decide = context.verdict_jobs(questions)
    rows = plan_rows(context.jobs(questions), context.store)
    return [row | {"decides": row["job"] in decide} for row in rows]


def _by_context(
    asked: list[tuple[FamilyContext, AnyQuestion]],
) -> list[tuple[FamilyContext, list[AnyQuestion]]]:
    contexts = dict.fromkeys(context for context, _ in asked)
    return [(context, [q for c, q in asked if c is context]) for context in contexts]
