"""Settings behind what the paper leaves open: each against torch's own or a closed form."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from harness.errors import ArmError
from models import data, norms, optional_settings, vgg_arm
from models.bench import VisionBench
from models.descent import Descent
from models.dropout import Dropout
from models.ics import compared_parameters, stepping_parameters
from models.menu import vgg
from models.norms import noisy_batch
from models.training import Schedule, train

CPU = torch.device("cpu")
QUICK = VisionBench("quick")


def settings_of(norm="batch", probes=(), **optional):
    return QUICK.settings(vgg(norm=norm, probes=probes, **optional)) | {"steps": 3}


def run(settings, seed=1000):
    return vgg_arm.run(settings, seed, CPU, "", lambda *_: None)


# ---------------------------------------------------------------- what changes nothing


@pytest.mark.parametrize("scale", ["quick", "desk", "paper"])
def test_a_deciding_value_is_the_same_run_as_none(scale):
    """Every setting at its deciding value resolves to what it resolves to when left out."""
    bench = VisionBench(scale)
    deciding = {name: choice.deciding for name, choice in optional_settings.VGG.items()}
    for norm in ("none", "batch", "noisy-batch", "noise", "l1"):
        assert bench.identity(vgg(norm=norm, **deciding)) == bench.identity(vgg(norm=norm))


def test_what_an_arm_lacks_cannot_be_changed():
    """The place of a noise that is not there, the scale of no l_p norm: the same run."""
    same = [
        ("batch", {"noise_place": "before-affine", "noise_spread": "variance"}),
        ("batch", {"lp_scale": "centred"}),
        ("noise", {"noise_place": "before-affine"}),
        ("none", {"norm_on": "conv"}),
        ("none", {"ics_steps": "layers-and-own-norm"}),
    ]
    for norm, optional in same:
        assert QUICK.identity(vgg(norm=norm, **optional)) == QUICK.identity(vgg(norm=norm))
    quiet = vgg(norm="batch", probes=())
    assert QUICK.identity(quiet.replaced(ics_compares="layer")) == QUICK.identity(quiet)


def test_glorots_uniform_is_the_papers_scale_own():
    """At paper scale the word and the default are one run; at desk He's decides."""
    arm = vgg(init="glorot-uniform")
    assert VisionBench("paper").identity(arm) == VisionBench("paper").identity(vgg())
    assert VisionBench("desk").settings(arm)["init"] == "glorot"


def test_an_arm_of_another_length_says_so():
    """Two arms that differ in their steps alone have two labels; the scale's own is not said."""
    desk = VisionBench("desk")
    assert desk.describe(vgg(steps=1500)) == "VGG-A x 1/4, no norm, LR 0.1, 1,500 steps"
    assert desk.describe(vgg(steps=desk.scale.steps)) == desk.describe(vgg())
    assert "steps" not in desk.describe(vgg())
    assert desk.deviations(vgg(steps=1500), "train_loss") != desk.deviations(vgg(), "train_loss")


EACH = [
    {"momentum": 0.9},
    {"l2_in_loss": 5e-4},
    {"dropout": 0.5},
    {"norm_on": "conv"},
    {"pixels": "raw"},
    {"init": "glorot-uniform"},
    {"init": "glorot-normal"},
    {"network": "vgg-13"},
    {"network": "vgg-16"},
    {"network": "vgg-19"},
    {"width": 1 / 8},
    {"noise_place": "before-affine"},
    {"noise_spread": "variance"},
    {"ics_compares": "layer"},
    {"ics_steps": "weights-below"},
    {"ics_steps": "layers-and-own-norm"},
]


