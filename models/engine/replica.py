"""A replica: one seed in training, whose step is made of operations on its device alone.

What a step must know (which step it is) and what it leaves behind (loss, hits, probes' numbers)
lives in tensors, so that a CUDA graph can hold a step and be replayed for every one. Nothing is
read back before the end, but for a look at the losses now and then.

A probe's evaluations follow one another within a replica: what overlaps on a card is the replicas.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from harness.records import RunRecord
from models.descent import Descent
from models.engine.feeds import Feed
from models.probing import Probe, ProbePoint, StepView, loss_function
from models.training import (
    PLAIN,
    LossOf,
    Schedule,
    Trace,
    count_hits,
    count_test_hits,
    declared_series,
    first_non_finite,
    found_histograms,
    tapping,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What all replicas of a group share: an arm's training, without network, data and seed.

    ``counted``: what is random during training is drawn by counter on the device, not by the host.
    A CUDA graph needs that; without it a step's numbers are those of the plain loop.
    """

    schedule: Schedule
    loss_of: LossOf
    test_set: tuple[Tensor, Tensor]
    descent: Descent = PLAIN
    counted: bool = False


class Replica:
    """One seed of a group. Changes its network in place."""

    def __init__(
        self, network: nn.Module, feed: Feed, recipe: Recipe, probes: Sequence[Probe], *, seed: int
    ) -> None:
        names, parameters = zip(*network.named_parameters(), strict=True)
        self.network, self.seed = network, seed
        self._feed, self._recipe, self._probes = feed, recipe, probes
        self._names: tuple[str, ...] = names
        self._parameters: tuple[nn.Parameter, ...] = parameters
        self._tapped = sorted({layer for probe in probes for layer in probe.taps})
        self._velocity: tuple[Tensor, ...] = ()
        if recipe.descent.momentum:  # from 0: v = momentum * 0 + g at the first step
            self._velocity = tuple(torch.zeros_like(p) for p in parameters)
        schedule, device = recipe.schedule, parameters[0].device
        whole: dict[str, Any] = {"dtype": torch.int64, "device": device}
        exact: dict[str, Any] = {"dtype": torch.float64, "device": device}
        self.step = torch.zeros((), **whole)
        self._point = torch.zeros((), **whole)
        self._losses = torch.full((schedule.steps,), math.nan, **exact)
        self._hits = torch.zeros(schedule.steps, **whole)
        self._test_hits = torch.zeros(len(schedule.evaluation_steps()), **whole)
        self._rows = torch.empty(0, 0, **exact)  # (probe points, numbers); made at the first
        self._widths: list[int] = []  # numbers of each probe
        self._batch, self._host_step = 0, 0
        self._noisy: list[Any] = [m for m in network.modules() if hasattr(m, "begin_step")]
        if recipe.counted:
            for module in self._noisy:
                module.follow(seed, self.step)
        network.train()

    @property
    def has_probes(self) -> bool:
        """Return whether anything is measured at probe steps."""
        return bool(self._probes)

    def stage(self, step: int) -> None:
        """Do what the host must do before a step: its batch, and its noise unless by counter."""
        self._feed.stage(step)
        self._host_step = step
        if not self._recipe.counted:
            for module in self._noisy:
                module.begin_step(self.seed, step)

    def advance(self) -> None:
        """Take a step."""
        self._step(probing=False)

    def advance_probed(self) -> None:
        """Take a step and let the probes see it before its update."""
        self._step(probing=True)

    def _step(self, *, probing: bool) -> None:
        descent, loss_of = self._recipe.descent, self._recipe.loss_of
        images, labels = self._feed.batch(self.step)
        self._batch = len(labels)
        with tapping(self.network, self._tapped if probing else []) as taps:
            logits = self.network(images)
        loss = loss_of(logits, labels)
        here = self.step.view(1)
        self._losses.index_copy_(0, here, loss.detach().double().view(1))
        self._hits.index_copy_(0, here, count_hits(logits, labels).view(1))
        objective = descent.objective(loss, self._parameters)
        gradients = torch.autograd.grad(objective, self._parameters)
        directions = descent.directions(self._velocity, gradients)
        if probing:
            view = StepView(
                step=-1 if self._recipe.counted else self._host_step,
                seed=self.seed,
                learning_rate=self._recipe.schedule.learning_rate,
                names=self._names,
                parameters=self._parameters,
                gradients=gradients,
                directions=directions,
                loss_at=loss_function(self.network, self._names, images, labels, loss_of, descent),
                taps=taps,
                counter=self.step if self._recipe.counted else None,
            )
            self._read(view)
        with torch.no_grad():
            if self._velocity:
                torch._foreach_copy_(self._velocity, directions)
            rate = self._recipe.schedule.learning_rate
            torch._foreach_sub_(self._parameters, directions, alpha=rate)
            self.step.add_(1)

    def _read(self, view: StepView) -> None:
        """Write the probes' numbers into the row of this probe point."""
        parts = [probe.read(view) for probe in self._probes]
        row = torch.cat(parts)
        if not self._widths:
            self._widths = [len(part) for part in parts]
            points = len(self._recipe.schedule.probe_steps())
            self._rows = row.new_full((points, len(row)), math.nan)
        self._rows.index_copy_(0, self._point.view(1), row.view(1, -1))
        self._point.add_(1)

    def evaluate(self, position: int) -> None:
        """Count the test images that are classified rightly, for the evaluation at a position."""
        self._test_hits[position].copy_(count_test_hits(self.network, *self._recipe.test_set))

    def state(self) -> list[Tensor]:
        """Return all tensors that a step reads and changes."""
        return [*self._parameters, *self.network.buffers(), *self._velocity, self.step, self._point]

    def is_finite(self, steps: int) -> Tensor:
        """Return whether the losses of the first ``steps`` steps are, a scalar on the device."""
        return self._losses[:steps].isfinite().all()

    def record(self, wall_s: float) -> RunRecord:
        """Return what was measured, as the plain loop does; from here on the host waits."""
        schedule, losses = self._recipe.schedule, self._losses.tolist()
        diverged_at = first_non_finite(losses)
        trace = Trace(declared_series(schedule, self._probes))
        trace.add_all("train_loss", losses)
        trace.add_all("train_accuracy", [100 * n / self._batch for n in self._hits.tolist()])
        tested = len(self._recipe.test_set[1])
        for step, hits in zip(schedule.evaluation_steps(), self._test_hits.tolist(), strict=True):
            trace.add(step, {"test_accuracy": 100 * hits / tested})
        self._measure(trace, schedule.steps if diverged_at is None else diverged_at)
        return RunRecord(
            seed=self.seed,
            steps=schedule.steps,
            series=trace.series(diverged_at),
            histograms=found_histograms(self._probes),
            diverged_at=diverged_at,
            wall_s=wall_s,
        )

    def _measure(self, trace: Trace, end: int) -> None:
        """Let the probes make metrics of the numbers that they read before step ``end``."""
        schedule = self._recipe.schedule
        points = [step for step in schedule.probe_steps() if step < end]
        for step, row in zip(points, self._rows.cpu(), strict=False):  # none without probes
            point = ProbePoint(step=step, learning_rate=schedule.learning_rate)
            for probe, numbers in zip(self._probes, row.split(self._widths), strict=True):
                trace.add(step, probe.values(numbers, point))
