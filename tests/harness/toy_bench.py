"""A bench without torch: runs are random numbers with a known effect. Copied into test projects."""

import os
import signal
import time
from pathlib import Path

from harness.bench import Arm, BenchOption, Card, Environment, Identity, Metric, Scale
from harness.errors import ArmError, DataError, OptionError
from harness.records import RunRecord, Series

STEPS = 60
LOST = []  # whether this process has lost its device: nothing trains any more


def toy(**settings):
    """Return an arm: ``accuracy`` at the end (%), its ``sd`` over seeds, a ``name``.

    ``only="quick"`` is an arm that no other scale can build.
    """
    return Arm.of("toy", **({"accuracy": 60.0, "sd": 1.0, "name": "plain"} | settings))


class ToyBench:
    def __init__(self, *, scale, options):
        self.scale, self.options_got = scale, options

    @classmethod
    def options(cls):
        return (BenchOption(flag="--flavour", default="plain", choices=("plain", "other")),)

    @classmethod
    def scales(cls):
        return (
            Scale(name="quick", seeds=(0, 1), verdicts=False),
            Scale(name="desk", seeds=tuple(range(10))),
        )

    def environment(self, device):
        kind = "cuda" if self.cards(device) else "cpu"
        return Environment(device_kind=kind, version="0", precision="fp64", engine="toy", cpu="any")

    def cards(self, device):
        """Return fake cards, as many as TOY_CARDS says."""
        every = range(int(os.environ.get("TOY_CARDS", "0")))
        cards = [Card(device=f"cuda:{i}", identity=f"TOY/{i}", name="toy card") for i in every]
        found = [card for card in cards if card.device.startswith(device)]
        if device != "cpu" and not found:
            raise OptionError(f"--gpu: got {device}; expected a CUDA device, and there is none")
        return found

    def processes_per_device(self, device):
        return None if device == "cpu" else int(os.environ.get("TOY_PER_CARD", "1"))

    def fatal(self, error, device):
        return "illegal memory access" in str(error)

    def identity(self, arm):
        own = dict(arm.settings).get("only", self.scale) == self.scale
        if arm.kind != "toy" or "refuse" in dict(arm.settings) or not own:
            raise ArmError(f"arm: got {arm}; expected toy(...)")
        apart = ("slow", "killer", "loses")
        settings = {key: value for key, value in arm.settings if key not in apart}
        return Identity(
            settings=settings | {"scale": self.scale, "flavour": self.options_got.get("--flavour")},
            data_md5="none",
            modules=("toy_numbers",),
        )

    def describe(self, arm):
        return f"toy {arm['name']}"

    def deviations(self, arm, metric):
        return ("random numbers instead of networks",)

    def metrics(self, arm):
        layers = range(10, 10 + dict(arm.settings).get("layers", 0))
        return {f"ics_layer{layer}": Metric(label="change", unit="") for layer in layers} | {
            "train_accuracy": Metric(label="training accuracy", unit="%", low=0.0, high=100.0),
            "train_loss": Metric(label="training loss", unit="nats", low=0.0),
            "range": Metric(label="loss range", unit="nats", low=0.0),
        }

    def estimate_s(self, arm):
        return float(dict(arm.settings).get("slow", 0.01))

    def seeds_per_job(self, arm):
        return int(dict(arm.settings).get("block", 1))

    def prepare(self, arm):
        if dict(arm.settings).get("no_data"):
            raise DataError("data: got no folder; expected one; run the download")

    def train(self, arm, seeds, device, progress):
        settings = dict(arm.settings)
        _log(device, "begins")
        log = Path("trained.log")
        with log.open("a") as file:
            for seed in seeds:
                file.write(f"{settings['name']} {seed} {os.getpid()}\n")
        _misbehave(settings, seeds)
        slow = 0.1 if Path("slow_down").exists() else float(settings.get("slow", 0.0))
        for step in range(10):
            progress(step, 10)
            time.sleep(slow / 10)
        _log(device, "ends")
        shift = 1 if settings.get("wrong_seeds") else 0
        return [self._record(settings, seed + shift) for seed in seeds]

    def _record(self, settings, seed):
        from toy_numbers import numbers

        accuracy, loss, spread = numbers(settings, seed, STEPS)
        if settings.get("nan_seed") == seed:
            accuracy = [*accuracy[:-1], float("nan")]
        steps = tuple(range(STEPS))
        return RunRecord(
            seed=seed,
            steps=STEPS,
            series={
                "train_accuracy": Series(steps=steps, values=tuple(accuracy)),
                "train_loss": Series(steps=steps, values=tuple(loss)),
                "range": Series(steps=steps, values=tuple(spread)),
            },
            wall_s=0.01,
        )


def _log(device, what):
    with Path("devices.log").open("a") as file:
        file.write(f"{time.time()} {os.getpid()} {device} {what}\n")


def _misbehave(settings, seeds):
    """Raise, lose the device or die, once or always, as an arm's settings ask for."""
    if settings.get("raises"):
        raise RuntimeError("toy training broke")
    loses, marker = settings.get("loses"), Path("lost-once")
    if LOST or (loses and 0 in seeds and (loses == "always" or not marker.exists())):
        marker.touch()
        LOST.append(True)
        raise RuntimeError("toy device: an illegal memory access was encountered")
    killer, marker = settings.get("killer"), Path("killed-once")
    if killer and 0 in seeds and (killer == "always" or not marker.exists()):
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
