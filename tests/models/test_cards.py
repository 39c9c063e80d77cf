"""Which cards a session may use: read without a card, with torch's own reading as the oracle."""

import ctypes
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from harness.errors import OptionError
from models import machine, nvml
from models.bench import VisionBench
from models.cards import Present, check_order, chosen, visible
from models.menu import dln, vgg

UUIDS = ("GPU-1a2b", "GPU-1aff", "GPU-9c00")
PRESENT = tuple(Present(uuid=uuid, name="H200", memory_bytes=1) for uuid in UUIDS)


def identities(text, present=PRESENT, count=None):
    try:
        found = visible(text, present, 0 if count is None else count)
    except OptionError:
        return None
    return [card.identity for card in found]


def seen(text):
    """Return the identities, with CUDA's count being whatever they are."""
    for count in range(len(PRESENT), -1, -1):
        found = identities(text, count=count)
        if found is not None:
            return found
    raise AssertionError(text)


TEXTS = [
    None, "", "-1", "0", "1,0", "2,0,1", "0,1,2", " 1 , 2", "0,-1,1", "0,7,1", "7", "0,0", "1,2,1",
    "0,x,1", "x", "1gpu2,2ampere", "+1", ",0", "0,", "00", "0,,1",
    "GPU-1a2b", "GPU-9c00,GPU-1a2b", "GPU-9", "GPU-1a", "GPU-9,GPU-1a,GPU-1aff", "GPU-9,GPU-9c00",
    "GPU-9c00,GPU-9c00", "GPU-9c00,0", "GPU-0000", "GPU-9c00,GPU-0000,GPU-1aff", "gpu-9c00",
]  # fmt: skip


def torchs(text, monkeypatch):
    """Return the identities that torch reads, by the functions behind its device_count."""
    if text is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", text)
    named = torch.cuda._parse_visible_devices()
    if named and isinstance(named[0], str):
        named = torch.cuda._transform_uuid_to_ordinals(named, list(UUIDS))
    ends = next((i for i, index in enumerate(named) if index >= len(UUIDS)), len(named))
    return [UUIDS[index] for index in named[:ends]]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_the_variable_is_read_as_torch_reads_it(text, monkeypatch):
    """Indices, whole and short UUIDs; the list ends at the first invalid entry; none twice."""
    if not hasattr(torch.cuda, "_transform_uuid_to_ordinals"):
        pytest.skip("this torch has no such function to compare with")
    assert seen(text) == torchs(text, monkeypatch)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, UUIDS), ("", ()), ("-1", ()), ("2,0", ("GPU-9c00", "GPU-1a2b")), ("0,9,1", UUIDS[:1]),
     ("GPU-9c00", UUIDS[2:])],
)  # fmt: skip
def test_cards_are_numbered_in_the_order_of_the_variable(text, expected):
    """cuda:0 is the first visible card, whatever its place in the machine."""
    found = visible(text, PRESENT, len(expected))
    assert tuple(card.identity for card in found) == expected
    assert [card.device for card in found] == [f"cuda:{i}" for i in range(len(expected))]
    assert all((card.name, card.memory_bytes) == ("H200", 1) for card in found)


def test_mig_devices_are_known_by_their_names_as_many_as_cuda_sees():
    """Of several, CUDA commonly shows a process the first."""
    text = "MIG-aa,MIG-bb"
    assert identities(text, count=1) == ["MIG-aa"]
    assert identities(text, count=2) == ["MIG-aa", "MIG-bb"]
    assert visible(text, PRESENT, 1)[0].name == "MIG device"


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [(None, 2, ["index-0", "index-1"]), ("3,1", 2, ["index-3", "index-1"]),
     ("3,1", 1, ["index-3"]), ("GPU-x", 1, ["GPU-x"])],
)  # fmt: skip
def test_without_the_drivers_library_cards_are_known_by_what_was_given(text, count, expected):
    """Two sessions that give the same index still agree."""
    assert identities(text, present=(), count=count) == expected


def test_cuda_and_this_program_must_see_the_same():
    """Where CUDA sees more than was read, no card could be told from another: refused."""
    with pytest.raises(OptionError, match="by which CUDA sees 2 cards and this program 1 of 3"):
        visible("0,GPU-1", PRESENT, 2)


CARDS = visible(None, PRESENT, 3)


def test_cuda_is_every_card_and_an_index_is_one():
    """The index counts the visible ones."""
    assert chosen("cuda", CARDS) == CARDS
    assert chosen("cuda:1", CARDS) == CARDS[1:2]
    assert chosen("cuda:0", CARDS[2:]) == CARDS[2:]


