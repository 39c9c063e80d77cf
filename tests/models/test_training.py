"""The training loop on tiny networks: what is recorded, and what measuring must not change."""

import copy
import importlib
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models import data, vgg_arm
from models.bench import VisionBench
from models.landscape import LandscapeProbe
from models.menu import PROBES, vgg
from models.norms import noisy_batch
from models.numerics import numerics
from models.training import Schedule, accuracy_pct, train

CPU = torch.device("cpu")


def settings_of(norm, probes=(), **changed):
    found = VisionBench("quick").settings(vgg(norm=norm, probes=probes))
    return {**found, "steps": 7, "probe_every": 2, "evaluate_every": 3, **changed}


def trained(settings, seed=0, extra_probes=()):
    """Train as vgg_arm.run does and return (record, final state)."""
    network = vgg_arm.build(settings, seed, CPU)
    task = vgg_arm.load_task(settings, "", CPU)
    batches = data.Batches(task, seed, batch=settings["batch"], steps=settings["steps"])
    probes = [
        importlib.import_module(f"models.{name}").make(chosen)
        for name, chosen in settings["probes"].items()
    ]
    record = train(
        network,
        batches.__getitem__,
        task.test_set(),
        F.cross_entropy,
        seed=seed,
        schedule=Schedule(
            steps=settings["steps"],
            learning_rate=settings["learning_rate"],
            probe_every=settings["probe_every"],
            evaluate_every=settings["evaluate_every"],
        ),
        probes=[*probes, *extra_probes],
    )
    return record, network.state_dict()


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.parametrize("norm", ["none", "batch", "noisy-batch", "l1", "linf"])
def test_probes_change_no_weight_and_no_running_statistic(norm):
    """Planted mistake 5: with all probes on, the trained state is bit-identical to probes off."""
    with_probes, state = trained(settings_of(norm, PROBES))
    without, plain_state = trained(settings_of(norm))
    assert same(state, plain_state)
    assert with_probes.series["train_loss"] == without.series["train_loss"]


@pytest.mark.parametrize("norm", ["batch", "noisy-batch", "l2"])
def test_a_probe_sees_the_steps_own_network(norm):
    """Planted mistakes 5 and 6: after a step of 0, loss and gradient are the training step's.

    Eval mode, fresh noise, another batch or accumulated gradients would each show.
    """
    record, _ = trained(settings_of(norm), extra_probes=[LandscapeProbe(multiples=(0.0,))])
    losses = record.series["train_loss"].values
    probed = record.series["loss_at_x0"]
    assert probed.values == pytest.approx([losses[step] for step in probed.steps], abs=1e-6)
    assert max(record.series["gradient_change_max"].values) < 1e-4  # of a norm of about 1


class Onlooker:
    """A probe that keeps what it is shown of layers 1 and 2 before the first update."""

    taps = (1, 2)

    def __init__(self):
        self.seen = {}

    def declared(self, probe_steps):
        return {}

    def measure(self, view):
        if view.step == 0:
            self.seen = dict(view.taps)
        return {}

    def histograms(self):
        return {}


def test_taps_are_the_layers_outputs_before_the_relu():
    """A probe of layer i sees what layer i's norm puts out for the step's batch, signs and all."""
    settings, onlooker = settings_of("batch"), Onlooker()
    trained(settings, extra_probes=[onlooker])
    network = vgg_arm.build(settings, 0, CPU)
    task = vgg_arm.load_task(settings, "", CPU)
    images, _ = data.Batches(task, 0, batch=settings["batch"], steps=settings["steps"])[0]
    first = network.layers[0](images)
    pooled = F.max_pool2d(F.relu(first), network._pools[0])
    torch.testing.assert_close(onlooker.seen[1], first)
    torch.testing.assert_close(onlooker.seen[2], network.layers[1](pooled))
    assert (onlooker.seen[1] < 0).any()


