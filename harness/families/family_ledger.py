"""The ledger of a family, read with a look at whether its claims are still there."""

from harness.declarations.claim_files import file_name
from harness.declarations.family import Family
from harness.errors import LedgerError
from harness.ledgers.ledger import Ledger
from harness.ledgers.ledger_file import read_ledger

LEDGER = "ledger.toml"


def read_family_ledger(family: Family) -> Ledger:
    """Return the family's ledger; an empty one where there is no file.

    Raises LedgerError where it is broken, or holds a verdict on a claim that is gone.
    """
    path = family.folder / LEDGER
    ledger = read_ledger(path)
    for entry in ledger.entries:
        file = family.folder / file_name(entry.slug)
        if family.registered(entry.slug) is None and not file.exists():
            raise LedgerError(
                f"{path}: got a verdict on {entry.slug} ({entry.verdict} of {entry.date} at scale "
                f"{entry.scale}), which is not in the register and has no {file.name}; expected "
                "each claim with a verdict on record to stay, under its name; restore it"
            )
    return ledger