@pytest.mark.parametrize(
    ("device", "said"),
    [("cuda:3", "got cuda:3, expected cuda:0 to cuda:2: 3 visible"), ("cuda:", "got 'cuda:'"),
     ("cuda:-1", "got 'cuda:-1'"), ("cuda:x", "got 'cuda:x'"), ("cuda:1,2", "got 'cuda:1,2'")],
)  # fmt: skip
def test_a_card_that_is_not_there_is_refused(device, said):
    """Got, expected, what to do."""
    with pytest.raises(OptionError, match=said):
        chosen(device, CARDS)


MIXED = (*PRESENT, Present(uuid="GPU-77", name="T4"))


@pytest.mark.parametrize("text", [None, "0", "3,0"])
def test_an_index_among_cards_of_several_kinds_needs_an_order(text):
    """CUDA and the driver number them differently, so that an index may mean another card."""
    with pytest.raises(OptionError, match="on a machine with H200 and T4, where an index"):
        check_order(text, None, MIXED)
    check_order(text, "PCI_BUS_ID", MIXED)
    check_order(text, None, PRESENT)
    check_order("GPU-77", None, MIXED)


class Library:
    """NVIDIA's library with two cards; ``broken`` names the call that fails."""

    def __init__(self, broken=""):
        self.broken, self.closed = broken, False

    def __getattr__(self, name):
        return lambda *_: 9 if name == self.broken else getattr(self, f"_{name}")(*_)

    def _nvmlInit_v2(self):  # noqa: N802
        return 0

    def _nvmlShutdown(self):  # noqa: N802
        self.closed = True
        return 0

    def _nvmlDeviceGetCount_v2(self, count):  # noqa: N802
        count._obj.value = 2
        return 0

    def _nvmlDeviceGetHandleByIndex_v2(self, index, handle):  # noqa: N802
        handle._obj.value = 100 + index.value
        return 0

    def _nvmlDeviceGetMemoryInfo(self, handle, memory):  # noqa: N802
        memory._obj.total = handle.value * 2**30
        return 0

    def _nvmlDeviceGetUUID(self, handle, buffer, length):  # noqa: N802
        buffer.value = f"GPU-{handle.value}".encode()
        return 0

    def _nvmlDeviceGetName(self, handle, buffer, length):  # noqa: N802
        assert length.value == ctypes.sizeof(buffer)
        buffer.value = b"NVIDIA H200"
        return 0


def test_the_drivers_library_lists_cards():
    """UUID, name and memory of each, in its order; it is closed again."""
    library = Library()
    assert nvml.listed(library) == (
        Present(uuid="GPU-100", name="NVIDIA H200", memory_bytes=100 * 2**30),
        Present(uuid="GPU-101", name="NVIDIA H200", memory_bytes=101 * 2**30),
    )
    assert library.closed


@pytest.mark.parametrize(
    "broken",
    ["nvmlInit_v2", "nvmlDeviceGetCount_v2", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetUUID"],
)
def test_a_driver_that_does_not_answer_lists_nothing(broken):
    """Without UUIDs the cards are not told apart, so none is claimed to be known."""
    assert nvml.listed(Library(broken)) == ()


def test_a_card_whose_memory_is_not_known_is_still_listed():
    """On some systems memory is shared with the processor and the driver does not say."""
    assert [card.memory_bytes for card in nvml.listed(Library("nvmlDeviceGetMemoryInfo"))] == [
        None, None
    ]  # fmt: skip


def test_no_library_no_cards(monkeypatch):
    """A machine without the driver."""
    monkeypatch.setattr(nvml, "LIBRARY", "libno-such-library.so.1")
    assert nvml.present() == ()


@pytest.fixture
def two_cards(monkeypatch):
    """Let torch and the driver say that there are two cards, and let none initialise it."""

    def refuse(*_):
        raise AssertionError("CUDA was initialised")

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "_lazy_init", refuse)
    monkeypatch.setattr(nvml, "present", lambda: PRESENT[:2])


def test_listing_cards_initialises_no_cuda(two_cards):
    """Names and memory come from the driver's library: the main process takes no memory."""
    bench = VisionBench("paper")
    assert [card.device for card in bench.cards("cuda")] == ["cuda:0", "cuda:1"]
    assert bench.environment("cuda").card == "H200"
    assert bench.environment("cuda:1").device_kind == "cuda"
    assert bench.cards("cpu") == ()
    assert not torch.cuda.is_initialized()
    with pytest.raises(OptionError, match="got cuda:2, expected cuda:0 to cuda:1"):
        bench.environment("cuda:2")


