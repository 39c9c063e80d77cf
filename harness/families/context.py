"""One family in one session: its bench at the asked scale, its store, its claims' verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.admission.attempts import (
    Budget,
    Earlier,
    attempt_on_record,
    check_attempt,
    check_still_judged,
    check_written_blind,
)
from harness.admission.declaration import declared_question
from harness.admission.validation import check_scales, check_takes_its_share, validate
from harness.bench import Bench, Environment, Scale
from harness.bench_values import checked_environment, make_bench, prepare
from harness.declarations.claim import Question
from harness.declarations.family import Family, read_family
from harness.declarations.figures import Figure
from harness.declarations.searched import (
    AnyClaim,
    AnyQuestion,
    SearchedClaim,
    SearchQuestion,
    validate_search,
)
from harness.declarations.sweeps import Sweep, single_runs
from harness.documents.document import CellWriter, Plain
from harness.documents.drawing import DrawnArm, panel
from harness.documents.search_document import AnyCellWriter
from harness.documents.sweep_panel import sweep_panel
from harness.errors import OptionError, RunMissingError
from harness.families.family_ledger import read_family_ledger
from harness.families.planning import Plan, asks_of
from harness.families.reading import Reader
from harness.families.settings import Settings, parse_seeds, scale_of, seeds_text
from harness.ledgers.ledger import Ledger
from harness.runs.board import Board
from harness.runs.keys import KeyMaker, sha256
from harness.runs.sources import source_digest
from harness.runs.store import Store
from harness.verdicts.judging import Judged, Runs, judge_cell
from harness.verdicts.looked import Looked
from harness.verdicts.search_judging import declared_search
from harness.verdicts.sequential import judge_at_look
from harness.words import Verdict

Seeds = tuple[int, ...]


class FamilyContext:
    """Everything that judging the claims of one family folder needs. The same in every worker."""

    def __init__(self, folder: Path, settings: Settings, root: Path) -> None:
        self.settings = settings
        self.root = root
        self.family: Family = read_family(folder)
        bench_class = self.family.bench_class()
        self._bench_class = bench_class
        self._elsewhere: dict[str, FamilyContext] = {}
        self.verdicts_at_looks: dict[tuple[str, str, int], Verdict] = {}  # slug, cell, seeds
        self.scale: Scale = scale_of(bench_class, settings.scale_name, settings.scale_by)
        known = {option.flag: option for option in bench_class.options()}
        asked = settings.bench_options  # without those of a family that lies elsewhere
        self.options = {flag: asked.get(flag, option.default) for flag, option in known.items()}
        declared = {
            k: known[k].default if known[k].changes_numbers else v for k, v in self.options.items()
        }
        self.changed_options = tuple(
            word for k, v in self.options.items() if v != declared[k] for word in (k, v)
        )
        self.bench: Bench = make_bench(bench_class, self.scale.name, self.options)
        self._declared_bench: Bench = make_bench(bench_class, self.scale.name, declared)
        self.keys = KeyMaker(self.bench)
        self.writer = AnyCellWriter(CellWriter(bench=self.bench, keys=self.keys), self.scale.name)

    @cached_property
    def environment(self) -> Environment:
        """Return this machine's environment. Raises OptionError, such as for a missing device."""
        return checked_environment(self.bench, self.settings.device_name)

    @cached_property
    def store(self) -> Store:
        """Return the records of the judged environment: this machine's, or the named one."""
        folder = self.settings.store
        folder = folder if folder.is_absolute() else self.root / folder
        name = self.settings.environment or self.environment.name
        only_read = self.settings.judge_only or self.settings.plan
        store = Store(folder, name, read_only=only_read)
        if self.settings.judge_only and store.environment not in store.environments():
            raise OptionError(
                f"--judge-only: got no runs of {store.environment}, for {self.family.slug}, in "
                f"{folder}; expected {store.expected_instead()}"
            )
        return store

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of this session: the scale's, or those asked for."""
        asked = self.settings.seeds
        return self.scale.seeds if asked is None else parse_seeds(asked)

    @cached_property
    def budget(self) -> Budget:
        """Return what each question may use: the one place that knows its seeds and its level."""
        asked = None if self.exploratory is None else self.seeds
        return Budget(scale=self.scale, alpha=self.alpha, asked=asked)

    @property
    def exploratory(self) -> str | None:
        """Return why this session is exploratory, or None."""
        if self.seeds == self.scale.seeds:
            return None
        return (
            f"Exploratory: {len(self.seeds)} seeds ({seeds_text(self.seeds)}) instead of the "
            f"declared {len(self.scale.seeds)} ({seeds_text(self.scale.seeds)})."
        )

    @property
    def withheld(self) -> str | None:
        """Return why no verdict may be given at all, or None."""
        if not self.scale.verdicts:
            return f"Scale {self.scale.name} is too small to judge."
        return self.exploratory

    @cached_property
    def judged_environment(self) -> Environment:
        """Return where the judged runs come from: this machine's, or what its name says."""
        name = self.store.environment
        try:
            here = self.environment
        except OptionError:  # no such device here: none is needed to judge
            return Environment.named(name)
        return here if here.name == name else Environment.named(name)

    def reads_ledger(self, question: AnyQuestion) -> bool:
        """Return whether the ledger speaks of this: declared scale, seeds, data and precision."""
        if self.withheld is not None or self.settings.no_ledger:
            return False
        if isinstance(question, SearchQuestion):
            return True
        same_precision = self.judged_environment.precision == self._declared_precision
        return same_precision and self.asks_as_declared(question)

    def asks_as_declared(self, question: Question) -> bool:
        """Return whether a question is asked of the declared seeds and data."""
        return self.withheld is None and all(
            self.bench.identity(arm) == self._declared_bench.identity(arm)
            for arm in question.judged_arms
        )

    @property
    def _declared_precision(self) -> str:
        """Return the precision that decides where nobody asks for another."""
        try:
            return self._declared_bench.environment(self.settings.device_name).precision
        except OptionError:  # judged on a machine without the device
            return self._declared_bench.environment("cpu").precision

    @cached_property
    def ledger(self) -> Ledger:
        """Return the family's ledger. Raises LedgerError; see ``read_family_ledger``."""
        return read_family_ledger(self.family)

    def on_record(self, slug: str) -> Earlier | None:
        """Return the latest verdict on record; None where there is none of such a run as this."""
        latest = self.ledger.latest_attempt(slug, self.scale.name)
        if self.withheld is not None or self.settings.no_ledger or self.changed_options:
            return None
        return attempt_on_record(self.ledger, slug, self.scale.name, latest) if latest else None

    def validate(self, claim: AnyClaim) -> None:
        """Raise ClaimError where the claim cannot be judged at this scale, or beside its ledger."""
        entry = self.family.registered(claim.slug)
        _ = self.ledger  # read here: a broken one is refused before anything is trained
        check_scales(claim, self._bench_class)
        if isinstance(claim, SearchedClaim):
            validate_search(claim, entry, self.scale.name)
            return
        check_takes_its_share(claim, entry)
        check_still_judged(claim, self.ledger)
        there = self.where_judged(claim)
        check_attempt(claim, there.budget, self.ledger)
        validate(claim, bench=there.bench, keys=there.keys, scale=there.scale, alpha=self.alpha)
        if all(there.asks_as_declared(question) for question in claim.questions()):
            check_written_blind(claim, there.budget, there.declaration(claim), self.ledger)

    def where_judged(self, claim: AnyClaim) -> "FamilyContext":
        """Return this family at a scale that can judge the claim: this scale, if it can."""
        if isinstance(claim, SearchedClaim) or claim.not_judged_at(self.scale.name) is None:
            return self
        scale = claim.scales[0]
        if scale not in self._elsewhere:
            settings = replace(self.settings, scale=scale)
            self._elsewhere[scale] = FamilyContext(self.family.folder, settings, self.root)
        return self._elsewhere[scale]

    @property
    def alpha(self) -> float:
        """Return the level at which each claim of the family is judged."""
        return self.family.alpha_claim

    def plan(self, questions: Iterable[AnyQuestion]) -> Plan:
        """Return the plan of the questions: the same whatever the store holds."""
        side = {"readings": self.settings.full, "scope": self.settings.scope}
        return Plan(self.keys, asks_of(questions, self.budget, self.keys.same_arm, **side))

    def verdict_jobs(self, questions: Sequence[AnyQuestion]) -> set[str]:
        """Return the names of the jobs that verdicts and figures rest on: no side question's."""
        deciding = {arm for question in questions for arm in question.arms}
        return {job.name for job in self.plan(questions).jobs() if job.arm in deciding}

    def runs(self, question: Question, board: Board | None, seeds: Seeds | None = None) -> Runs:
        """Return the records of a question's arms, by default of all its seeds.

        Raises RunMissingError.
        """
        seeds = self.budget.seeds(question) if seeds is None else seeds
        return Reader(self, board, seeds).runs(question)

    def judge(self, question: Question, runs: Runs, alpha: float | None = None) -> Judged:
        """Return the verdict on one cell, at its own level or another.

        For a claim with looks the runs are those of the seeds up to one of them.
        """
        metrics, looks = self.bench.metrics(question.judged_arms[0]), self.budget.looks(question)
        if looks:
            return judge_at_look(question, runs, looks, metrics)
        level = self.budget.level(question) if alpha is None else alpha
        judged = judge_cell(question, runs, metrics=metrics, alpha=level, withheld=self.withheld)
        return replace(judged, looks=Looked(declared=question.looks) if question.looks else None)

    def figures(self, question: Question, runs: Runs, board: Board | None) -> list[Plain]:
        """Return the panels of one cell as plain data: those declared, and a sweep's own."""
        if isinstance(question.treatment, Sweep):
            return [sweep_panel(question, runs, self.bench)]
        return [self._figure(figure, question, runs, board) for figure in question.figures]

    def _figure(self, figure: Figure, question: Question, runs: Runs, board: Board | None) -> Plain:
        sides = (("treatment", runs.treatment), ("control", runs.control))
        arms = [
            DrawnArm(label=self.bench.describe(arm), role=role, runs=single_runs(found))
            for arm, (role, found) in zip(question.compared_arms, sides, strict=False)
        ]
        for label, arm in figure.extra:
            try:
                records = Reader(self, board, runs.seeds).records(arm)
            except RunMissingError:  # drawn beside the verdict, which does not rest on it
                records = ()
            arms.append(DrawnArm(label=label, role="other", runs=records))
        metrics = self.bench.metrics(question.judged_arms[0])
        drawn = panel(figure, arms, metrics, self.family.folder / "curves")
        return drawn | {"cells": [question.cell.id]}

    def declaration(self, claim: AnyClaim) -> str:
        """Return the sha256 of what decides and was written down before the run, at this scale."""
        return sha256([self._declared(question) for question in claim.questions()])

    def _declared(self, question: AnyQuestion) -> Any:
        if isinstance(question, SearchQuestion):
            return declared_search(question, self.scale.name)
        return declared_question(question, self.bench, self.budget)

    def sources(self, question: AnyQuestion) -> str:
        """Return the digest of the code that trained a question's runs."""
        if isinstance(question, SearchQuestion):
            return source_digest(question.search.modules)
        return sha256([self.keys.key(arm, 0).sources for arm in question.judged_arms])

    def check_data(self, questions: Sequence[AnyQuestion]) -> None:
        """Raise DataError where a data set is not to be had, before anything is trained."""
        for arm in dict.fromkeys(arm for question in questions for arm in question.arms):
            prepare(self.bench, arm)
