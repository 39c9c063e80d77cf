"""How a resolved arm of the deep linear network is trained: all seeds of a job at once."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.bench import Progress
from harness.records import Histograms, RunRecord, Series
from models import dln_norms, dln_probes
from models.dln import Parameters, Samples, draw_parameters, draw_samples, evaluate
from models.dln_probes import Probe, Values, View
from models.engine.programmes import programme
from models.numerics import products


def run_seeds(
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    device: torch.device,
    progress: Progress,
    *,
    graphs: bool = False,
) -> list[RunRecord]:
    """Train the arm with every seed in one computation and return their records in order.

    ``graphs``: on a card, replay a recorded step instead of calling its operations one by one. In
    fp32 whatever the precision of the environment: 10 x 10 products gain nothing from less.
    """
    return train(settings, seeds, device, progress, graphs=graphs)[0]


class Training:
    """The seeds in training: what a step reads and changes stays where it is on the device.

    ``losses`` (steps, seeds) are those before each step's update; ``step`` counts. ``velocity`` is
    what the last step subtracted, in learning rates: 0 at first, and without momentum none.
    """

    def __init__(
        self, settings: Mapping[str, Any], seeds: Sequence[int], device: torch.device
    ) -> None:
        self._rate, self._momentum = settings["learning_rate"], settings.get("momentum", 0.0)
        self._size = dln_norms.size_of(settings["norm"])
        self._samples = drawn_samples(settings, seeds, device)
        self.parameters = drawn_parameters(settings, seeds, device)
        self.velocity = self.parameters.zeros() if self._momentum else None
        self.losses = self._samples.inputs.new_zeros(settings["steps"], len(seeds))
        self.step = torch.zeros((), dtype=torch.int64, device=device)

    def advance(self) -> None:
        """Take a step, by operations on the device alone."""
        loss, gradients = evaluate(self.parameters, self._samples, self._size)
        self.losses.index_copy_(0, self.step.view(1), loss.view(1, -1))
        if self.velocity is not None:
            gradients = gradients.plus(self.velocity, self._momentum)
            self.velocity.become(gradients)
        self.parameters.step(gradients, self._rate)
        self.step.add_(1)

    def state(self) -> list[Tensor]:
        """Return all tensors that a step reads and changes."""
        moving = [self.parameters, *([] if self.velocity is None else [self.velocity])]
        return [*(part for each in moving for part in each.parts()), self.step]


def train(
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    device: torch.device,
    progress: Progress,
    *,
    graphs: bool = False,
) -> tuple[list[RunRecord], Parameters]:
    """Train by full-batch gradient descent; return the records and the last parameters.

    Losses are those before each step's update, and probes see a step before its update, in float64
    (``in_double``). A seed whose loss is not finite is recorded as diverged, and the others go on.
    Momentum is that of ``torch.optim.SGD``: v = momentum * v + g, without one the gradient itself.
    """
    started = time.perf_counter()
    steps = settings["steps"]
    probes = dln_probes.made(settings["probes"])
    probed: dict[int, Values] = {}
    with torch.autocast(device.type, enabled=False), products(tf32=False):
        exact = drawn_exactly(settings, seeds, device)
        training = Training(settings, seeds, device)
        with closing(programme([training.advance], training.state(), graphs=graphs)) as stepping:
            for step in range(steps):
                if step % settings["probe_every"] == 0 and probes:
                    view = in_double(
                        settings, seeds, step, training.parameters, exact, training.velocity
                    )
                    probed[step] = measured(probes, view)
                stepping.run()
                if step % 10 == 0:
                    progress(step + 1, steps)
            by_step = training.losses.double().cpu().numpy()  # (steps, seeds)
    progress(steps, steps)
    wall_s = (time.perf_counter() - started) / len(seeds)
    return _records(seeds, by_step, _joined(probed), probes, wall_s), training.parameters


def drawn_exactly(
    settings: Mapping[str, Any], seeds: Sequence[int], device: torch.device
) -> Samples:
    """Return the seeds' data in float64."""
    return drawn_samples(settings, seeds, device, torch.float64)


def drawn_samples(
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    device: torch.device,
    dtype: torch.dtype = torch.float32,
) -> Samples:
    """Return the seeds' data."""
    return draw_samples(
        seeds,
        width=settings["width"],
        count=settings["samples"],
        device=device,
        dtype=dtype,
        error_weight=1.0 if settings.get("loss") == "sum" else 0.5,
    )


def drawn_parameters(
    settings: Mapping[str, Any], seeds: Sequence[int], device: torch.device
) -> Parameters:
    """Return the seeds' initial parameters."""
    normed = dln_norms.size_of(settings["norm"]) is not None
    everywhere = normed and settings.get("norm_on") == "all"
    return draw_parameters(
        seeds,
        layers=settings["layers"],
        width=settings["width"],
        normed=settings["layers"] if everywhere else normed,
        init=settings["init"],
        device=device,
    )


def in_double(
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    step: int,
    parameters: Parameters,
    samples: Samples,
    velocity: Parameters | None = None,
) -> View:
    """Return what probes see at a step, all in float64: ``samples`` are.

    ``velocity`` is what the step before subtracted, in learning rates; momentum carries it on.

    In float32 the change of the gradient over the smallest step, 1e-8, drowns in rounding: without
    a norm it came out 21 times too large after 1500 steps, and so did effective beta (3 seeds).
    """
    size = dln_norms.size_of(settings["norm"])
    exact = parameters.double()
    gradients = evaluate(exact, samples, size)[1]
    momentum = settings.get("momentum", 0.0)
    carried = velocity.double() if momentum and velocity else None
    return View(
        step=step,
        seeds=seeds,
        learning_rate=settings["learning_rate"],
        parameters=exact,
        gradients=gradients,
        samples=samples,
        size=size,
        directions=gradients if carried is None else gradients.plus(carried, momentum),
    )


def measured(probes: Sequence[Probe], view: View) -> Values:
    """Return every probe's values at a step."""
    values: Values = {}
    for probe in probes:
        values |= probe.measure(view)
    return values


Columns = dict[str, tuple[tuple[int, ...], np.ndarray]]
"""Steps and values (points, seeds) by metric."""


def _joined(probed: Mapping[int, Values]) -> Columns:
    """Return each metric's steps and values; one may be measured from a later point on only."""
    by_name: dict[str, dict[int, Tensor]] = {}
    for step, values in probed.items():
        for name, value in values.items():
            by_name.setdefault(name, {})[step] = value
    return {
        name: (tuple(found), torch.stack(list(found.values())).double().cpu().numpy())
        for name, found in by_name.items()
    }


def _records(
    seeds: Sequence[int],
    losses: np.ndarray,
    probed: Columns,
    probes: Sequence[Probe],
    wall_s: float,
) -> list[RunRecord]:
    """Return one record for each seed; from its first non-finite loss on all its values are NaN."""
    columns = {"train_loss": (tuple(range(len(losses))), losses)} | probed
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
        histograms = [probe.histograms(i).items() for probe in probes]
        records.append(
            RunRecord(
                seed=seed,
                steps=len(losses),
                series=series,
                histograms={n: _until(h, end) for found in histograms for n, h in found},
                diverged_at=diverged_at,
                wall_s=wall_s,
            )
        )
    return records


def _until(histograms: Histograms, end: int) -> Histograms:
    """Return the histograms of steps before ``end``."""
    points = sum(step < end for step in histograms.steps)
    return Histograms(
        steps=histograms.steps[:points],
        edges=histograms.edges,
        counts=histograms.counts[:points],
    )
