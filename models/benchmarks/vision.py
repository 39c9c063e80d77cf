"""The image networks' part of the benchmark: arms, matrix rate, public loop."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import torch

from models import data, machine, resolve
from models.bench import VisionBench
from models.benchmarks import arms, public_loop
from models.benchmarks.arms import Lengths
from models.benchmarks.flops import matrix_product
from models.benchmarks.rounds import Block, Seconds, Spread, in_turn, unnoted
from models.menu import vgg
from models.numerics import numerics

COMPARED = ("none", "batch")
"""The norms that public re-runs train, with torch's own layers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is measured, how long and where."""

    device: str
    precision: str
    data_dir: str
    norms: Sequence[str]
    seeds: int  # trained together
    workers: int  # of the public loop's DataLoader
    lengths: Lengths
    rounds: int
    minutes: float  # begin no round after these


def within(context: Callable[[], AbstractContextManager[None]], block: Block) -> Block:
    """Return the block as it runs inside a context."""

    def inside() -> None:
        with context():
            block()

    return inside


def measure(
    bench: VisionBench, plan: Plan, note: Callable[[Seconds], None] = unnoted
) -> dict[str, Any]:
    """Return matrix rate, arms and public loop; all of it in the same rounds.

    ``note`` gets the seconds that there are after every block.
    """
    end_at = time.monotonic() + 60 * plan.minutes
    product, operations = matrix_product(plan.device, plan.precision)
    blocks = {"matrix": within(lambda: numerics(plan.device, plan.precision), product)}
    peaks_mib: dict[str, float] = {}
    blocks |= dict(_ours(bench, plan, peaks_mib))
    blocks |= _public(bench, plan)
    warm = [name for name in blocks if not name.endswith(("more", "more probes", "more tests"))]
    seconds = in_turn(
        blocks, device=plan.device, rounds=plan.rounds, warm=warm, end_at=end_at, note=note
    )
    rate = Spread.of([operations / one for one in seconds["matrix"]])
    costs = {
        norm: arms.cost({part: seconds[f"{norm} {part}"] for part in arms.PARTS}, plan.lengths)
        for norm in plan.norms
    }
    return {
        "matrix": {"flops_per_s": asdict(rate), "precision": plan.precision},
        "arms": {
            norm: arms.figures(
                bench, norm, plan.seeds, costs[norm],
                matrix_flops_per_s=rate.median,
            )
            | {"peak_memory_mib": peaks_mib.get(norm)}
            for norm in plan.norms
        },
        "public": {norm: _against_public(norm, plan, seconds) for norm in _compared(plan)},
        "rounds": len(seconds["matrix"]),
    }  # fmt: skip


def _compared(plan: Plan) -> list[str]:
    return [norm for norm in COMPARED if norm in plan.norms]


def _ours(
    bench: VisionBench, plan: Plan, peaks_mib: dict[str, float]
) -> Iterator[tuple[str, Block]]:
    """Yield the five runs of each norm; on a card one of them notes the memory that it takes."""
    for norm in plan.norms:
        parts = arms.blocks(bench, norm, plan.seeds, plan.device, plan.lengths)
        if machine.device_kind(plan.device) == "cuda":
            parts["more probes"] = _watched(parts["more probes"], plan.device, norm, peaks_mib)
        yield from ((f"{norm} {part}", block) for part, block in parts.items())


def _watched(block: Block, device: str, norm: str, peaks_mib: dict[str, float]) -> Block:
    """Return the block, which then notes the most memory that torch held on the card meanwhile."""

    def inside() -> None:
        torch.cuda.reset_peak_memory_stats(device)
        block()
        peaks_mib[norm] = torch.cuda.max_memory_allocated(device) / 2**20

    return inside


def _steps_s(name: str, plan: Plan, seconds: dict[str, list[float]]) -> list[float]:
    """Return the seconds of a step of the seeds together, round by round."""
    pairs = zip(seconds[f"{name} more"], seconds[f"{name} few"], strict=True)
    return [(more - few) / plan.lengths.steps for more, few in pairs]


def _public(bench: VisionBench, plan: Plan) -> dict[str, Block]:
    """Return the public loop of each norm that has one; on a CPU on one thread, as ours is."""
    if not _compared(plan):
        return {}
    arrays, *_ = data.read(resolve.DATASETS[bench.dataset].__name__, plan.data_dir)
    images = public_loop.Images(arrays.train_images, arrays.train_labels)
    blocks: dict[str, Block] = {}
    for norm in _compared(plan):
        block = public_loop.loop(
            bench.settings(vgg(norm=norm, probes=())),
            images,
            device=plan.device,
            steps=plan.lengths.steps,
            workers=plan.workers,
        )
        on_cpu = machine.device_kind(plan.device) == "cpu"
        blocks[f"public {norm}"] = (
            within(lambda: numerics("cpu", "fp32"), block) if on_cpu else block
        )
    return blocks


def _against_public(norm: str, plan: Plan, seconds: dict[str, list[float]]) -> dict[str, Any]:
    """Return the public loop's step, and how many of its steps are one of ours, round by round."""
    public = [one / plan.lengths.steps for one in seconds[f"public {norm}"]]
    ours = [one / plan.seeds for one in _steps_s(norm, plan, seconds)]
    told = [(a, b) for a, b in zip(public, ours, strict=True) if b > 0]
    return {
        "step_s": asdict(Spread.of(public)),
        "times_as_fast": asdict(Spread.of([a / b for a, b in told])) if told else None,
        "precision": public_loop.arithmetic(plan.device),
        "workers": plan.workers,
    }
