"""The deep linear network's probes of activations and random directions, against plain samples."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_dln import NORMS, drawn, on_samples
from test_dln_arm import view_of

from models import dln_arm, dln_norms, dln_probes
from models.bench import VisionBench
from models.dln import (
    Parameters,
    activations,
    draw_arrays,
    draw_parameters,
    draw_samples,
    evaluate,
)
from models.dln_probes import View, fine, gradients, landscape, moments, random
from models.menu import dln

SEEDS = (1000, 1001, 1002)
CPU = torch.device("cpu")
HISTOGRAM = {"low": -5.0, "high": 5.0, "bins": 40}


def seen(p, samples, size, *, seeds=SEEDS, step=0):
    """Return what a probe sees of a network with a norm."""
    gradients = evaluate(p, samples, size)[1]
    return View(
        step=step,
        seeds=seeds,
        learning_rate=1e-6,
        parameters=p,
        gradients=gradients,
        samples=samples,
        size=size,
    )


def outputs(norm, p, i, seed, layer, count=200):
    """Return a layer's activations on the plain samples, (units, count), by the norm's formula."""
    h = draw_arrays(seed, 10, count)[1]
    for each in range(layer):
        h = p.weight[each, i].numpy() @ h
        if norm == "none" or each >= len(p.gain):
            continue
        n = {
            "batch": lambda a: np.sqrt(a.var(1, keepdims=True) + 1e-5),
            "l1": lambda a: np.abs(a).mean(1, keepdims=True) + 1e-5,
            "l2": lambda a: np.sqrt((a**2).mean(1, keepdims=True)) + 1e-5,
            "linf": lambda a: np.abs(a).max(1, keepdims=True) + 1e-5,
        }[norm](h)
        hat = (h - h.mean(1, keepdims=True)) / n
        h = p.gain[each, i].numpy() * hat + p.shift[each, i].numpy()
    return h


@pytest.mark.parametrize("norm", NORMS)
def test_activations_are_the_outputs_of_layers_on_the_samples(norm):
    """Coordinates times the basis, after the norm; the last layer has none."""
    p, samples, size = drawn(norm)
    found = activations(p, samples, size, (1, 4, 6))
    assert list(found) == [1, 4, 6]
    for layer, a in found.items():
        for i, seed in enumerate(SEEDS):
            expected = outputs(norm, p, i, seed, layer)
            np.testing.assert_allclose(a[i] @ samples.basis[i], expected, atol=1e-10)


def test_moments_are_exact_in_coordinates():
    """Mean and biased variance over the samples, by numpy."""
    p, samples, size = drawn("l1")
    mean, variance = moments.moments(activations(p, samples, size, (3,))[3], samples)
    for i, seed in enumerate(SEEDS):
        a = outputs("l1", p, i, seed, 3)
        np.testing.assert_allclose(mean[i], a.mean(1), atol=1e-12)
        np.testing.assert_allclose(variance[i], a.var(1), atol=1e-12)


def test_shifts_are_since_the_last_point_and_distances_since_the_first():
    """Mean over units of the absolute change: units that move up and down do not cancel."""
    p, samples, size = drawn("batch")
    away = Parameters(weight=p.weight, gain=2 * p.gain, shift=p.shift - 0.5)
    far = Parameters(weight=p.weight, gain=-3 * p.gain, shift=p.shift * 1.5)
    probe = moments.make({"layers": [2], **HISTOGRAM})
    assert probe.measure(seen(p, samples, size)) == {}
    probe.measure(seen(away, samples, size, step=50))
    found = probe.measure(seen(far, samples, size, step=100))
    for i, seed in enumerate(SEEDS):
        first, last, now = (outputs("batch", q, i, seed, 2) for q in (p, away, far))
        for kind, of in (("mean", np.mean), ("variance", np.var)):
            for word, before in (("shift", last), ("distance", first)):
                value = float(found[f"activation_{kind}_{word}_layer2"][i])
                assert value == pytest.approx(np.abs(of(now, 1) - of(before, 1)).mean())


def test_histograms_are_numpys_on_the_samples():
    """Counts of all units and samples of a seed; what lies outside falls into the outermost."""
    p, samples, size = drawn("none")
    p.weight[0] *= 4  # so that some lie outside
    probe = moments.make({"layers": [1, 2], **HISTOGRAM})
    probe.measure(seen(p, samples, size, step=50))
    for i, seed in enumerate(SEEDS):
        for layer in (1, 2):
            found = probe.histograms(i)[f"activations_layer{layer}"]
            a = outputs("none", p, i, seed, layer)
            assert np.abs(a).max() > 5
            expected, edges = np.histogram(np.clip(a, -5, 5), 40, (-5, 5))
            assert found.steps == (50,)
            np.testing.assert_allclose(found.edges, edges, atol=1e-15)
            assert found.counts == (tuple(expected.tolist()),)


def test_bins_hold_their_left_end():
    """The last one its right end, too, as numpy's do; infinities lie outside, NaN in the first."""
    nan, inf = float("nan"), float("inf")
    values = torch.tensor([[-9.0, -1.0, 0.0, 1.0, inf], [0.5, 0.5, nan, -0.5, -inf]])
    assert moments.counted(values, -1.0, 1.0, 2).tolist() == [[2, 3], [3, 2]]


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_random_direction_is_as_long_as_the_gradient(norm):
    """Of each seed; Gaussian over all parameters, gains and shifts among them."""
    p, samples, size = drawn(norm, layers=25)
    g = evaluate(p, samples, size)[1]
    u = random.random_direction(g, SEEDS, 50)
    torch.testing.assert_close(u.norm(), g.norm())
    assert (u.weight.shape, u.gain.shape, u.shift.shape) == (
        g.weight.shape,
        g.gain.shape,
        g.shift.shape,
    )
    drawn_weights = u.weight[:, 0].flatten() / u.weight[:, 0].std()
    assert abs(float(drawn_weights.mean())) < 5 / 50
    assert float(drawn_weights.pow(4).mean()) == pytest.approx(3, abs=5 * (96 / 2500) ** 0.5)
    if norm == "batch":
        assert float(u.gain[:, 0].std() / u.weight[:, 0].std()) == pytest.approx(1, abs=0.3)


