"""What differs from the ledger today, and how a test ends by that.

A run with the entry's seeds, code, declaration, environment and hardware must end in the same
verdict. Any other run is a replication: it has noise of its own, so SUPPORTED may come out
INCONCLUSIVE (or the reverse) without anything being wrong, as long as the estimates agree. Beside
the verdict of another declaration there is nothing to compare: it answered another question.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, assert_never

from harness.ledgers.ledger import FINDINGS, LedgerEntry
from harness.statistics import Summary, welch_p
from harness.words import Verdict

WELCH_LEVEL = 0.01
"""Two-sided level, shared by a claim's cells, at which a replication's estimate differs."""

Outcome = Literal["passed", "xfailed", "failed"]


class LedgerStatus(StrEnum):
    """How today's verdict stands to the recorded one."""

    NO_ENTRY = "no entry"
    OTHER_DECLARATION = "of another declaration"
    SAME = "same"  # the same run, the same verdict
    REPLICATES = "replicates"  # another run, the same verdict
    DIFFERS_AGREEING = "differs, estimates agree"  # another verdict, within a replication's noise
    DRIFT = "drift"
    REASON_OWED = "reason owed"

    @property
    def in_line(self) -> str:
        """Return the status in a line that already names both verdicts."""
        return "estimates agree" if self is LedgerStatus.DIFFERS_AGREEING else self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerComparison:
    """Today's verdict beside the ledger's. ``line`` is for a reader, ``detail`` says why."""

    status: LedgerStatus
    ledger_verdict: Verdict | None
    line: str
    detail: str
    p: float | None = None  # Welch's two-sided p value, where the estimates were compared


def compare(entry: LedgerEntry | None, current: LedgerEntry, *, cells: int = 1) -> LedgerComparison:
    """Compare one cell (or a claim without cells) with its entry.

    The verdict of another declaration counts as none. Another verdict in the same run is drift. In
    a replication so is SUPPORTED against REFUTED; a change from or to INCONCLUSIVE is drift only
    where the estimates differ (Welch, two-sided, level 0.01 / cells) or cannot be compared. A
    change from or to INVALID is always drift: the comparison has become void, or has ceased to be.
    So are ERROR and NOT RUN, which no ledger holds.

    Estimates at which a claim with looks stopped early are biased, and their standard errors are
    those of a fixed number of seeds. Simulated (looks at 6, 10 and 16, normal gains, level 0.0019,
    400,000 pairs of runs), 1.3 % of replications are falsely called drift at an effect of 1 SD and
    1.6 % at 0.75 SD, where 1 % is promised without looks.
    """
    if entry is None:
        return _no_entry(current)
    if entry.declaration != current.declaration:
        return _other_declaration(entry, current)
    if not _may_be_noise(entry, current):
        return _compared(entry, current, estimates_agree=False)
    p = _p_of_difference(entry, current)
    if p is None:
        detail = "One of the estimates has no standard error, so they cannot be compared."
    else:
        detail = (
            f"Estimates {entry.estimate:.4g} then and {current.estimate:.4g} now: Welch's p is "
            f"{p:.3g} at level {WELCH_LEVEL / cells:.3g}."
        )
    agree = p is not None and p > WELCH_LEVEL / cells
    return replace(_compared(entry, current, estimates_agree=agree), p=p, detail=detail)


def outcome(comparison: LedgerComparison, verdict: Verdict) -> Outcome:
    """Return how the test ends: as the ledger says, where nothing differs beyond noise."""
    match comparison.status:
        case LedgerStatus.NO_ENTRY | LedgerStatus.OTHER_DECLARATION:
            return "passed" if verdict is Verdict.SUPPORTED else "failed"
        case LedgerStatus.SAME | LedgerStatus.REPLICATES | LedgerStatus.DIFFERS_AGREEING:
            return "passed" if comparison.ledger_verdict is Verdict.SUPPORTED else "xfailed"
        case LedgerStatus.DRIFT | LedgerStatus.REASON_OWED:
            return "failed"
        case _:
            assert_never(comparison.status)


def _no_entry(current: LedgerEntry) -> LedgerComparison:
    return LedgerComparison(
        status=LedgerStatus.NO_ENTRY,
        ledger_verdict=None,
        line=f"{current.verdict} (not in the ledger)",
        detail=f"Nothing is recorded for this claim, cell and scale{_how_to_record(current)}.",
    )


def _other_declaration(entry: LedgerEntry, current: LedgerEntry) -> LedgerComparison:
    return LedgerComparison(
        status=LedgerStatus.OTHER_DECLARATION,
        ledger_verdict=entry.verdict,
        line=f"{current.verdict} (ledger: {entry.verdict}, {LedgerStatus.OTHER_DECLARATION})",
        detail=f"The ledger's {entry.verdict} of {entry.date} is of another declaration, so "
        f"nothing is compared{_how_to_record(current)}.",
    )


def _how_to_record(current: LedgerEntry) -> str:
    if current.verdict not in FINDINGS or current.verdict is Verdict.SUPPORTED:
        return ""
    return "; --update-ledger records it, then write its reason there: what was measured"


def _may_be_noise(entry: LedgerEntry, current: LedgerEntry) -> bool:
    """Say whether a replication's noise alone may turn one verdict into the other."""
    words = {entry.verdict, current.verdict}
    between = {Verdict.INCONCLUSIVE, Verdict.SUPPORTED}, {Verdict.INCONCLUSIVE, Verdict.REFUTED}
    return words in between and not entry.is_same_run_as(current)


def _p_of_difference(entry: LedgerEntry, current: LedgerEntry) -> float | None:
    summaries = []
    for each in (entry, current):
        if each.estimate is None or each.se is None or each.n < 2:
            return None
        summaries.append(Summary(estimate=each.estimate, se=each.se, n=each.n))
    return welch_p(*summaries)


def _compared(
    entry: LedgerEntry, current: LedgerEntry, *, estimates_agree: bool
) -> LedgerComparison:
    same_run = entry.is_same_run_as(current)
    runs = "the same run" if same_run else "a replication"
    detail = f"{runs.capitalize()}: {entry.verdict} then, {current.verdict} now."
    agrees = entry.verdict is current.verdict and current.verdict in FINDINGS
    if not agrees and not estimates_agree:
        status = LedgerStatus.DRIFT
    elif entry.owes_reason:
        status = LedgerStatus.REASON_OWED
        detail = f"The ledger's {entry.verdict} lacks its reason: write {entry.owed}."
    elif not agrees:
        status = LedgerStatus.DIFFERS_AGREEING
    else:
        status = LedgerStatus.SAME if same_run else LedgerStatus.REPLICATES
    return LedgerComparison(
        status=status,
        ledger_verdict=entry.verdict,
        line=f"{current.verdict} (ledger: {entry.verdict}, {status.in_line})",
        detail=detail,
    )
