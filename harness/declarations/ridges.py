"""Distributions over training, drawn as ridges: histograms of the records, pooled over seeds."""

from collections.abc import Sequence

import numpy as np

from harness.bench import Arm
from harness.declarations.figures import Figure
from harness.errors import EvidenceError
from harness.records import Histograms, RunRecord

MOST_RIDGES = 9
"""Ridges drawn of one arm: more than ten in a column of a page cover each other."""


def ridge(
    title: str,
    histogram: str,
    *,
    x_label: str = "value",
    extra: tuple[tuple[str, Arm], ...] = (),
    note: str | None = None,
) -> Figure:
    """Return a panel of a histogram over training: a column per arm, time downwards.

    ``histogram`` is a name of ``RunRecord.histograms``; its outermost bins count what lies beyond.
    """
    return Figure(
        title=title, metric=histogram, kind="ridge", x_label=x_label, extra=extra, note=note
    )


def ridge_line(
    histogram: str, label: str, role: str, runs: Sequence[RunRecord]
) -> dict[str, object]:
    """Return one arm's ridges, each a density over the bins, the mean of its seeds' densities.

    A density integrates to 1 over the bins; ``outside`` is the share in the first and in the last
    bin, which is at least what was clipped. A step that one seed did not measure (or where it
    counted nothing) has None: a gap, never a distribution of the seeds that are left. Raises
    EvidenceError where a run holds no such histogram, or the seeds' bins differ.
    """
    found = [_histogram(histogram, run) for run in runs]
    edges = found[0].edges
    if any(one.edges != edges for one in found):
        raise EvidenceError(f"{histogram}: got seeds with different bins; expected the same")
    shares_by_seed = [_shares_by_step(one) for one in found]
    steps = _spread_out(sorted({step for one in found for step in one.steps}))
    pooled = [_pooled([shares.get(step) for shares in shares_by_seed]) for step in steps]
    widths = np.diff(np.asarray(edges))
    return {
        "label": label,
        "role": role,
        "progress": [step / runs[0].steps for step in steps],
        "edges": list(edges),
        "density": [None if share is None else (share / widths).tolist() for share in pooled],
        "outside": [None if s is None else [float(s[0]), float(s[-1])] for s in pooled],
    }


def _histogram(name: str, run: RunRecord) -> Histograms:
    if name not in run.histograms:
        known = ", ".join(sorted(run.histograms)) or "none"
        raise EvidenceError(f"seed {run.seed}: no histogram {name!r}; got {known}")
    return run.histograms[name]


def _shares_by_step(histograms: Histograms) -> dict[int, np.ndarray]:
    """Return each step's share of every bin; a step at which nothing was counted has none."""
    rows = zip(histograms.steps, histograms.counts, strict=True)
    return {step: np.asarray(row) / sum(row) for step, row in rows if sum(row) > 0}


def _pooled(shares: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """Return the mean share of every bin: each seed weighs the same, whatever it counted."""
    present = [share for share in shares if share is not None]
    return np.mean(present, axis=0) if len(present) == len(shares) else None


def _spread_out(steps: Sequence[int]) -> list[int]:
    """Return at most nine of the steps, evenly spread, the first and the last among them."""
    if not steps:
        return []
    places = np.linspace(0, len(steps) - 1, min(MOST_RIDGES, len(steps)))
    return [steps[int(place)] for place in places.round()]
