"""Which CUDA cards a process may use and which of them a session asked for. Asks no driver.

``visible`` reads CUDA_VISIBLE_DEVICES as CUDA does (CUDA C++ Programming Guide, "CUDA Environment
Variables") and torch after it (``torch.cuda._parse_visible_devices``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.bench import Card
from harness.errors import OptionError

VARIABLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """One card of the machine, as its driver lists it."""

    uuid: str  # "GPU-1b2c...", or "MIG-..."
    name: str = ""
    memory_bytes: int | None = None


def visible(text: str | None, present: Sequence[Present], count: int) -> tuple[Card, ...]:
    """Return the cards that a process may use, numbered as CUDA numbers them.

    ``text`` is the value of CUDA_VISIBLE_DEVICES, None where it is not set; ``present`` the
    machine's cards, none where the driver's library is not to be had; ``count`` how many cards CUDA
    itself sees, which has the last word. Raises OptionError where the two cannot be matched.
    """
    if text is not None and text.startswith("MIG-"):
        found = [Present(uuid=name, name="MIG device") for name in _prefixed(text, "MIG-")]
    elif present:
        found = [present[index] for index in _indices(text, [card.uuid for card in present])]
    else:
        found = [Present(uuid=name) for name in _unknown(text, count)]
    if len(found) < count:
        raise OptionError(
            f"{VARIABLE}: got {text!r}, by which CUDA sees {count} cards and this program "
            f"{len(found)} of {len(present)}; expected to see the same; give indices or whole UUIDs"
        )
    # of several MIG devices CUDA shows a process the first alone: hence count
    return tuple(
        Card(device=f"cuda:{i}", identity=c.uuid, name=c.name, memory_bytes=c.memory_bytes)
        for i, c in enumerate(found[:count])
    )


def chosen(device: str, cards: Sequence[Card]) -> tuple[Card, ...]:
    """Return the cards of "cuda" (all) or "cuda:1" (one of them). Raises OptionError."""
    kind, colon, index = device.partition(":")
    if kind != "cuda" or (colon and not re.fullmatch(r"\d+", index, re.ASCII)):
        raise OptionError(f"device: got {device!r}, expected cpu, cuda or cuda:N, such as cuda:0")
    if not colon:
        return tuple(cards)
    if int(index) >= len(cards):
        last = f"cuda:{len(cards) - 1}"
        raise OptionError(
            f"device: got {device}, expected {'cuda:0 to ' if len(cards) > 1 else ''}{last}: "
            f"{len(cards)} visible here; give one of them, or change {VARIABLE}"
        )
    return (cards[int(index)],)


def check_order(text: str | None, order: str | None, present: Sequence[Present]) -> None:
    """Raise OptionError where an index does not say which card it means.

    Unless CUDA_DEVICE_ORDER is PCI_BUS_ID, CUDA numbers the fastest card first and the driver does
    not. It makes no difference between cards of one kind, and UUIDs are what they are.
    """
    kinds = sorted({card.name for card in present})
    by_name = text is not None and text.startswith(("GPU-", "MIG-"))
    if len(kinds) > 1 and order != "PCI_BUS_ID" and not by_name:
        raise OptionError(
            f"CUDA_DEVICE_ORDER: got {order!r} on a machine with {' and '.join(kinds)}, where an "
            "index does not say which card is meant; expected PCI_BUS_ID; set it, or give UUIDs in "
            f"{VARIABLE}"
        )


def _indices(text: str | None, uuids: Sequence[str]) -> list[int]:
    """Return the positions of the visible cards: the list ends where an entry names none."""
    if text is None:
        return list(range(len(uuids)))
    if text.startswith("GPU-"):
        named = [_position(name, uuids) for name in _prefixed(text, "GPU-")]
    else:
        named = [_number(entry) for entry in text.split(",")]
    valid: list[int] = []
    for index in named:
        if not 0 <= index < len(uuids):
            break
        if index in valid:
            return []  # as CUDA has it: one card named twice makes none visible
        valid.append(index)
    return valid


def _unknown(text: str | None, count: int) -> list[str]:
    """Return names for cards of which only CUDA's count is known: by the index that was given."""
    if text is not None and text.startswith("GPU-"):
        return _prefixed(text, "GPU-")
    given = range(count) if text is None else [_number(entry) for entry in text.split(",")]
    return [f"index-{index}" for index in given]


def _prefixed(text: str, prefix: str) -> list[str]:
    names: list[str] = []
    for name in text.split(","):
        if name in names:
            return []
        if not name.startswith(prefix):
            break
        names.append(name)
    return names


def _position(name: str, uuids: Sequence[str]) -> int:
    """Return where the one card is whose UUID begins like this, -1 for none or several."""
    found = [i for i, uuid in enumerate(uuids) if uuid.startswith(name)]
    return found[0] if len(found) == 1 else -1


def _number(entry: str) -> int:
    """Return the number that an entry begins with, as C's strtoul has it, -1 where none does."""
    number = re.match(r"[+-]?\d+", entry.strip(), re.ASCII)
    return int(number[0]) if number else -1
