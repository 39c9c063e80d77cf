"""Every error a user can meet. Each says what was got, what was expected and what to do."""


class ClaimError(Exception):
    """Base of all errors that this project raises on purpose."""


class ClaimDefinitionError(ClaimError, ValueError):
    """A claim file, a register or a hypothesis is declared wrongly."""


class BenchError(ClaimDefinitionError, TypeError):
    """A bench is not what its protocol says, or hands over something else."""


class ArmError(ClaimError, ValueError):
    """A bench cannot build the arm as it is declared."""


class DataError(ClaimError, ValueError):
    """A data set is missing, incomplete or not the published one."""


class OptionError(ClaimError, ValueError):
    """A command-line option or a combination of options makes no sense."""


class DeviceLostError(ClaimError, RuntimeError):
    """An error has left the device unusable for this process; another may use it."""


class StoreError(ClaimError, OSError):
    """The store cannot be read or written."""


class RunMissingError(ClaimError, LookupError):
    """A verdict needs a run that was not trained, or whose training failed."""


class RunFailedError(RunMissingError):
    """A verdict needs a run whose training failed."""


class EvidenceError(ClaimError, ValueError):
    """Recorded numbers cannot be turned into evidence (non-finite, unpaired, unknown metric)."""


class ImportedValuesError(ClaimError, ValueError):
    """Endpoint values from elsewhere cannot be judged as they stand in their file."""


class LedgerError(ClaimError, ValueError):
    """The ledger cannot be read, or lacks a reason that it owes."""
