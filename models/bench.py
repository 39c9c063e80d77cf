"""The bench of Santurkar et al. 2018: arms in the paper's words, trained at a scale.

Nothing here imports torch or scikit-learn before ``prepare`` or ``train``.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.bench import Arm, BenchOption, Card, Environment, Identity, Metric, Progress, Scale
from harness.errors import OptionError
from harness.records import RunRecord
from models import (
    deviations,
    dln_metrics,
    dln_spec,
    lost_device,
    machine,
    metrics,
    optional_settings,
    precision,
    resnet_spec,
    resolve,
    scales,
)

NORM_COST = {"none": 1.0, "batch": 1.1, "noisy-batch": 1.7, "noise": 1.6}
"""Seconds per step over those without a norm at desk, two runs at once; 1.5 for all others."""

PROBE_SHARE = {
    "landscape": 0.75,
    "ics": 0.20,
    "moments": 0.05,
    "gradients": 0.0,
    "random": 0.85,
    "beyond": 0.37,
    "fine": 0.75,
}
"""Seconds per point over ``probe_s``, by BatchNorm at desk (``python -m models.benchmark``).

The last two beside the landscape, which has half of the points of one and a third of the other's.
"""


class VisionBench:
    """Trains VGGs, residual networks and deep linear networks at one scale.

    ``options`` are those of ``options()`` without the dashes.
    """

    def __init__(self, scale: str = "desk", options: Mapping[str, str] | None = None) -> None:
        if scale not in scales.SCALES:
            raise OptionError(f"--scale: got {scale!r}, expected one of {tuple(scales.SCALES)}")
        self.scale = scales.SCALES[scale]
        chosen = {option.flag.removeprefix("--"): option.default for option in self.options()}
        given = {
            name.removeprefix("--").replace("_", "-"): v for name, v in (options or {}).items()
        }
        if unknown := sorted(set(given) - set(chosen)):
            raise OptionError(f"bench: got unknown options {unknown}, expected {sorted(chosen)}")
        chosen |= given
        for option in self.options():
            value = chosen[option.flag.removeprefix("--")]
            if option.choices and value not in option.choices:
                raise OptionError(f"{option.flag}: got {value!r}, expected one of {option.choices}")
        self._processes = machine.parse_count("--processes-per-card", chosen["processes-per-card"])
        self._seeds_together = self.scale.seeds_together
        if (together := chosen["seeds-together"]) != "auto":
            self._seeds_together = machine.parse_count("--seeds-together", together)
        self._data_dir, self._precision = chosen["data-dir"], chosen["precision"]
        self._engine = chosen["engine"]
        self.dataset = self.scale.dataset if chosen["dataset"] == "auto" else chosen["dataset"]
        self._prepared = False

    @classmethod
    def options(cls) -> tuple[BenchOption, ...]:
        """Return what is trained on, how it is calculated, and by how many processes."""
        return (
            BenchOption(
                flag="--dataset",
                default="auto",
                choices=("auto", *resolve.DATASETS),
                help="what the VGGs train on (auto: what the scale says)",
            ),
            BenchOption(
                flag="--data-dir",
                default=".data",
                help="folder for CIFAR-10",
                changes_numbers=False,
            ),
            BenchOption(
                flag="--precision",
                default="fp32",
                choices=machine.PRECISIONS,
                help="arithmetic on a card; a CPU trains in fp32",
            ),
            BenchOption(
                flag="--engine",
                default="auto",
                choices=machine.ENGINES,
                help="eager: the plain loop on a card, too, one seed after the other; slower",
            ),
            BenchOption(
                flag="--processes-per-card",
                default="1",  # not measured on a card yet
                help="how many processes train on a card at once, each in its share of the memory",
                changes_numbers=False,
            ),
            BenchOption(
                flag="--seeds-together",
                default="auto",
                help="how many seeds of an arm a process trains at once on a card (auto: what the "
                "scale says; python -m models.benchmark measures what is fastest)",
                changes_numbers=False,
            ),
        )

    @classmethod
    def scales(cls) -> tuple[Scale, ...]:
        """Return quick, desk and paper."""
        return tuple(
            Scale(name=s.name, seeds=s.seeds, verdicts=s.verdicts, note=s.note)
            for s in scales.SCALES.values()
        )

    def settings(self, arm: Arm) -> dict[str, Any]:
        """Return the arm's resolved settings. Raises ArmError."""
        return resolve.resolve(arm, self.scale, self.dataset)

    def environment(self, device: str) -> Environment:
        """Return where numbers trained on the device come from. Raises OptionError."""
        return machine.environment(device, self._precision, self._engine)

    def cards(self, device: str) -> tuple[Card, ...]:
        """Return the CUDA cards of a device, none of a CPU. Raises OptionError."""
        return machine.cards(device)

    def processes_per_device(self, device: str) -> int | None:
        """Return how many processes may train on a card at once, None for a CPU."""
        return None if machine.device_kind(device) == "cpu" else self._processes

    def fatal(self, error: BaseException, device: str) -> bool:
        """Return whether CUDA fails in this process from now on, whatever is asked of it."""
        return lost_device.is_lost(error, device)

    def identity(self, arm: Arm) -> Identity:
        """Return resolved settings, md5 of the data and the defining modules. Raises ArmError."""
        settings = self.settings(arm)
        linear = settings["kind"] == "dln"
        return Identity(
            settings=settings,
            data_md5=dln_spec.DATA if linear else resolve.DATASETS[self.dataset].MD5,
            modules=resolve.modules(settings),
        )

    def describe(self, arm: Arm) -> str:
        """Return the arm in a few words: ``VGG-A x 1/4, batch norm, LR 0.1``."""
        settings = self.settings(arm)
        if settings["kind"] == "dln":
            return dln_spec.describe(settings)
        return deviations.describe(settings, self.scale.init, self.scale.steps)

    def deviations(self, arm: Arm, metric: str) -> tuple[str, ...]:
        """Return where a metric of the arm differs from the paper's, most important first."""
        settings = self.settings(arm)
        if settings["kind"] == "dln":
            return dln_spec.deviations(settings, metric)
        return deviations.deviations(settings, arm, metric)

    def metrics(self, arm: Arm) -> Mapping[str, Metric]:
        """Return every metric that a record of the arm holds, by name."""
        settings = self.settings(arm)
        if settings["kind"] == "dln":
            return dln_metrics.metrics(settings)
        return metrics.metrics(settings)

    def estimate_s(self, arm: Arm) -> float:
        """Return the seconds of one seed: on one core, at scale ``paper`` on a card.

        Another data set than the scale's costs in proportion to its pixels.
        """
        settings = self.settings(arm)
        if settings["kind"] == "dln":
            return dln_spec.estimate_s(settings, self.seeds_per_job(arm))
        steps = settings["steps"]
        points = len(range(0, steps, self.scale.probe_every))
        cost: float = NORM_COST.get(settings["norm"], 1.5)
        cost *= (settings["image_size"] / self.scale.image_size) ** 2
        cost *= self._relative_cost(settings)
        share = sum(PROBE_SHARE[name] for name in settings["probes"])
        return cost * (steps * self.scale.step_s + points * share * self.scale.probe_s)

    def _relative_cost(self, settings: Mapping[str, Any]) -> float:
        if settings["kind"] == "resnet":
            return resnet_spec.relative_cost(self.scale.name)
        return optional_settings.relative_cost(settings, self.scale.network, self.scale.width)

    def seeds_per_job(self, arm: Arm) -> int:
        """Return what was asked for; for a linear network all: one computation trains them."""
        linear = self.settings(arm)["kind"] == "dln"
        return len(self.scale.seeds) if linear else self._seeds_together

    def prepare(self, arm: Arm) -> None:
        """Check the data's files; download CIFAR-10 where it is absent. Raises DataError."""
        if self.settings(arm)["kind"] != "dln" and not self._prepared:
            resolve.DATASETS[self.dataset].prepare(self._data_dir)
            self._prepared = True  # to check all of CIFAR-10 again for each arm takes seconds

    def train(
        self, arm: Arm, seeds: Sequence[int], device: str, progress: Progress
    ) -> Sequence[RunRecord]:
        """Train the arm once for each seed and return the records. Raises ClaimError.

        With the graph engine all these seeds train together, as many as there are.
        """
        settings, environment = self.settings(arm), self.environment(device)
        import torch

        from models.numerics import numerics

        arms: Any = importlib.import_module(f"models.{settings['kind']}_arm")
        hardware = {"cpu": environment.cpu}
        if environment.card:
            hardware["card"] = environment.card
        where = torch.device(device)
        arithmetic = precision.of_arm(settings, self._precision, device)
        graphs = environment.engine == "graphs"
        machine.share_memory(device, self._processes)
        with numerics(device, arithmetic):
            if hasattr(arms, "run_seeds"):
                records = arms.run_seeds(settings, seeds, where, progress, graphs=graphs)
            elif graphs:
                engine: Any = importlib.import_module(resolve.ENGINE)
                records = engine.run_seeds(
                    arms.build, settings, seeds, where, self._data_dir, progress
                )
            else:
                records = [
                    arms.run(
                        settings, seed, where, self._data_dir, _shifted(progress, i, len(seeds))
                    )
                    for i, seed in enumerate(seeds)
                ]
        return [replace(record, hardware=hardware | {**record.hardware}) for record in records]


def _shifted(progress: Progress, done: int, seeds: int) -> Progress:
    """Return progress of one seed of several as progress of all."""
    return lambda step, steps: progress(done * steps + step, seeds * steps)
