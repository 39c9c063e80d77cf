"""Slots on cards: at most so many processes each, spread evenly, free when their owner is gone."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from toy_bench import ToyBench, toy

from harness.bench import Card
from harness.errors import OptionError
from harness.runs import slots, training
from harness.runs.board import Board
from harness.runs.keys import KeyMaker
from harness.runs.slots import Anywhere, Slots, place_of, shared_line, slots_folder
from harness.runs.store import Store
from harness.runs.training import Trainer

A = Card(device="cuda:0", identity="GPU-a")
B = Card(device="cuda:1", identity="GPU-b")


@pytest.fixture
def taker(tmp_path):
    """Return a function that makes the slots of one process, all given back at the end."""
    made = []

    def make(cards=(A, B), per_card=1, first=0):
        made.append(Slots(cards, per_card, first=first, folder=tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.leave()


def test_a_card_has_so_many_slots_and_no_more(taker):
    """Two cards with one slot each serve two processes; the third gets none until one leaves."""
    first, second, third = taker(), taker(), taker()
    assert [first.device(), second.device(), third.device()] == ["cuda:0", "cuda:1", None]
    assert [first.device(), third.device()] == ["cuda:0", None]  # kept, and asked for again
    second.leave()
    assert third.device() == "cuda:1"
    assert second.device() is None


@pytest.mark.parametrize("firsts", [(0, 0, 0, 0), (0, 1, 2, 3), (1, 1, 0, 3)])
def test_processes_spread_evenly(taker, firsts):
    """With two slots on each of two cards no card has two processes before the other has one."""
    devices = [taker(per_card=2, first=first).device() for first in firsts]
    assert set(devices[:2]) == set(devices[2:]) == {"cuda:0", "cuda:1"}
    assert taker(per_card=2).device() is None


def test_processes_begin_at_different_cards(taker):
    """A worker's number says where it looks first."""
    assert [taker(first=number).device() for number in (1, 3)] == ["cuda:1", "cuda:0"]


def test_cards_are_known_by_themselves_not_by_their_index(taker):
    """Two sessions with other orders of the cards agree on which one is taken."""
    swapped = [
        Card(device="cuda:0", identity="GPU-b"),
        Card(device="cuda:1", identity="GPU-a"),
    ]
    assert taker().device() == "cuda:0"  # A
    assert taker(swapped, first=1).device() == "cuda:0"  # B: A, which is cuda:1 here, is taken
    assert taker(swapped).device() is None


