"""The ledger: the recorded verdicts of one family, and what differs from them today.

One entry per claim, cell and scale; the claim as a whole has cell "" (and no estimate of its own
where it has cells). A run with the entry's seeds, code, declaration and environment must end in the
same verdict. Any other run is a replication: it has noise of its own, so SUPPORTED may come out
INCONCLUSIVE (or the reverse) without anything being wrong, as long as the estimates agree.
"""

import json
import math
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal, NoReturn, assert_never

from harness.errors import LedgerError
from harness.statistics import Summary, welch_p
from harness.words import Verdict

WELCH_LEVEL = 0.01
"""Two-sided level, shared by a claim's cells, at which a replication's estimate differs."""

SCHEMA = 1

FINDINGS = (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.INVALID)
"""What a ledger can hold. ERROR and NOT RUN are accidents of one run, never a record to agree
with."""

HEADER = "Verdicts on record. Written by pytest --update-ledger; only `reason` is yours to fill in."

KEYS: dict[str, type] = {
    "slug": str,
    "scale": str,
    "cell": str,
    "verdict": str,
    "estimate": float,
    "se": float,
    "n": int,
    "seeds": list,
    "environment": str,
    "hardware": str,
    "declaration": str,
    "sources": str,
    "first_judged": str,
    "date": str,
    "reason": str,
}
OPTIONAL = ("estimate", "se")

