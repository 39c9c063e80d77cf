"""Run records made of plain lists, for tests of what is computed from them."""

from harness.bench import Arm, Metric
from harness.records import Histograms, RunRecord, Series

METRICS = {
    "train_accuracy": Metric(label="training accuracy", unit="%", low=0.0, high=100.0),
    "train_loss": Metric(label="training loss", unit="nats", low=0.0),
    "range": Metric(label="loss range", unit="nats", low=0.0),
}

UP = Arm.of("toy", name="up")
PLAIN = Arm.of("toy", name="plain")


def run(seed=0, *, steps=None, at=None, diverged_at=None, **values):
    """Return a record; each metric is measured at every step, or at the steps ``at``."""
    series = {}
    for name, numbers in values.items():
        where = tuple(at) if at is not None else tuple(range(len(numbers)))
        series[name] = Series(steps=where, values=tuple(map(float, numbers)))
    longest = max((len(numbers) for numbers in values.values()), default=1)
    return RunRecord(
        seed=seed, steps=steps or longest, series=series, diverged_at=diverged_at, wall_s=0.5
    )


def runs(metric, *rows, **more):
    """Return one record per row, with seeds 0, 1, ..."""
    return tuple(run(seed, **{metric: row}, **more) for seed, row in enumerate(rows))


def counted(seed=0, *rows, steps=None, at=None, edges=(0.0, 1.0, 2.0, 4.0), name="inputs"):
    """Return a record with one histogram; a row of counts for every step, or for the steps."""
    where = tuple(at) if at is not None else tuple(range(len(rows)))
    histograms = {name: Histograms(steps=where, edges=edges, counts=rows)}
    return RunRecord(seed=seed, steps=steps or len(rows), series={}, histograms=histograms)
