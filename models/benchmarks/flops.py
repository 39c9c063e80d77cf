"""The arithmetic of a network, counted layer by layer, and what the device does at its best."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.benchmarks.rounds import Block

MATRIX_SIDE = {"cuda": 8_192, "cpu": 1_024}
PRODUCTS = {"cuda": 20, "cpu": 4}
"""Products in a block: 20 of 8192 take 0.4 s at 55 TFLOP/s; 4 of 1024 some 0.1 s on one core."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flops:
    """Floating-point operations for one image, a multiplication and an addition being two.

    Counted are the products of convolutions and fully connected layers: 2 x outputs x inputs of an
    output. Padding is counted, as cuDNN multiplies it, too; ``models.convs`` leaves it out on small
    maps on a CPU, so that a share of the matrix rate there is of nominal work, and may pass 100 %.
    Norms, biases, ReLUs, pools and the update are left out, as usual: they are bound by memory.
    ``training`` is three times the forward pass (the gradients with respect to inputs and weights
    are two products of its size) less the gradient with respect to the image, which is never
    computed.
    """

    forward: int
    training: int


def count(network: nn.Module, image_shape: Sequence[int]) -> Flops:
    """Return the operations of a network for one image of a shape (channels, height, width)."""
    products: list[int] = []

    def note(module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        weight: Tensor = module.weight  # type: ignore[assignment]
        products.append(2 * output[0].numel() * weight[0].numel())

    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    handles = [layer.register_forward_hook(note) for layer in layers]
    where = next(network.parameters()).device
    training = network.training
    try:
        network.eval()
        with torch.no_grad():
            network(torch.zeros(1, *image_shape, device=where))
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return Flops(forward=sum(products), training=3 * sum(products) - products[0])


def matrix_product(device: str, precision: str) -> tuple[Block, int]:
    """Return a block of large square products of random numbers, and its operations.

    In the arithmetic that is set when the block runs (``models.numerics``); for bf16 its factors
    are of that type, as autocast would make them.
    """
    kind = device.partition(":")[0]
    side, times = MATRIX_SIDE[kind], PRODUCTS[kind]
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    draw = torch.Generator(device=device).manual_seed(0)
    left, right = (
        torch.randn(side, side, device=device, generator=draw).to(dtype) for _ in range(2)
    )
    out = torch.empty_like(left)

    def block() -> None:
        for _ in range(times):
            torch.mm(left, right, out=out)

    return block, times * 2 * side**3
