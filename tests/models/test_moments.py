"""Activation moments and histograms against numpy."""

import numpy as np
import pytest
import torch

from models.moments import (
    CentralMoments,
    counted,
    least_above,
    make,
    moments,
    sampled_units,
)
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
    assert not [name for name in probe.measure(view(0, a)) if "shift" in name]
    found = probe.measure(view(5, moved))
    before, after = (t.double().numpy() for t in (a, moved))
    means = np.abs(after.mean((0, 2, 3)) - before.mean((0, 2, 3))).mean()
    variances = np.abs(after.var((0, 2, 3)) - before.var((0, 2, 3))).mean()
    assert found["activation_mean_shift_layer3"] == pytest.approx(means, rel=1e-5)
    assert found["activation_variance_shift_layer3"] == pytest.approx(variances, rel=1e-5)
    unmoved = probe.measure(view(10, moved))
    assert unmoved["activation_mean_shift_layer3"] == 0


def test_what_compares_two_measurements_is_declared_from_the_second_probe_on():
    """A change needs two measurements, a shape one."""
    declared = make(SETTINGS).declared((0, 5, 10))
    moving = ("mean_shift", "variance_shift", "mean_distance", "variance_distance")
    shape = ("excess_kurtosis", "kurtosis_size", "skewness", "non_gaussianity")
    assert declared == {
        **{f"activation_{name}_layer3": (5, 10) for name in moving},
        **{f"activation_{name}_layer3": (0, 5, 10) for name in shape},
    }


def test_distance_is_from_the_first_measurement():
    """Back where it began, a unit has come a long way since the last probe and none in all."""
    probe, a = make(SETTINGS), torch.randn(50, 4, 3, 3)
    probe.measure(view(0, a))
    probe.measure(view(5, a + 1.0))
    farther = probe.measure(view(10, 2 * a + 3.0))
    expected = np.abs(2 * a.numpy().mean((0, 2, 3)) + 3 - a.numpy().mean((0, 2, 3))).mean()
    assert farther["activation_mean_distance_layer3"] == pytest.approx(expected, rel=1e-5)
    variances = 3 * a.numpy().var((0, 2, 3)).mean()
    assert farther["activation_variance_distance_layer3"] == pytest.approx(variances, rel=1e-5)
    back = probe.measure(view(15, a))
    assert back["activation_mean_distance_layer3"] == back["activation_variance_distance_layer3"]
    assert back["activation_mean_distance_layer3"] == 0
    assert back["activation_mean_shift_layer3"] > 2


