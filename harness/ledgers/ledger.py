"""The ledger: the recorded verdicts of one family.

One entry per claim, cell, scale and attempt; a claim that is not split into cells has the one cell
"".
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import NoReturn

from harness.errors import LedgerError
from harness.words import Verdict

FINDINGS = (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.INVALID)
"""What a ledger can hold. ERROR and NOT RUN are accidents of one run, never a record to agree
with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One recorded verdict, or today's in the same shape.

    ``declaration`` is the declaration's sha256, ``sources`` the digest of the code that trained,
    ``environment`` the environment's name, ``date`` and ``first_judged`` ISO dates. ``reason``
    says, beside anything but SUPPORTED, what was measured (a cause only where a run tested it).
    """

    slug: str
    cell: str
    scale: str
    verdict: Verdict
    estimate: float | None
    se: float | None
    n: int
    seeds: tuple[int, ...]
    environment: str
    declaration: str
    sources: str
    date: str
    reason: str = ""
    hardware: str = ""  # processor or card that trained: numbers agree to the bit on one only
    first_judged: str = ""  # when these seeds first gave a verdict; empty: at ``date``
    attempt: int = 1
    looks: tuple[int, ...] = ()  # declared ones; none: judged once, on a fixed number of seeds
    looks_power: int = 0  # of the spending function that gave the looks their levels
    written_knowing: str = ""  # what was known of these seeds when the declaration was written
    remeasured: str = ""  # when other code came to other numbers from these seeds on this machine

    def __post_init__(self) -> None:
        if not self.slug or not self.scale:
            _refuse(self, "an empty slug or scale", "both")
        if any(x is not None and not math.isfinite(x) for x in (self.estimate, self.se)):
            _refuse(self, f"estimate {self.estimate} and se {self.se}", "finite numbers or none")
        if self.attempt < 1:
            _refuse(self, f"attempt {self.attempt}", "a number from 1 on")
        if bool(self.looks) is not (self.looks_power > 0):
            _refuse(self, f"looks {self.looks} and looks_power {self.looks_power}", "both or none")
        if self.n < 0 or (self.se is not None and self.se < 0):
            _refuse(self, f"n {self.n} and se {self.se}", "neither below 0")
        object.__setattr__(self, "first_judged", self.first_judged or self.date)
        for day in filter(None, (self.date, self.first_judged, self.remeasured)):
            try:
                date.fromisoformat(day)
            except ValueError:
                _refuse(self, f"date {day!r}", "an ISO date such as 2026-01-31")

    @property
    def key(self) -> tuple[str, str, str, int]:
        """Return what names the entry: slug, scale, cell and attempt."""
        return self.slug, self.scale, self.cell, self.attempt

    @property
    def owes_reason(self) -> bool:
        """Say whether the entry lacks the reason that it needs."""
        needed = self.verdict is not Verdict.SUPPORTED or bool(self.remeasured)
        return needed and not self.reason.strip()

    @property
    def owed(self) -> str:
        """Return what a reason must say."""
        changed = ", and what was changed in the code that trains or measures"
        return f"what was measured{changed if self.remeasured else ''}"

    def is_same_run_as(self, other: "LedgerEntry") -> bool:
        """Say whether both rest on the same seeds, code, declaration, environment and hardware."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("seeds", "sources", "declaration", "environment", "hardware")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """All entries of a family: one for each slug, scale, cell and attempt, in that order.

    Another attempt has entries of its own and leaves those of the earlier ones as they are.
    """

    entries: tuple[LedgerEntry, ...] = ()

    def __post_init__(self) -> None:
        keys = [entry.key for entry in self.entries]
        for entry in self.entries:
            if entry.verdict not in FINDINGS:
                _refuse(entry, f"verdict {entry.verdict}", f"one of {', '.join(FINDINGS)}")
            if keys.count(entry.key) > 1:
                _refuse(
                    entry, "the entry more than once", "one for each slug, scale, cell and attempt"
                )
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.key))
        object.__setattr__(self, "entries", ordered)

    def find(self, slug: str, cell: str, scale: str, attempt: int = 1) -> LedgerEntry | None:
        """Return the entry, or None where nothing was recorded."""
        wanted = (slug, scale, cell, attempt)
        return next((entry for entry in self.entries if entry.key == wanted), None)

    def of_attempt(self, slug: str, scale: str, attempt: int) -> tuple[LedgerEntry, ...]:
        """Return what is recorded of an attempt at a claim: an entry for each of its cells."""
        wanted = (slug, scale, attempt)
        return tuple(e for e in self.entries if (e.slug, e.scale, e.attempt) == wanted)

    def latest_attempt(self, slug: str, scale: str) -> int:
        """Return the latest attempt on record, 0 where there is none."""
        own = (e.attempt for e in self.entries if (e.slug, e.scale) == (slug, scale))
        return max(own, default=0)

    def updated(self, current: Iterable[LedgerEntry]) -> "Ledger":
        """Return the ledger with today's entries in place of the old ones.

        The reason is left empty, as it says what the old run measured; only beside the same verdict
        of the same run, or of another with the same numbers, does it stay. An ERROR or NOT RUN of
        today changes nothing.
        """
        by_key = {entry.key: entry for entry in self.entries}
        for entry in current:
            if entry.verdict in FINDINGS:
                old = by_key.get(entry.key)
                by_key[entry.key] = replace(
                    entry,
                    reason=_kept_reason(old, entry),
                    first_judged=_first_judged(old, entry),
                    remeasured=_remeasured(old, entry),
                )
        return Ledger(entries=tuple(by_key.values()))


def _kept_reason(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Return the old reason where what it says of the numbers is still so."""
    if old is None or old.verdict is not new.verdict:
        return ""
    same_numbers = (old.estimate, old.se, old.n) == (new.estimate, new.se, new.n)
    return old.reason if same_numbers or old.is_same_run_as(new) else ""


def _first_judged(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Return when the seeds first gave a verdict, whatever was changed of the declaration since.

    A search has no seeds: another declaration of it starts anew.
    """
    if old is None or not (old.declaration == new.declaration or _share_seeds(old, new)):
        return new.first_judged
    return min(old.first_judged, new.first_judged)


def _remeasured(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Return when other code last came to other numbers from these seeds on the same machine."""
    if old is None or not _share_seeds(old, new):
        return ""
    only_code = replace(new, sources=old.sources).is_same_run_as(old)
    other_numbers = (old.estimate, old.se) != (new.estimate, new.se)
    return new.date if only_code and other_numbers else old.remeasured


def _share_seeds(old: LedgerEntry, new: LedgerEntry) -> bool:
    return bool(set(old.seeds) & set(new.seeds))


def _refuse(entry: LedgerEntry, got: str, expected: str) -> NoReturn:
    raise LedgerError(
        f"ledger entry {entry.slug!r}, cell {entry.cell!r}, scale {entry.scale!r}: got {got}, "
        f"expected {expected}; restore it from version control or write it with --update-ledger"
    )
