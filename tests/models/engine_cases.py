"""Tiny arms for the tests of the engine, trained by it and by the plain loop."""

import torch

from models import resnet_arm, vgg_arm
from models.bench import VisionBench
from models.engine import arm as engine
from models.engine.group import direct, train_group
from models.menu import resnet, vgg

CPU = torch.device("cpu")
SMALL = {"steps": 5, "probe_every": 2, "evaluate_every": 3, "batch": 16}


FEW = ("moments", "gradients", "random")  # one of each sort: all seven take ten times as long


def settings_of(norm="batch", probes=FEW, *, still=True, net=vgg, changed=None, **optional):
    """Return an arm's settings at quick, shortened; ``still`` images need no draws of the host."""
    probes = ("gradients",) if net is resnet and probes else probes
    found = VisionBench("quick").settings(net(norm=norm, probes=probes, **optional))
    return {**found, **SMALL, **({"jitter": None} if still else {}), **(changed or {})}


def build_of(settings):
    return (resnet_arm if settings["kind"] == "resnet" else vgg_arm).build


def by_plain_loop(settings, seed):
    """Return (record, final state) of the plain loop."""
    network = build_of(settings)(settings, seed, CPU)
    record = vgg_arm.trained(network, settings, seed, CPU, "", lambda *_: None)
    return record, network.state_dict()


def by_engine(settings, seeds, *, device=CPU, counted=False, make_programmes=direct):
    """Return [(record, final state)] of a group of the engine."""
    replicas = engine.make_replicas(
        build_of(settings), settings, seeds, device, "", counted=counted
    )
    schedule = vgg_arm.schedule(settings)
    records = train_group(replicas, schedule, make_programmes, lambda *_: None)
    return [
        (record, replica.network.state_dict())
        for record, replica in zip(records, replicas, strict=True)
    ]


def same_state(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def measured(record):
    """Return all that a record holds but for its times, as text: NaN equals NaN."""
    return repr((record.seed, record.series, record.histograms, record.diverged_at))
