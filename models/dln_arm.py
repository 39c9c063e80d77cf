"""How a resolved arm of the deep linear network is trained: all seeds of a job at once."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.bench import Progress
from harness.records import RunRecord, Series
from models import dln_norms
from models.dln import Parameters, Samples, Size, draw_parameters, draw_samples, evaluate

Values = dict[str, Tensor]
"""Numbers measured at one step by metric, (seeds,) each."""


def run_seeds(
    settings: Mapping[str, Any], seeds: Sequence[int], device: torch.device, progress: Progress
) -> list[RunRecord]:
    """Train the arm with every seed in one computation and return their records in order.

    In fp32 whatever the precision of the environment: 10 x 10 products gain nothing from less.
    """
    return train(settings, seeds, device, progress)[0]


def train(
    settings: Mapping[str, Any], seeds: Sequence[int], device: torch.device, progress: Progress
) -> tuple[list[RunRecord], Parameters]:
    """Train by plain full-batch gradient descent; return the records and the last parameters.

    Losses are those before each step's update, and probes see a step before its update. A seed
    whose loss is not finite is recorded as diverged, and the others go on.
    """
    started = time.perf_counter()
    steps, rate = settings["steps"], settings["learning_rate"]
    width = settings["width"]
    size = dln_norms.size_of(settings["norm"])
    losses: list[Tensor] = []
    probed: dict[int, Values] = {}
    with torch.autocast(device.type, enabled=False):
        samples = draw_samples(seeds, width=width, count=settings["samples"], device=device)
        parameters = draw_parameters(
            seeds,
            layers=settings["layers"],
            width=width,
            normed=size is not None,
            device=device,
        )
        for step in range(steps):
            loss, gradients = evaluate(parameters, samples, size)
            losses.append(loss)
            if step % settings["probe_every"] == 0 and settings["probes"]:
                probed[step] = measure(settings, parameters, gradients, samples, size)
            parameters.step(gradients, rate)
            if step % 10 == 0:
                progress(step + 1, steps)
    by_step = torch.stack(losses).double().cpu().numpy()  # (steps, seeds)
    progress(steps, steps)
    wall_s = (time.perf_counter() - started) / len(seeds)
    return _records(seeds, by_step, _joined(probed), tuple(probed), wall_s), parameters


def measure(
    settings: Mapping[str, Any],
    parameters: Parameters,
    gradients: Parameters,
    samples: Samples,
    size: Size | None,
) -> Values:
    """Return every chosen probe's values at a step; nothing that is given is changed."""
    probes, rate = settings["probes"], settings["learning_rate"]
    values: Values = {}
    if "landscape" in probes:
        sizes = probes["landscape"]["step_sizes"]
        values |= landscape(parameters, gradients, samples, size, sizes)
    if "ics" in probes:
        layers = probes["ics"]["layers"]
        values |= shifts(parameters, gradients, samples, size, layers, rate)
    if "gradients" in probes:
        values["gradient_norm"] = gradients.norm()
    return values


def landscape(
    parameters: Parameters,
    gradients: Parameters,
    samples: Samples,
    size: Size | None,
    step_sizes: Sequence[float],
) -> Values:
    """Measure loss and gradient at theta - eta g for each eta (Section 3.1, Figures 9 and 10).

    Effective beta is the greatest change of the gradient over the distance moved, eta ||g||.
    """
    found_losses, found_changes, betas = [], [], []
    norm = gradients.norm()
    for eta in step_sizes:
        loss, there = evaluate(parameters.moved(gradients, eta), samples, size)
        change = there.distance(gradients)
        found_losses.append(loss)
        found_changes.append(change)
        betas.append(change / (eta * norm))
    losses, changes = torch.stack(found_losses), torch.stack(found_changes)  # (sizes, seeds)
    low, high = losses.amin(0), losses.amax(0)  # both keep a NaN
    values = {
        "loss_min": low,
        "loss_max": high,
        "loss_range": high - low,
        "loss_ratio": high / low,
        "gradient_change_min": changes.amin(0),
        "gradient_change_max": changes.amax(0),
        "beta": torch.stack(betas).amax(0),
    }
    for eta, loss, change in zip(step_sizes, found_losses, found_changes, strict=True):
        values[f"loss_at_eta{eta:g}"] = loss
        values[f"gradient_change_at_eta{eta:g}"] = change
    return values


def shifts(
    parameters: Parameters,
    gradients: Parameters,
    samples: Samples,
    size: Size | None,
    layers: Sequence[int],
    learning_rate: float,
) -> Values:
    """Measure Definition 2.1 for the weights of chosen layers, counted from 1.

    Layers 1 .. i - 1 alone take their step, with their norms' parameters.
    """
    values = {}
    for layer in layers:
        before = gradients.weight[layer - 1].flatten(1)  # (seeds, width * width)
        moved = parameters.moved(gradients, learning_rate, layers=layer - 1)
        after = evaluate(moved, samples, size)[1].weight[layer - 1].flatten(1)
        sizes = torch.linalg.vector_norm(before, dim=1) * torch.linalg.vector_norm(after, dim=1)
        values[f"ics_l2_layer{layer}"] = torch.linalg.vector_norm(before - after, dim=1)
        values[f"ics_cosine_layer{layer}"] = (before * after).sum(1) / sizes
    return values


def _joined(probed: Mapping[int, Values]) -> dict[str, np.ndarray]:
    """Return each metric's values, (points, seeds)."""
    names = next(iter(probed.values()), {})
    return {
        name: torch.stack([values[name] for values in probed.values()]).double().cpu().numpy()
        for name in names
    }


def _records(
    seeds: Sequence[int],
    losses: np.ndarray,
    probed: Mapping[str, np.ndarray],
    points: tuple[int, ...],
    wall_s: float,
) -> list[RunRecord]:
    """Return one record for each seed; from its first non-finite loss on all its values are NaN."""
    every = tuple(range(len(losses)))
    columns = {"train_loss": (every, losses)}
    columns |= {name: (points, values) for name, values in probed.items()}
    records = []
    for i, seed in enumerate(seeds):
        lost = np.flatnonzero(~np.isfinite(losses[:, i]))
        diverged_at = int(lost[0]) if len(lost) else None
        end = len(losses) if diverged_at is None else diverged_at
        series = {
            name: Series(
                steps=steps,
                values=tuple(np.where(np.array(steps) < end, values[:, i], np.nan).tolist()),
            )
            for name, (steps, values) in columns.items()
        }
        records.append(
            RunRecord(
                seed=seed,
                steps=len(losses),
                series=series,
                diverged_at=diverged_at,
                wall_s=wall_s,
            )
        )
    return records
