"""Attempts: a claim that was judged once may be tried again, declared, on seeds of its own.

The first attempt has the claim's share alpha of the error budget, attempt k >= 2 alpha / 2^k. All
attempts that a claim can ever have spend at most alpha (1 + 1/4 + 1/8 + ...) = 1.5 alpha (the union
bound, whatever an attempt learns from those before it). No seed serves two attempts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.bench import Scale
from harness.declarations.claim import Claim
from harness.declarations.searched import AnyClaim, AnyQuestion, SearchedClaim, SearchQuestion
from harness.declarations.spending import POWER, Look, looks_at
from harness.errors import ClaimDefinitionError
from harness.ledgers.ledger import Ledger, LedgerEntry
from harness.seeds import PILOT_SEEDS_FROM, SEEDS_APART
from harness.verdicts.decision import combine_cells
from harness.verdicts.enough_seeds import least_seeds
from harness.words import Verdict

MOST_ATTEMPTS = PILOT_SEEDS_FROM // SEEDS_APART

ALL_ATTEMPTS_SPEND = 1.5
"""All attempts at one claim together spend at most this many times its share of alpha."""


def attempt_at(declared: int | Mapping[str, int], scale: str) -> int:
    """Return which attempt is declared for a scale: the first, where others alone are named."""
    return declared if isinstance(declared, int) else declared.get(scale, 1)


def alpha_of_attempt(alpha: float, attempt: int) -> float:
    """Return the level of an attempt: alpha for the first, alpha / 2^k for attempt k."""
    return alpha if attempt == 1 else alpha / 2.0**attempt


def seeds_of_attempt(seeds: tuple[int, ...], attempt: int, least: int = 0) -> tuple[int, ...]:
    """Return the seeds of an attempt at a scale with these seeds, at least ``least`` of them.

    The exact tests need one seed more for each halving of the level: where the scale has fewer, the
    attempt's block goes on with the next numbers.
    """
    shifted = tuple(seed + SEEDS_APART * (attempt - 1) for seed in seeds)
    start = max(shifted) + 1
    return (*shifted, *range(start, start + max(least - len(shifted), 0)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What each question may use in a session: its seeds and its level. The one place for both.

    ``alpha`` is each claim's share of the error budget, ``asked`` the seeds of an exploratory
    session, which are every question's.
    """

    scale: Scale
    alpha: float
    asked: tuple[int, ...] | None = None

    def attempt(self, question: AnyClaim | AnyQuestion) -> int:
        """Return which attempt is judged at this scale; a search is always the first."""
        if isinstance(question, SearchedClaim | SearchQuestion):
            return 1
        return attempt_at(question.attempt, self.scale.name)

    def level(self, question: AnyClaim | AnyQuestion) -> float:
        """Return the question's alpha: what its attempt has of the claim's share."""
        return alpha_of_attempt(self.alpha, self.attempt(question))

    def looks(self, question: AnyQuestion) -> tuple[Look, ...]:
        """Return the looks of a question in this session; none where it is judged once.

        Where no verdict can be given (quick scale, other seeds than declared) none are used.
        """
        if isinstance(question, SearchQuestion) or not question.looks:
            return ()
        if not self.scale.verdicts or self.asked is not None:
            return ()
        return looks_at(question.looks, self.level(question))

    def seeds_by_look(self, question: AnyQuestion) -> tuple[tuple[int, ...], ...]:
        """Return the seeds that each look adds; all at once for a question without looks."""
        seeds = self.seeds(question)
        ends = [look.n for look in self.looks(question)] or [len(seeds)]
        return tuple(seeds[start:end] for start, end in zip([0, *ends], ends, strict=False))

    def seeds(self, question: AnyQuestion) -> tuple[int, ...]:
        """Return the seeds of the question, in the declared order; a search has none.

        Of a question with looks they are those of the last: at most so many are trained.
        """
        if isinstance(question, SearchQuestion) or self.asked is None:
            return self.declared_seeds(question)
        return self.asked

    def declared_seeds(self, question: AnyQuestion) -> tuple[int, ...]:
        """Return the seeds that a verdict at this scale rests on, whatever a session asks for."""
        if isinstance(question, SearchQuestion):
            return ()
        attempt = self.attempt(question)
        if question.looks and self.scale.verdicts:
            most = question.looks[-1]
            return seeds_of_attempt(self.scale.seeds, attempt, most)[:most]
        extended = attempt > 1 and self.scale.verdicts
        least = least_seeds(question.hypothesis, self.level(question)) if extended else 0
        return seeds_of_attempt(self.scale.seeds, attempt, least)


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """What became of an earlier attempt, as the ledger has it; no verdict where it has none."""

    number: int
    verdict: Verdict | None = None
    date: str | None = None
    seeds: tuple[int, ...] = ()


def earlier_attempts(ledger: Ledger, slug: str, scale: str, attempt: int) -> tuple[Earlier, ...]:
    """Return the attempts before this one, the first first: a claim's verdict is its cells'."""
    return tuple(attempt_on_record(ledger, slug, scale, n) for n in range(1, attempt))


def attempt_on_record(ledger: Ledger, slug: str, scale: str, number: int) -> Earlier:
    """Return what the ledger has of one attempt at a claim."""
    cells = ledger.of_attempt(slug, scale, number)
    if not cells:
        return Earlier(number=number)
    return Earlier(
        number=number,
        verdict=combine_cells(entry.verdict for entry in cells),
        date=max(entry.date for entry in cells),
        seeds=tuple(sorted({seed for entry in cells for seed in entry.seeds})),
    )


