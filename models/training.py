"""Stochastic gradient descent, with what is recorded on the way."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from harness.bench import Progress
from harness.records import Histograms, RunRecord, Series
from models.descent import Descent, Tensors
from models.probing import Probe, StepView, loss_function

BatchAt = Callable[[int], tuple[Tensor, Tensor]]
LossOf = Callable[[Tensor, Tensor], Tensor]
PLAIN = Descent()


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """How long training goes and when it is measured. Steps count from 0, the first update's."""

    steps: int
    learning_rate: float
    probe_every: int
    evaluate_every: int

    def probe_steps(self) -> tuple[int, ...]:
        """Return the steps before whose update the probes measure: 0, every, 2 every, ..."""
        return tuple(range(0, self.steps, self.probe_every))

    def evaluation_steps(self) -> tuple[int, ...]:
        """Return the steps after whose update the test accuracy is measured, the last included."""
        every = range(self.evaluate_every - 1, self.steps, self.evaluate_every)
        return tuple(sorted({*every, self.steps - 1}))


class Trace:
    """Values by metric and step. What is declared and never measured (divergence) is NaN."""

    def __init__(self, declared: Mapping[str, Sequence[int]]) -> None:
        self._declared = declared
        self._values: dict[str, dict[int, float]] = {name: {} for name in declared}

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Keep the values measured at a step."""
        for name, value in values.items():
            self._values[name][step] = value

    def add_all(self, name: str, values: Sequence[float]) -> None:
        """Keep one value of a metric for each step from 0 on."""
        self._values[name] = dict(enumerate(values))

    def series(self, diverged_at: int | None) -> dict[str, Series]:
        """Return every declared series; from the first non-finite loss on, all values are NaN."""
        end = math.inf if diverged_at is None else diverged_at
        return {
            name: Series(
                steps=tuple(steps),
                values=tuple(
                    self._values[name].get(step, math.nan) if step < end else math.nan
                    for step in steps
                ),
            )
            for name, steps in self._declared.items()
        }


def train(
    network: nn.Module,
    batch_at: BatchAt,
    test_set: tuple[Tensor, Tensor],
    loss_of: LossOf,
    *,
    seed: int,
    schedule: Schedule,
    probes: Sequence[Probe] = (),
    descent: Descent = PLAIN,
    progress: Progress = lambda done, steps: None,  # noqa: ARG005
) -> RunRecord:
    """Train the network in place with SGD, plain unless ``descent`` says more; return its record.

    ``train_loss`` and ``train_accuracy`` are those of each step's batch before its update, in train
    mode; ``train_loss`` is without an L2 term, so that a solved task shows. Probes see a step
    before its update, and the term. Training stops at the first non-finite loss.
    """
    started = time.perf_counter()
    steps, rate = schedule.steps, schedule.learning_rate
    names, parameters = zip(*network.named_parameters(), strict=True)
    noisy: list[Any] = [m for m in network.modules() if hasattr(m, "begin_step")]
    tapped = sorted({layer for probe in probes for layer in probe.taps})
    probe_steps, evaluation_steps = set(schedule.probe_steps()), set(schedule.evaluation_steps())
    trace = Trace(declared_series(schedule, probes))
    losses: list[Tensor] = []
    hits: list[Tensor] = []
    look_every = 1 if parameters[0].device.type == "cpu" else 100  # a look makes a GPU wait
    batch = 0
    directions: Tensors = ()
    network.train()
    for step in range(steps):
        for module in noisy:
            module.begin_step(seed, step)
        images, labels = batch_at(step)
        batch = len(labels)
        with tapping(network, tapped if step in probe_steps else []) as taps:
            logits = network(images)
        loss = loss_of(logits, labels)
        losses.append(loss.detach())
        hits.append(count_hits(logits, labels))
        probing = bool(probes) and step in probe_steps
        if (probing or step % look_every == 0) and not math.isfinite(loss.item()):
            break
        gradients = torch.autograd.grad(descent.objective(loss, parameters), parameters)
        directions = descent.directions(directions, gradients)
        if probing:
            view = StepView(
                step=step,
                seed=seed,
                learning_rate=rate,
                names=names,
                parameters=parameters,
                gradients=gradients,
                directions=directions,
                loss_at=loss_function(network, names, images, labels, loss_of, descent),
                taps=taps,
            )
            for probe in probes:
                trace.add(step, probe.measure(view))
        with torch.no_grad():
            for parameter, direction in zip(parameters, directions, strict=True):
                parameter.sub_(direction, alpha=rate)
        if step in evaluation_steps:
            trace.add(step, {"test_accuracy": accuracy_pct(network, *test_set)})
        if step % 10 == 0:
            progress(step + 1, steps)
    values = torch.stack(losses).double().tolist()
    trace.add_all("train_loss", values)
    trace.add_all("train_accuracy", [100 * n / batch for n in torch.stack(hits).tolist()])
    diverged_at = first_non_finite(values)
    progress(steps, steps)
    return RunRecord(
        seed=seed,
        steps=steps,
        series=trace.series(diverged_at),
        histograms=found_histograms(probes),
        diverged_at=diverged_at,
        wall_s=time.perf_counter() - started,
    )


def declared_series(schedule: Schedule, probes: Sequence[Probe]) -> dict[str, Sequence[int]]:
    """Return the steps of every series that a record holds, by name."""
    declared: dict[str, Sequence[int]] = {
        "train_loss": range(schedule.steps),
        "train_accuracy": range(schedule.steps),
        "test_accuracy": schedule.evaluation_steps(),
    }
    for probe in probes:
        declared |= probe.declared(schedule.probe_steps())
    return declared


def found_histograms(probes: Sequence[Probe]) -> dict[str, Histograms]:
    """Return what the probes have collected."""
    return {name: found for probe in probes for name, found in probe.histograms().items()}


def first_non_finite(losses: Sequence[float]) -> int | None:
    """Return the first step whose loss is not finite, None where all are."""
    return next((step for step, loss in enumerate(losses) if not math.isfinite(loss)), None)


@contextmanager
def tapping(network: nn.Module, layers: Sequence[int]) -> Iterator[dict[int, Tensor]]:
    """Yield a mapping that fills with the layers' activations before the ReLU."""
    found: dict[int, Tensor] = {}

    def keep(layer: int) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        return lambda _module, _inputs, output: found.__setitem__(layer, output.detach())

    def layer_of(index: int) -> nn.Module:
        return network.get_submodule(f"layers.{index - 1}")

    handles = [layer_of(i).register_forward_hook(keep(i)) for i in layers]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def count_hits(logits: Tensor, labels: Tensor) -> Tensor:
    """Return how many images are classified rightly, a scalar tensor."""
    return (logits.detach().argmax(1) == labels).sum()


def accuracy_pct(network: nn.Module, images: Tensor, labels: Tensor, batch: int = 1000) -> float:
    """Return the percentage classified rightly in eval mode; train mode is restored."""
    return 100 * float(count_test_hits(network, images, labels, batch)) / len(labels)


@torch.no_grad()
def count_test_hits(
    network: nn.Module, images: Tensor, labels: Tensor, batch: int = 1000
) -> Tensor:
    """Return how many are classified rightly in eval mode, a scalar; train mode is restored."""
    network.eval()
    hits = [
        count_hits(network(x), y)
        for x, y in zip(images.split(batch), labels.split(batch), strict=True)
    ]
    network.train()
    return torch.stack(hits).sum()
