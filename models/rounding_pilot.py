"""How far pairs part that differ in rounding alone: ``python -m models.rounding_pilot``.

For the study of precision (claims/precision). Each pilot seed trains twice: as it is, and from
initial weights that are each changed by up to TF32's rounding, a factor within 1 +- 2^-11. The SD
of the difference is the least that gains between precisions can have: training is chaotic. Nothing
is trained in another precision, so that nothing is learnt of the study's answer.
"""

import argparse
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from models import machine, vgg_arm
from models.bench import VisionBench
from models.menu import vgg
from models.numerics import numerics

ROUNDING = 2.0**-11
FIRST_PILOT_SEED = 1000
NORMS = ("none", "batch")


def rounded(network: nn.Module, seed: int) -> None:
    """Change every parameter by a random factor within 1 +- 2^-11, drawn from the seed."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1 + ROUNDING * (2 * torch.rand(parameter.shape, generator=draw) - 1))


def late_accuracy(settings: Mapping[str, Any], seed: int, *, changed: bool) -> float:
    """Return the mean training accuracy (%) over the last third of training."""
    where = torch.device("cpu")
    network = vgg_arm.build(settings, seed, where)
    if changed:
        rounded(network, seed)
    record = vgg_arm.trained(network, settings, seed, where, "", lambda *_: None)
    values = record.series["train_accuracy"].values
    return statistics.fmean(values[2 * len(values) // 3 :])


def gains(settings: Mapping[str, Any], seeds: Sequence[int]) -> list[float]:
    """Return changed minus unchanged, in points, of each seed."""
    with numerics("cpu", "fp32"):
        return [
            late_accuracy(settings, seed, changed=True)
            - late_accuracy(settings, seed, changed=False)
            for seed in seeds
        ]


def main() -> None:
    """Print the SD of the gains for each norm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="desk")
    parser.add_argument("--seeds", type=int, default=8)
    args = parser.parse_args()
    bench = VisionBench(args.scale)
    seeds = range(FIRST_PILOT_SEED, FIRST_PILOT_SEED + args.seeds)
    print(f"{machine.cpu_name()}, torch {torch.__version__}, scale {args.scale}, n = {args.seeds}")
    for norm in NORMS:
        found = gains(bench.settings(vgg(norm=norm, probes=())), seeds)
        print(f"{norm}: SD {statistics.stdev(found):.2f} points, gains {found}", flush=True)


if __name__ == "__main__":
    main()
