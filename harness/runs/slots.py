"""Slots: how the processes of a machine share its cards.

A card trains so many processes at once as the bench says, and no more, whoever started them. A
slot is a kernel file lock, so it dies with its owner. The files lie in the system's temporary
folder, in one folder for each user, and are named by the card itself: two sessions share a card
whatever their stores are, and in whatever order CUDA_VISIBLE_DEVICES names it.
"""

import os
import re
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from harness.bench import Bench, Card
from harness.errors import OptionError


class Place(Protocol):
    """Where a process may train."""

    def device(self) -> str | None:
        """Return the device to train on, None while there is none: ask again later."""

    def leave(self) -> None:
        """Give the device back."""


class Anywhere:
    """Always the same device: a CPU, or a card that any number of processes may use."""

    def __init__(self, device: str) -> None:
        self._device = device

    def device(self) -> str:
        """Return the device."""
        return self._device

    def leave(self) -> None:
        """Give nothing back: there is enough for all."""


class Slots:
    """The slots of some cards, of which this process takes at most one and keeps it.

    It is kept until the process ends or leaves, not for one job: a process that has trained on a
    card holds memory there between its jobs, too.
    """

    def __init__(
        self, cards: Sequence[Card], per_card: int, *, first: int = 0, folder: Path | None = None
    ) -> None:
        start = first % len(cards)  # processes begin at different cards
        self._places = list(product(range(per_card), [*cards[start:], *cards[:start]]))
        self._folder = slots_folder() if folder is None else folder
        self._taken: tuple[Card, FileLock] | None = None

    def device(self) -> str | None:
        """Return the device of this process's slot, None while every slot is taken by others.

        A card's second slot is taken only where no card has a first one free, so that processes
        spread evenly. Raises OptionError where the locks cannot be made.
        """
        for number, card in self._places if self._taken is None else ():
            lock = self._lock(card, number)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            except OSError as error:
                raise _no_lock(self._folder, error) from error
            self._taken = (card, lock)
            break
        return None if self._taken is None else self._taken[0].device

    def leave(self) -> None:
        """Give the slot back."""
        if self._taken is not None:
            self._taken[1].release()
            self._taken = None

    def _lock(self, card: Card, number: int) -> FileLock:
        name = re.sub(r"[^\w.-]", "_", card.identity)  # MIG-GPU-.../1/0 has slashes
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / f"{name}-{number}.lock"
            path.touch()
        except OSError as error:
            raise _no_lock(self._folder, error) from error
        return FileLock(path)


def _no_lock(folder: Path, error: OSError) -> OptionError:
    return OptionError(
        f"--device: cannot make the lock of a card in {folder}: {error.strerror or error}; "
        "expected a folder that can be written, with locks of your own; set TMPDIR to one"
    )


def slots_folder() -> Path:
    """Return the folder of this user's locks, the same for every store."""
    return Path(tempfile.gettempdir()) / f"paper-claims-slots-{os.getuid()}"


def cards_of(bench: Bench, device: str) -> tuple[Card, ...]:
    """Return the cards of a device. Raises OptionError; none for a bench that knows no cards."""
    found = getattr(bench, "cards", None)
    return tuple(found(device)) if found is not None else ()


def place_of(bench: Bench, device: str, worker: str) -> Place:
    """Return where a worker ("main", "gw3") may train, as the bench shares its cards."""
    cards = cards_of(bench, device)
    if not cards:
        return Anywhere(device)
    number = int(worker.removeprefix("gw")) if worker.removeprefix("gw").isdecimal() else 0
    limit = processes_per_device(bench, cards[0].device)
    if limit is None:
        return Anywhere(cards[number % len(cards)].device)
    return Slots(cards, limit, first=number)


def processes_per_device(bench: Bench, device: str) -> int | None:
    """Return how many processes may train on a device at once, None for no limit."""
    ask = getattr(bench, "processes_per_device", None)
    limit = ask(device) if ask is not None else None
    if limit is not None and limit < 1:
        raise OptionError(f"processes per card: got {limit}; expected at least 1, or None")
    return limit


def shared_line(bench: Bench, device: str) -> str:
    """Return how processes share the device's cards, for a reader; nothing of a CPU."""
    cards = cards_of(bench, device)
    if not cards:
        return ""
    kinds = "; ".join(sorted({card.name for card in cards} - {""})) or "of unknown kind"
    many = f"{len(cards)} card{'s' if len(cards) > 1 else ''} ({kinds})"
    limit = processes_per_device(bench, cards[0].device)
    if limit is None:
        return f"{many}; every worker trains"
    trains = "1 process trains" if limit == 1 else f"{limit} processes train"
    return f"{many}, {trains} on each; further workers wait and then judge"
