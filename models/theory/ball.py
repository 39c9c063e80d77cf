"""Maxima over all inputs X with spectral norm at most lambda, exactly.

Where the upstream derivatives are held fixed, the gradient with respect to the weights is X'v.

- max |X'v|^2 = lambda^2 |v|^2, at the rank-one X = lambda v u' / |v|; see `largest_gradient`.
- (X'v)' X'AX (X'v) = u'Au with u = XX'v. As XX' runs through 0 <= M <= lambda^2 I, u runs through
  the ball around lambda^2 v / 2 that has 0 and lambda^2 v on its surface (u'(lambda^2 v - u) >= 0;
  M = uu'/(u'v), of rank one, reaches every u of it); see `largest_form`.
"""

import torch
from torch import Tensor

_HALVINGS = 64  # of the multiplier's bracket: below a unit in the last place of its width


def largest_gradient(v: Tensor, lam: Tensor) -> Tensor:
    """Return max |X'v|^2 over |X| <= lam: v is (n, m), lam (n,)."""
    return lam.square() * torch.linalg.vector_norm(v, dim=1).square()


def largest_form(a: Tensor, v: Tensor, lam: Tensor) -> Tensor:
    """Return max (X'v)' X'AX (X'v) over |X| <= lam: a is (n, m, m), v (n, m), lam (n,)."""
    centre = lam.square()[:, None] * v / 2
    return largest_on_ball((a + a.mT) / 2, centre)


def largest_on_ball(a: Tensor, centre: Tensor) -> Tensor:
    """Return max u'Au over |u - centre| <= |centre|: a symmetric (n, m, m), centre (n, m).

    A trust-region problem (More and Sorensen 1983, with the sign turned): with u = centre + w, the
    maximum of w'Aw + 2 b'w with b = A centre has w = (tau I - A)^-1 b, tau >= max(0, eigenvalues),
    and |w| = r unless tau = 0 serves. In the hard case, where b has no part along the largest
    eigenvector, what is missing in |w| is added along it.
    """
    values, vectors = torch.linalg.eigh(a)  # ascending
    radius = torch.linalg.vector_norm(centre, dim=1)  # (n,)
    b = (vectors.mT @ (a @ centre[..., None]))[..., 0]  # in the eigenbasis, (n, m)
    low = values[:, -1].clamp(min=0.0)
    tau = _multiplier(values, b, radius, low)
    w = _step(values, b, tau)
    missing = (radius.square() - w.square().sum(dim=1)).clamp(min=0.0)
    gain = (values * w.square()).sum(dim=1) + 2 * (b * w).sum(dim=1)
    hard = values[:, -1].clamp(min=0.0) * missing  # along the top eigenvector, where it pays
    base = (centre[:, None, :] @ a @ centre[..., None])[:, 0, 0]
    return base + gain + hard


def _step(values: Tensor, b: Tensor, tau: Tensor) -> Tensor:
    gap = tau[:, None] - values
    return torch.where(gap > 0, b / gap.clamp(min=torch.finfo(b.dtype).tiny), 0.0)


def _multiplier(values: Tensor, b: Tensor, radius: Tensor, low: Tensor) -> Tensor:
    """Return the smallest tau above ``low`` with |w(tau)| <= radius, by bisection."""
    norm_b = torch.linalg.vector_norm(b, dim=1)
    start = low.clone()
    high = low + norm_b / radius.clamp(min=torch.finfo(b.dtype).tiny)  # there |w| <= radius
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_long = torch.linalg.vector_norm(_step(values, b, middle), dim=1) > radius
        low, high = torch.where(too_long, middle, low), torch.where(too_long, high, middle)
    return torch.maximum(high, start)
