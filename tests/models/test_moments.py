"""Activation moments and histograms against numpy."""

import numpy as np
import pytest
import torch

from models.moments import make, moments, sampled_units
from models.probing import StepView

SETTINGS = {"layers": {"3": 2}, "units": 4, "bins": 40, "low": -5.0, "high": 5.0}


def view(step, activations):
    return StepView(
        step=step,
        seed=0,
        learning_rate=0.1,
        names=(),
        parameters=(),
        gradients=(),
        loss_at=lambda _: torch.zeros(()),
        taps={2: activations},
    )


@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 4, 5)])
def test_moments_are_per_unit_over_batch_and_positions(shape):
    """Mean and biased variance equal numpy's over every axis but the units'."""
    a = np.random.default_rng(0).normal(2, 3, shape)
    mean, variance = moments(torch.from_numpy(a))
    axes = tuple(i for i in range(len(shape)) if i != 1)
    assert mean.numpy() == pytest.approx(a.mean(axes))
    assert variance.numpy() == pytest.approx(a.var(axes))


def test_shift_is_the_mean_absolute_change_since_the_last_probe():
    """Planted mistake 1: units that move up and down do not cancel; the first probe has none."""
    probe, a = make(SETTINGS), torch.randn(50, 4, 3, 3)
    moved = 2 * a + torch.tensor([1.0, -1.0, 3.0, -3.0]).view(1, 4, 1, 1)
    assert probe.measure(view(0, a)) == {}
    found = probe.measure(view(5, moved))
    before, after = (t.double().numpy() for t in (a, moved))
    means = np.abs(after.mean((0, 2, 3)) - before.mean((0, 2, 3))).mean()
    variances = np.abs(after.var((0, 2, 3)) - before.var((0, 2, 3))).mean()
    assert found["activation_mean_shift_layer3"] == pytest.approx(means, rel=1e-5)
    assert found["activation_variance_shift_layer3"] == pytest.approx(variances, rel=1e-5)
    unmoved = probe.measure(view(10, moved))
    assert unmoved["activation_mean_shift_layer3"] == 0


def test_metrics_are_declared_from_the_second_probe_on():
    """A change needs two measurements."""
    declared = make(SETTINGS).declared((0, 5, 10))
    assert declared == dict.fromkeys(
        ("activation_mean_shift_layer3", "activation_variance_shift_layer3"), (5, 10)
    )


def test_histograms_count_every_sampled_value_once():
    """Counts over fixed bins sum to the values; what lies outside falls into the outermost bins."""
    probe, a = make(SETTINGS), torch.full((10, 4, 2, 2), 99.0)
    probe.measure(view(0, a))
    probe.measure(view(5, torch.zeros(10, 4, 2, 2)))
    found = probe.histograms()["activations_layer3"]
    assert found.steps == (0, 5)
    assert found.edges[0], found.edges[-1] == (-5.0, 5.0)
    assert found.counts[0] == (*[0] * 39, 160)
    assert found.counts[1][20] == 160


def test_units_are_sampled_once_for_a_run():
    """The sample is a function of seed and layer, ascending and without repeats."""
    first = sampled_units(0, 3, 100, 8)
    assert np.array_equal(first, sampled_units(0, 3, 100, 8))
    assert not np.array_equal(first, sampled_units(1, 3, 100, 8))
    assert len(set(first)) == 8
    assert np.array_equal(first, np.sort(first))
    assert np.array_equal(sampled_units(0, 3, 5, 8), np.arange(5))
