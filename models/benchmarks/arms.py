"""What the arms of the claims cost, measured through the bench as the harness calls it.

A run is start + steps + probe points + evaluations. Five short runs tell them apart: few steps and
more of them, without probes and with a point at each step, and with an evaluation at each. So
whatever ``VisionBench.train`` does on a device (graphs, seeds together) is in the figures, and what
it does once (data, weights, capturing) is part of the start.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from models import vgg_arm
from models.bench import VisionBench
from models.benchmarks.flops import count
from models.benchmarks.rounds import Block, Spread
from models.menu import LP_PROBES, PROBES, vgg

PROBES_OF = {
    "none": PROBES,
    "batch": PROBES,
    "noisy-batch": ("moments",),
    "l1": LP_PROBES,
    "l2": LP_PROBES,
    "linf": LP_PROBES,
}
"""The norms that are timed, each with the probes that the claims ask of it."""

SEEDS_OF_A_CLAIM = 10
FIRST_SEED = 1000  # of the pilot block: never judged
NEVER = 10**9  # steps: past every run's end, where the last step is always evaluated


@dataclass(frozen=True, kw_only=True, slots=True)
class Lengths:
    """Steps of the five runs: ``few``, ``few + steps``, and so with ``points`` where measured."""

    steps: int
    points: int
    few: int

    def of(self, part: str) -> dict[str, int]:
        """Return the changes to a scale that make one of the five runs."""
        steps = {
            "few": self.few,
            "more": self.few + self.steps,
            "few probes": self.few,
            "more probes": self.few + self.points,
            "more tests": self.few + self.points,
        }[part]
        return {
            "steps": steps,
            "probe_every": 1,
            "evaluate_every": 1 if part == "more tests" else NEVER,
        }


PARTS = ("few", "more", "few probes", "more probes", "more tests")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """Seconds of one arm with its seeds trained together: of a start, and of one of each.

    ``start_s`` is that of a run with probes.
    """

    start_s: Spread
    step_s: Spread
    probe_s: Spread
    test_s: Spread


def nothing(_done: int, _steps: int) -> None:
    """Progress that nobody watches."""


def run(
    bench: VisionBench,
    norm: str,
    seeds: int,
    device: str,
    *,
    probes: bool,
    first_seed: int = FIRST_SEED,
    **scale: Any,
) -> Block:
    """Return a block that trains an arm's seeds at a changed scale, from start to record."""
    sized = copy.copy(bench)
    sized.scale = replace(bench.scale, **scale)
    arm = vgg(norm=norm, probes=PROBES_OF[norm] if probes else ())
    numbers = range(first_seed, first_seed + seeds)
    return lambda: sized.train(arm, numbers, device, nothing)


def blocks(
    bench: VisionBench, norm: str, seeds: int, device: str, lengths: Lengths
) -> dict[str, Block]:
    """Return the five runs of an arm by the name of the part."""
    return {
        part: run(bench, norm, seeds, device, probes=part.endswith("probes"), **lengths.of(part))
        for part in PARTS
    }


def cost(seconds: Mapping[str, Sequence[float]], lengths: Lengths) -> Cost:
    """Return what a start, a step, a probe point and an evaluation take, round by round."""
    parts = zip(*(seconds[part] for part in PARTS), strict=True)
    rounds = [_of_round(lengths, *one) for one in parts]
    start, step, probe, test = (Spread.of(list(column)) for column in zip(*rounds, strict=True))
    return Cost(start_s=start, step_s=step, probe_s=probe, test_s=test)


def _of_round(
    lengths: Lengths, few: float, more: float, few_probes: float, more_probes: float, tests: float
) -> tuple[float, float, float, float]:
    """Solve for start, step, point and evaluation; the last step of each run is evaluated."""
    step = (more - few) / lengths.steps
    probe = (more_probes - few_probes) / lengths.points - step
    others = lengths.few + lengths.points - 1  # evaluations but the last
    test = (tests - few - lengths.points * step) / others
    return few_probes - lengths.few * (step + probe) - test, step, probe, test


def run_s(bench: VisionBench, of: Cost) -> float:
    """Return the seconds of a whole run at the bench's scale: the arm's probes and evaluations."""
    scale = bench.scale
    points = len(range(0, scale.steps, scale.probe_every))
    tests = -(-scale.steps // scale.evaluate_every)
    training = scale.steps * of.step_s.median + tests * of.test_s.median
    return of.start_s.median + training + points * of.probe_s.median


def flops_per_step(bench: VisionBench, norm: str) -> int:
    """Return the operations of a step of one seed: the whole batch forward and backward."""
    import torch

    settings = bench.settings(vgg(norm=norm, probes=()))
    network = vgg_arm.build(settings, FIRST_SEED, torch.device("cpu"))
    shape = (settings["channels"], settings["image_size"], settings["image_size"])
    return settings["batch"] * count(network, shape).training  # type: ignore[no-any-return]


def figures(
    bench: VisionBench, norm: str, seeds: int, of: Cost, *, matrix_flops_per_s: float
) -> dict[str, Any]:
    """Return an arm's figures for the table and the JSON; rates count the seeds together.

    ``runs_per_h`` and ``ten_seeds_s`` are of whole runs at the bench's scale, one group of seeds
    after another on one device (or core).
    """
    flops, whole_s = flops_per_step(bench, norm), run_s(bench, of)
    steps_per_s = per_s(seeds, of.step_s.median)
    return {
        "seeds_together": seeds,
        "steps_per_s": steps_per_s,
        "flops_per_step": flops,
        "share_of_matrix_rate": steps_per_s and steps_per_s * flops / matrix_flops_per_s,
        "probes": list(PROBES_OF[norm]),
        "probe_points_per_s": per_s(seeds, of.probe_s.median),
        "runs_per_h": per_s(3600 * seeds, whole_s),
        "ten_seeds_s": whole_s * SEEDS_OF_A_CLAIM / seeds,
        "seconds": asdict(of),
    }


def per_s(count: float, seconds: float) -> float | None:
    """Return a rate; None where so short a block did not tell its time from others'."""
    return count / seconds if seconds > 0 else None
