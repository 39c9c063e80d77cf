"""What a step of the deep linear network costs: all seeds at once, one by one, and in plain torch.

Part of ``python -m models.benchmark``; blocks take turns, round after round.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from models import dln, dln_norms
from models.bench import VisionBench
from models.menu import dln as dln_arm

NORMS = ("none", "batch", "l1", "l2", "linf")
SEEDS = tuple(range(1000, 1010))  # of the pilot block: never judged
Block = Callable[[], None]


def ours(settings: dict[str, Any], seeds: tuple[int, ...], device: str, steps: int) -> Block:
    """Return ``steps`` steps of this project's training of the seeds in one computation."""
    size = dln_norms.size_of(settings["norm"])
    samples = dln.draw_samples(seeds, width=10, count=settings["samples"], device=device)
    parameters = dln.draw_parameters(
        seeds, layers=settings["layers"], width=10, normed=size is not None, device=device
    )

    def block() -> None:
        for _ in range(steps):
            _, gradients = dln.evaluate(parameters, samples, size)
            parameters.step(gradients, settings["learning_rate"])

    return block


def bare(settings: dict[str, Any], seed: int, device: str, steps: int) -> Block:
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
    bench: VisionBench, device: str, *, steps: int, rounds: int, seconds: Callable[..., float]
) -> dict[str, list[float]]:
    """Return milliseconds per step of ten seeds in each round.

    By norm: batched; ``ten loops``, the same code one seed after another; ``ten bare loops``.
    """
    blocks: dict[str, Block] = {}
    for norm in NORMS:
        settings = bench.settings(dln_arm(norm=norm, probes=()))
        blocks[f"dln {norm}"] = ours(settings, SEEDS, device, steps)
        alone = [ours(settings, (seed,), device, steps) for seed in SEEDS]
        blocks[f"dln {norm}, ten loops"] = partial(in_turn, alone)
        if norm in ("none", "batch"):
            plain = [bare(settings, seed, device, steps) for seed in SEEDS]
            blocks[f"dln {norm}, ten bare loops"] = partial(in_turn, plain)
    in_turn(list(blocks.values()))  # warm
    times: dict[str, list[float]] = {name: [] for name in blocks}
    for _ in range(rounds):
        for name, block in blocks.items():
            times[name].append(1e3 * seconds(block, device) / steps)
    return times


def pairs(times: dict[str, list[float]]) -> dict[str, str]:
    """Return what each series of loops is compared with: the batched computation."""
    return {name: name.partition(",")[0] for name in times if "," in name}