def test_cards_of_two_kinds_are_both_named(two_cards, monkeypatch):
    """The environment of a session; a record names the card that trained it."""
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    monkeypatch.setattr(nvml, "present", lambda: MIXED[2:])
    assert machine.environment("cuda", "fp32").card == "H200; T4"
    assert machine.environment("cuda:1", "fp32").card == "T4"


def test_a_variable_that_hides_every_card_is_named(monkeypatch):
    """The reader learns why there is none."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(OptionError, match="sees no CUDA device with CUDA_VISIBLE_DEVICES=''"):
        machine.cards("cuda")


@pytest.mark.parametrize(("device", "processes"), [("cpu", None), ("cuda:0", 3)])
def test_the_option_says_how_many_train_on_a_card(device, processes):
    """A CPU has no limit; the numbers do not depend on it."""
    bench = VisionBench("quick", {"--processes-per-card": "3"})
    assert bench.processes_per_device(device) == processes
    assert VisionBench("quick").processes_per_device("cuda:0") == 1
    (option,) = (o for o in VisionBench.options() if o.flag == "--processes-per-card")
    assert not option.changes_numbers


@pytest.mark.parametrize("flag", ["--processes-per-card", "--seeds-together"])
@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", ""])
def test_a_number_that_is_none_is_refused(flag, text):
    """Got and expected."""
    with pytest.raises(OptionError, match=f"{flag}: got '{text}', expected 1 or more"):
        VisionBench("quick", {flag: text})


@pytest.mark.parametrize(("given", "seeds"), [({}, 2), ({"--seeds-together": "5"}, 5)])
def test_the_option_says_how_many_seeds_train_together(given, seeds):
    """Of images; a linear network's all do. The numbers do not depend on it."""
    bench = VisionBench("paper", given)
    assert bench.seeds_per_job(vgg(norm="batch")) == seeds
    assert bench.seeds_per_job(dln()) == 10
    (option,) = (o for o in VisionBench.options() if o.flag == "--seeds-together")
    assert not option.changes_numbers


@pytest.mark.parametrize(("processes", "limits"), [(1, []), (2, [(0.4, 1)]), (4, [(0.2, 1)])])
def test_processes_share_what_is_free_on_their_card(processes, limits, monkeypatch):
    """Of a card with 80 of 100 units free two may take 40 each; one alone has no limit."""
    got = []
    machine.share_memory.cache_clear()
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: (80, 100))
    limit = "set_per_process_memory_fraction"
    monkeypatch.setattr(torch.cuda, limit, lambda share, index: got.append((share, index)))
    for _ in range(2):  # once in a process, however many jobs it trains
        machine.share_memory("cuda:1", processes)
        machine.share_memory("cpu", processes)
    machine.share_memory.cache_clear()
    assert got == [(pytest.approx(share), index) for share, index in limits]


MODEL_NAMES = "vendor_id\t: X\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: Other\n"


def not_there(*_, **__):
    raise FileNotFoundError(2, "No such file")


def too_slow(command, **_):
    raise subprocess.TimeoutExpired(command, 10)


def answers(text):
    def answer(command, **_):
        assert command[1:] == ["-n", "machdep.cpu.brand_string"]
        return SimpleNamespace(stdout=text)

    return answer


@pytest.mark.parametrize(
    ("system", "cpuinfo", "sysctl", "name"),
    [
        ("Linux", lambda _: MODEL_NAMES, not_there, "Some CPU @ 3 GHz"),
        ("Linux", not_there, answers("Apple M3\n"), "arm"),
        ("Darwin", not_there, answers("Apple M3 Pro\n"), "Apple M3 Pro"),
        ("Darwin", not_there, answers("\n"), "arm"),
        ("Darwin", not_there, not_there, "arm"),
        ("Darwin", not_there, too_slow, "arm"),
    ],
)
def test_a_processor_has_its_own_name(monkeypatch, system, cpuinfo, sysctl, name):
    """Python says arm of every chip of Apple's, whose numbers differ; Linux is asked as ever."""
    monkeypatch.setattr(Path, "read_text", cpuinfo)
    monkeypatch.setattr("subprocess.run", sysctl)
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.processor", lambda: "arm")
    assert machine.cpu_name.__wrapped__() == name
