"""Training and probing of the deep linear network, and how the bench sees it."""

import json
import math
import subprocess
import sys

import pytest
import torch
from test_vision_bench import closure, limits_of

from harness.errors import ArmError
from models import dln_arm, dln_norms
from models.bench import VisionBench
from models.dln import Parameters, draw_parameters, draw_samples, evaluate
from models.dln_probes import View, gradients, ics, landscape
from models.menu import (
    DLN_PROBES,
    dln,
    gradient_change_at_eta,
    ics_cosine,
    ics_l2,
    loss_at_eta,
    mean_distance,
    mean_shift,
    variance_distance,
    variance_shift,
)
from models.numerics import numerics

NORMS = ("none", "batch", "l1", "l2", "linf")
CPU = torch.device("cpu")
DOUBLE = torch.float64


def trained(norm="batch", seeds=(1000, 1001), **changed):
    """Train the quick arm with changed settings; return records and last parameters."""
    settings = VisionBench("quick").settings(dln(norm=norm)) | changed
    return dln_arm.train(settings, seeds, CPU, lambda *_: None)


def three_layers(seeds=(1000, 1001)):
    """Return parameters and samples of three linear layers in float64, and plain W, X, T."""
    p = draw_parameters(seeds, layers=3, width=4, normed=False, dtype=DOUBLE)
    samples = draw_samples(seeds, width=4, count=30, dtype=DOUBLE)
    return p, samples, p.weight[:, 1], samples.inputs[1], samples.targets[1]


def view_of(p, samples, g, rate=1e-6, step=0, seeds=(1000, 1001)):
    """Return what a probe of a network without a norm sees."""
    return View(
        step=step,
        seeds=seeds,
        learning_rate=rate,
        parameters=p,
        gradients=g,
        samples=samples,
        size=None,
    )


def by_hand(w, x, t):
    """dL/dW_i = (what follows)' (residual) (what comes before)'."""
    w1, w2, w3 = w
    residual = w3 @ w2 @ w1 @ x - t
    return [w2.T @ w3.T @ residual @ x.T, w3.T @ residual @ (w1 @ x).T, residual @ (w2 @ w1 @ x).T]


@pytest.mark.parametrize("layer", [2, 3])
def test_shift_is_that_of_the_definition(layer):
    """G' by hand: layers before i after their step, layer i and later as they were."""
    p, samples, w, x, t = three_layers()
    rate = 1e-3
    _, gradients = evaluate(p, samples, None)
    g = by_hand(w, x, t)
    stepped = [w[i] - rate * g[i] if i < layer - 1 else w[i] for i in range(3)]
    after = by_hand(stepped, x, t)[layer - 1]
    found = ics.make({"layers": [layer]}).measure(view_of(p, samples, gradients, rate))
    expected = torch.linalg.vector_norm(g[layer - 1] - after)
    assert float(found[f"ics_l2_layer{layer}"][1]) == pytest.approx(float(expected))
    cosine = torch.cosine_similarity(g[layer - 1].flatten(), after.flatten(), dim=0)
    assert float(found[f"ics_cosine_layer{layer}"][1]) == pytest.approx(float(cosine))


def test_the_first_layer_has_no_shift():
    """Nothing precedes layer 1, so G' is G exactly."""
    p, samples, *_ = three_layers()
    view = view_of(p, samples, evaluate(p, samples, None)[1], rate=0.1)
    found = ics.make({"layers": [1]}).measure(view)
    assert not found["ics_l2_layer1"].any()
    assert found["ics_cosine_layer1"].tolist() == pytest.approx([1, 1])


def test_one_linear_layer_is_a_quadratic_with_a_known_landscape():
    """L = ||(W - A) X||^2 / 2 has gradient (W - A) S, S = X X', so all values have closed forms."""
    etas = [1e-4, 1e-3, 3e-3]
    seeds = (1000, 1001)
    p = draw_parameters(seeds, layers=1, width=4, normed=False, dtype=DOUBLE)
    samples = draw_samples(seeds, width=4, count=30, dtype=DOUBLE)
    _, gradients = evaluate(p, samples, None)
    probe = landscape.make({"step_sizes": etas})
    found = probe.measure(view_of(p, samples, gradients))
    for i in range(len(seeds)):
        x, t, w = samples.inputs[i], samples.targets[i], p.weight[0, i]
        g = (w @ x - t) @ x.T
        losses = [float(((w - eta * g) @ x - t).square().sum() / 2) for eta in etas]
        curved = float(torch.linalg.matrix_norm(g @ x @ x.T))
        beta = curved / float(torch.linalg.matrix_norm(g))
        for eta, loss in zip(etas, losses, strict=True):
            assert float(found[f"loss_at_eta{eta:g}"][i]) == pytest.approx(loss)
            change = float(found[f"gradient_change_at_eta{eta:g}"][i])
            assert change == pytest.approx(eta * curved)
        assert float(found["beta"][i]) == pytest.approx(beta)
        assert float(found["loss_min"][i]) == pytest.approx(min(losses))
        assert float(found["loss_max"][i]) == pytest.approx(max(losses))
        assert float(found["loss_range"][i]) == pytest.approx(max(losses) - min(losses))
        assert float(found["loss_ratio"][i]) == pytest.approx(max(losses) / min(losses))
        assert float(found["gradient_change_min"][i]) == pytest.approx(etas[0] * curved)
        assert float(found["gradient_change_max"][i]) == pytest.approx(etas[-1] * curved)


