"""Random streams: named, separate, reproducible, and without global state."""

import numpy as np
import pytest

from models import streams


def test_a_stream_gives_the_same_numbers_every_time():
    """The same seed and name start the same stream."""
    first, second = (streams.generator(3, "init", "conv1").random(5) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    "other", [(4, "init", "conv1"), (3, "order", "conv1"), (3, "init", "conv2"), (3, "init")]
)
def test_seed_and_every_name_matter(other):
    """Another seed, source or layer gives other numbers."""
    mine = streams.generator(3, "init", "conv1").random(5)
    assert not np.array_equal(mine, streams.generator(*other).random(5))


def test_steps_are_numbers_in_a_name():
    """Torch seeds differ between steps and repeat for one step."""
    seeds = [streams.torch_seed(0, "noise", "conv1", step) for step in (0, 1, 0)]
    assert seeds[0] == seeds[2] != seeds[1]


def test_low_bits_of_torch_seeds_do_not_collide_within_a_run():
    """The 32 bits that torch's CPU generator reads differ over 10 layers and 300 steps."""
    low = {
        streams.torch_seed(0, "noise", f"conv{layer}", step) & 0xFFFFFFFF
        for layer in range(10)
        for step in range(300)
    }
    assert len(low) == 3000


def test_no_global_state_is_touched():
    """Making a stream neither seeds nor advances numpy's global generator."""
    before = np.random.get_state()[1].copy()
    streams.generator(0, "order").random(100)
    assert np.array_equal(before, np.random.get_state()[1])