def test_ics_of_the_first_layer_is_zero_under_noise():
    """Planted mistake 6: with nothing before layer 1, a noisy network's G' is G."""
    settings = settings_of("noisy-batch", ("ics",))
    settings["probes"] = {"ics": {"layers": {"1": 1}}}
    record, _ = trained(settings)
    assert max(record.series["ics_l2_layer1"].values) < 1e-5
    assert min(record.series["ics_cosine_layer1"].values) > 0.9999


@pytest.mark.parametrize("norm", ["batch", "noisy-batch"])
def test_a_run_repeats_bit_for_bit(norm):
    """The same arm and seed give the same record and weights; another seed does not."""
    first, state = trained(settings_of(norm, PROBES), seed=1000)
    again, state_again = trained(settings_of(norm, PROBES), seed=1000)
    other, _ = trained(settings_of(norm, PROBES), seed=1001)
    assert first.series == again.series
    assert first.histograms == again.histograms
    assert same(state, state_again)
    assert first.series["train_loss"] != other.series["train_loss"]


def test_a_seed_draws_the_initial_weights():
    """Another seed is another network, not only other batches."""
    first, second = (vgg_arm.build(settings_of("none"), seed, CPU) for seed in (0, 1))
    assert not torch.equal(first.layers[0].linear.weight, second.layers[0].linear.weight)


def test_every_training_step_has_its_own_noise(monkeypatch):
    """Each layer draws once a step, for the run's seed and that step, probes or not."""
    calls = []
    original = noisy_batch.draw

    def counted(seed, step, layer, *others):
        calls.append((seed, step, layer))
        return original(seed, step, layer, *others)

    monkeypatch.setattr(noisy_batch, "draw", counted)
    trained(settings_of("noisy-batch", PROBES), seed=5)
    layers = [f"conv{i}" for i in range(1, 9)] + ["fc1", "fc2"]
    assert calls == [(5, step, layer) for step in range(7) for layer in layers]


def test_training_uses_no_global_stream():
    """Planted mistake 13: neither torch's nor numpy's global generator advances."""
    torchs, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()
    trained(settings_of("noisy-batch", PROBES))
    assert torch.equal(torchs, torch.get_rng_state())
    assert np.array_equal(numpys, np.random.get_state()[1])


def test_updates_are_those_of_plain_sgd():
    """Weights and losses equal torch.optim.SGD's without momentum, on the same batches."""
    settings = settings_of("batch")
    record, state = trained(settings)
    network = vgg_arm.build(settings, 0, CPU)
    batches = data.Batches(
        vgg_arm.load_task(settings, "", CPU), 0, batch=settings["batch"], steps=7
    )
    optimiser = torch.optim.SGD(network.parameters(), lr=settings["learning_rate"])
    losses, accuracies = [], []
    for step in range(7):
        images, labels = batches[step]
        optimiser.zero_grad()
        logits = network(images)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        accuracies.append(100 * (logits.argmax(1) == labels).float().mean().item())
    assert record.series["train_loss"].values == pytest.approx(losses, rel=1e-5)
    assert record.series["train_accuracy"].values == pytest.approx(accuracies)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(state[name], tensor)


def test_series_have_their_declared_steps():
    """Losses at every step, probes from 0 on before the update, tests after it, the last included.

    Planted mistake 10: all runs of an arm have curves of one length, ending at the last step.
    """
    record, _ = trained(settings_of("batch", PROBES))
    assert record.series["train_loss"].steps == tuple(range(7))
    assert record.series["loss_range"].steps == (0, 2, 4, 6)
    assert record.series["activation_mean_shift_layer3"].steps == (2, 4, 6)
    assert record.series["test_accuracy"].steps == (2, 5, 6)
    assert record.histograms["activations_layer3"].steps == (0, 2, 4, 6)


