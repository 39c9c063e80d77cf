"""What a step of the deep linear network costs: all seeds at once, one by one, and in plain torch.

Part of ``python -m models.benchmark``; blocks take turns, round after round. Where a C++ compiler
exists the batched computation is timed compiled, too, with what compiling took.
"""

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import nn

from models import dln, dln_norms
from models.bench import VisionBench
from models.menu import dln as dln_arm

NORMS = ("none", "batch", "l1", "l2", "linf")
SEEDS = tuple(range(1000, 1010))  # of the pilot block: never judged
Block = Callable[[], None]
Times = dict[str, list[float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepTimes:
    """Milliseconds per step of ten seeds in each round, by name, and what compiling took."""

    times: Times
    compile_core_s: dict[str, float] = field(default_factory=dict)
    note: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """Return which name's times are divided by which: loops and eager by what is batched."""
        found = [(name, name.partition(",")[0]) for name in self.times if "loops" in name]
        for name in self.compile_core_s:
            compiled = f"{name}, compiled"
            found += [(one, compiled) for one, other in list(found) if other == name]
            found.append((name, compiled))
        return found

    def compiling(self, desk_steps: int, paper_steps: int) -> dict[str, float | str]:
        """Return core-seconds of compiling and of what it saves in a run of so many steps."""
        if not self.compile_core_s:
            return {"not measured": self.note}
        found: dict[str, float | str] = {}
        for name, core_s in self.compile_core_s.items():
            saved_ms = median(self.times[name]) - median(self.times[f"{name}, compiled"])
            found[f"{name}: compiling, core-s"] = core_s
            for steps in (desk_steps, paper_steps):
                found[f"{name}: saved in {steps:,} steps, s"] = saved_ms * steps / 1e3
        return found


def compiler() -> str | None:
    """Return the C++ compiler that ``torch.compile`` would find on a CPU, None where none is."""
    return next(filter(None, map(shutil.which, (os.environ.get("CXX", "g++"), "clang++"))), None)


def ours(
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    device: str,
    steps: int,
    evaluate: Callable[..., Any] = dln.evaluate,
) -> Block:
    """Return ``steps`` steps of this project's training of the seeds in one computation."""
    size = dln_norms.size_of(settings["norm"])
    samples = dln.draw_samples(seeds, width=10, count=settings["samples"], device=device)
    parameters = dln.draw_parameters(
        seeds, layers=settings["layers"], width=10, normed=size is not None, device=device
    )

    def block() -> None:
        for _ in range(steps):
            _, gradients = evaluate(parameters, samples, size)
            parameters.step(gradients, settings["learning_rate"])

    return block


def compiled(settings: Mapping[str, Any], device: str, steps: int) -> tuple[Block, float]:
    """Return the block of ``ours`` compiled, and the core-seconds that compiling took.

    On one thread, for these shapes alone, and with an empty cache, as on a user's first run.
    """
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
    torch.compiler.reset()
    block = ours(settings, SEEDS, device, steps, torch.compile(dln.evaluate, dynamic=False))
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
        before = _core_s()
        block()
        took = _core_s() - before
    del os.environ["TORCHINDUCTOR_CACHE_DIR"]
    return block, took


def _core_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def bare(settings: Mapping[str, Any], seed: int, device: str, steps: int) -> Block:
    """Return the plainest PyTorch loop of one seed: torch's modules, autograd and SGD, samples."""
    matrix, x = dln.draw_arrays(seed, 10, settings["samples"])
    inputs = torch.from_numpy(x.T.copy()).to(device, torch.float32)  # (samples, width)
    targets = torch.from_numpy((matrix @ x).T.copy()).to(device, torch.float32)
    modules: list[nn.Module] = []
    for _ in range(settings["layers"] - 1):
        modules.append(nn.Linear(10, 10, bias=False))
        if settings["norm"] == "batch":
            modules.append(nn.BatchNorm1d(10))
    network = nn.Sequential(*modules, nn.Linear(10, 10, bias=False)).to(device)
    optimiser = torch.optim.SGD(network.parameters(), lr=settings["learning_rate"])

    def block() -> None:
        for _ in range(steps):
            optimiser.zero_grad()
            (network(inputs) - targets).square().sum().div(2).backward()
            optimiser.step()

    return block


def in_turn(blocks: list[Block]) -> None:
    """Run each block."""
    for block in blocks:
        block()


def step_times(
    bench: VisionBench,
    device: str,
    *,
    steps: int,
    rounds: int,
    seconds: Callable[..., float],
    compile_norms: Sequence[str] = (),
    end_at: float = float("inf"),
) -> StepTimes:
    """Return milliseconds per step of ten seeds in each round; one round at least.

    No other begins once ``time.monotonic()`` has passed ``end_at``.

    By norm: batched; ``ten loops``, the same code one seed after another; ``ten bare loops``; and
    ``compiled`` for the norms that are asked for, where a compiler exists.
    """
    blocks: dict[str, Block] = {}
    took: dict[str, float] = {}
    note = "" if compiler() else "no C++ compiler found (set CXX, or install g++)"
    for norm in NORMS:
        settings = bench.settings(dln_arm(norm=norm, probes=()))
        blocks[f"dln {norm}"] = ours(settings, SEEDS, device, steps)
        alone = [ours(settings, (seed,), device, steps) for seed in SEEDS]
        blocks[f"dln {norm}, ten loops"] = partial(in_turn, alone)
        if norm in ("none", "batch"):
            plain = [bare(settings, seed, device, steps) for seed in SEEDS]
            blocks[f"dln {norm}, ten bare loops"] = partial(in_turn, plain)
        if norm in compile_norms and not note:
            block, took[f"dln {norm}"] = compiled(settings, device, steps)
            blocks[f"dln {norm}, compiled"] = block
    in_turn(list(blocks.values()))  # warm
    times: Times = {name: [] for name in blocks}
    for number in range(rounds):
        if number and time.monotonic() >= end_at:
            break
        for name, block in blocks.items():
            times[name].append(1e3 * seconds(block, device) / steps)
    return StepTimes(times=times, compile_core_s=took, note=note or "no norm was asked for")
