"""Settings of the linear network behind what the paper leaves open, against float64 autograd."""

import math

import pytest
import torch

from harness.errors import ArmError
from models import dln_arm, dln_norms, norms, optional_settings
from models.bench import VisionBench
from models.dln import Parameters, draw_arrays, draw_parameters, draw_samples, evaluate
from models.dln_probes import View
from models.dln_probes.ics import IcsProbe
from models.menu import dln

CPU = torch.device("cpu")
DOUBLE = torch.float64
QUICK = VisionBench("quick")
SEEDS = (1000, 1001)
LAYERS, COUNT = 4, 50


def trained(norm="batch", **optional):
    settings = QUICK.settings(dln(norm=norm, **optional)) | {"probe_every": 1, "steps": 3}
    return dln_arm.train(settings, SEEDS, CPU, lambda *_: None)


class OnSamples:
    """A plain network on the samples of one seed, with leaves for autograd and torch's SGD.

    Weights, gains and shifts are those given, of seed ``i``; ``error_weight`` times the squared
    errors is the loss.
    """

    def __init__(self, norm, p, i, error_weight=0.5, count=COUNT):
        self.norm, self.error_weight = norm, error_weight
        matrix, x = (torch.from_numpy(array) for array in draw_arrays(SEEDS[i], 10, count))
        self.x, self.targets = x.T, x.T @ matrix.T
        self.weight = [w[i].clone().requires_grad_() for w in p.weight]
        self.gain = [g[i, :, 0].clone().requires_grad_() for g in p.gain]
        self.shift = [s[i, :, 0].clone().requires_grad_() for s in p.shift]

    @property
    def leaves(self):
        return [*self.weight, *self.gain, *self.shift]

    def loss(self):
        h = self.x
        for layer, weight in enumerate(self.weight):
            h = h @ weight.T
            if layer < len(self.gain):
                module = norms.maker(self.norm)(10, "").double()
                parts = {"weight": self.gain[layer], "bias": self.shift[layer]}
                h = torch.func.functional_call(module, parts, (h,))
        return self.error_weight * (h - self.targets).square().sum()


def drawn(norm="batch", normed=True, layers=LAYERS, **options):
    """Return parameters with gains and shifts off their start, samples and the norm's size."""
    samples = draw_samples(SEEDS, width=10, count=COUNT, dtype=DOUBLE, **options)
    p = draw_parameters(SEEDS, layers=layers, width=10, normed=normed, dtype=DOUBLE)
    source = torch.Generator().manual_seed(0)
    for part in (p.gain, p.shift):
        part.add_(torch.randn(part.shape, generator=source, dtype=DOUBLE) / 4)
    return p, samples, dln_norms.size_of(norm)


def flat(parameters, i):
    """Return a seed's parameters in the order of ``OnSamples.leaves``."""
    return [*parameters.weight[:, i], *parameters.gain[:, i, :, 0], *parameters.shift[:, i, :, 0]]


# ---------------------------------------------------------------- what changes nothing


def test_a_deciding_value_is_the_same_run_as_none():
    """And what an arm lacks cannot be changed."""
    deciding = {name: choice.deciding for name, choice in optional_settings.DLN.items()}
    for norm in ("none", "batch", "l1"):
        assert QUICK.identity(dln(norm=norm, **deciding)) == QUICK.identity(dln(norm=norm))
    plain = QUICK.identity(dln())
    for lacking in ({"norm_on": "all"}, {"lp_scale": "centred"},
                    {"ics_steps": "layers-and-own-norm"}):  # fmt: skip
        assert QUICK.identity(dln(**lacking)) == plain


EACH = [
    {"momentum": 0.9},
    {"init": "glorot-normal"},
    {"init": "orthogonal"},
    {"depth": 10},
    {"norm_on": "all"},
    {"loss": "sum"},
    {"lp_scale": "centred"},
    {"ics_compares": "layer"},
    {"ics_steps": "weights-below"},
    {"ics_steps": "layers-and-own-norm"},
]