def test_directions_differ_by_seed_and_step_and_are_shared_by_norms():
    """One draw per seed and point, whatever else is measured; weights in one direction."""
    p, samples, size = drawn("batch")
    g = evaluate(p, samples, size)[1]
    first = random.random_direction(g, SEEDS, 50)
    assert torch.equal(first.weight, random.random_direction(g, SEEDS, 50).weight)
    other = random.random_direction(g, SEEDS, 100)
    assert not torch.isclose(first.weight, other.weight).any()
    ratio = first.weight[:, 0] / first.weight[:, 1]
    assert float(ratio.std()) > 1
    plain = drawn("none")
    bare = random.random_direction(evaluate(*plain)[1], SEEDS, 50)
    for i in range(len(SEEDS)):
        scale = first.weight[0, i, 0, 0] / bare.weight[0, i, 0, 0]
        torch.testing.assert_close(first.weight[:, i], scale * bare.weight[:, i])
    alone = drawn("batch", seeds=SEEDS[1:2])
    one = random.random_direction(evaluate(*alone)[1], SEEDS[1:2], 50)
    torch.testing.assert_close(one.weight[:, 0], first.weight[:, 1])


def test_one_linear_layer_has_known_values_along_a_random_direction():
    """A quadratic's gradient changes by eta ||U S||, S = X X', so beta is ||U S|| / ||U||."""
    etas = [1e-4, 1e-3, 3e-3]
    _, samples, _ = drawn("none")
    p = draw_parameters(SEEDS, layers=1, width=10, normed=False, dtype=torch.float64)
    g = evaluate(p, samples, None)[1]
    view = view_of(p, samples, g, step=50, seeds=SEEDS)
    found = random.make({"step_sizes": etas}).measure(view)
    names = ("loss_min", "loss_max", "loss_range", "loss_ratio", "beta")
    changes = ("gradient_change_min", "gradient_change_max")
    assert set(found) == {f"random_{name}" for name in (*names, *changes)}
    u = random.random_direction(g, SEEDS, 50).weight[0]
    for i in range(len(SEEDS)):
        x, t, w = samples.inputs[i], samples.targets[i], p.weight[0, i]
        losses = [float(((w - eta * u[i]) @ x - t).square().sum() / 2) for eta in etas]
        curved = float(torch.linalg.matrix_norm(u[i] @ x @ x.T))
        assert float(found["random_loss_min"][i]) == pytest.approx(min(losses))
        assert float(found["random_loss_max"][i]) == pytest.approx(max(losses))
        assert float(found["random_loss_range"][i]) == pytest.approx(max(losses) - min(losses))
        assert float(found["random_loss_ratio"][i]) == pytest.approx(max(losses) / min(losses))
        assert float(found["random_gradient_change_min"][i]) == pytest.approx(etas[0] * curved)
        assert float(found["random_gradient_change_max"][i]) == pytest.approx(etas[2] * curved)
        beta = curved / float(torch.linalg.matrix_norm(g.weight[0, i]))
        assert float(found["random_beta"][i]) == pytest.approx(beta)


