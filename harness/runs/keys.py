"""What makes two runs the same run: the run key."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from harness.bench import Arm, Bench
from harness.bench_values import checked_identity
from harness.runs.sources import source_digest


def canonical(value: object) -> str:
    """Return strict JSON with sorted keys: equal values give equal text."""
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))


def sha256(value: object) -> str:
    """Return the sha256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunKey:
    """Names one run: its arm and data, its seed, and the code that trains it.

    The environment is no part of it: that is the folder of the store in which the record lies.
    """

    arm: str  # sha256 of the resolved settings and the data's md5
    seed: int
    sources: str  # sha256 of the source

    @property
    def name(self) -> str:
        """Return the record's file name without its ending; runs of other code share its start."""
        return f"{self.arm_and_seed}-{self.sources[:20]}"

    @property
    def arm_and_seed(self) -> str:
        """Return the part of the name that does not depend on the code."""
        return f"{self.arm[:20]}-s{self.seed}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """The unit a worker executes: one arm with a fixed block of seeds, trained together."""

    arm: Arm
    keys: tuple[RunKey, ...]
    label: str
    estimate_s: float

    @property
    def name(self) -> str:
        """Return the name of the job's lock: that of its first run, and how many runs it has."""
        return f"{self.keys[0].name}x{len(self.keys)}"

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds in the order of the keys."""
        return tuple(key.seed for key in self.keys)


class KeyMaker:
    """Makes the keys and jobs of one bench at one scale; identities and digests are made once."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._parts: dict[Arm, tuple[str, str]] = {}

    def key(self, arm: Arm, seed: int) -> RunKey:
        """Return the run's key.

        Raises ArmError where the bench cannot build the arm, BenchError where it says nonsense.
        """
        arm_hash, sources = self._hashes(arm)
        return RunKey(arm=arm_hash, seed=seed, sources=sources)

    def same_arm(self, first: Arm, second: Arm) -> bool:
        """Return whether two symbolic arms resolve to one configuration at this scale."""
        return self._hashes(first) == self._hashes(second)

    def jobs(self, arm: Arm, seeds: Iterable[int]) -> tuple[Job, ...]:
        """Return the arm's jobs: blocks of seeds by their position, whatever the store holds."""
        keys = [self.key(arm, seed) for seed in seeds]
        block = self._bench.seeds_per_job(arm)
        return tuple(
            Job(
                arm=arm,
                keys=tuple(keys[start : start + block]),
                label=self._bench.describe(arm),
                estimate_s=self._bench.estimate_s(arm) * len(keys[start : start + block]),
            )
            for start in range(0, len(keys), block)
        )

    def _hashes(self, arm: Arm) -> tuple[str, str]:
        if arm not in self._parts:
            identity = checked_identity(self._bench, arm)
            settings = {"settings": dict(identity.settings), "data_md5": identity.data_md5}
            self._parts[arm] = (sha256(settings), source_digest(identity.modules))
        return self._parts[arm]
