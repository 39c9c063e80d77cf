"""The engine's steps, called on a CPU, against the plain loop: the same bits, alone or together."""

import math

import pytest
import torch
from engine_cases import (
    CPU,
    FEW,
    build_of,
    by_engine,
    by_plain_loop,
    measured,
    same_state,
    settings_of,
)

from models import data, vgg_arm
from models.engine import arm as engine
from models.engine.feeds import Resident, ResidentFeed
from models.menu import PROBES, resnet

ARMS = {
    "none": settings_of("none"),
    "batch": settings_of("batch", PROBES, changed={"steps": 3}),
    "noisy-batch": settings_of("noisy-batch"),
    "l2": settings_of("l2"),
    "momentum": settings_of("batch", momentum=0.9, l2_in_loss=5e-4),
    "dropout": settings_of("none", dropout=0.5),
    "ics readings": settings_of(
        "batch", ("ics",), ics_compares="layer", ics_steps="layers-and-own-norm"
    ),
    "jittered": settings_of("batch", still=False),
    "augmented": settings_of("batch", augment=True),
    "resnet": settings_of("batch", net=resnet),
}


@pytest.mark.parametrize("name", ARMS)
def test_a_group_has_the_plain_loops_bits(name):
    """Losses, accuracies, probes, histograms, weights and running statistics of two seeds."""
    settings = ARMS[name]
    found = by_engine(settings, [1000, 1001])
    for seed, (record, state) in zip((1000, 1001), found, strict=True):
        expected, expected_state = by_plain_loop(settings, seed)
        assert measured(record) == measured(expected)
        assert same_state(state, expected_state)


@pytest.mark.parametrize("counted", [False, True], ids=["host draws", "counted"])
def test_seeds_together_are_seeds_alone(counted):
    """Three seeds with noise and dropout in a group, and each by itself: the same bits."""
    settings = settings_of("noisy-batch", dropout=0.5)
    together = by_engine(settings, [1000, 1001, 1002], counted=counted)
    alone = [by_engine(settings, [seed], counted=counted)[0] for seed in (1000, 1001, 1002)]
    for (record, state), (other, other_state) in zip(together, alone, strict=True):
        assert measured(record) == measured(other)
        assert same_state(state, other_state)
    assert len({measured(record) for record, _ in together}) == 3


@pytest.mark.parametrize("counted", [False, True], ids=["host draws", "counted"])
@pytest.mark.parametrize("norm", ["none", "batch", "noisy-batch"])
def test_probes_change_no_weight(norm, counted):
    """Planted mistake 5: with all probes on, state and losses are the bits of probes off."""
    [(probed, state)] = by_engine(settings_of(norm), [1000], counted=counted)
    [(plain, plain_state)] = by_engine(settings_of(norm, ()), [1000], counted=counted)
    assert same_state(state, plain_state)
    assert probed.series["train_loss"] == plain.series["train_loss"]


@pytest.mark.parametrize(("norm", "rate"), [("noisy-batch", 0.0), ("none", 0.5)])
def test_draws_by_counter_are_a_seeds_own(norm, rate):
    """Planted mistake 13: with one set of weights and images, seeds differ by noise or dropout."""
    settings = settings_of(norm, (), **({"dropout": rate} if rate else {}))

    def same_weights(settings, seed, device):
        return build_of(settings)(settings, 1000, device)

    replicas = engine.make_replicas(
        same_weights, settings, [1000, 1001, 1000], CPU, "", counted=True
    )
    images, _ = replicas[0]._feed.batch(replicas[0].step)
    first, other, again = (replica.network(images) for replica in replicas)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_draws_by_counter_are_other_numbers_of_the_same_arm():
    """Noise and random directions by counter differ from the host's; what has neither does not."""
    settings = settings_of("batch", ("gradients", "random"))
    [(host, state)], [(counted, counted_state)] = (
        by_engine(settings, [1000], counted=counted) for counted in (False, True)
    )
    assert same_state(state, counted_state)
    assert host.series["gradient_norm"] == counted.series["gradient_norm"]
    assert host.series["random_loss_range"] != counted.series["random_loss_range"]
    assert len(set(counted.series["random_loss_range"].values)) == 3
    noisy = settings_of("noisy-batch", ())
    losses = [by_engine(noisy, [1000], counted=c)[0][0].series["train_loss"] for c in (False, True)]
    assert losses[0] != losses[1]