def test_a_landscape_that_is_not_a_number_is_not_hidden():
    """A NaN at one step size reaches the summaries of its seed and no other's."""
    p, samples, *_ = three_layers()
    _, gradients = evaluate(p, samples, None)
    gradients.weight[0, 1] = torch.nan
    found = landscape.make({"step_sizes": [1e-3]}).measure(view_of(p, samples, gradients))
    for name in ("loss_min", "loss_range", "gradient_change_max", "beta"):
        assert found[name].isnan().tolist() == [False, True]


def test_gradient_norm_is_over_all_parameters_of_a_seed():
    """Weights, gains and shifts together."""
    three = Parameters(
        weight=torch.full((2, 2, 3, 3), 2.0),
        gain=torch.full((1, 2, 3, 1), 1.0),
        shift=torch.zeros(1, 2, 3, 1),
    )
    expected = pytest.approx([math.sqrt(18 * 4 + 3)] * 2)
    assert three.norm().tolist() == expected
    found = gradients.make({}).measure(view_of(three, None, three))
    assert found["gradient_norm"].tolist() == expected


@pytest.mark.parametrize("norm", NORMS)
def test_probes_change_nothing(norm):
    """With probes at every step the trained parameters are bit for bit those without any."""
    _, without = trained(norm, probes={}, steps=8)
    records, probed = trained(norm, probe_every=1, steps=8)
    assert torch.equal(without.weight, probed.weight)
    assert torch.equal(without.gain, probed.gain)
    assert torch.equal(without.shift, probed.shift)
    assert len(records[0].series["beta"].steps) == 8
    assert len(records[0].series["random_beta"].steps) == 8
    assert len(records[0].series[mean_shift(11)].steps) == 7
    assert len(records[0].histograms["activations_layer24"].steps) == 8