def test_a_slot_dies_with_its_owner(taker, tmp_path):
    """A killed process leaves its slot free at once."""
    code = (
        "import sys, time; from pathlib import Path; from harness.bench import Card;"
        "from harness.runs.slots import Slots;"
        "card = Card(device='cuda:0', identity='GPU-a');"
        f"slots = Slots([card], 1, folder=Path({str(tmp_path)!r}));"
        "print(slots.device(), flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout.readline() == "cuda:0\n"
        mine = taker([A])
        assert mine.device() is None
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()
    assert mine.device() == "cuda:0"


def test_locks_are_the_users_and_not_the_stores():
    """One folder for each user in the system's temporary folder."""
    folder = slots_folder()
    assert folder.parent == Path(tempfile.gettempdir())
    assert str(os.getuid()) in folder.name


def test_any_name_of_a_card_names_a_file(tmp_path):
    """MIG names of old drivers have slashes."""
    card = Card(device="cuda:0", identity="MIG-GPU-1b2c/1/0")
    one = Slots([card], 1, folder=tmp_path)
    assert one.device() == "cuda:0"
    assert [path.name for path in tmp_path.iterdir()] == ["MIG-GPU-1b2c_1_0-0.lock"]
    one.leave()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """Got and what to do, no traceback of a lock."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="cannot make the lock of a card"):
        Slots([A], 1, folder=tmp_path / "file").device()


def test_a_lock_of_another_user_is_said(taker, monkeypatch):
    """It can be looked at and not taken; a free card behind it is no way out."""

    def refuses(self, **_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuses)
    with pytest.raises(OptionError, match=r"Permission denied; expected .*locks of your own; set"):
        taker().device()


def test_where_a_worker_trains(monkeypatch):
    """No cards: the device as it was given; no limit: cards in turn; else a slot."""
    monkeypatch.setenv("TOY_CARDS", "2")
    bench = ToyBench(scale="desk", options={})
    assert place_of(bench, "cpu", "gw1").device() == "cpu"
    assert isinstance(place_of(bench, "cuda", "gw1"), Slots)
    bench.processes_per_device = lambda device: None
    devices = [place_of(bench, "cuda", worker).device() for worker in ("main", "gw0", "gw1", "gw2")]
    assert devices == ["cuda:0", "cuda:0", "cuda:1", "cuda:0"]
    assert place_of(bench, "cuda:1", "gw0").device() == "cuda:1"
    bench.processes_per_device = lambda device: 0
    with pytest.raises(OptionError, match="processes per card: got 0"):
        place_of(bench, "cuda", "main")


def test_a_bench_that_knows_no_cards_trains_where_it_is_told():
    """Both methods of the protocol may be left out."""
    assert place_of(object(), "cuda:3", "gw1").device() == "cuda:3"


@pytest.mark.parametrize(
    ("cards", "limit", "line"),
    [
        ("1", 1, "1 card (toy card), 1 process trains on each; further workers wait"),
        ("2", 3, "2 cards (toy card), 3 processes train on each; further workers wait"),
        ("2", None, "2 cards (toy card); every worker trains"),
    ],
)
def test_the_header_says_how_cards_are_shared(monkeypatch, cards, limit, line):
    """How many cards of which kind, how many processes on each; nothing of a CPU."""
    monkeypatch.setenv("TOY_CARDS", cards)
    bench = ToyBench(scale="desk", options={})
    bench.processes_per_device = lambda device: limit
    assert shared_line(bench, "cuda").startswith(line)
    assert shared_line(bench, "cpu") == ""


class Nowhere(Anywhere):
    """A place that is taken for so many requests."""

    def __init__(self, requests):
        super().__init__("cuda:0")
        self.requests = requests

    def device(self):
        self.requests -= 1
        return None if self.requests >= 0 else super().device()


@pytest.fixture
def phase(tmp_path, monkeypatch):
    """Return a bench, its one job, a store, a board, and how often a trainer waited for a slot."""
    monkeypatch.chdir(tmp_path)
    bench, store = ToyBench(scale="desk", options={}), Store(tmp_path / "store", "env")
    (job,) = KeyMaker(bench).jobs(toy(), [0])
    board, naps = Board(tmp_path / "board"), []
    monkeypatch.setattr(training.time, "sleep", lambda s: naps.append(s))
    return bench, job, store, board, naps


def devices():
    return [row.split()[2] for row in Path("devices.log").read_text().splitlines()]


def test_a_worker_without_a_slot_asks_again_and_then_trains_there(phase):
    """Polling: the bench gets the device of the slot that came free."""
    bench, job, store, board, naps = phase
    assert Trainer(bench, store, board, Nowhere(2), "gw1").run([job]) == []
    assert naps.count(training.SLOT_POLL_S) == 2
    assert board.all_waiting() == 1
    assert devices() == ["cuda:0", "cuda:0"]


def test_a_worker_without_a_slot_leaves_when_others_have_finished(phase, monkeypatch):
    """The plan is finished elsewhere: it never trains, and goes on to judge."""
    bench, job, store, board, naps = phase

    def finish(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            Trainer(bench, store, board, Anywhere("cuda:1"), "gw0").run([job])

    monkeypatch.setattr(training.time, "sleep", finish)
    assert Trainer(bench, store, board, Nowhere(10**6), "gw1").run([job]) == []
    assert naps[:3] == [training.SLOT_POLL_S] * 3
    assert set(devices()) == {"cuda:1"}


def test_a_worker_without_a_slot_ends_with_the_time(phase):
    """After the limit it neither waits for a slot nor takes one that it could not use."""
    bench, job, store, board, naps = phase
    place = Nowhere(5)
    assert Trainer(bench, store, board, place, "gw1", stop_at=0.0).run([job]) == [job]
    assert (naps, place.requests) == ([], 5)


def test_slots_are_taken_only_to_train(phase):
    """A plan that is in the store takes no slot of a card."""
    bench, job, store, board, _ = phase
    Trainer(bench, store, board, Anywhere("cpu"), "gw0").run([job])
    place = Nowhere(5)
    assert Trainer(bench, store, board, place, "gw1").run([job]) == []
    assert place.requests == 5
    assert slots.cards_of(bench, "cpu") == ()