@pytest.mark.parametrize("optional", EACH, ids=lambda one: "-".join(map(str, *one.items())))
def test_each_setting_is_another_run_with_words_of_its_own(optional):
    """Its settings, title and deviations differ from the plain arm's, and it trains and probes."""
    arm, plain = vgg(norm="noisy-batch", **optional), vgg(norm="noisy-batch")
    assert QUICK.settings(arm) != QUICK.settings(plain)
    assert QUICK.describe(arm) != QUICK.describe(plain)
    metric = "ics_l2_layer5"
    assert QUICK.deviations(arm, metric) != QUICK.deviations(plain, metric)
    record = run(QUICK.settings(arm) | {"steps": 3, "probe_every": 1})
    assert all(math.isfinite(value) for value in record.series[metric].values)
    plain_record = run(QUICK.settings(plain) | {"steps": 3, "probe_every": 1})
    same_training = record.series["train_loss"] == plain_record.series["train_loss"]
    assert same_training == next(iter(optional)).startswith("ics")


@pytest.mark.parametrize(
    ("optional", "message"),
    [
        ({"momentum": 1.0}, "momentum: got 1.0, expected a number from 0 to below 1"),
        ({"momentum": True}, "momentum: got True"),
        ({"l2_in_loss": "5e-4"}, "l2_in_loss: got '5e-4'"),
        ({"dropout": -0.1}, "dropout: got -0.1"),
        ({"norm_on": "fc"}, r"norm_on: got 'fc', expected one of conv\+fc, conv"),
        ({"init": "glorot"}, "init: got 'glorot', expected one of glorot-uniform, glorot-normal"),
        ({"network": "vgg-11"}, "network: got 'vgg-11', expected one of vgg-a, vgg-13"),
        ({"width": 0}, "width: got 0, expected a factor of VGG's own channels, 1/64 to 1"),
        ({"width": 2.0}, "width: got 2.0, expected"),
        ({"width": True}, "width: got True, expected"),
        ({"noise_place": "before"}, "noise_place: got 'before', expected one of after-affine"),
        ({"nrom": "batch"}, "unknown settings nrom"),
    ],
)
def test_settings_that_make_no_sense_are_refused(optional, message):
    """With what was got and what was expected."""
    with pytest.raises(ArmError, match=message):
        QUICK.identity(vgg(**optional))


# ---------------------------------------------------------------- descent


