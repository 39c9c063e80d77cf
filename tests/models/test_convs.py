"""The quick convolution of 2x2 maps against PyTorch's own."""

import pytest
import torch
import torch.nn.functional as F

from models.convs import Conv3x3


@pytest.fixture
def conv():
    layer = Conv3x3(3, 5).double()
    source = torch.Generator().manual_seed(0)
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, generator=source)
    return layer


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("side", [2, 3])
def test_outputs_and_gradients_are_those_of_a_convolution(conv, side, layout):
    """Values and the gradients of input, weight and bias equal F.conv2d's, in float64."""
    conv = conv.to(memory_format=layout)
    source = torch.Generator().manual_seed(1)
    x = torch.randn(7, 3, side, side, generator=source, dtype=torch.float64)
    x = x.contiguous(memory_format=layout).requires_grad_()
    upstream = torch.randn(7, 5, side, side, generator=source, dtype=torch.float64)
    inputs = (x, conv.weight, conv.bias)
    ours, torchs = conv(x), F.conv2d(x, conv.weight, conv.bias, padding=1)
    torch.testing.assert_close(ours, torchs)
    for mine, other in zip(
        torch.autograd.grad(ours, inputs, upstream),
        torch.autograd.grad(torchs, inputs, upstream),
        strict=True,
    ):
        torch.testing.assert_close(mine, other)


def test_maps_keep_their_channels_innermost(conv):
    """A channels_last batch stays one, so that the next layer copies nothing."""
    x = torch.zeros(4, 3, 2, 2, dtype=torch.float64).contiguous(memory_format=torch.channels_last)
    assert conv(x).is_contiguous(memory_format=torch.channels_last)


def test_a_state_holds_weight_and_bias_only(conv):
    """The look-up table is no part of a network's state."""
    assert set(conv.state_dict()) == {"weight", "bias"}