def test_beta_on_the_finer_grid_is_a_quadratics_at_every_size():
    """||G S|| / ||G|| whatever the steps, and never below beta on the grid that it holds."""
    _, samples, _ = drawn("none")
    p = draw_parameters(SEEDS, layers=1, width=10, normed=False, dtype=torch.float64)
    g = evaluate(p, samples, None)[1]
    found = fine.make({"step_sizes": [1e-4, 1e-3]}).measure(view_of(p, samples, g, seeds=SEEDS))
    for i in range(len(SEEDS)):
        x, own = samples.inputs[i], g.weight[0, i]
        beta = float(torch.linalg.matrix_norm(own @ x @ x.T) / torch.linalg.matrix_norm(own))
        assert float(found["beta_fine"][i]) == pytest.approx(beta)


def test_a_landscape_that_rises_and_falls_is_summed_up_by_its_extremes():
    """Of each seed: not the first step's numbers or the last one's; beta is the greatest ratio."""
    view, of_seed = seen(*drawn("none")), torch.tensor([1.0, 10.0, 100.0])
    by_size = {1.0: (2.0, 4.0), 2.0: (0.5, 2.0), 4.0: (8.0, 40.0), 8.0: (3.0, 5.0)}
    points = [(loss * of_seed, change * of_seed) for loss, change in by_size.values()]
    found = landscape.summed_up(view, tuple(by_size), points)
    expected = {"loss_min": 0.5, "loss_max": 8.0, "loss_range": 7.5, "gradient_change_min": 2.0,
                "gradient_change_max": 40.0, "beta": 10.0 / view.gradients.norm()}  # fmt: skip
    for name, value in expected.items():
        torch.testing.assert_close(found[name], (value * of_seed).to(found[name].dtype))
    assert found["loss_ratio"].tolist() == [16.0] * 3


@pytest.mark.parametrize(
    "probe", [landscape.make({"step_sizes": [1e-6, 1e-4]}), gradients.make({})],
    ids=["landscape", "gradient norm"],
)  # fmt: skip
def test_momentum_turns_no_measurement_of_the_gradient(probe):
    """What is probed is the gradient, whatever the update subtracts."""
    p, samples, size = drawn("batch")
    plain, heavy = seen(p, samples, size), replace(seen(p, samples, size), directions=p)
    without, found = probe.measure(plain), probe.measure(heavy)
    assert {name: value.tolist() for name, value in found.items()} == {
        name: value.tolist() for name, value in without.items()
    }


def test_probes_along_the_gradient_share_their_points(monkeypatch):
    """Ten evaluations for grids of five and ten; each probe says what it says alone."""
    p, samples, size = drawn("batch")
    settings = VisionBench("desk", {}).identity(dln(norm="batch")).settings["probes"]
    probes = [landscape.make(settings["landscape"]), fine.make(settings["fine"])]
    alone = [probe.measure(seen(p, samples, size)) for probe in probes]
    calls = []

    def counted(*arguments):
        calls.append(1)
        return evaluate(*arguments)

    shared = seen(p, samples, size)
    monkeypatch.setattr(landscape, "evaluate", counted)
    for probe, own in zip(probes, alone, strict=True):
        found = probe.measure(shared)
        assert {name: v.tolist() for name, v in found.items()} == {
            name: v.tolist() for name, v in own.items()
        }
    assert len(calls) == 10
    assert (alone[1]["beta_fine"] >= alone[0]["beta"]).all()