def test_a_replica_that_diverges_leaves_the_others_alone():
    """Planted mistake 11: its record ends where the plain loop's does, theirs are as ever."""
    settings = settings_of("none", ("moments",), changed={"steps": 30})
    wild = {**settings, "learning_rate": 1e30}
    replicas = [
        engine.make_replicas(build_of(s), s, [seed], CPU, "", counted=False)[0]
        for s, seed in ((settings, 1000), (wild, 1001), (settings, 1002))
    ]
    records = engine.train_group(
        replicas, vgg_arm.schedule(settings), engine.direct, lambda *_: None
    )
    expected = [
        by_plain_loop(s, n)[0] for s, n in ((settings, 1000), (wild, 1001), (settings, 1002))
    ]
    assert [measured(r) for r in records] == [measured(r) for r in expected]
    assert [r.diverged_at is None for r in records] == [True, False, True]
    after = records[1].series["train_loss"].values[records[1].diverged_at :]
    assert all(math.isnan(loss) for loss in after)
    assert len(records[1].series["train_loss"].values) == 30


def test_a_group_of_which_none_is_left_ends(monkeypatch):
    """No step is taken for nothing once every loss is not finite."""
    settings = settings_of("none", (), changed={"steps": 400, "learning_rate": 1e30})
    taken = []
    advance = engine.Replica.advance
    monkeypatch.setattr(engine.Replica, "advance", lambda self: taken.append(advance(self)))
    records = engine.run_seeds(build_of(settings), settings, [1000, 1001], CPU, "", lambda *_: None)
    assert all(record.diverged_at is not None for record in records)
    assert len(taken) < 2 * 40


def test_progress_counts_all_steps_of_all_seeds():
    """And ends at the end."""
    settings, seen = settings_of("none", (), changed={"steps": 25}), []
    engine.run_seeds(build_of(settings), settings, [0, 1], CPU, "", lambda *now: seen.append(now))
    assert seen == sorted(seen)
    assert seen[-1] == (50, 50)
    assert {total for _, total in seen} == {50}


@pytest.mark.parametrize("pixels", ["standardised", "raw"])
def test_standardising_before_gathering_gives_the_bits_of_after(pixels):
    """And images lie with the channels innermost, as the plain loop's."""
    settings = settings_of("none", (), pixels=pixels)
    task = vgg_arm.load_task(settings, "", CPU)
    batches = data.Batches(task, 1000, batch=settings["batch"], steps=5)
    feed = ResidentFeed(Resident(task), batches.order)
    for step in range(5):
        images, labels = feed.batch(torch.tensor(step))
        expected, expected_labels = batches[step]
        assert torch.equal(images, expected)
        assert torch.equal(labels, expected_labels)
        assert images.is_contiguous(memory_format=torch.channels_last)


def test_jittered_images_are_not_taken_for_resident():
    """Their numbers are drawn anew at every step."""
    with pytest.raises(ValueError, match="use StagedFeed"):
        Resident(vgg_arm.load_task(settings_of("none", (), still=False), "", CPU))


def test_the_order_of_probes_is_that_of_their_numbers():
    """Each probe alone measures what it measures among all."""
    [(every, _)] = by_engine(settings_of("batch", ("ics", *FEW)), [1000])
    for probe in ("ics", *FEW):
        [(alone, _)] = by_engine(settings_of("batch", (probe,)), [1000])
        assert alone.series.items() <= every.series.items()
        assert alone.histograms.items() <= every.histograms.items()
