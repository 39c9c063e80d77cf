"""The linear network's step as a CUDA graph, without a card: a stand-in records and replays."""

from dataclasses import replace

import pytest
import torch
from cuda_stand_in import META, OnTheDevice, StandIn

from models import dln_arm, machine
from models.bench import VisionBench
from models.dln_arm import Training
from models.menu import dln

CPU = torch.device("cpu")


def settings_of(norm="batch", probes=("ics", "moments"), **optional):
    found = VisionBench("quick").settings(dln(norm=norm, probes=probes, **optional))
    chosen = {**found["probes"]}
    chosen["ics"] = {"layers": [2, 3]}
    chosen["moments"] = {**chosen["moments"], "layers": [1, 3]}
    size = {"layers": 4, "samples": 40, "steps": 12, "probe_every": 5}
    return {**found, **size, "probes": chosen}


@pytest.mark.parametrize("norm", ["none", "batch", "l1", "l2", "linf"])
def test_a_step_waits_for_nothing_and_takes_nothing_of_the_hosts(norm):
    """Its data, parameters and counter are on the device before the first one."""
    training = Training(settings_of(norm, momentum=0.9), [1000, 1001], META)
    with OnTheDevice():
        training.advance()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_replayed_steps_are_the_steps(monkeypatch, momentum):
    """Losses, probes, histograms and parameters to the bit; the warm-up leaves no trace."""
    settings = settings_of(momentum=momentum)
    expected, parameters = dln_arm.train(settings, [1000, 1001], CPU, lambda *_: None)
    played = StandIn.installed(monkeypatch)
    found, others = dln_arm.train(settings, [1000, 1001], CPU, lambda *_: None, graphs=True)
    assert played.events == [("record", None), "synchronize", "reset"]
    for record, other in zip(found, expected, strict=True):
        assert repr(record.series) == repr(other.series)
        assert record.histograms == other.histograms
    assert all(map(torch.equal, parameters.parts(), others.parts()))


@pytest.mark.parametrize("engine", ["graphs", "eager"])
def test_the_bench_says_whether_to_record(monkeypatch, engine):
    """By the environment's engine, which is that of the store's folder."""
    where = replace(VisionBench("quick").environment("cpu"), engine=engine)
    monkeypatch.setattr(machine, "environment", lambda *_: where)
    asked = []
    monkeypatch.setattr(dln_arm, "run_seeds", lambda *_, graphs: asked.append(graphs) or [])
    VisionBench("quick").train(dln(), [1000], "cpu", lambda *_: None)
    assert asked == [engine == "graphs"]
