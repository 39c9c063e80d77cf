"""The protocol through which the harness sees a paper's code, and the plain records it exchanges.

A family's ``family.toml`` names a class, such as ``bench = "models.bench:VisionBench"``. The class
is imported when pytest starts, so its module must import nothing heavy (torch) at the top. An
instance is made for one scale: ``VisionBench(scale="desk", options={"--dataset": "auto"})``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.records import RunRecord

Progress = Callable[[int, int], None]
"""Called now and then during training with (steps done, steps in all)."""

Setting = str | int | float | bool | None | tuple[str | int | float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One training configuration without the seed, as a claim file writes it.

    Symbolic: ``settings`` holds the paper's words (``norm="batch"``, ``lr=0.1``), sorted by name;
    the bench resolves them for its scale. Make one through a paper's own menu, such as
    ``models.menu.vgg(norm="batch")``.
    """

    kind: str
    settings: tuple[tuple[str, Setting], ...]

    @classmethod
    def of(cls, kind: str, **settings: Setting) -> "Arm":
        """Return the arm with its settings in the one order that makes equal arms equal."""
        return cls(kind=kind, settings=tuple(sorted(settings.items())))

    def __getitem__(self, name: str) -> Setting:
        return dict(self.settings)[name]

    def replaced(self, **settings: Setting) -> "Arm":
        """Return the arm with these settings in place of its own, or beside them."""
        return Arm.of(self.kind, **(dict(self.settings) | settings))


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """What a series of a record holds."""

    label: str  # as a figure's axis says it: "training accuracy of the batch"
    unit: str  # "%", "nats", "" for a pure number
    low: float | None = None  # the smallest possible value, None where there is none
    high: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """All that decides an arm's numbers besides the seed and the environment.

    ``settings`` is the resolved arm (strict JSON types only), ``data_md5`` the data it trains on,
    and ``modules`` the dotted names of the modules that define its parts. The harness hashes the
    source of those and of what they import inside their own top-level package: where that changes,
    and nowhere else, runs are trained again. So there must be some, and of a bench that lies in a
    package (``benches.nope_2021``) at least one of that package.
    """

    settings: Mapping[str, object]
    data_md5: str
    modules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """Where numbers come from. ``name`` is the part that enters a run's place in the store."""

    device_kind: str  # "cpu" or "cuda"
    version: str  # of the library that calculates
    precision: str  # "fp32", "tf32", "bf16"
    engine: str  # "eager", "graphs"; of another bench its own word
    cuda: str | None = None
    card: str | None = None
    cpu: str = ""
    library: str = "torch"  # or "numpy", ...

    @property
    def name(self) -> str:
        """Return the folder of the store in which runs made here lie."""
        return f"{self.device_kind}-{self.library}{self.version}-{self.precision}-{self.engine}"

    @property
    def device_part(self) -> str:
        """Return the part of a record's hardware that trained: its card, or its processor."""
        return "cpu" if self.device_kind == "cpu" else "card"

    @classmethod
    def named(cls, name: str) -> "Environment":
        """Return what an environment's name says of it, "unknown" for what it does not say."""
        kind, with_version, precision, engine = (*name.split("-"), *["unknown"] * 4)[:4]
        library = re.match(r"[^\W\d]*", with_version)[0]  # type: ignore[index]
        return cls(
            device_kind=kind,
            version=with_version.removeprefix(library) or with_version,
            precision=precision,
            engine=engine,
            library=library,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One accelerator that a process may use."""

    device: str  # "cuda:1": its index among the visible ones
    identity: str  # the card itself, the same for every process of the machine: its UUID
    name: str = ""  # "NVIDIA H200"; "" where the driver does not say
    memory_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchOption:
    """A command-line option that a bench adds to pytest's, such as ``--dataset``."""

    flag: str  # "--dataset"
    default: str
    choices: tuple[str, ...] = ()
    help: str = ""
    changes_numbers: bool = True  # False for a place to look in, such as --data-dir


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A size of networks, data and budgets."""

    name: str
    seeds: tuple[int, ...]
    verdicts: bool = True  # False: too small to judge by rule, every verdict is INCONCLUSIVE
    note: str = field(default="")


class Bench(Protocol):
    """The code of one paper that trains and measures. Made by ``Class(scale=..., options=...)``.

    A bench that knows no cards may leave out ``cards``, ``processes_per_device`` and ``fatal``.
    """

    @classmethod
    def options(cls) -> tuple[BenchOption, ...]:
        """Return the command-line options that this bench understands."""

    @classmethod
    def scales(cls) -> tuple[Scale, ...]:
        """Return the scales in ascending size; the names are ``quick``, ``desk`` and ``paper``."""

    def environment(self, device: str) -> Environment:
        """Return where numbers trained on ``device`` ("cpu", "cuda:0") come from."""

    def cards(self, device: str) -> Sequence[Card]:
        """Return the cards of ``device``: none of "cpu", all of "cuda", one of "cuda:1".

        Raises OptionError. Must not initialise CUDA: every process asks, also those that never
        train. ``train`` gets the ``device`` of one of them.
        """

    def processes_per_device(self, device: str) -> int | None:
        """Return how many processes may train on the device at once; None: no limit (a CPU)."""

    def fatal(self, error: BaseException, device: str) -> bool:
        """Return whether an error of ``train`` leaves the device unusable for this process.

        Every further job of the process would then fail, whatever it is: another takes its place.
        """

    def identity(self, arm: Arm) -> Identity:
        """Return what decides the arm's numbers. Raises ArmError where it cannot be built.

        Must be fast and import nothing heavy: it is called for every arm at collection.
        """

    def describe(self, arm: Arm) -> str:
        """Return the arm in a few words for a reader: ``VGG-A x 1/4, BatchNorm, LR 0.1``."""

    def deviations(self, arm: Arm, metric: str) -> tuple[str, ...]:
        """Return where a metric of this scale's arm differs from the paper's, the worst first."""

    def metrics(self, arm: Arm) -> Mapping[str, Metric]:
        """Return every metric that a record of the arm holds, by name."""

    def estimate_s(self, arm: Arm) -> float:
        """Return the expected seconds for one seed on one core (or card)."""

    def seeds_per_job(self, arm: Arm) -> int:
        """Return how many seeds are trained together. Depends on the declaration alone."""

    def prepare(self, arm: Arm) -> None:
        """Check what training needs from outside (data files). Raises DataError. Cheap."""

    def train(
        self, arm: Arm, seeds: Sequence[int], device: str, progress: Progress
    ) -> Sequence[RunRecord]:
        """Train the arm once for each seed and return the records in the order of ``seeds``."""