def test_training_is_plain_gradient_descent():
    """Three steps by hand from the same start; the losses are those before each update."""
    records, last = trained("l2", steps=3)
    size = dln_norms.size_of("l2")
    p = draw_parameters((1000, 1001), layers=25, width=10, normed=True)
    samples = draw_samples((1000, 1001), width=10, count=1000)
    for step in range(3):
        loss, g = evaluate(p, samples, size)
        losses = [r.series["train_loss"].values[step] for r in records]
        assert losses == pytest.approx(loss.tolist(), rel=1e-5)
        p = Parameters(
            weight=p.weight - 1e-6 * g.weight,
            gain=p.gain - 1e-6 * g.gain,
            shift=p.shift - 1e-6 * g.shift,
        )
    torch.testing.assert_close(p.weight, last.weight, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(p.gain, last.gain, rtol=1e-6, atol=1e-7)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    """Bit for bit."""
    first, second = trained()[0], trained()[0]
    assert [r.series for r in first] == [r.series for r in second]
    assert [r.histograms for r in first] == [r.histograms for r in second]
    assert first[0].series["train_loss"] != first[1].series["train_loss"]


def test_a_seed_that_diverges_is_recorded_and_the_others_go_on(monkeypatch):
    """Its values are NaN from its first non-finite loss on, in every series."""
    draw = dln_arm.draw_parameters

    def planted(seeds, **kwargs):
        p = draw(seeds, **kwargs)
        p.weight[:, 0] *= 3
        return p

    monkeypatch.setattr(dln_arm, "draw_parameters", planted)
    lost, fine = trained("none", learning_rate=1e-6)[0]
    assert lost.diverged_at is not None
    assert 0 < lost.diverged_at < 40
    assert fine.diverged_at is None
    losses = lost.series["train_loss"].values
    assert all(math.isfinite(value) for value in losses[: lost.diverged_at])
    assert all(math.isnan(value) for value in losses[lost.diverged_at :])
    for series in lost.series.values():
        after = [v for s, v in zip(series.steps, series.values, strict=True) if s > 30]
        assert all(math.isnan(value) for value in after)
    points = {step: step < lost.diverged_at for step in (0, 10, 20, 30)}
    for layer in (1, 11, 24):
        kept = lost.histograms[f"activations_layer{layer}"]
        assert kept.steps == tuple(step for step, before in points.items() if before)
        assert fine.histograms[f"activations_layer{layer}"].steps == tuple(points)
    for series in fine.series.values():
        assert all(math.isfinite(value) for value in series.values)


@pytest.mark.parametrize("norm", NORMS)
def test_records_hold_the_metrics_that_are_announced(norm):
    """Through the bench: exactly metrics(arm), within their ranges, for each seed in order."""
    bench, arm, told = VisionBench("quick"), dln(norm=norm), []
    records = bench.train(arm, [1001, 1000], "cpu", lambda done, of: told.append((done, of)))
    metrics = bench.metrics(arm)
    assert [record.seed for record in records] == [1001, 1000]
    for record in records:
        assert record.steps == 40
        assert record.hardware["cpu"]
        assert record.wall_s > 0
        assert set(record.series) == set(metrics)
        for name, series in record.series.items():
            metric = metrics[name]
            assert metric.low is None or min(series.values) >= metric.low - 1e-5, name
            assert metric.high is None or max(series.values) <= metric.high + 1e-5, name
    assert told == sorted(told)
    assert told[-1] == (40, 40)


def test_metrics_say_what_they_cannot_pass():
    """Cosines lie within -1 and 1, ratios are 1 at least, all else is a size."""
    metrics = VisionBench("desk").metrics(dln(norm="batch"))
    assert {name: (m.low, m.high) for name, m in metrics.items()} == {
        name: limits_of(name) for name in metrics
    }


def test_menu_names_are_metrics():
    """The helpers for claim files name what a record of the default arm holds."""
    names = {ics_l2(9), ics_cosine(17), "gradient_norm", "train_loss", "beta"}
    names |= {loss_at_eta(1e-8), gradient_change_at_eta(3.16e-5), "random_loss_range"}
    names |= {mean_shift(1), variance_shift(11), mean_distance(24), variance_distance(24)}
    assert names <= set(VisionBench("desk").metrics(dln()))


@pytest.mark.parametrize("scale", ["quick", "desk", "paper"])
def test_identities_are_strict_json_and_differ_where_arms_do(scale):
    """Norm, learning rate, probes and layers each give another; the order of probes does not."""
    bench = VisionBench(scale)
    arms = [dln(norm=norm) for norm in NORMS]
    arms += [dln(lr=1e-7), dln(probes=()), dln(ics_layers=(2,))]
    arms += [dln(moment_layers=(2, 3)), dln(probes=("random",)), dln(probes=("landscape",))]
    texts = [
        json.dumps(bench.identity(arm).settings, allow_nan=False, sort_keys=True) for arm in arms
    ]
    assert len(set(texts)) == len(arms)
    assert [json.loads(text) for text in texts] == [bench.settings(arm) for arm in arms]
    assert bench.identity(dln()) == bench.identity(dln(probes=DLN_PROBES[::-1]))


def test_a_norm_is_in_the_closure_of_its_own_arms_only():
    """And what only VGGs use is in none."""
    for norm in NORMS:
        found = closure(VisionBench("desk").identity(dln(norm=norm)).modules)
        own = {name for name in found if name.startswith("models.dln_norms.")}
        assert own == {f"models.dln_norms.{norm}"}
        assert {"models.dln", "models.dln_arm", "models.streams"} <= found
        assert {f"models.dln_probes.{name}" for name in DLN_PROBES} <= found
        outside = ("training", "vgg", "bench", "menu", "resolve", "dln_spec", "norms")
        assert not found & {f"models.{name}" for name in outside}


def test_training_loads_only_what_the_identity_covers():
    """In a fresh process, every models.* module that training imports is in the arm's closure."""
    code = (
        "import sys\n"
        "from models.bench import VisionBench\n"
        "from models.menu import dln\n"
        "bench, arm = VisionBench('quick'), dln(norm='batch')\n"
        "bench.describe(arm), bench.deviations(arm, 'beta'), bench.metrics(arm)\n"
        "bench.estimate_s(arm), bench.seeds_per_job(arm), bench.prepare(arm), bench.identity(arm)\n"
        "assert not {'torch', 'sklearn'} & set(sys.modules)\n"
        "before = set(sys.modules)\n"
        "bench.train(arm, [1000], 'cpu', lambda *_: None)\n"
        "print(*[m for m in set(sys.modules) - before if m.startswith('models')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    covered = closure(VisionBench("quick").identity(dln(norm="batch")).modules)
    assert set(done.stdout.split()) <= covered


@pytest.mark.parametrize(
    ("arm", "message"),
    [
        (dln(norm="noisy-batch"), "norm: got 'noisy-batch'"),
        (dln(probes=("moment",)), "probes: got moment; expected some of"),
        (dln(moment_layers=(0, 1)), "moment_layers: got layer 0, expected layers 1-25"),
        (dln(ics_layers=(9, 26)), "got layer 26, expected layers 1-25"),
        (dln(ics_layers=(9, 9)), "expected distinct ones"),
        (dln(step_sizes=(1e-6, 1e-7)), "step_sizes: got .* expected ascending ones"),
        (dln(step_sizes=()), "step_sizes: got"),
        (dln(step_sizes=(0.0, 1e-7)), "step_sizes: got"),
        (dln(step_sizes=(1e-7, 1.0000001e-7)), "differ in their first six digits"),
    ],
)
def test_arms_that_cannot_be_built_are_refused(arm, message):
    """At collection, with what was got and what was expected."""
    with pytest.raises(ArmError, match=message):
        VisionBench("desk").identity(arm)


def test_the_papers_scale_deviates_in_readings_only():
    """Full length there, shorter at desk; half-sum, N(0, 1), place of the norm are readings."""
    paper = VisionBench("paper").deviations(dln(norm="batch"), "train_loss")
    desk = VisionBench("desk").deviations(dln(norm="batch"), "train_loss")
    assert desk[0].startswith("Length: ")
    assert desk[1:] == paper
    for words in ("half the sum", "N(0, 1)", "every layer but the last", "uniform"):
        assert any(words in sentence for sentence in paper)
    assert not any("every layer but" in s for s in VisionBench("paper").deviations(dln(), "beta"))
    for metric, words in (
        (mean_shift(11), "after its norm"),
        ("random_loss_range", "one Gaussian draw"),
        (ics_l2(9), "layers below take their step"),
    ):
        said = VisionBench("paper").deviations(dln(norm="batch"), metric)
        assert len([sentence for sentence in said if sentence not in paper]) == 2
        assert any(words in sentence for sentence in said)
        assert any("double precision" in sentence for sentence in said)


def test_a_finer_grid_of_step_sizes_is_another_arm():
    """Its metrics carry the sizes, and its landscape says so; the default is the paper's grid."""
    bench, arm = VisionBench("quick"), dln(norm="batch", step_sizes=(1e-7, 1.5e-7, 2e-6))
    assert bench.identity(arm) != bench.identity(dln(norm="batch"))
    record = bench.train(arm, [1000], "cpu", lambda *_: None)[0]
    assert set(record.series) == set(bench.metrics(arm))
    assert loss_at_eta(1.5e-7) in record.series
    assert loss_at_eta(1e-8) not in record.series
    said = "Steps along the gradient: 1e-07, 1.5e-07, 2e-06 instead of"
    assert any(said in sentence for sentence in bench.deviations(arm, "beta"))
    said = "Steps along a random direction: 1e-07, 1.5e-07, 2e-06 instead of"
    assert any(said in sentence for sentence in bench.deviations(arm, "random_beta"))
    for other in ("train_loss", "ics_l2_layer9"):
        assert not any("Steps along" in sentence for sentence in bench.deviations(arm, other))
    paper = dln(step_sizes=(1e-8, 1e-7, 1e-6, 1e-5, 3.16e-5))
    assert bench.identity(paper) == bench.identity(dln())


def test_all_seeds_of_a_scale_are_one_job():
    """Estimates are a seed's share, and grow with what is measured."""
    bench = VisionBench("desk")
    assert bench.seeds_per_job(dln()) == 10
    assert VisionBench("quick").seeds_per_job(dln()) == 2
    assert 0 < bench.estimate_s(dln(probes=())) < bench.estimate_s(dln())
    assert bench.describe(dln(norm="l1")) == "25-layer linear network, l1 norm, LR 1e-06"


@pytest.mark.parametrize("precision", ["tf32", "bf16"])
def test_products_are_ieees_whatever_the_precision(precision, monkeypatch):
    """Ten by ten products gain nothing from less, and TF32 has three digits."""
    seen = []

    def noting(*args):
        matmul = torch.backends.cuda.matmul.fp32_precision
        seen.append((matmul, torch.is_autocast_enabled("cpu")))
        return evaluate(*args)

    monkeypatch.setattr(dln_arm, "evaluate", noting)
    settings = {**VisionBench("quick").settings(dln(probes=())), "steps": 2}
    with numerics("cpu", precision):
        dln_arm.run_seeds(settings, [1000], torch.device("cpu"), lambda *_: None)
    assert seen == [("ieee", False)] * 2
