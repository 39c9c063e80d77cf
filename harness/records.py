"""What a bench hands to the harness: raw numbers of one run, and nothing derived from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import EvidenceError


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One number per measured step. ``steps`` ascend; a diverged run's values may be non-finite."""

    steps: tuple[int, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.steps) != len(self.values):
            raise ValueError(
                f"series: got {len(self.steps)} steps and {len(self.values)} values; "
                "expected as many of one as of the other"
            )
        if any(b <= a for a, b in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError("series: steps must ascend strictly")


@dataclass(frozen=True, kw_only=True, slots=True)
class Histograms:
    """Counts over fixed bins at each measured step: ``counts[i][b]`` at ``steps[i]``, bin ``b``."""

    steps: tuple[int, ...]
    edges: tuple[float, ...]  # (bins + 1,)
    counts: tuple[tuple[int, ...], ...]  # (steps, bins)

    def __post_init__(self) -> None:
        if len(self.steps) != len(self.counts):
            raise ValueError(
                f"histograms: got {len(self.steps)} steps and {len(self.counts)} rows of counts"
            )
        if any(len(row) != len(self.edges) - 1 for row in self.counts):
            raise ValueError("histograms: every row needs one count for each bin")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """One arm trained with one seed.

    ``series`` maps a metric's name (a key of ``Bench.metrics(arm)``) to its values; a metric that
    is measured once has a series of one step. ``steps`` is the number of training steps asked for,
    the same for every seed of an arm; measurements lie at steps from 0 to it. ``diverged_at`` is
    the first step with a non-finite loss, or None.
    """

    seed: int
    steps: int
    series: Mapping[str, Series]
    histograms: Mapping[str, Histograms] = field(default_factory=dict)
    diverged_at: int | None = None
    wall_s: float = 0.0
    hardware: Mapping[str, str] = field(default_factory=dict)  # {"cpu": ..., "card": ...}, and
    # "numpy": its version, which the harness adds: batch order and noise are its streams

    def measured(self, metric: str) -> Series:
        """Return the metric's series. Raises EvidenceError that says what there is."""
        if metric not in self.series:
            known = sorted(self.series)
            raise EvidenceError(f"seed {self.seed}: no metric {metric!r}; got {known}")
        return self.series[metric]
