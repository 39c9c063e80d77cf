"""What a training step and a probe point cost: ``python -m models.benchmark [--json FILE]``.

Times blocks of training steps of every norm in turn, round after round, beside a bare PyTorch loop
of the same networks and batches, and gives medians and ratios of blocks in the same round: a
neighbour on the machine slows both. For the deep linear network, beside ten loops of one seed each.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from models import data, dln_benchmark, dln_spec, machine, vgg_arm
from models.bench import VisionBench
from models.menu import PROBES, vgg
from models.numerics import numerics
from models.training import Schedule, train

NORMS = ("none", "batch", "noisy-batch", "l1", "l2", "linf")
SEED = 1000  # of the pilot block: never judged


def ours(settings: dict[str, Any], data_dir: str, device: str, steps: int) -> Callable[[], None]:
    """Return a block of ``steps`` of this project's training, data and recording included."""
    where = torch.device(device)
    network = vgg_arm.build(settings, SEED, where)
    task = vgg_arm.load_task(settings, data_dir, where)
    batches = data.Batches(task, SEED, batch=settings["batch"], steps=steps)
    few = (task.test_set()[0][:1], task.test_set()[1][:1])
    schedule = Schedule(steps=steps, learning_rate=0.01, probe_every=steps, evaluate_every=steps)
    return lambda: void(
        train(network, batches.__getitem__, few, F.cross_entropy, seed=SEED, schedule=schedule)
    )


def bare(settings: dict[str, Any], data_dir: str, device: str, steps: int) -> Callable[[], None]:
    """Return a block of the plainest PyTorch loop: one fixed batch, torch's conv, norm and SGD."""
    where = torch.device(device)
    network = vgg_arm.build(settings, SEED, where)
    for layer in network.weight_layers()[:-1]:
        out, into = layer.linear.weight.shape[:2]
        conv = isinstance(layer.linear, nn.Conv2d)
        if conv:
            layer.linear = nn.Conv2d(into, out, 3, padding=1)
        if settings["norm"] == "batch":
            layer.norm = nn.BatchNorm2d(out) if conv else nn.BatchNorm1d(out)
    network = network.to(where).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    task = vgg_arm.load_task(settings, data_dir, where)
    images, labels = data.Batches(task, SEED, batch=settings["batch"], steps=1)[0]
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)

    def block() -> None:
        for _ in range(steps):
            optimiser.zero_grad()
            F.cross_entropy(network(images), labels).backward()
            optimiser.step()

    return block


def void(_value: object) -> None:
    """Drop a value."""


def seconds(block: Callable[[], None], device: str) -> float:
    """Return the wall time of a block, the card's queue emptied."""
    if machine.device_kind(device) == "cuda":
        torch.cuda.synchronize()
    started = time.perf_counter()
    block()
    if machine.device_kind(device) == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


def step_times(
    bench: VisionBench, data_dir: str, device: str, *, steps: int, rounds: int
) -> dict[str, list[float]]:
    """Return milliseconds per step of each round, by norm and for the bare loops."""
    blocks: dict[str, Callable[[], None]] = {}
    for norm in NORMS:
        settings = bench.settings(vgg(norm=norm, probes=()))
        blocks[norm] = ours(settings, data_dir, device, steps)
        if norm in ("none", "batch"):
            blocks[f"bare {norm}"] = bare(settings, data_dir, device, steps)
    for block in blocks.values():
        block()  # warm
    times: dict[str, list[float]] = {name: [] for name in blocks}
    for _ in range(rounds):
        for name, block in blocks.items():
            times[name].append(1e3 * seconds(block, device) / steps)
    return times


def probe_times(bench: VisionBench, data_dir: str, device: str, rounds: int) -> dict[str, float]:
    """Return milliseconds per point of each probe on BatchNorm: a run's time less one without."""
    where = torch.device(device)

    def run_s(probes: tuple[str, ...]) -> float:
        settings = bench.settings(vgg(norm="batch", probes=probes))
        settings |= {"steps": 8, "probe_every": 1, "evaluate_every": 8}
        block = lambda: void(vgg_arm.run(settings, SEED, where, data_dir, lambda *_: None))  # noqa: E731
        return seconds(block, device)

    run_s(PROBES)  # warm
    gained: dict[str, list[float]] = {name: [] for name in PROBES}
    for _ in range(rounds):
        without = run_s(())
        for name in PROBES:
            gained[name].append(1e3 * (run_s((name,)) - without) / 8)
    return {name: median(values) for name, values in gained.items()}


def report(
    times: dict[str, list[float]], probes: dict[str, float], linear: dln_benchmark.StepTimes
) -> dict[str, Any]:
    """Return medians, ratios to the loops they are compared with, and probe costs."""
    against = dict.fromkeys(NORMS, "batch") | {"none": "bare none", "batch": "bare batch"}
    pairs = [(name, other) for name, other in against.items() if name in times]
    times = times | linear.times
    return {
        "ms_per_step": {name: median(values) for name, values in times.items()},
        "ratio": {
            f"{name} / {other}": median(
                a / b for a, b in zip(times[name], times[other], strict=True)
            )
            for name, other in (*pairs, *linear.pairs())
        },
        "probe_ms_per_point": probes,
    }


def main() -> None:
    """Measure, print a table and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="all", choices=("all", "vgg", "dln"))
    parser.add_argument("--scale", default="desk")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dataset", default="auto")
    parser.add_argument("--data-dir", default=".data")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--steps", type=int, default=10, help="steps in a block")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--compile",
        nargs="*",
        default=("batch",),
        choices=dln_benchmark.NORMS,
        metavar="NORM",
        help="norms of the linear network to time compiled, too, half a minute each (batch)",
    )
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    bench = VisionBench(args.scale, {"dataset": args.dataset})
    times: dict[str, list[float]] = {}
    probes: dict[str, float] = {}
    linear = dln_benchmark.StepTimes(times={})
    size = {"steps": args.steps, "rounds": args.rounds}
    with numerics(args.device, args.precision):
        if args.network in ("all", "vgg"):
            times |= step_times(bench, args.data_dir, args.device, **size)
            probes = probe_times(bench, args.data_dir, args.device, max(3, args.rounds // 3))
        if args.network in ("all", "dln"):
            linear = dln_benchmark.step_times(
                bench, args.device, **size, seconds=seconds, compile_norms=args.compile
            )
    found = report(times, probes, linear)
    if linear.times:
        lengths = (dln_spec.SCALES[name].steps for name in ("desk", "paper"))
        found["torch.compile"] = linear.compiling(*lengths)
    found["environment"] = {
        "cpu": machine.cpu_name(),
        "torch": torch.__version__,
        "scale": args.scale,
        "rounds": args.rounds,
        "steps_per_block": args.steps,
    }
    for part, values in found.items():
        print(part)
        for name, value in values.items():
            print(f"  {name:46} {value if isinstance(value, str) else round(value, 2)}")
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