@pytest.mark.parametrize(("momentum", "l2"), [(0.0, 0.0), (0.9, 0.0), (0.0, 0.01), (0.9, 0.01)])
def test_descent_is_torchs_own(momentum, l2):
    """Four steps of a network with biases and a norm, against torch.optim.SGD, in float64."""
    source = torch.Generator().manual_seed(0)
    images = torch.randn(8, 1, 8, 8, generator=source, dtype=torch.float64)
    labels = torch.randint(0, 10, (8,), generator=source)
    settings = settings_of(momentum=momentum, l2_in_loss=l2)
    ours, torchs = (vgg_arm.build(settings, 1000, CPU).double() for _ in range(2))
    train(
        ours,
        lambda _: (images, labels),
        (images, labels),
        F.cross_entropy,
        seed=0,
        schedule=Schedule(steps=4, learning_rate=0.05, probe_every=9, evaluate_every=9),
        descent=Descent(momentum=momentum, l2_in_loss=l2),
    )
    weights = [p for p in torchs.parameters() if p.dim() > 1]
    others = [p for p in torchs.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": 2 * l2}, {"params": others}]
    optimiser = torch.optim.SGD(groups, lr=0.05, momentum=momentum)
    for _ in range(4):
        optimiser.zero_grad()
        F.cross_entropy(torchs(images), labels).backward()
        optimiser.step()
    for one, other in zip(ours.parameters(), torchs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_the_l2_term_is_in_the_probed_loss_and_not_in_the_recorded_one():
    """At step 0: a step of size 0 probes cross-entropy plus the term; train_loss lacks it."""
    optional = {"l2_in_loss": 5e-3, "probes": ("landscape", "gradients")}
    settings, plain = settings_of(**optional), settings_of(probes=optional["probes"])
    settings["probes"]["landscape"] = {"multiples": [0.0, 1.0]}
    network = vgg_arm.build(settings, 1000, CPU)
    term = 5e-3 * sum(float(p.detach().square().sum()) for p in network.parameters() if p.dim() > 1)
    found, without = run(settings).series, run(plain).series
    assert found["train_loss"].values[0] == without["train_loss"].values[0]
    probed = found["loss_at_x0"].values[0]
    assert probed == pytest.approx(found["train_loss"].values[0] + term, rel=1e-5)
    assert found["gradient_change_at_x0"].values[0] < 1e-4  # g is the gradient of that very loss
    assert found["gradient_norm"].values[0] != without["gradient_norm"].values[0]


def test_ics_steps_by_what_the_update_does():
    """With momentum, layers below move by the velocity: G' differs from a plain step's at once."""
    settings = settings_of(probes=("ics",), momentum=0.9) | {"probe_every": 1}
    plain = settings_of(probes=("ics",)) | {"probe_every": 1}
    name = "ics_l2_layer5"
    found, without = (run(s).series[name].values for s in (settings, plain))
    assert found[0] == without[0]  # the first velocity is the gradient
    assert found[1] != without[1]


def test_directions_are_the_gradients_without_momentum():
    """The very tensors, so that a plain step is what it was."""
    gradients = (torch.ones(2),)
    assert Descent().directions(gradients, gradients) is gradients
    first = Descent(momentum=0.5).directions((), gradients)
    assert first is gradients
    assert Descent(momentum=0.5).directions(first, gradients)[0].tolist() == [1.5, 1.5]


# ---------------------------------------------------------------- network


def test_glorots_normal_has_the_uniforms_variance_and_other_numbers():
    """N(0, 2 / (fan_in + fan_out)) by layer: the variance within 5 standard errors, tails."""
    settings = VisionBench("desk").settings(vgg(init="glorot-normal"))
    for layer in vgg_arm.build(settings, 1000, CPU).weight_layers():
        weight = layer.linear.weight.detach()
        field = weight[0, 0].numel()
        variance = 2 / ((weight.shape[0] + weight.shape[1]) * field)
        error = math.sqrt(2 / weight.numel())
        assert float(weight.var()) / variance == pytest.approx(1, abs=5 * error)
    assert float(weight.abs().max()) < 6 * math.sqrt(variance)
    big = vgg_arm.build(settings, 1000, CPU).weight_layers()[7].linear.weight.detach()
    assert float(big.abs().max()) > math.sqrt(6 / (18 * 128))  # beyond the uniform's bound


def test_arms_of_one_reading_share_their_initial_weights():
    """With and without a norm, and with dropout."""
    arms = [vgg(init="glorot-normal"), vgg(norm="batch", init="glorot-normal", dropout=0.5)]
    first, second = (vgg_arm.build(QUICK.settings(arm), 1000, CPU) for arm in arms)
    for one, other in zip(first.weight_layers(), second.weight_layers(), strict=True):
        assert torch.equal(one.linear.weight, other.linear.weight)


def test_layers_of_a_network_that_may_be_the_papers_are_its_own():
    """VGG-13, 16 and 19 have the paper's layers; VGG-A has those at the same relative depth."""
    own = {str(i): i for i in (2, 3, 9, 11, 13)}
    for network, expected in [("vgg-13", own), ("vgg-16", own), ("vgg-19", own)]:
        probes = QUICK.settings(vgg(network=network))["probes"]
        assert probes["moments"]["layers"] == expected
    assert QUICK.settings(vgg(network="vgg-a")) == QUICK.settings(vgg())
    with pytest.raises(ArmError, match="got layer 14, expected weight layers of VGG-13, 1-13"):
        QUICK.settings(vgg(network="vgg-13", ics_layers=(14,)))


@pytest.mark.parametrize("norm", ["batch", "l1", "noisy-batch"])
def test_a_norm_on_convs_alone_leaves_the_hidden_units_plain(norm):
    """Conv layers keep theirs."""
    network = vgg_arm.build(settings_of(norm, norm_on="conv"), 1000, CPU)
    plain = [isinstance(layer.norm, nn.Identity) for layer in network.weight_layers()]
    assert plain == [False] * 8 + [True] * 3


def test_raw_pixels_are_the_images_as_they_are():
    """Standardised ones are raw ones minus the mean over the deviation, drawn alike."""
    raw, standardised = (
        data.Batches(vgg_arm.load_task(settings, "", CPU), 1000, batch=16, steps=1)[0][0]
        for settings in (settings_of(pixels="raw"), settings_of())
    )
    task = vgg_arm.load_task(settings_of(), "", CPU)
    torch.testing.assert_close((raw - task.pixel_mean) / task.pixel_std, standardised)
    assert 0 <= float(raw.mean()) <= 1


def test_dropout_is_a_function_of_seed_step_and_layer():
    """A step replays its mask; another seed, step or layer has another one; eval has none."""
    x = torch.ones(200, 50)

    def mask(seed, step, layer="fc1"):
        module = Dropout(0.25, layer)
        module.begin_step(seed, step)
        first = module(x)
        assert torch.equal(first, module(x))
        assert torch.equal(module.eval()(x), x)
        return first

    first = mask(1, 2)
    assert torch.equal(first, mask(1, 2))
    assert all(not torch.equal(first, mask(*o)) for o in [(2, 2), (1, 3), (1, 2, "fc2")])
    assert sorted(first.unique().tolist()) == pytest.approx([0, 1 / 0.75])
    dropped = float((first == 0).float().mean())
    assert dropped == pytest.approx(0.25, abs=5 * math.sqrt(0.25 * 0.75 / x.numel()))


def test_dropout_needs_a_step():
    """Without one there is no mask to replay."""
    with pytest.raises(RuntimeError, match="no step begun"):
        Dropout(0.5, "fc1")(torch.ones(2, 2))


# ---------------------------------------------------------------- noise and norms


def noise_of(norm, place, shape=(64, 3, 4, 4), **options):
    """Return (input, output, module, s, m) of the noisy norm at one step, gamma and beta moved."""
    module = norms.maker(norm, **({"place": place} if place else {}), **options)(3, "conv1")
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(3))
    module.begin_step(1000, 7)
    a = torch.randn(shape, generator=torch.Generator().manual_seed(4)) * 3 + 1
    spread = options.get("spread", "deviation")
    s, m = noisy_batch.draw(1000, 7, "conv1", a.shape, a, spread=spread)
    return a, module(a), module, s, m


@pytest.mark.parametrize("place", ["after-affine", "before-affine"])
def test_the_noise_has_its_place(place):
    """After: s (gamma a_hat + beta) + m; before: gamma (s a_hat + m) + beta; the same draws."""
    a, found, module, s, m = noise_of("noisy-batch", place)
    mean, var = a.mean((0, 2, 3), keepdim=True), a.var((0, 2, 3), correction=0, keepdim=True)
    a_hat = (a - mean) / (var + 1e-5).sqrt()
    gamma, beta = (p.view(1, -1, 1, 1) for p in (module.norm.weight, module.norm.bias))
    after, before = s * (gamma * a_hat + beta) + m, gamma * (s * a_hat + m) + beta
    expected = after if place == "after-affine" else before
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(after, before, atol=0.1)


def test_before_affine_in_eval_is_batch_norm():
    """No noise at test time; running statistics are those of the plain norm."""
    a, _, module, _, _ = noise_of("noisy-batch", "before-affine")
    torch.testing.assert_close(module.eval()(a), module.norm.eval()(a))
    assert float(module.norm.running_mean.abs().max()) > 0


@pytest.mark.parametrize("norm", ["noise", "noisy-batch"])
def test_r_sigma_as_a_variance_is_a_wider_scale(norm):
    """S - sigma_j has variance 0.1 instead of deviation 0.1, from the same draws otherwise."""
    *_, s, m = noise_of(norm, None, shape=(500, 3, 8, 8), spread="variance")
    *_, narrow, narrow_m = noise_of(norm, None, shape=(500, 3, 8, 8))
    error = math.sqrt(2 / (s.numel() / 3))
    for wide, small in zip(s.movedim(1, 0), narrow.movedim(1, 0), strict=True):
        assert float(wide.var()) == pytest.approx(0.1, rel=5 * error)
        assert float(small.var()) == pytest.approx(0.01, rel=5 * error)
    assert torch.equal(m, narrow_m)


CENTRED = {
    "l1": lambda c: c.abs().mean((0, 2, 3), keepdim=True),
    "l2": lambda c: c.square().mean((0, 2, 3), keepdim=True).sqrt(),
    "linf": lambda c: c.abs().amax((0, 2, 3), keepdim=True),
}


@pytest.mark.parametrize("norm", CENTRED)
def test_the_centred_norms_against_autograd(norm):
    """Values and gradients of a, gamma and beta in float64."""
    source = torch.Generator().manual_seed(5)
    a = (torch.randn(16, 3, 4, 4, generator=source, dtype=torch.float64) * 2 + 3).requires_grad_()
    module = norms.maker(f"{norm}-centred")(3, "conv1").double()
    torch.nn.init.normal_(module.weight, generator=source)
    out = torch.randn(16, 3, 4, 4, generator=source, dtype=torch.float64)
    c = a - a.mean((0, 2, 3), keepdim=True)
    gamma, beta = (p.view(1, -1, 1, 1) for p in (module.weight, module.bias))
    expected = gamma * c / (CENTRED[norm](c) + 1e-5) + beta
    found = module(a)
    torch.testing.assert_close(found, expected)
    leaves = [a, module.weight, module.bias]
    for one, other in zip(
        torch.autograd.grad(found, leaves, out), torch.autograd.grad(expected, leaves, out),
        strict=True,
    ):  # fmt: skip
        torch.testing.assert_close(one, other)


def test_l2_of_the_centred_is_batch_norm():
    """But for where eps is added."""
    a = torch.randn(32, 4, 3, 3, dtype=torch.float64) * 2 + 5
    l2, batch = (norms.maker(n)(4, "conv1").double() for n in ("l2-centred", "batch"))
    torch.testing.assert_close(l2(a), batch(a), rtol=1e-4, atol=1e-4)


# ---------------------------------------------------------------- gradient ICS


NAMES = [
    f"layers.{i}.{part}"
    for i in range(3)
    for part in ("linear.weight", "linear.bias", "norm.weight", "norm.bias")
]


def test_what_a_layer_is_and_what_steps():
    """Of layer 2: its weight is parameter 4, its norm 6 and 7; layer 1 is parameters 0 to 3."""
    assert compared_parameters(NAMES, 2) == (4,)
    assert compared_parameters(NAMES, 2, "layer") == (4, 5, 6, 7)
    assert stepping_parameters(NAMES, 2, "layers-below") == {0, 1, 2, 3}
    assert stepping_parameters(NAMES, 2, "weights-below") == {0}
    assert stepping_parameters(NAMES, 2, "layers-and-own-norm") == {0, 1, 2, 3, 6, 7}


def test_readings_of_ics_change_the_measure_and_not_the_training():
    """The whole layer's gradient moves at least as far as its weight's; losses are the same."""
    optional = [{}, {"ics_compares": "layer"}, {"ics_steps": "weights-below"},
                {"ics_steps": "layers-and-own-norm"}]  # fmt: skip
    found = [run(settings_of(probes=("ics",), **one)).series for one in optional]
    assert len({one["train_loss"].values for one in found}) == 1
    assert len({one["ics_l2_layer5"].values for one in found}) == 4
    assert found[1]["ics_l2_layer5"].values[0] > found[0]["ics_l2_layer5"].values[0]


def test_estimates_follow_what_a_setting_costs():
    """Deeper networks take longer; momentum and an L2 term next to nothing."""
    desk = VisionBench("desk")
    plain = desk.estimate_s(vgg())
    deeper = [desk.estimate_s(vgg(network=f"vgg-{depth}")) for depth in ("a", 13, 16, 19)]
    assert deeper == sorted(deeper)
    assert deeper[0] == plain < deeper[1]
    assert desk.estimate_s(vgg(momentum=0.9)) < 1.1 * plain
    widths = [desk.estimate_s(vgg(width=width)) for width in (1 / 8, 1 / 4, 1 / 2)]
    assert widths[0] < widths[1] == plain < widths[2]
