"""Residual networks: shapes and counts by He et al., shortcuts, initial weights, arms."""

import math
from math import sqrt

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from harness.bench import Arm
from harness.errors import ArmError
from models import norms, resnet_arm, scales
from models.bench import VisionBench
from models.menu import resnet, vgg
from models.norms.batch import BatchNorm
from models.resnet import Block, ResNet, depth_of
from models.vgg import initialise

CPU = torch.device("cpu")
QUICK = VisionBench("quick")


def network(blocks=1, norm="batch", in_channels=1):
    return ResNet(blocks=blocks, in_channels=in_channels, classes=10, make_norm=norms.maker(norm))


@pytest.mark.parametrize(("blocks", "depth"), [(1, 8), (2, 14), (3, 20), (9, 56)])
def test_the_depth_is_six_n_plus_two(blocks, depth):
    """He et al. (2016), Section 4.2; every weight layer but the classifier is a 3x3 conv."""
    layers = network(blocks).weight_layers()
    assert len(layers) == depth_of(blocks) == depth
    kinds = [isinstance(layer.linear, nn.Conv2d) for layer in layers]
    assert kinds == [True] * (depth - 1) + [False]
    assert len({layer.name for layer in layers}) == depth


def test_resnet_20_has_the_papers_parameters():
    """0.27 M (their Table 6), counted: convs with biases, BatchNorm's two per channel."""
    convs = 3 * 16 * 9 + 6 * 16 * 16 * 9 + 16 * 32 * 9 + 5 * 32 * 32 * 9 + 32 * 64 * 9
    convs += 5 * 64 * 64 * 9
    channels = 16 * 7 + 32 * 6 + 64 * 6
    count = sum(p.numel() for p in network(3, in_channels=3).parameters())
    assert count == convs + 3 * channels + 64 * 10 + 10
    assert round(count / 1e6, 2) == 0.27


@pytest.mark.parametrize(("size", "sides"), [(8, [8, 4, 2]), (32, [32, 16, 8])])
def test_stages_halve_the_map_and_double_the_channels(size, sides):
    """Blocks end at these maps, and the logits are ten."""
    net, maps = network(2), []
    for block in net.blocks:
        block.register_forward_hook(lambda _m, _i, out: maps.append(tuple(out.shape[1:])))
    assert net(torch.zeros(3, 1, size, size)).shape == (3, 10)
    expected = [(c, s, s) for c, s in zip((16, 32, 64), sides, strict=True) for _ in range(2)]
    assert maps == expected


def test_a_block_adds_its_input_to_two_convs():
    """Against torch's own functions, with BatchNorm in train mode."""
    torch.manual_seed(0)
    block = Block("b", 16, 16, norms.maker("batch"))
    for layer in (block.conv1, block.conv2):
        nn.init.normal_(layer.linear.weight, std=0.1)
        nn.init.normal_(layer.linear.bias)
    x = torch.randn(4, 16, 8, 8)

    def conv(layer, x):
        y = F.conv2d(x, layer.linear.weight, layer.linear.bias, padding=1)
        return F.batch_norm(y, None, None, training=True)

    expected = F.relu(x + conv(block.conv2, F.relu(conv(block.conv1, x))))
    torch.testing.assert_close(block(x), expected)


def test_a_shortcut_that_widens_takes_every_other_position_and_zeros():
    """Option A: no parameters, the new channels behind the old ones."""
    block = Block("b", 16, 32, norms.maker("none"))
    x = torch.randn(2, 16, 8, 8)
    found = block.shortcut(x)
    assert torch.equal(found[:, :16], x[:, :, ::2, ::2])
    assert (found[:, 16:] == 0).all()
    assert found.shape == (2, 32, 4, 4)
    assert block.conv1.linear.stride == (2, 2)


def test_the_norm_follows_every_conv():
    """13 norms in ResNet-14, none after the classifier; and none of them without a norm."""
    convs = network(2).weight_layers()[:-1]
    assert all(isinstance(layer.norm, BatchNorm) for layer in convs)
    assert isinstance(network(2).classifier.norm, nn.Identity)
    parameters = [name for name, _ in network(2, "none").named_parameters()]
    assert len(parameters) == 2 * 14


