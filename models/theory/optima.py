"""Statements about where BatchNorm's optima lie: Observation 4.3 and Lemma 4.5."""

import torch
from torch import Tensor

from models.theory.gradients import LAYERS
from models.theory.layer import Cases, batch_norm, moments, normalised
from models.theory.statement import Sides, Statement

STATIONARY = 1e-9
"""A gradient this small, relative to the curvature there, counts as none."""

ALONG_THE_RAY = (0.25, 0.5, 2.0, 4.0)
"""Multiples of W* at which an optimum is looked for, besides the one nearest to W0."""


def observation_4_3() -> Statement:
    """Observation 4.3: some gamma and beta give back y itself, and gamma = sigma.

    The parameters are found by least squares of y on the layer's normalised outputs.
    """

    def sides(cases: Cases) -> Sides:
        y = cases.x @ cases.w  # (n, m, k)
        gamma, beta = _fitted(y)
        sigma = moments(y)[1]
        m = y.shape[1]
        unbiased = sigma * (m / (m - 1)) ** 0.5
        found = torch.cat([batch_norm(y, gamma, beta), gamma], dim=1)
        return Sides(
            left=found.flatten(1),
            right=torch.cat([y, sigma], dim=1).flatten(1),
            twin=torch.cat([y, unbiased], dim=1).flatten(1),
            scale=y.abs().amax(dim=(1, 2)),
            met=(sigma[:, 0] > 0).all(dim=1),
            terms={"gamma found": gamma[:, 0, 0], "sigma": sigma[:, 0, 0]},
        )

    return Statement(
        relation="=",
        left="the outputs under the gamma and beta found, and that gamma",
        right="y and sigma",
        planted="sigma is the unbiased one",
        conditions="sigma > 0 in every unit; otherwise BatchNorm is 0/0",
        drawn=LAYERS,
        sides=sides,
        random="layers",
        small="layer",
        shown=("m", "y"),
    )


def _fitted(y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gamma and beta, each (n, 1, k), whose outputs are nearest to y."""
    y_hat = normalised(y).mT  # (n, k, m)
    design = torch.stack([y_hat, torch.ones_like(y_hat)], dim=-1)  # (n, k, m, 2)
    solved = torch.linalg.lstsq(design, y.mT[..., None]).solution[..., 0]  # (n, k, 2)
    return solved[:, None, :, 0], solved[:, None, :, 1]


def lemma_4_5() -> Statement:
    """Lemma 4.5: |W0 - Wh*|^2 <= |W0 - W*|^2 - (|W*|^2 - <W*, W0>)^2 / |W*|^2 if <W0, W*> > 0.

    W* is an optimum without BatchNorm. With the parameters of Observation 4.3 the points k W*,
    k > 0, are tried as optima with BatchNorm: those at which the loss and its gradient say so
    count, and Wh* is the nearest of them.
    """

    def sides(cases: Cases) -> Sides:
        w, w0 = cases.w[..., 0], _start(cases)[..., 0]  # (n, d)
        size, inner = w.square().sum(dim=1), (w * w0).sum(dim=1)
        whole, cut = (w0 - w).square().sum(dim=1), (size - inner).square() / size
        return Sides(
            left=_nearest(cases),
            right=whole - cut,
            twin=whole - 1.01 * cut,
            scale=w0.square().sum(dim=1) + size + whole + cut,
            met=inner > 0,
            terms={"|W0 - W*|^2": whole, "<W*, W0>": inner, "|W*|^2": size},
        )

    return Statement(
        relation="<=",
        left="|W0 - W_hat*|^2, W_hat* the nearest optimum with BatchNorm",
        right="|W0 - W*|^2 - (|W*|^2 - <W*, W0>)^2 / |W*|^2",
        planted="the subtracted term is 1 % larger",
        conditions="<W0, W*> > 0",
        drawn="one linear layer of 1 to 4 inputs and one unit, batches of 2 to 16, losses with a "
        "local optimum at W* and third-order terms there, W0 Gaussian; sigma at least 1/20 of the "
        "largest output",
        sides=sides,
        random="optima",
        small="optimum",
        shown=("X", "W*", "W0"),
    )


def _start(cases: Cases) -> Tensor:
    if cases.start is None:
        raise ValueError("cases: got no start weights; expected some, as models.theory.draws makes")
    return cases.start


def _nearest(cases: Cases) -> Tensor:
    """Return the squared distance from W0 to the nearest optimum found along W*, (n,)."""
    w, w0 = cases.w, _start(cases)
    nearest = torch.linalg.lstsq(w, w0).solution  # (n, 1, 1): the k that minimises |W0 - k W*|
    tried = [nearest, *(torch.full_like(nearest, k) for k in (1.0, *ALONG_THE_RAY))]
    distances = []
    for k in tried:
        off = (w0 - k * w).square().sum(dim=(1, 2))
        ok = (k[:, 0, 0] > 0) & _is_optimum(cases, k)
        distances.append(torch.where(ok, off, torch.inf))
    return torch.stack(distances).amin(dim=0)


def _is_optimum(cases: Cases, k: Tensor) -> Tensor:
    """Return whether the loss with BatchNorm is stationary at k W* and the same as at W*."""
    target = cases.x @ cases.w
    mean, sigma = moments(target)

    def loss(w: Tensor) -> Tensor:
        return cases.upstream(batch_norm(cases.x @ w, sigma, mean), target)

    at = (k * cases.w).detach().requires_grad_()
    value = loss(at)
    (gradient,) = torch.autograd.grad(value.sum(), at)
    reach = cases.x.square().sum(dim=(1, 2)).sqrt() * target.square().sum(dim=(1, 2)).sqrt()
    steep = gradient.square().sum(dim=(1, 2)).sqrt()  # of the size of |X| |H| |y| where not 0
    least = cases.upstream(target, target)
    same = (value.detach() - least).abs() <= STATIONARY * (1 + least.abs())
    return (steep <= STATIONARY * (1 + reach) / k[:, 0, 0].abs().clamp(min=1e-300)) & same