def check_written_blind(claim: Claim, budget: Budget, declaration: str, ledger: Ledger) -> None:
    """Raise ClaimDefinitionError where the declaration was changed beside a verdict, and not said.

    ``declaration`` is the sha256 of what decides. The ledger has the verdict of another one from
    the same seeds, and ``written_knowing`` says no more than it said then. What it said then stays,
    whatever else is changed.
    """
    number, scale = budget.attempt(claim), budget.scale
    recorded = ledger.of_attempt(claim.slug, scale.name, number) if scale.verdicts else ()
    for entry in (entry for entry in recorded if entry.seeds):
        if not claim.written_knowing.startswith(entry.written_knowing):
            raise ClaimDefinitionError(
                f"{claim.slug}: written_knowing: got {claim.written_knowing!r}; the verdict on "
                f"record at scale {scale.name} says {entry.written_knowing!r}; expected that text "
                "first, as what was known once stays known; add to it what came since"
            )
        if entry.declaration != declaration and entry.written_knowing == claim.written_knowing:
            raise ClaimDefinitionError(
                f"{claim.slug}: got another declaration (statement, arms, endpoint, hypothesis or "
                f"preconditions) than the one whose verdict, {entry.verdict} of {entry.date}, is "
                f"on record at scale {scale.name} from the same seeds; expected that one again; or "
                f"declare attempt={number + 1}, on seeds of its own, with because_again; or say in "
                "written_knowing what was known and changed, after what it says already"
            )


def check_still_judged(claim: Claim, ledger: Ledger) -> None:
    """Raise ClaimDefinitionError where ``scales`` leaves out one that gave a verdict on record."""
    for entry in ledger.entries:
        if entry.slug == claim.slug and claim.not_judged_at(entry.scale) is not None:
            raise ClaimDefinitionError(
                f"{claim.slug}: scales: got {', '.join(claim.scales)}; the ledger has "
                f"{entry.verdict} of {entry.date} at scale {entry.scale}; expected that scale, "
                "too, as a claim is not taken from where it was judged; add it"
            )


def check_attempt(claim: Claim, budget: Budget, ledger: Ledger) -> None:
    """Raise ClaimDefinitionError for an attempt that cannot be, or that follows none on record.

    Also where the ledger holds a later one (what was tried since must not go unseen), or this one
    with other seeds or looks: seeds are not added until a claim is decided. At a scale that gives
    no verdicts nothing is ever recorded, so nothing is asked of the ledger.
    """
    number, scale = budget.attempt(claim), budget.scale
    if number > 1:
        _check_block(claim.slug, number, scale)
    if not scale.verdicts:
        return
    if number > 1 and not ledger.of_attempt(claim.slug, scale.name, number - 1):
        raise ClaimDefinitionError(
            f"{claim.slug}: attempt: got {number} at scale {scale.name}, and the ledger holds no "
            f"attempt {number - 1} at that scale; expected it to be judged and recorded first "
            f"(--update-ledger), or attempt={{SCALE: {number}}} with the scales that have one"
        )
    latest = ledger.latest_attempt(claim.slug, scale.name)
    if latest > number:
        raise ClaimDefinitionError(
            f"{claim.slug}: attempt: got {number} at scale {scale.name}, and the ledger holds "
            f"attempt {latest}; expected attempt={latest} or later"
        )
    _check_same_seeds(claim, budget, ledger.of_attempt(claim.slug, scale.name, number))


def _check_same_seeds(claim: Claim, budget: Budget, recorded: Iterable[LedgerEntry]) -> None:
    """Refuse other seeds or looks than those of the verdicts on record of the same attempt.

    An entry holds the seeds up to the look at which it was decided. One without seeds is that of a
    search, which the slug was before.
    """
    number, power = budget.attempt(claim), POWER if claim.looks else 0
    of_cell = {question.cell.id: question for question in claim.questions()}
    for entry in (entry for entry in recorded if entry.seeds):
        seeds = budget.declared_seeds(of_cell.get(entry.cell, claim.questions()[0]))
        had = seeds[: len(entry.seeds)] if claim.looks else seeds
        if (entry.looks, entry.looks_power, entry.seeds) != (claim.looks, power, had):
            raise ClaimDefinitionError(
                f"{claim.slug}: attempt {number} at scale {budget.scale.name}: got "
                f"{_seeds_said(seeds, claim.looks)}; the ledger has its verdict from "
                f"{_seeds_said(entry.seeds, entry.looks)}; expected those again, as seeds are not "
                f"added until a claim is decided; or declare attempt={number + 1}, on seeds of its "
                "own, with because_again"
            )


def _seeds_said(seeds: Sequence[int], looks: tuple[int, ...]) -> str:
    return f"{len(seeds)} seeds{f' at looks {looks}' if looks else ', all at once'}"


def _check_block(slug: str, number: int, scale: Scale) -> None:
    if number > MOST_ATTEMPTS or max(scale.seeds) >= SEEDS_APART:
        raise ClaimDefinitionError(
            f"{slug}: attempt: got {number} at a scale with seeds up to {max(scale.seeds)}; "
            f"expected at most {MOST_ATTEMPTS}, and seeds below {SEEDS_APART}, as each attempt "
            f"has a block of {SEEDS_APART} seeds below {PILOT_SEEDS_FROM}"
        )
