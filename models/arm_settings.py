"""What an arm of any kind must say, checked before its own kind reads it."""

from collections.abc import Set as AbstractSet

from harness.bench import Arm, Setting
from harness.errors import ArmError

NEEDED = frozenset({"norm", "lr", "probes"})


def given_settings(arm: Arm, known: AbstractSet[str]) -> dict[str, Setting]:
    """Return the arm's settings by name. Raises ArmError for one that is unknown or missing."""
    given = dict(arm.settings)
    if unknown := sorted(set(given) - known):
        raise ArmError(
            f"arm: got unknown settings {', '.join(unknown)}; "
            f"expected some of {', '.join(sorted(known))}"
        )
    if missing := sorted(NEEDED - set(given)):
        raise ArmError(
            f"arm: got no {', '.join(missing)}; make arms with models.menu.{arm.kind}(...)"
        )
    return given
