"""How a resolved arm of images is trained by the engine: all seeds of a job together."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn

from harness.bench import Progress
from harness.records import RunRecord
from models import data, vgg_arm
from models.engine.feeds import Feed, Resident, ResidentFeed, StagedFeed
from models.engine.group import MakeProgrammes, direct, recorded, train_group
from models.engine.memory import release, train_in_blocks
from models.engine.replica import Recipe, Replica
from models.kernels.fusing import fuse

Build = Callable[[Mapping[str, Any], int, torch.device], nn.Module]
"""``build`` of a module such as ``models.vgg_arm``."""


def run_seeds(
    build: Build,
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    device: torch.device,
    data_dir: str,
    progress: Progress,
) -> list[RunRecord]:
    """Train the arm with every seed and return the records in order. Raises EngineMemoryError.

    On a card as CUDA graphs, with all seeds at once where they fit into its memory. On a CPU the
    steps are called, with the numbers of the plain loop.
    """
    graphs = device.type == "cuda"

    def train_block(block: Sequence[int], done: int) -> list[RunRecord]:
        def shifted(step: int, steps: int) -> None:
            progress(done * steps + step * len(block), len(seeds) * steps)

        replicas = make_replicas(build, settings, block, device, data_dir, counted=graphs)
        make_programmes: MakeProgrammes = recorded if graphs else direct
        return train_group(replicas, vgg_arm.schedule(settings), make_programmes, shifted)

    with _on(device):
        try:
            return train_in_blocks(seeds, train_block)
        finally:
            release()


def make_replicas(
    build: Build,
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    device: torch.device,
    data_dir: str,
    *,
    counted: bool,
) -> list[Replica]:
    """Return a replica of each seed before its first step; they share data on the device.

    ``counted``: as a graph needs it, with what is random drawn by counter, and fused kernels.
    """
    task = vgg_arm.load_task(settings, data_dir, device)
    feed_of = _feeds(task, settings)
    recipe = Recipe(
        schedule=vgg_arm.schedule(settings),
        loss_of=vgg_arm.LOSS,
        test_set=task.test_set(),
        descent=vgg_arm.descent(settings),
        counted=counted,
    )

    def replica(seed: int) -> Replica:
        network = build(settings, seed, device)
        if counted:
            fuse(network)  # on a card; elsewhere it leaves every module its plain path
        return Replica(network, feed_of(seed), recipe, vgg_arm.probes(settings), seed=seed)

    return [replica(seed) for seed in seeds]


def _feeds(task: data.Task, settings: Mapping[str, Any]) -> Callable[[int], Feed]:
    """Return how a seed's feed is made: resident data, unless the host has a hand in each batch."""

    def batches(seed: int) -> data.Batches:
        return vgg_arm.batches(task, settings, seed)

    if task.jitter is not None or vgg_arm.augmentation(settings) is not None:
        return lambda seed: StagedFeed(batches(seed))
    resident = Resident(task)
    return lambda seed: ResidentFeed(resident, batches(seed).order)


def _on(device: torch.device) -> AbstractContextManager[Any]:
    """Return a block in which the device is CUDA's current one; graphs and streams are made there.

    "cuda" without an index is the current one.
    """
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()
