"""A first run of each kind of kernel on a small matrix, held against the plain path."""

import torch
from torch import Tensor, nn

from models import norms

NAMES = ("l1", "linf", "noise", "noisy-batch")
TOLERANCE = 1e-3


def run(device: torch.device) -> None:
    """Raise RuntimeError where fused kernels give other numbers on the device than the plain path.

    Whatever Triton raises where it cannot compile or run them passes through.
    """
    a = torch.linspace(-2, 3, 64, device=device).view(8, 8).cos()
    for name in NAMES:
        norm = norms.maker(name)(8, "trial").to(device)
        if hasattr(norm, "follow"):
            norm.follow(0, torch.ones((), dtype=torch.int64, device=device))
        plain = _pass(norm, a)
        norm.fuse()
        for fused, expected in zip(_pass(norm, a), plain, strict=True):
            if not torch.allclose(fused, expected, rtol=TOLERANCE, atol=TOLERANCE):
                off = float((fused - expected).abs().max())
                raise RuntimeError(
                    f"{name}: got numbers that differ by {off} from the plain path's"
                )


def _pass(norm: nn.Module, a: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the norm makes of ``a`` and the gradient of a weighted sum of it."""
    a = a.detach().requires_grad_()
    y = norm(a)
    (ga,) = torch.autograd.grad((y * a.detach().sin()).sum(), a)
    return y.detach(), ga