@pytest.mark.parametrize("optional", EACH, ids=lambda one: "-".join(map(str, *one.items())))
def test_each_setting_is_another_run_with_words_of_its_own(optional):
    """Settings, title and deviations differ from the plain arm's; training or the probe, too."""
    arm, plain, metric = dln(norm="l1", **optional), dln(norm="l1"), "ics_l2_layer9"
    assert QUICK.settings(arm) != QUICK.settings(plain)
    assert QUICK.describe(arm) != QUICK.describe(plain)
    assert QUICK.deviations(arm, metric) != QUICK.deviations(plain, metric)
    (found, _), (without, _) = trained("l1", **optional), trained("l1")
    assert all(math.isfinite(value) for value in found[0].series[metric].values)
    assert found[0].series[metric] != without[0].series[metric]
    same_training = found[0].series["train_loss"] == without[0].series["train_loss"]
    assert same_training == next(iter(optional)).startswith("ics")


@pytest.mark.parametrize(
    ("optional", "message"),
    [
        ({"momentum": -0.1}, "momentum: got -0.1, expected a number from 0 to below 1"),
        ({"loss": "mean"}, "loss: got 'mean', expected one of half-sum, sum"),
        ({"init": "he"}, "init: got 'he', expected one of glorot-uniform, glorot-normal, ortho"),
        ({"norm_on": "conv"}, "norm_on: got 'conv', expected one of all-but-last, all"),
        ({"network": "vgg-13"}, "unknown settings network"),
    ],
)
def test_settings_that_make_no_sense_are_refused(optional, message):
    """With what was got and what was expected."""
    with pytest.raises(ArmError, match=message):
        QUICK.identity(dln(**optional))


# ---------------------------------------------------------------- loss, gradients, training


@pytest.mark.parametrize(
    ("norm", "normed", "error_weight"),
    [("batch", LAYERS, 0.5), ("l1", LAYERS, 0.5), ("batch", True, 1.0), ("none", False, 1.0)],
)
def test_gradients_are_autograds(norm, normed, error_weight):
    """With a norm after the last layer, too, and with the full sum, of every parameter."""
    p, samples, size = drawn(norm, normed, error_weight=error_weight)
    losses, gradients = evaluate(p, samples, size)
    for i in range(len(SEEDS)):
        network = OnSamples(norm, p, i, error_weight)
        loss = network.loss()
        assert losses[i].item() == pytest.approx(loss.item(), rel=1e-10)
        expected = torch.autograd.grad(loss, network.leaves)
        tolerance = 1e-10 * float(gradients.norm()[i])
        for one, other in zip(flat(gradients, i), expected, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=tolerance)


def test_a_full_sum_is_twice_the_half():
    """Loss and gradients, to the bit."""
    half, full = (evaluate(*drawn(error_weight=weight)) for weight in (0.5, 1.0))
    assert torch.equal(full[0], 2 * half[0])
    assert torch.equal(full[1].weight, 2 * half[1].weight)


@pytest.mark.parametrize(
    ("norm", "optional", "error_weight"),
    [
        ("batch", {"momentum": 0.9}, 0.5),
        ("none", {"momentum": 0.5, "loss": "sum"}, 1.0),
        ("l2", {"norm_on": "all"}, 0.5),
    ],
)
def test_three_steps_are_torchs_own(norm, optional, error_weight):
    """The arm's training from its own start, against torch.optim.SGD on the samples."""
    _, last = trained(norm, **optional)
    p = draw_parameters(SEEDS, layers=25, width=10, normed=last.gain.shape[0], dtype=DOUBLE)
    for i in range(len(SEEDS)):
        network = OnSamples(norm, p, i, error_weight, count=1000)
        sgd = torch.optim.SGD(network.leaves, lr=1e-6, momentum=optional.get("momentum", 0.0))
        start = [leaf.detach().clone() for leaf in network.leaves]
        for _ in range(3):
            sgd.zero_grad()
            network.loss().backward()
            sgd.step()
        moved = [leaf.detach() - s for leaf, s in zip(network.leaves, start, strict=True)]
        found = [leaf.double() - s for leaf, s in zip(flat(last, i), start, strict=True)]
        distance = math.sqrt(sum(float(m.square().sum()) for m in moved))
        apart = [float((m - f).square().sum()) for m, f in zip(moved, found, strict=True)]
        assert math.sqrt(sum(apart)) < 1e-3 * distance  # float32 against float64
    assert len(last.gain) == {"batch": 24, "none": 0, "l2": 25}[norm]


