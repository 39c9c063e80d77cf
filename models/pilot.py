"""How the desk settings were fixed: ``python -m models.pilot`` on seeds that are never judged.

The rules look at no verdict. (a) The base learning rate is the grid value at which the *standard*
network trains best; the high one is the first above it at which it fails. (b) At the base rate
the task is neither dead nor solved for most of the budget, for the standard network and BatchNorm.
"""

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models import machine, vgg_arm
from models.bench import VisionBench
from models.menu import vgg
from models.numerics import numerics

FIRST_PILOT_SEED = 1000
LEARNING_RATES = (0.025, 0.05, 0.1, 0.2, 0.5, 1.0)
CHANCE_PCT = 10.0
FAILED_PCT = 15.0  # last third of training: chance, and what a batch of 128 scatters
SOLVED_PCT = 99.0
TIE_PCT = 1.0  # about the standard error of a mean of 8 seeds at LR 0.1


def thirds_pct(accuracy: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean training accuracy by thirds of training; a diverged step counts as chance."""
    values = np.nan_to_num(np.array(accuracy), nan=CHANCE_PCT)
    first, second, third = (float(part.mean()) for part in np.array_split(values, 3))
    return first, second, third


def run_thirds(settings: Mapping[str, Any], seeds: Sequence[int], data_dir: str) -> list[Any]:
    """Train without probes on the seeds and return the thirds of each, in per cent."""
    bare = {**settings, "probes": {}}
    device = torch.device("cpu")
    return [
        thirds_pct(
            vgg_arm.run(bare, seed, device, data_dir, lambda *_: None)
            .series["train_accuracy"]
            .values
        )
        for seed in seeds
    ]


def chosen_rates(last_thirds: Mapping[float, Sequence[float]]) -> tuple[float, float | None]:
    """Return (base, high) by the rule from the last-third accuracy of each seed at each rate.

    The base is the rate with the highest mean, of rates within ``TIE_PCT`` of it the largest; the
    high one the first above it whose median seed is at chance; None where no grid value fails.
    """
    means = {rate: statistics.fmean(values) for rate, values in last_thirds.items()}
    base = max(rate for rate, mean in means.items() if mean >= max(means.values()) - TIE_PCT)
    failing = [
        rate
        for rate, values in sorted(last_thirds.items())
        if rate > base and statistics.median(values) < FAILED_PCT
    ]
    return base, failing[0] if failing else None


def line(label: str, rows: Sequence[Sequence[float]]) -> str:
    """Return a line of the table: means by thirds, and the last third of every seed."""
    means = " ".join(f"{statistics.fmean(column):6.1f}" for column in zip(*rows, strict=True))
    last = " ".join(f"{row[2]:5.1f}" for row in rows)
    return f"{label:44} {means}   seeds' last third: {last}"


def main() -> None:
    """Run the grid and the checks, print the table and the rates that the rule gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="desk")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data-dir", default=".data")
    parser.add_argument(
        "--set",
        default="{}",
        metavar="JSON",
        help='settings to try instead of the scale\'s, such as \'{"init": "glorot"}\'',
    )
    parser.add_argument("--rates", type=float, nargs="+", default=LEARNING_RATES)
    parser.add_argument("--norms", nargs="*", default=("batch",), help="checked at the base rate")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    bench = VisionBench(args.scale)
    seeds = range(FIRST_PILOT_SEED, FIRST_PILOT_SEED + args.seeds)
    print(f"{machine.cpu_name()}, torch {torch.__version__}, n = {args.seeds}, changed: {args.set}")
    print(f"{'mean training accuracy by thirds, %':44}  first second  third")
    changed = json.loads(args.set)
    standard = {**bench.settings(vgg(probes=())), **changed}
    found: dict[float, list[Any]] = {}
    with numerics("cpu", "fp32"):
        for rate in args.rates:
            found[rate] = run_thirds({**standard, "learning_rate": rate}, seeds, args.data_dir)
            print(line(f"none, LR {rate:g}", found[rate]), flush=True)
        base, high = chosen_rates({rate: [row[2] for row in found[rate]] for rate in found})
        print(f"base LR {base:g}, high LR {high}")
        for norm in args.norms:
            settings = {**bench.settings(vgg(norm=norm, probes=())), **changed}
            rows = run_thirds({**settings, "learning_rate": base}, seeds, args.data_dir)
            solved = "solved for most of the budget" if rows[0][1] > SOLVED_PCT else "not solved"
            print(line(f"{norm}, LR {base:g}", rows), f"  {solved}", flush=True)
    if args.json:
        args.json.write_text(json.dumps({str(rate): rows for rate, rows in found.items()}))


if __name__ == "__main__":
    main()
