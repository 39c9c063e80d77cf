"""Steps replayed as a card replays them: operations and their tensors, without the step's Python.

Against the same steps called one by one, and where nothing is drawn by counter against the plain
loop, which no code of the engine's.
"""

import pytest
import torch
from cuda_stand_in import FrozenStandIn, StandIn
from engine_cases import by_engine, by_plain_loop, measured, same_state, settings_of

from models import dln_arm, moments
from models.bench import VisionBench
from models.engine import group
from models.engine.programmes import GraphProgramme
from models.menu import PROBES, dln, resnet

CPU = torch.device("cpu")
SEEDS = [1000, 1001]


@pytest.fixture
def frozen(monkeypatch):
    """Play a card's graphs and its histograms: a CPU's are numpy's, which no graph holds."""

    def count(probe, sample):
        if probe._inner is None:
            probe._inner = torch.from_numpy(moments.least_above(probe.edges[1:-1]))
        return moments.counted(sample, probe._inner)

    monkeypatch.setattr(moments.MomentProbe, "_count", count)
    return FrozenStandIn.installed(monkeypatch)


CASES = {
    "noisy": (settings_of("noisy-batch", PROBES, changed={"steps": 3}), [1000]),
    "readings": (settings_of("noise", ("ics",), dropout=0.5, momentum=0.9, l2_in_loss=5e-4), SEEDS),
    "staged": (settings_of("linf", ("moments",), still=False, augment=True), SEEDS),
    "resnet": (settings_of("batch", net=resnet), SEEDS),
    "no probes": (settings_of("noisy-batch", ()), SEEDS),
}


@pytest.mark.parametrize("name", CASES)
def test_replayed_operations_are_the_steps(frozen, name):
    """Losses, hits, all that probes read, weights and statistics, to the bit; drawn by counter."""
    settings, seeds = CASES[name]
    expected = by_engine(settings, seeds, counted=True)
    found = by_engine(settings, seeds, counted=True, make_programmes=group.recorded)
    for (record, state), (other, other_state) in zip(found, expected, strict=True):
        assert measured(record) == measured(other)
        assert same_state(state, other_state)
    assert len(set(found[0][0].series["train_loss"].values)) == settings["steps"]


@pytest.mark.parametrize("norm", ["none", "batch", "l2"])
def test_replayed_operations_are_the_plain_loops(frozen, norm):
    """Which knows its step by Python's own count. With all probes that do not draw."""
    settings = settings_of(norm, tuple(probe for probe in PROBES if probe != "random"))
    [(record, state)] = by_engine(settings, [1000], counted=True, make_programmes=group.recorded)
    expected, expected_state = by_plain_loop(settings, 1000)
    assert measured(record) == measured(expected)
    assert same_state(state, expected_state)


@pytest.mark.parametrize("norm", ["batch", "l1"])
def test_replayed_operations_are_the_linear_networks_steps(frozen, norm):
    """All seeds at once, with momentum and every probe."""
    found = VisionBench("quick").settings(dln(norm=norm, momentum=0.9))
    settings = {**found, "samples": 40, "steps": 8, "probe_every": 3}
    expected, parameters = dln_arm.train(settings, SEEDS, CPU, lambda *_: None)
    replayed, others = dln_arm.train(settings, SEEDS, CPU, lambda *_: None, graphs=True)
    for record, other in zip(replayed, expected, strict=True):
        assert repr(record.series) == repr(other.series)
        assert record.histograms == other.histograms
    assert all(map(torch.equal, parameters.parts(), others.parts()))


def sums(monkeypatch, stand_in, body_of):
    """Return what a tensor is after each of three replays of a body that changes it."""
    stand_in.installed(monkeypatch)
    total = torch.zeros(3)
    programme = GraphProgramme([body_of(total)], CPU, undo=total.zero_)
    found = []
    for _ in range(3):
        programme.run()
        found.append(float(total[0]))
    return found


def test_what_python_knows_is_frozen(monkeypatch):
    """A count of its own, a tensor that it makes or takes anew: seen here, not by the other."""

    def counting(total):
        count = iter(range(100))
        return lambda: total.add_(next(count))

    def replacing(total):
        kept = [torch.ones(3)]

        def body():
            total.add_(kept[0])
            kept[0] = kept[0] * 2

        return body

    assert sums(monkeypatch, StandIn, counting) == [2.0, 5.0, 9.0]
    assert sums(monkeypatch, FrozenStandIn, counting) == [2.0, 4.0, 6.0]
    assert sums(monkeypatch, StandIn, replacing) == [4.0, 12.0, 28.0]
    assert sums(monkeypatch, FrozenStandIn, replacing) == [4.0, 8.0, 12.0]


def test_a_counter_on_the_device_is_not(monkeypatch):
    """And what a step makes for itself is made again."""

    def counting(total):
        step = torch.zeros((), dtype=torch.int64)
        return lambda: total.add_(torch.ones(3).mul_(step.add_(1)).sqrt().square().round())

    assert sums(monkeypatch, FrozenStandIn, counting) == [3.0, 7.0, 12.0]


@pytest.mark.parametrize(
    "body_of",
    [
        lambda total: lambda: total.add_(total.sum().item()),
        lambda total: lambda: total.add_(torch.randn(3)),
        lambda total: lambda: total.normal_(generator=torch.Generator().manual_seed(0)),
        lambda total: lambda: total.add_(len(total.nonzero())),
    ],
    ids=["read back", "drawn", "drawn by a generator", "a shape"],
)
def test_what_no_graph_can_hold_is_refused(monkeypatch, body_of):
    """While it is recorded; the warm-up may."""
    with pytest.raises(AssertionError, match="recorded"):
        sums(monkeypatch, FrozenStandIn, body_of)
