"""What a CUDA graph needs of a step, checked without a card.

A step is run on torch's "meta" device, whose tensors have no numbers: reading one, going through
numpy or a shape that depends on data is an error. And recording is played by a stand-in.
"""

import contextlib

import pytest
import torch
from cuda_stand_in import META, OnTheDevice, StandIn
from engine_cases import (
    build_of,
    by_engine,
    measured,
    same_state,
    settings_of,
)

from models import vgg_arm
from models.engine import arm as engine
from models.engine import group, programmes
from models.menu import resnet

STEPS = {
    "probes": settings_of("batch", ("ics", "moments")),
    "l_inf": settings_of("linf", ()),
    "noisy": settings_of("noisy-batch", ("random",)),
    "readings": settings_of("noise", ("ics",), dropout=0.5, momentum=0.9, l2_in_loss=5e-4),
    "augmented": settings_of("l1", (), augment=True),
    "resnet": settings_of("l2", net=resnet),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_waits_for_nothing_and_takes_nothing_of_the_hosts(name):
    """After the first one, which may fetch what a run keeps: sampled units, edges of bins."""
    settings = STEPS[name]
    [replica] = engine.make_replicas(build_of(settings), settings, [1000], META, "", counted=True)
    advance = replica.advance_probed if replica.has_probes else replica.advance
    replica.stage(0)
    advance()
    replica.stage(1)
    with OnTheDevice():
        advance()
        replica.evaluate(0)
        replica.is_finite(2)


def test_the_check_sees_what_a_graph_could_not_hold():
    """A probe that reads a number back, and one that brings the host's numbers along."""

    class Reading:
        taps = ()

        def __init__(self, read):
            self.read = read

    [replica] = engine.make_replicas(vgg_arm.build, settings_of(), [1000], META, "", counted=True)
    replica._probes = [Reading(lambda view: torch.full((1,), float(view.gradients[0].sum())))]
    with pytest.raises(RuntimeError, match="item"):
        replica.advance_probed()
    replica._probes = [Reading(lambda view: view.gradients[0].sum() + torch.ones(1))]
    with pytest.raises((AssertionError, RuntimeError)), OnTheDevice():
        replica.advance_probed()


@pytest.fixture
def stand_in(monkeypatch):
    return StandIn.installed(monkeypatch)


@pytest.mark.parametrize("probes", [("moments", "random"), ()], ids=["probes", "none"])
def test_recording_leaves_no_trace_in_the_run(stand_in, probes):
    """Warm-up takes steps and takes them back: weights, statistics, velocity, counters, records."""
    settings = settings_of("noisy-batch", probes, momentum=0.9)
    expected = by_engine(settings, [1000, 1001], counted=True)
    found = by_engine(settings, [1000, 1001], counted=True, make_programmes=group.recorded)
    for (record, state), (other, other_state) in zip(found, expected, strict=True):
        assert measured(record) == measured(other)
        assert same_state(state, other_state)


def test_the_two_graphs_of_a_group_share_their_memory_and_give_it_back(stand_in):
    """A pool for both; both are reset at the end, when the card is idle."""
    by_engine(settings_of(), [1000], counted=True, make_programmes=group.recorded)
    assert stand_in.events[:2] == [("record", None), ("record", "pool")]
    assert stand_in.events[2:] == ["synchronize", "reset"] * 2


def test_a_graph_that_cannot_be_recorded_gives_back_the_one_before(stand_in, monkeypatch):
    """Out of memory at the second graph frees the first."""
    broken = group.GraphProgramme

    def second_fails(*args, **options):
        if options.get("pool"):
            raise torch.OutOfMemoryError("no room for a second one")
        return broken(*args, **options)

    monkeypatch.setattr(group, "GraphProgramme", second_fails)
    with pytest.raises(torch.OutOfMemoryError):
        by_engine(settings_of(), [1000], counted=True, make_programmes=group.recorded)
    assert stand_in.events[-1] == "reset"


def test_a_step_that_cannot_be_recorded_says_what_to_do(stand_in, monkeypatch):
    """Lack of memory is left to those who make groups smaller."""
    for error in (RuntimeError("not permitted when stream is capturing"), torch.OutOfMemoryError()):

        @contextlib.contextmanager
        def broken(*_, error=error, **__):
            yield
            raise error

        monkeypatch.setattr(torch.cuda, "graph", broken)
        expected = torch.OutOfMemoryError
        if not isinstance(error, torch.OutOfMemoryError):
            expected = programmes.RecordingError
        with pytest.raises(expected) as got:
            programmes.GraphProgramme([int], torch.device("cpu"), undo=int)
        if expected is programmes.RecordingError:
            assert "not permitted" in str(got.value)
            assert "--engine eager" in str(got.value)


def test_a_closed_programme_refuses_to_run(stand_in):
    """Its memory may be another's by now."""
    programme = programmes.GraphProgramme([lambda: None], torch.device("cpu"), undo=lambda: None)
    programme.run()
    programme.close()
    programme.close()
    with pytest.raises(RuntimeError, match="after close"):
        programme.run()


class Noting:
    """A stream that notes for whom it waits."""

    def __init__(self, name, notes):
        self.name, self.notes = name, notes

    def wait_stream(self, other):
        self.notes.append((self.name, other.name))


def test_branches_start_where_the_main_stream_is_and_all_are_joined(monkeypatch):
    """Also where one of them raises; one that never began is not waited for."""
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: contextlib.nullcontext())

    def lacking():
        raise torch.OutOfMemoryError("CUDA out of memory")

    for bodies, begun in (([int, int, int], "abc"), ([int, lacking, int], "ab")):
        notes = []
        main, *sides = (Noting(name, notes) for name in ("main", *"abc"))
        raises = pytest.raises(torch.OutOfMemoryError) if lacking in bodies else None
        with raises or contextlib.nullcontext():
            programmes.forked(bodies, main, sides)
        assert notes == [(side, "main") for side in begun] + [("main", side) for side in begun]
