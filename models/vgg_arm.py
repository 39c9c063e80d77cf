"""How a resolved VGG arm is put together and trained with one seed."""

import importlib
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from harness.bench import Progress
from harness.records import RunRecord
from models import data, norms
from models.descent import Descent
from models.jitter import Jitter
from models.probing import Probe
from models.training import Schedule, train
from models.vgg import VGG, MakeNorm, initialise

LOSS = F.cross_entropy


def build(settings: Mapping[str, Any], seed: int, device: torch.device) -> VGG:
    """Return the arm's network with the seed's initial weights, channels innermost on the device.

    channels_last on a CPU: a step takes a tenth less time without a norm, a fifth less with
    BatchNorm (8x8, quarter width, one AVX-512 core, torch 2.13, median of 25).
    """
    network = VGG(
        settings["network"],
        width=settings["width"],
        in_channels=settings["channels"],
        image_size=settings["image_size"],
        classes=settings["classes"],
        make_norm=make_norm(settings),
        dropout=settings.get("dropout", 0.0),
    )
    initialise(network, seed, settings["init"])
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def make_norm(settings: Mapping[str, Any]) -> MakeNorm:
    """Return the arm's ``make(channels, layer)``; with ``norm_on`` "conv" none after FC layers."""
    make = norms.maker(settings["norm"], **settings.get("norm_options", {}))
    if settings.get("norm_on") != "conv":
        return make
    return lambda channels, layer: (
        make(channels, layer) if layer.startswith("conv") else nn.Identity()
    )


def augmentation(settings: Mapping[str, Any]) -> data.Augment | None:
    """Return what changes the arm's training images; its module belongs to no other arm's code."""
    if not settings.get("augment"):
        return None
    augmented: data.Augment = importlib.import_module("models.augment").augmented
    return augmented


def load_task(settings: Mapping[str, Any], data_dir: str, device: torch.device) -> data.Task:
    """Return the arm's data on the device. Raises DataError."""
    jitter = settings["jitter"]
    return data.load(
        f"models.{settings['dataset']}",
        data_dir,
        image_size=settings["image_size"],
        jitter=None if jitter is None else Jitter(**jitter),
        device=device,
        standardise=settings.get("pixels") != "raw",
    )


def run(
    settings: Mapping[str, Any], seed: int, device: torch.device, data_dir: str, progress: Progress
) -> RunRecord:
    """Train the arm with one seed and return its record."""
    return trained(build(settings, seed, device), settings, seed, device, data_dir, progress)


def trained(
    network: nn.Module,
    settings: Mapping[str, Any],
    seed: int,
    device: torch.device,
    data_dir: str,
    progress: Progress,
) -> RunRecord:
    """Train an image network as its arm's resolved settings say and return its record."""
    task = load_task(settings, data_dir, device)
    return train(
        network,
        batches(task, settings, seed).__getitem__,
        task.test_set(),
        LOSS,
        seed=seed,
        schedule=schedule(settings),
        probes=probes(settings),
        descent=descent(settings),
        progress=progress,
    )


def batches(task: data.Task, settings: Mapping[str, Any], seed: int) -> data.Batches:
    """Return the seed's training batches."""
    size = {"batch": settings["batch"], "steps": settings["steps"]}
    return data.Batches(task, seed, **size, augment=augmentation(settings))


def schedule(settings: Mapping[str, Any]) -> Schedule:
    """Return how long the arm trains and when it is measured."""
    names = ("steps", "learning_rate", "probe_every", "evaluate_every")
    return Schedule(**{name: settings[name] for name in names})


def probes(settings: Mapping[str, Any]) -> list[Probe]:
    """Return the arm's probes, made anew: they keep what they have seen of a run."""
    return [
        importlib.import_module(f"models.{name}").make(chosen)
        for name, chosen in settings["probes"].items()
    ]


def descent(settings: Mapping[str, Any]) -> Descent:
    """Return what gradient descent has besides its rate."""
    names = ("momentum", "l2_in_loss")
    return Descent(**{name: settings[name] for name in names if name in settings})