@pytest.mark.parametrize("norm", ["batch", "linf"])
def test_a_point_along_a_random_direction_is_that_of_a_plain_network(norm):
    """Loss at theta - eta u on the samples, gains and shifts moved with the weights."""
    p, samples, size = drawn(norm)
    view = seen(p, samples, size, step=50)
    u = random.random_direction(view.gradients, SEEDS, 50)
    eta = 1e-4
    found = landscape.along(view, u, [eta])
    for i, seed in enumerate(SEEDS):
        moved = [
            [(old[:, i] - eta * new[:, i])[layer] for layer in range(len(old))]
            for old, new in ((p.weight, u.weight), (p.gain, u.gain), (p.shift, u.shift))
        ]
        gains, shifts = ([vector[:, 0] for vector in part] for part in moved[1:])
        loss = on_samples(norm, seed, moved[0], gains, shifts)
        assert float(found["loss_max"][i]) == pytest.approx(float(loss), rel=1e-10)


@pytest.mark.parametrize("norm", NORMS)
def test_probes_of_seeds_together_are_those_of_the_seeds_alone(norm):
    """All metrics of a full-size arm after one step from the same state, within 1e-5."""
    settings = VisionBench("desk").settings(dln(norm=norm))
    size = dln_norms.size_of(norm)

    def measured(seeds):
        probes = dln_probes.made(settings["probes"])
        p = draw_parameters(seeds, layers=25, width=10, normed=size is not None)
        samples = dln_arm.drawn_exactly(settings, seeds, CPU)
        first = dln_arm.in_double(settings, seeds, 0, p, samples)
        dln_arm.measured(probes, first)
        p.step(first.gradients, 1e-6)
        values = dln_arm.measured(probes, dln_arm.in_double(settings, seeds, 50, p, samples))
        return values, [probe.histograms(0) for probe in probes]

    together, histograms = measured(SEEDS)
    for i, seed in enumerate(SEEDS):
        alone, its_histograms = measured((seed,))
        for name, value in alone.items():
            assert float(together[name][i]) == pytest.approx(float(value[0]), rel=1e-5), name
        if i == 0:
            assert its_histograms == histograms


def test_probes_are_measured_in_double_precision():
    """At the weights that training has, and with the gradient there: rounding moves nothing."""
    settings = VisionBench("desk").settings(dln(norm="none"))
    p = draw_parameters(SEEDS, layers=25, width=10, normed=False)
    samples = dln_arm.drawn_exactly(settings, SEEDS, CPU)
    view = dln_arm.in_double(settings, SEEDS, 0, p, samples)
    assert torch.equal(view.parameters.weight, p.weight.double())
    drawn_anew = draw_samples(SEEDS, width=10, count=1000, dtype=torch.float64)
    _, expected = evaluate(p.double(), drawn_anew, None)
    assert torch.equal(view.gradients.weight, expected.weight)
    found = landscape.along(view, view.gradients, [1e-10, 2e-10])
    one, two = (found[f"gradient_change_at_eta{eta:g}"] for eta in (1e-10, 2e-10))
    assert (two / one).tolist() == pytest.approx([2] * 3, rel=1e-3)


def test_a_run_measures_in_double_precision(monkeypatch):
    """Every probe point of training sees float64."""
    seen_types = []

    class Recorder(dln_probes.Probe):
        def measure(self, view):
            seen_types.append((view.step, view.parameters.weight.dtype, view.samples.inputs.dtype))
            return {}

    monkeypatch.setattr(dln_probes, "made", lambda _: [Recorder()])
    settings = VisionBench("quick").settings(dln(norm="batch"))
    dln_arm.train(settings, SEEDS, CPU, lambda *_: None)
    assert seen_types == [(step, torch.float64, torch.float64) for step in (0, 10, 20, 30)]
