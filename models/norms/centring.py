"""Another reading of the l_p normalisations: the norm of what has had its mean removed."""

from torch import Tensor

from models.norms.lp import AverageNorm


class Centred:
    """N_p(a - mean(a)) for a N_p of a; its gradient is N_p's there, with the mean removed."""

    kernel = ""

    def __init__(self, norm: AverageNorm) -> None:
        self.norm = norm

    def value(self, a: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return the norm, of shape (channels,)."""
        return self.norm.value(a - a.mean(dims, keepdim=True), dims)

    def gradient(self, a: Tensor, n_p: Tensor, dims: tuple[int, ...]) -> Tensor:
        """Return its gradient, of the shape of ``a``."""
        there = self.norm.gradient(a - a.mean(dims, keepdim=True), n_p, dims)
        return there.sub_(there.mean(dims, keepdim=True))
