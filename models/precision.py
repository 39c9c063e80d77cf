"""The arithmetic of one arm: its own where it names one, else the session's ``--precision``."""

from collections.abc import Mapping
from typing import Any

from harness.errors import ArmError
from models.machine import check_precision, device_kind


def of_arm(settings: Mapping[str, Any], session: str, device: str) -> str:
    """Return the precision in which a resolved arm trains on the device.

    Raises ArmError where the arm names one that the device does not have, OptionError where the
    session does.
    """
    named: str | None = settings.get("precision")
    if named is None:
        check_precision(session, device)
        return session
    if device_kind(device) == "cpu" and named != "fp32":
        raise ArmError(
            f"precision: got an arm in {named} on a CPU, which trains in fp32 alone; judge its "
            "claim on a card (--gpu)"
        )
    return named