def test_every_weight_comes_from_its_layers_own_stream():
    """Arms with and without a norm share them; He's bound for the strided conv's own fan."""
    nets = [network(1, norm) for norm in ("none", "batch")]
    for net in nets:
        initialise(net, 1000, "he")
    for first, second in zip(*(net.weight_layers() for net in nets), strict=True):
        assert torch.equal(first.linear.weight, second.linear.weight)
    strided = nets[0].blocks[1].conv1.linear
    bound = sqrt(6 / (16 * 9))
    assert 0.95 * bound < strided.weight.abs().max() <= bound
    assert (strided.bias == 0).all()
    other = network(1, "none")
    initialise(other, 1001, "he")
    assert not torch.equal(other.stem.linear.weight, nets[0].stem.linear.weight)


def test_scales_have_their_depths():
    """ResNet-20 is the paper's scale's; smaller ones are said to be."""
    names = {s: VisionBench(s).describe(resnet(norm="batch")) for s in scales.SCALES}
    assert names == {
        "quick": "ResNet-8, BatchNorm, LR 0.1",
        "desk": "ResNet-8, BatchNorm, LR 0.1",
        "paper": "ResNet-20, BatchNorm, LR 0.1",
    }
    said = VisionBench("desk").deviations(resnet(), "train_accuracy")
    assert any(text.startswith("Network: ResNet-8 (20 layers") for text in said)
    assert not any("VGG variant" in text for text in said)
    said = VisionBench("paper").deviations(resnet(), "train_accuracy")
    assert any(text.startswith("Network: ResNet-20 of He et al.") for text in said)


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_record_holds_what_is_announced(norm):
    """Landscape and gradients, finite, at quick scale; the same bits again."""
    arm = resnet(norm=norm)
    record, again = (QUICK.train(arm, [1000], "cpu", lambda *_: None)[0] for _ in range(2))
    assert set(record.series) == set(QUICK.metrics(arm))
    assert {"loss_range", "gradient_change_max", "gradient_norm"} <= set(record.series)
    assert all(math.isfinite(v) for series in record.series.values() for v in series.values)
    assert record.series == again.series


def test_probes_change_nothing_of_its_training():
    """Planted mistake 5 on a network with shortcuts: the trained weights are the same bits."""
    found = []
    for probes in ((), ("landscape", "gradients")):
        settings = QUICK.settings(resnet(norm="batch", probes=probes)) | {"steps": 3}
        net = resnet_arm.build(settings, 1000, CPU)
        resnet_arm.trained(net, settings, 1000, CPU, "", lambda *_: None)
        found.append(net.state_dict())
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


@pytest.mark.parametrize("optional", [{"momentum": 0.9}, {"l2_in_loss": 5e-4}, {"augment": True}])
def test_readings_of_the_training_reach_it(optional):
    """Momentum, an L2 term and augmentation are another run with words of its own."""
    arm, plain = resnet(**optional), resnet()
    assert QUICK.identity(arm) != QUICK.identity(plain)
    assert QUICK.describe(arm) != QUICK.describe(plain)


@pytest.mark.parametrize(
    ("arm", "message"),
    [
        (resnet(probes=("ics",)), "got ics of a residual network; expected some of"),
        (resnet(norm="NoBN"), "norm: got 'NoBN'"),
        (resnet(lr="fast"), "lr: got 'fast'"),
        (resnet(dropout=0.5), "unknown settings dropout"),
        (Arm.of("lstm"), "got kind 'lstm', expected 'vgg', 'resnet' or 'dln'"),
    ],
)
def test_arms_that_cannot_be_built_are_refused(arm, message):
    """At collection, with what was got and what was expected."""
    with pytest.raises(ArmError, match=message):
        QUICK.identity(arm)


@pytest.mark.parametrize("rate", [10**-1.5, 0.3, 10.0, 3])
def test_rates_besides_the_papers_are_taken_as_they_are(rate):
    """A range of learning rates is about the rates themselves."""
    for scale in scales.SCALES:
        assert VisionBench(scale).settings(vgg(lr=rate))["learning_rate"] == rate
    assert VisionBench("desk").describe(vgg(lr=10**-1.5)) == "VGG-A x 1/4, no norm, LR 0.0316"


@pytest.mark.parametrize("rate", [0, -0.1, math.inf, math.nan, True, "fast"])
def test_what_is_no_rate_is_refused(rate):
    """Positive and finite."""
    with pytest.raises(ArmError, match="expected a number above 0; the paper's are"):
        VisionBench("desk").identity(vgg(lr=rate))
