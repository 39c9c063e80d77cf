"""What the comparisons on a card call equal, on a CPU: rounding is, a wrong gradient is not."""

import pytest

torch = pytest.importorskip("torch")

from comparing import worst_error  # noqa: E402 (after the skip)

from models.bench import VisionBench  # noqa: E402
from models.menu import vgg  # noqa: E402
from models.vgg_arm import build  # noqa: E402

TOLERANCE = 5e-3  # of test_a_whole_network_is_fused


def passed(dtype):
    """Return the loss and all gradients of a VGG with noisy BatchNorm, in float64."""
    settings = VisionBench("quick").settings(vgg(norm="noisy-batch", probes=()))
    network = build(settings, 1000, torch.device("cpu")).train().to(dtype)
    for module in network.modules():
        if hasattr(module, "follow"):
            module.follow(1000, torch.full((), 2, dtype=torch.int64))
    source = torch.Generator().manual_seed(0)
    size = settings["image_size"]
    images = torch.randn(64, settings["channels"], size, size, generator=source)
    loss = network(images.to(dtype)).square().mean()
    gradients = torch.autograd.grad(loss, tuple(network.parameters()))
    names = [name for name, _ in network.named_parameters()]
    return names, [loss.detach().double(), *(gradient.double() for gradient in gradients)]


def test_rounding_of_gradients_that_are_zero_counts_for_nothing():
    """A conv bias before BatchNorm: fp32's gradients are those of fp64, though no digit of its."""
    names, expected = passed(torch.float64)
    _, found = passed(torch.float32)
    own = [float((a - b).abs().max() / b.abs().max()) for a, b in zip(found, expected, strict=True)]
    assert max(own) > TOLERANCE
    assert names[own.index(max(own)) - 1].endswith("bias")
    assert worst_error(found, expected) < TOLERANCE / 5


@pytest.mark.parametrize("which", [0, 1, -1, -2])
def test_a_wrong_gradient_or_loss_is_seen(which):
    """One per cent of the loss, or of any one weight's gradient."""
    _, expected = passed(torch.float64)
    found = [tensor.clone() for tensor in expected]
    found[which] *= 1.01
    assert worst_error(found, expected) > TOLERANCE
