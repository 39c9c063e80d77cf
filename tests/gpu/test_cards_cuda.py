"""The cards of a machine that has some: the driver's list against CUDA's own."""

import pytest

torch = pytest.importorskip("torch")

from models import machine  # noqa: E402 (after the skip)
from models.bench import VisionBench  # noqa: E402
from models.benchmarks import sharing  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def test_listed_cards_are_cudas():
    """As many as CUDA sees, each under CUDA's index with its own name, memory and UUID."""
    cards = machine.cards("cuda")
    assert [card.device for card in cards] == [f"cuda:{i}" for i in range(len(cards))]
    assert len(cards) == torch.cuda.device_count()
    if not all(card.name for card in cards):
        pytest.skip("the driver's list (NVML) is not to be had here: cards have indices alone")
    properties = [torch.cuda.get_device_properties(card.device) for card in cards]
    if any("MIG" in found.name for found in properties):
        pytest.skip("a slice of a card has a name and a memory of its own, which NVML lists apart")
    for card, found in zip(cards, properties, strict=True):
        assert card.name == found.name
        assert card.memory_bytes == pytest.approx(found.total_memory, rel=0.05)
        assert card.identity.removeprefix("GPU-") == str(getattr(found, "uuid", card.identity[4:]))


@pytest.mark.alone
def test_a_process_keeps_to_its_share():
    """Of two processes on a card each may allocate half of what is free, and no more."""
    free, _ = torch.cuda.mem_get_info(0)
    machine.share_memory.cache_clear()
    machine.share_memory("cuda:0", 2)
    try:
        with pytest.raises(torch.cuda.OutOfMemoryError):
            torch.empty(int(free * 0.6), dtype=torch.uint8, device="cuda:0")
        assert torch.empty(int(free * 0.3), dtype=torch.uint8, device="cuda:0").numel() > 0
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, 0)
        torch.cuda.empty_cache()
        machine.share_memory.cache_clear()


@pytest.mark.alone
def test_ways_to_share_a_card_are_compared():
    """One process and two, a seed and two together: all train, and one way is named.

    So many steps that they outlast what two starts of a run differ by.
    """
    plan = sharing.Plan(
        device="cuda:0", bench_options={}, seeds=(1, 2), processes=(1, 2),
        steps=3000, few=5, rounds=1, end_at=float("inf"),
    )  # fmt: skip
    found = sharing.measure(VisionBench("quick"), plan)
    assert found["failed"] == {}
    assert len(found["steps_per_s"]) == 4
    assert set(found["options"]) == {"--seeds-together", "--processes-per-card"}
