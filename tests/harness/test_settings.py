"""The options of a session: seeds, scales, and combinations that make no sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_bench import ToyBench

from harness.errors import OptionError
from harness.families.settings import Settings, parse_seeds, scale_of
from harness.seeds import PILOT_SEEDS_FROM


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0-3", (0, 1, 2, 3)), ("7", (7,)), ("5,1", (5, 1)), ("0-1,8-9", (0, 1, 8, 9)),
     ("99", (99,))],
)  # fmt: skip
def test_seeds_are_ranges_and_lists(text, seeds):
    """Both ends count, and the order is the one that was typed."""
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text", ["", ",", "a", "1-", "-1", "3-1", "1,1", "0-2,1", "1.5", "0--3", "0-2,9-7"]
)
def test_seeds_that_are_none_are_refused(text):
    """Got and expected, no crash."""
    with pytest.raises(OptionError, match="--seeds: got"):
        parse_seeds(text)


@pytest.mark.parametrize("text", ["100", "0-999", "95-104"])
def test_seeds_of_declared_attempts_are_not_looked_at(text):
    """Blocks from 100 on stay unseen until an attempt is declared."""
    with pytest.raises(OptionError, match="from 100 on are kept for declared attempts"):
        parse_seeds(text)


@given(st.integers(PILOT_SEEDS_FROM, 10**12), st.integers(0, 999))
def test_pilot_seeds_are_never_judged(pilot, first):
    """Any seed from 1000 on, alone or at the end of a range of any length, is refused at once."""
    for text in (f"{pilot}", f"{first}-{pilot}", f"{first},{pilot}"):
        with pytest.raises(OptionError, match="are for pilots"):
            parse_seeds(text)


@pytest.mark.parametrize(
    ("options", "scale", "device"),
    [({}, "desk", "cpu"), ({"gpu": True}, "paper", "cuda"),
     ({"gpu": True, "scale": "desk"}, "desk", "cuda"),
     ({"gpu": True, "device": "cuda:1"}, "paper", "cuda:1"),
     ({"scale": "quick"}, "quick", "cpu")],
    ids=["none", "gpu", "gpu and scale", "gpu and device", "scale"],
)  # fmt: skip
def test_scale_and_device_follow_from_what_was_given(options, scale, device):
    """--gpu means paper on CUDA, unless one of the two was given."""
    settings = Settings(**options)
    assert (settings.scale_name, settings.device_name) == (scale, device)


@pytest.mark.parametrize(
    "options",
    [{"environment": "x"}, {"update_ledger": True, "seeds": "0-4"},
     {"update_ledger": True, "seeds": ""}, {"update_ledger": True, "no_ledger": True},
     {"gpu": True, "device": "cpu"}],
    ids=["environment", "seeds", "empty seeds", "no ledger", "cpu"],
)  # fmt: skip
def test_options_that_contradict_each_other_are_refused(options):
    """Two options of which one would have to be ignored."""
    with pytest.raises(OptionError):
        Settings(**options)


def test_an_unknown_scale_lists_the_known_ones():
    """The bench says which scales there are."""
    with pytest.raises(OptionError, match="--scale: got 'big'; expected one of quick, desk"):
        scale_of(ToyBench, "big")