Outcome = Literal["passed", "xfailed", "failed"]


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
    first_judged: str = ""  # when this declaration was first judged; empty: at ``date``

    def __post_init__(self) -> None:
        if not self.slug or not self.scale:
            _refuse(self, "an empty slug or scale", "both")
        if any(x is not None and not math.isfinite(x) for x in (self.estimate, self.se)):
            _refuse(self, f"estimate {self.estimate} and se {self.se}", "finite numbers or none")
        if self.n < 0 or (self.se is not None and self.se < 0):
            _refuse(self, f"n {self.n} and se {self.se}", "neither below 0")
        object.__setattr__(self, "first_judged", self.first_judged or self.date)
        for day in (self.date, self.first_judged):
            try:
                date.fromisoformat(day)
            except ValueError:
                _refuse(self, f"date {day!r}", "an ISO date such as 2026-01-31")

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what names the entry: slug, scale and cell."""
        return self.slug, self.scale, self.cell

    @property
    def owes_reason(self) -> bool:
        """Say whether the entry lacks the reason that it needs."""
        return self.verdict is not Verdict.SUPPORTED and not self.reason.strip()

    def is_same_run_as(self, other: "LedgerEntry") -> bool:
        """Say whether both rest on the same seeds, code, declaration, environment and hardware."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("seeds", "sources", "declaration", "environment", "hardware")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """All entries of a family, one for each slug, scale and cell, kept in that order."""

    entries: tuple[LedgerEntry, ...] = ()

    def __post_init__(self) -> None:
        keys = [entry.key for entry in self.entries]
        for entry in self.entries:
            if entry.verdict not in FINDINGS:
                _refuse(entry, f"verdict {entry.verdict}", f"one of {', '.join(FINDINGS)}")
            if keys.count(entry.key) > 1:
                _refuse(entry, "the entry more than once", "one for each slug, scale and cell")
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.key))
        object.__setattr__(self, "entries", ordered)

    def find(self, slug: str, cell: str, scale: str) -> LedgerEntry | None:
        """Return the entry, or None where nothing was recorded."""
        wanted = (slug, scale, cell)
        return next((entry for entry in self.entries if entry.key == wanted), None)

    def updated(self, current: Iterable[LedgerEntry]) -> "Ledger":
        """Return the ledger with today's entries in place of the old ones.

        The reason is left empty, as it says what the old run measured; only where the same run has
        come to the same verdict does it stay. An ERROR or NOT RUN of today changes nothing.
        """
        by_key = {entry.key: entry for entry in self.entries}
        for entry in current:
            if entry.verdict in FINDINGS:
                old = by_key.get(entry.key)
                by_key[entry.key] = replace(
                    entry,
                    reason=_kept_reason(old, entry),
                    first_judged=_first_judged(old, entry),
                )
        return Ledger(entries=tuple(by_key.values()))


class LedgerStatus(StrEnum):
    """How today's verdict stands to the recorded one."""

    NO_ENTRY = "no entry"
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

    Another verdict in the same run is drift. In a replication so is SUPPORTED against REFUTED; a
    change from or to INCONCLUSIVE is drift only where the estimates differ (Welch, two-sided, level
    0.01 / cells) or cannot be compared. A change from or to INVALID is always drift: the comparison
    has become void, or has ceased to be. So are ERROR and NOT RUN, which no ledger holds.
    """
    if entry is None:
        return _no_entry(current)
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


def compare_claim(
    entry: LedgerEntry | None, current: LedgerEntry, cells: Iterable[LedgerComparison]
) -> LedgerComparison:
    """Compare a claim that has cells, given the comparisons of all its cells.

    Its estimates agree where every cell has an entry and none drifts. Where one drifts, so does the
    claim, even under the same word.
    """
    if entry is None:
        return _no_entry(current)
    statuses = {comparison.status for comparison in cells}
    if LedgerStatus.DRIFT in statuses:
        return _with_status(LedgerStatus.DRIFT, entry, current, "At least one cell drifts.")
    agree = LedgerStatus.NO_ENTRY not in statuses and _may_be_noise(entry, current)
    return _compared(entry, current, estimates_agree=agree)


def outcome(comparison: LedgerComparison, verdict: Verdict) -> Outcome:
    """Return how the test ends: as the ledger says, where nothing differs beyond noise."""
    match comparison.status:
        case LedgerStatus.NO_ENTRY:
            return "passed" if verdict is Verdict.SUPPORTED else "failed"
        case LedgerStatus.SAME | LedgerStatus.REPLICATES | LedgerStatus.DIFFERS_AGREEING:
            return "passed" if comparison.ledger_verdict is Verdict.SUPPORTED else "xfailed"
        case LedgerStatus.DRIFT | LedgerStatus.REASON_OWED:
            return "failed"
        case _:
            assert_never(comparison.status)


def read_ledger(path: Path) -> Ledger:
    """Return the ledger at ``path``, an empty one where there is no file.

    Raises LedgerError for a file that is not TOML, lacks a key, or has one too many.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Ledger()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LedgerError(f"{path}: got {error}, expected a ledger in TOML; restore it") from error
    rows = content.pop("entry", [])
    if content != {"schema": SCHEMA} or not isinstance(rows, list):
        raise LedgerError(
            f"{path}: got top-level {content}, expected schema = {SCHEMA} and [[entry]] tables; "
            "restore the file, or write it with --update-ledger"
        )
    try:
        return Ledger(entries=tuple(_entry_from(row) for row in rows))
    except LedgerError as error:
        raise LedgerError(f"{path}: {error}") from error


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Write the ledger aside and move it into place. The same ledger gives the same bytes."""
    tables = [f"# {HEADER}\nschema = {SCHEMA}\n", *(_table(entry) for entry in ledger.entries)]
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_bytes("\n".join(tables).encode("utf-8"))
        os.replace(aside, path)  # noqa: PTH105 - the atomic one, by its name
    except (OSError, UnicodeEncodeError) as error:
        aside.unlink(missing_ok=True)
        raise LedgerError(f"{path}: got {error}, expected to write it; check it") from error


def _no_entry(current: LedgerEntry) -> LedgerComparison:
    return LedgerComparison(
        status=LedgerStatus.NO_ENTRY,
        ledger_verdict=None,
        line=f"{current.verdict} (not in the ledger)",
        detail="Nothing is recorded for this claim, cell and scale.",
    )


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
        detail = f"The ledger's {entry.verdict} lacks its reason: write what was measured."
    elif not agrees:
        status = LedgerStatus.DIFFERS_AGREEING
    else:
        status = LedgerStatus.SAME if same_run else LedgerStatus.REPLICATES
    return _with_status(status, entry, current, detail)


def _with_status(
    status: LedgerStatus, entry: LedgerEntry, current: LedgerEntry, detail: str
) -> LedgerComparison:
    return LedgerComparison(
        status=status,
        ledger_verdict=entry.verdict,
        line=f"{current.verdict} (ledger: {entry.verdict}, {status.in_line})",
        detail=detail,
    )


def _kept_reason(old: LedgerEntry | None, new: LedgerEntry) -> str:
    if old is None or old.verdict is not new.verdict or not old.is_same_run_as(new):
        return ""
    return old.reason


def _first_judged(old: LedgerEntry | None, new: LedgerEntry) -> str:
    """Return when the declaration was first judged: another declaration starts anew."""
    if old is None or old.declaration != new.declaration:
        return new.first_judged
    return min(old.first_judged, new.first_judged)


def _entry_from(row: object) -> LedgerEntry:
    if not isinstance(row, dict):
        raise LedgerError(f"entry: got {row!r}, expected a table; write it as [[entry]]")
    name = f"entry {row.get('slug', '?')!r}"
    missing = [key for key in KEYS if key not in row and key not in OPTIONAL]
    unknown = [key for key in row if key not in KEYS]
    wrong = [key for key in row if key in KEYS and not _has_type(row[key], KEYS[key])]
    if missing or unknown or wrong:
        raise LedgerError(
            f"{name}: got missing keys {missing}, unknown keys {unknown}, keys of a wrong type "
            f"{wrong}; expected the keys {', '.join(KEYS)}; restore it from version control"
        )
    values = {**dict.fromkeys(OPTIONAL), **row, "seeds": tuple(row["seeds"])}
    try:
        values["verdict"] = Verdict(row["verdict"])
    except ValueError as error:
        raise LedgerError(f"{name}: got {error}; expected one of {', '.join(FINDINGS)}") from error
    return LedgerEntry(**values)


def _has_type(value: object, kind: type) -> bool:
    if kind is list:
        return isinstance(value, list) and all(type(each) is int for each in value)
    return type(value) is kind or (kind is float and type(value) is int)


def _table(entry: LedgerEntry) -> str:
    values = {key: getattr(entry, key) for key in KEYS}
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    return "\n".join(["[[entry]]", *lines, ""])


def _toml(value: object) -> str:
    """Return a TOML value; JSON strings are TOML's, but for DEL, which TOML wants escaped."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _refuse(entry: LedgerEntry, got: str, expected: str) -> NoReturn:
    raise LedgerError(
        f"ledger entry {entry.slug!r}, cell {entry.cell!r}, scale {entry.scale!r}: got {got}, "
        f"expected {expected}; restore it from version control or write it with --update-ledger"
    )