SHAPES = {  # skewness and excess kurtosis in closed form
    "normal": (0.0, 0.0),
    "uniform": (0.0, -1.2),
    "laplace": (0.0, 3.0),
    "exponential": (2.0, 6.0),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape_of_known_distributions(name):
    """Skewness and excess kurtosis in closed form, whatever a unit's mean and scale."""
    values = getattr(np.random.default_rng(0), name)(size=(400_000, 2)) * [0.1, 30] + [5, -70]
    found = CentralMoments.of(torch.from_numpy(values))
    skewness, kurtosis = SHAPES[name]
    assert found.skewness().numpy() == pytest.approx([skewness] * 2, abs=0.05)
    assert found.excess_kurtosis().numpy() == pytest.approx([kurtosis] * 2, abs=0.25)
    expected = skewness**2 / 6 + kurtosis**2 / 24
    assert found.non_gaussianity().numpy() == pytest.approx([expected] * 2, abs=0.15)


def test_pooled_moments_are_those_of_all_values_together():
    """From the units' own moments, against scipy on the pooled values."""
    stats = pytest.importorskip("scipy.stats")
    units = np.random.default_rng(1).gamma(2.0, [1.0, 5.0, 0.2], (1000, 3))
    units += np.array([0.0, -9.0, 4.0])
    found = CentralMoments.of(torch.from_numpy(units)).pooled()
    assert float(found.mean) == pytest.approx(units.mean())
    assert float(found.second) == pytest.approx(units.var())
    assert float(found.skewness()) == pytest.approx(stats.skew(units, axis=None))
    assert float(found.excess_kurtosis()) == pytest.approx(stats.kurtosis(units, axis=None))
    statistic = stats.jarque_bera(units.ravel()).statistic
    assert float(found.non_gaussianity()) == pytest.approx(statistic / units.size)


def test_probe_reports_the_median_unit_and_the_pooled_units():
    """One unit that fires on a single image has a kurtosis of its own, not the layer's."""
    a = torch.from_numpy(np.random.default_rng(2).laplace(size=(2000, 4, 2, 2))).float()
    a[:, 3] = 0.0
    a[7, 3, 0, 0] = 1.0
    found = make(SETTINGS).measure(view(0, a))
    by_unit = CentralMoments.of(a)
    kurtosis = sorted(by_unit.excess_kurtosis().tolist())
    assert found["activation_excess_kurtosis_layer3"] == pytest.approx(kurtosis[1])
    assert kurtosis[3] > 1000
    assert found["activation_skewness_layer3"] == sorted(by_unit.skewness().abs().tolist())[1]
    pooled = CentralMoments.of(a.movedim(1, -1).reshape(-1, 1)).non_gaussianity()
    assert found["activation_non_gaussianity_layer3"] == pytest.approx(float(pooled), rel=1e-4)


def test_the_size_of_a_kurtosis_is_that_of_each_unit():
    """Of units with flatter and with heavier tails the median is of sizes, not the median's size.

    Uniform -1.2, normal 0, Laplace 3 and 3: the signed (lower) median is 0, that of sizes 1.2.
    """
    source, shape = np.random.default_rng(3), (4000, 2, 2)
    tails = [source.uniform(-1, 1, shape), source.normal(size=shape),
             source.laplace(size=shape), source.laplace(size=shape)]  # fmt: skip
    found = make(SETTINGS).measure(view(0, torch.from_numpy(np.stack(tails, 1)).float()))
    assert found["activation_excess_kurtosis_layer3"] == pytest.approx(0.0, abs=0.05)
    assert found["activation_kurtosis_size_layer3"] == pytest.approx(1.2, abs=0.05)


def test_the_size_of_a_skewness_is_that_of_each_unit():
    """Units skewed to either side do not cancel: -2, 0, 2 and 2 have the (lower) median size 2."""
    source, shape = np.random.default_rng(3), (20_000, 2, 2)
    tails = [-source.exponential(size=shape), source.normal(size=shape),
             source.exponential(size=shape), source.exponential(size=shape)]  # fmt: skip
    found = make(SETTINGS).measure(view(0, torch.from_numpy(np.stack(tails, 1)).float()))
    assert found["activation_skewness_layer3"] == pytest.approx(2.0, abs=0.1)


def test_what_does_not_vary_has_no_shape():
    """A constant unit is left out of the median; a constant layer is not taken for Gaussian."""
    a = torch.randn(50, 4, 3, 3)
    with_dead = a.clone()
    with_dead[:, :2] = 1.0
    found = make(SETTINGS).measure(view(0, with_dead))
    living = sorted(CentralMoments.of(a[:, 2:]).excess_kurtosis().tolist())
    assert found["activation_excess_kurtosis_layer3"] == pytest.approx(living[0], rel=1e-3)
    dead = make(SETTINGS).measure(view(0, torch.ones(50, 4, 3, 3)))
    assert all(np.isnan(value) for value in dead.values())


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


@pytest.mark.parametrize("bins", [1, 7, 40])
def test_a_cards_counts_are_numpys(bins):
    """On edges (0.1 is no float32) and beside them, outside, infinite, NaN: bin by bin the same."""
    edges = np.linspace(-0.7, 0.7, bins + 1)
    near = edges.astype(np.float32)
    beside = [np.nextafter(near, np.float32(side)) for side in (-9, 9)]
    odd = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 99, -99], dtype=np.float32)
    drawn = np.random.default_rng(0).normal(0, 0.5, 4 * (bins + 1) + 9).astype(np.float32)
    values = np.concatenate([near, *beside, odd, drawn])
    sample = torch.from_numpy(values[: len(values) // 4 * 4].reshape(-1, 4, 1, 1))
    expected, _ = np.histogram(np.clip(sample.numpy(), edges[0], edges[-1]), edges)
    found = counted(sample, torch.from_numpy(least_above(edges[1:-1])))
    assert np.array_equal(found.numpy(), expected)
    probe = make({**SETTINGS, "low": -0.7, "high": 0.7, "bins": bins})
    probe.measure(view(0, sample))
    assert probe.histograms()["activations_layer3"].counts == (tuple(expected.tolist()),)


def test_units_are_sampled_once_for_a_run():
    """The sample is a function of seed and layer, ascending and without repeats."""
    first = sampled_units(0, 3, 100, 8)
    assert np.array_equal(first, sampled_units(0, 3, 100, 8))
    assert not np.array_equal(first, sampled_units(1, 3, 100, 8))
    assert not np.array_equal(first, sampled_units(0, 11, 100, 8))
    assert len(set(first)) == 8
    assert np.array_equal(first, np.sort(first))
    assert np.array_equal(sampled_units(0, 3, 5, 8), np.arange(5))
