"""The pilot of rounding: what is changed, and by how much."""

import torch

from models import rounding_pilot, vgg_arm
from models.bench import VisionBench
from models.menu import vgg

QUICK = VisionBench("quick").settings(vgg(norm="batch", probes=())) | {"steps": 6}


def test_weights_change_by_their_last_bits_in_tf32():
    """Every weight by less than 2^-11 of itself, and not by nothing."""
    networks = [vgg_arm.build(QUICK, 1000, torch.device("cpu")) for _ in range(2)]
    rounding_pilot.rounded(networks[1], 1000)
    before, after = (torch.cat([p.flatten() for p in n.parameters()]) for n in networks)
    change = ((after - before) / before.where(before != 0, torch.ones(()))).abs()
    assert change.max() <= 2**-11 * 1.001
    assert change.max() > 2**-12


def test_pairs_that_differ_in_rounding_part():
    """Equal without a change, and apart with one."""
    same = [rounding_pilot.late_accuracy(QUICK, 1000, changed=False) for _ in range(2)]
    assert same[0] == same[1]
    assert len(rounding_pilot.gains(QUICK, [1000, 1001])) == 2
