"""VGG networks: weight layers, pools, initial weights."""

from math import sqrt

import pytest
import torch
from torch import nn

from models import norms
from models.vgg import VGG, initialise

DEPTHS = {"vgg-a": 11, "vgg-13": 13, "vgg-16": 16, "vgg-19": 19}


def network(name="vgg-a", width=1 / 16, size=8, norm="batch", in_channels=1):
    return VGG(
        name,
        width=width,
        in_channels=in_channels,
        image_size=size,
        classes=10,
        make_norm=norms.maker(norm),
    )


@pytest.mark.parametrize(("name", "depth"), DEPTHS.items())
def test_weight_layers_are_convs_then_three_fully_connected(name, depth):
    """VGG-16 has 13 convs, two hidden layers and the classifier; the others likewise."""
    layers = network(name).weight_layers()
    kinds = [isinstance(layer.linear, nn.Conv2d) for layer in layers]
    assert kinds == [True] * (depth - 3) + [False] * 3


def test_vgg_16_has_the_papers_parameters():
    """Full-width VGG-16 for CIFAR-10 without norms: 14.7 M in convs, 0.5 M in hidden layers."""
    count = sum(p.numel() for p in network("vgg-16", 1.0, 32, "none", 3).parameters())
    convs = 14_714_688
    assert count == convs + 2 * (512 * 512 + 512) + 512 * 10 + 10


@pytest.mark.parametrize("size", [8, 12, 16, 32])
@pytest.mark.parametrize("name", DEPTHS)
def test_no_conv_sees_a_map_under_two_by_two(name, size):
    """Pools that would leave less are left out; the last one ends at one position."""
    net, maps = network(name, size=size), []
    for layer in net.weight_layers():
        layer.register_forward_hook(lambda _m, inputs, _o: maps.append(inputs[0].shape[2:]))
    net(torch.zeros(2, 1, size, size))
    convs = DEPTHS[name] - 3
    assert all(side >= 2 for shape in maps[:convs] for side in shape)
    assert maps[0] == (size, size)
    assert all(shape == () for shape in maps[convs:])


def test_the_norm_follows_every_layer_but_the_classifier():
    """What goes into each ReLU is the norm's output, normalised over the batch."""
    net = network(norm="batch")
    initialise(net, 0, "he")
    seen = []
    for layer in net.weight_layers():
        layer.register_forward_hook(lambda _m, _i, output: seen.append(output))
    net(torch.randn(64, 1, 8, 8))
    for output in seen[:-1]:
        rows = output.movedim(1, 0).flatten(1)
        assert rows.mean(1).abs().max() < 1e-5
    assert len(list(net.layers[-1].norm.parameters())) == 0


@pytest.mark.parametrize("scheme", ["glorot", "he"])
def test_initial_weights_have_the_schemes_bound(scheme):
    """Uniform weights fill (-b, b) of their scheme, biases are 0."""
    net = network(width=1 / 4)
    initialise(net, 0, scheme)
    weight = net.layers[4].linear.weight
    fan_in, fan_out = weight.shape[1] * 9, weight.shape[0] * 9
    bound = sqrt(6 / (fan_in + fan_out)) if scheme == "glorot" else sqrt(6 / fan_in)
    assert bound * 0.999 < weight.abs().max().item() <= bound
    assert weight.var().item() == pytest.approx(bound**2 / 3, rel=0.02)
    assert not any(layer.linear.bias.any() for layer in net.weight_layers())


def test_arms_that_share_a_seed_share_initial_weights():
    """Planted mistake 13: pairing holds whatever the norm, and another seed draws others."""
    standard, noisy, other = network(norm="none"), network(norm="noisy-batch"), network()
    for net, seed in ((standard, 3), (noisy, 3), (other, 4)):
        initialise(net, seed, "he")
    for a, b, c in zip(
        standard.weight_layers(), noisy.weight_layers(), other.weight_layers(), strict=True
    ):
        assert torch.equal(a.linear.weight, b.linear.weight)
        assert not torch.equal(a.linear.weight, c.linear.weight)


def test_layers_draw_from_streams_of_their_own():
    """A deeper network shares the weights of layers of the same name and shape."""
    shallow, deep = network("vgg-a"), network("vgg-13")
    for net in (shallow, deep):
        initialise(net, 0, "he")
    assert torch.equal(shallow.layers[0].linear.weight, deep.layers[0].linear.weight)
    assert torch.equal(shallow.layers[9].linear.weight, deep.layers[11].linear.weight)  # fc2
    twins = shallow.layers[6].linear.weight, shallow.layers[7].linear.weight  # of one shape
    assert not torch.equal(*twins)


def test_building_draws_nothing_from_torchs_global_stream():
    """Planted mistake 13: torch's default initialisation would advance the user's generator."""
    before = torch.get_rng_state()
    initialise(network(), 0, "he")
    assert torch.equal(before, torch.get_rng_state())
