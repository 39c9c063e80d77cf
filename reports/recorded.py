"""Whether verdicts are as the ledger has them: said once where all are, else where they differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.documents.merging import AS_RECORDED
from harness.ledgers.ledger_rules import LedgerStatus
from reports import formats


def ledger_mark(claim: Mapping[str, Any]) -> str:
    """Return what the ledger says of a claim; nothing where the verdict is the recorded one."""
    ledger = claim.get("ledger") or {}
    return "" if ledger.get("status") in AS_RECORDED else ledger.get("line") or ""


def ledger_line(claims: Sequence[Mapping[str, Any]]) -> str:
    """Return how many of the judged verdicts are as recorded; empty where no ledger was read."""
    ledgers = [claim.get("ledger") or {} for claim in claims]
    read = [ledger["status"] for ledger in ledgers if ledger.get("line")]
    same = sum(status in AS_RECORDED for status in read)
    if not read or not same:
        return ""
    runs = "" if LedgerStatus.REPLICATES not in read else ", some of them with other runs"
    if same == len(read):
        return f"All verdicts are as recorded in the ledger{runs}."
    verdicts = formats.counted(len(read), "verdict")
    return f"{same} of {verdicts} are as recorded in the ledger{runs}; the others are marked."
