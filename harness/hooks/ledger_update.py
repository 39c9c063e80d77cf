"""``--update-ledger``: record what a run found, leaving the reasons to be written by a person."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from filelock import FileLock

from harness.errors import LedgerError
from harness.families.context import FamilyContext
from harness.families.family_ledger import LEDGER
from harness.ledgers.ledger import FINDINGS, LedgerEntry
from harness.ledgers.ledger_file import read_ledger, write_ledger
from harness.words import Verdict


def update_ledger(context: FamilyContext, said: list[dict[str, Any]]) -> str:
    """Record this run's verdicts and return what to do next. Raises LedgerError, StoreError."""
    entries = [_entry(one["entry"]) for one in said if one["entry"] is not None]
    if not entries:
        raise LedgerError(
            "--update-ledger: got no verdict at declared scale, seeds, data and precision; "
            "expected at least one; leave out the options that change them"
        )
    path = context.family.folder / LEDGER
    with _locked(path):
        # read again: reasons may have been written, and verdicts recorded, while this run trained
        ledger = read_ledger(path).updated(entries)
        write_ledger(path, ledger)
    owed = [e for e in ledger.entries if e.owes_reason]
    reasons = {
        owing.owed: ", ".join(_name(e) for e in owed if e.owed == owing.owed) for owing in owed
    }
    rest = "".join(f"; write {what} as the reason of: {names}" for what, names in reasons.items())
    recorded = sum(entry.verdict in FINDINGS for entry in entries)
    return f"ledger: {recorded} verdicts recorded in {path}{rest}"


def _locked(path: Path) -> FileLock:
    """Return a lock on a ledger, which two sessions may update; it lies where nobody keeps it."""
    name = hashlib.md5(str(path.resolve()).encode(), usedforsecurity=False).hexdigest()
    return FileLock(Path(tempfile.gettempdir()) / f"paper-claims-ledger-{os.getuid()}-{name}.lock")


def _name(entry: LedgerEntry) -> str:
    attempt = f"(attempt {entry.attempt})" if entry.attempt > 1 else ""
    return " ".join(filter(None, [entry.slug, entry.cell, attempt]))


def _entry(row: dict[str, Any]) -> LedgerEntry:
    lists = {key: tuple(row[key]) for key in ("seeds", "looks")}
    return LedgerEntry(**(row | lists | {"verdict": Verdict(row["verdict"])}))