def test_a_diverged_run_is_recorded_as_one():
    """Planted mistake 11: from the first non-finite loss on, every series is NaN, none shorter."""
    record, _ = trained(settings_of("none", PROBES, learning_rate=1e30))
    at = record.diverged_at
    assert at is not None
    assert 0 < at < 7
    for series in record.series.values():
        after = [v for s, v in zip(series.steps, series.values, strict=True) if s >= at]
        assert all(math.isnan(value) for value in after)
    assert len(record.series["train_loss"].values) == 7
    assert math.isfinite(record.series["train_loss"].values[at - 1])


@pytest.fixture
def bf16_on_a_cpu():
    """Try the arithmetic without a card; the bench refuses a CPU anything but fp32."""
    with numerics("cpu", "bf16"):
        yield


def test_bf16_sees_every_update(bf16_on_a_cpu):
    """Autocast's cache of cast weights would go on with those from before an update in place."""
    weight, x = torch.ones(3, 3, requires_grad=True), torch.ones(2, 3)
    before = F.linear(x, weight)
    with torch.no_grad():
        weight.sub_(1.0)
    assert before.dtype == torch.bfloat16
    assert not F.linear(x, weight).any()


@pytest.mark.parametrize("norm", ["none", "batch", "noisy-batch", "l2"])
def test_bf16_rounds_and_scales_nothing(norm, bf16_on_a_cpu):
    """Planted mistake 7: the first step's loss and gradient norm are fp32's, not scaled."""
    rough, state = trained(settings_of(norm, PROBES))
    with torch.autocast("cpu", enabled=False):
        exact, _ = trained(settings_of(norm, PROBES))
    assert all(tensor.dtype == torch.float32 for tensor in state.values())
    for name in ("train_loss", "gradient_norm", "loss_at_x0.5"):
        first = exact.series[name].values[0]
        assert rough.series[name].values[0] == pytest.approx(first, rel=0.05)


def test_evaluation_leaves_the_network_in_train_mode_and_unchanged():
    """Test accuracy is taken in eval mode and counts every image once, whatever the batches."""
    settings = settings_of("batch")
    network = vgg_arm.build(settings, 0, CPU)
    images, labels = vgg_arm.load_task(settings, "", CPU).test_set()
    before = copy.deepcopy(network.state_dict())
    whole, parts = (accuracy_pct(network, images, labels, batch=n) for n in (1000, 7))
    assert network.training
    assert same(before, network.state_dict())
    assert whole == parts
    network.eval()
    expected = 100 * (network(images).argmax(1) == labels).float().mean().item()
    assert whole == pytest.approx(expected)


def test_test_accuracy_is_that_of_the_evaluated_step(monkeypatch):
    """Planted mistake 10: a network that gets worse is recorded as worse, not as its best epoch."""
    falling = iter([90.0, 50.0, 20.0])
    monkeypatch.setattr("models.training.accuracy_pct", lambda *_: next(falling))
    record, _ = trained(settings_of("none"))
    assert record.series["test_accuracy"].values == (90.0, 50.0, 20.0)


def test_arms_see_the_same_images_in_the_same_order():
    """Planted mistake 13: noise draws shift neither the order of batches nor their jitter."""
    seen = {}
    for norm in ("none", "noisy-batch"):
        settings = settings_of(norm)
        task = vgg_arm.load_task(settings, "", CPU)
        batches = data.Batches(task, 0, batch=settings["batch"], steps=7)
        seen[norm] = []

        def keep(step, batches=batches, norm=norm):
            seen[norm].append(batches[step])
            return batches[step]

        train(
            vgg_arm.build(settings, 0, CPU),
            keep,
            task.test_set(),
            F.cross_entropy,
            seed=0,
            schedule=Schedule(steps=7, learning_rate=0.1, probe_every=7, evaluate_every=7),
        )
    for (images, labels), (others, other_labels) in zip(*seen.values(), strict=True):
        assert torch.equal(images, others)
        assert torch.equal(labels, other_labels)