def test_glorots_normal_has_the_uniforms_variance():
    """N(0, 1/10) in 25 layers of 10 x 10: variance within 5 standard errors, and tails."""
    p = draw_parameters(SEEDS, layers=25, width=10, normed=False, init="glorot-normal")
    variance, error = float(p.weight.var()), math.sqrt(2 / p.weight.numel())
    assert variance == pytest.approx(0.1, rel=5 * error)
    assert float(p.weight.abs().max()) > math.sqrt(6 / 20)


# ---------------------------------------------------------------- gradient ICS


def view(p, samples, size, **options):
    gradients = evaluate(p, samples, size)[1]
    return View(step=0, seeds=SEEDS, learning_rate=1e-4, parameters=p, gradients=gradients,
                samples=samples, size=size, **options)  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "moving_norms"),
    [("layers-below", (0, 1)), ("weights-below", ()), ("layers-and-own-norm", (0, 1, 2))],
)
@pytest.mark.parametrize("compares", ["weight", "layer"])
def test_readings_of_ics_by_autograd(steps, moving_norms, compares):
    """Layer 3 of 4: layers 1 and 2 step, with which norms the reading says."""
    p, samples, size = drawn("batch")
    found = IcsProbe(layers=(3,), compares=compares, steps=steps).measure(view(p, samples, size))
    for i in range(len(SEEDS)):
        network = OnSamples("batch", p, i)

        def of_layer(network=network):
            of = [network.weight[2]]
            if compares == "layer":
                of += [network.gain[2], network.shift[2]]
            return torch.cat([g.flatten() for g in torch.autograd.grad(network.loss(), of)])

        before = of_layer()
        gradients = torch.autograd.grad(network.loss(), network.leaves)
        moving = [0, 1, *(4 + n for n in moving_norms), *(7 + n for n in moving_norms)]
        with torch.no_grad():
            for j in moving:
                network.leaves[j].sub_(gradients[j], alpha=1e-4)
        after = of_layer()
        expected = float((before - after).norm())
        assert float(found["ics_l2_layer3"][i]) == pytest.approx(expected, rel=1e-6)


def test_ics_steps_by_what_the_update_does():
    """With momentum the layers below move by the velocity; at step 0 that is the gradient."""
    (found, _), (plain, _) = trained(momentum=0.9), trained()
    values, without = (r[0].series["ics_l2_layer9"].values for r in (found, plain))
    assert values[0] == without[0]
    p, samples, size = drawn()
    slow = view(p, samples, size)
    twice = Parameters(
        weight=2 * slow.gradients.weight, gain=2 * slow.gradients.gain,
        shift=2 * slow.gradients.shift,
    )  # fmt: skip
    probe = IcsProbe(layers=(3,))
    moved = probe.measure(view(p, samples, size, directions=twice))["ics_l2_layer3"]
    rate = View(step=0, seeds=SEEDS, learning_rate=2e-4, parameters=p, gradients=slow.gradients,
                samples=samples, size=size)  # fmt: skip
    torch.testing.assert_close(moved, probe.measure(rate)["ics_l2_layer3"])


def test_a_view_carries_the_momentum_of_the_step():
    """Directions = gradients + momentum * (what the last step subtracted)."""
    p, samples, _ = drawn()
    settings = {"norm": "batch", "learning_rate": 1e-6, "momentum": 0.5}
    seen = dln_arm.in_double(settings, SEEDS, 1, p, samples, p)
    torch.testing.assert_close(seen.directions.weight, seen.gradients.weight + 0.5 * p.weight)
    first = dln_arm.in_double(settings, SEEDS, 0, p, samples)
    assert torch.equal(first.directions.weight, first.gradients.weight)
