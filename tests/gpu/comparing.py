"""How far a network's loss and gradients are from others of the same network."""


def worst_error(found, expected):
    """Return the largest error of any tensor of a network, relative to the tensor's largest value.

    ``expected`` is the loss, then the gradient of each parameter. The bias of a convolution before
    BatchNorm has a gradient that is 0 by the formula, so all of it is rounding: compared with
    itself it is off by 22 % between fp32 and fp64 where nothing is wrong (noisy BatchNorm at quick,
    on a CPU). So no gradient counts as smaller than a thousandth of the network's largest.
    """
    most = max(gradient.abs().max() for gradient in expected[1:])
    return max(
        float((ours - plain).abs().max() / plain.abs().max().clamp(min=1e-3 * most))
        for ours, plain in zip(found, expected, strict=True)
    )
