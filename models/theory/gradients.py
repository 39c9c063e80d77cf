"""Statements about first derivatives: Facts C.1 and C.2, Theorems 4.1 and 4.4.

Left sides are automatic derivatives; right sides are the paper's.
"""

import torch
from torch import Tensor

from models.theory.ball import largest_gradient
from models.theory.layer import Cases, Layer
from models.theory.statement import Sides, Statement

LAYERS = (
    "one BatchNorm layer after one linear layer, batches of 2 to 16, 1 or 3 units, 1 to 4 inputs, "
    "gamma of either sign from 0.1 to 10, outputs scaled from 0.01 to 100, six upstream losses, "
    "three of them convex; sigma at least 1/20 of the largest output"
)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Return the inner product over the batch: (n, m) and (n, m) give (n,)."""
    return (a * b).sum(dim=1)


def everywhere(layer: Layer) -> Tensor:
    """Return that the conditions hold in each case."""
    return torch.ones(layer.y.shape[0], dtype=torch.bool)


def fact_c1() -> Statement:
    """Fact C.1: dLh/dy_b = (gamma/(m sigma)) (m g_b - <1, g> - y_hat_b <g, y_hat>), g = dLh/dz."""

    def sides(cases: Cases) -> Sides:
        layer = Layer(cases)
        g, y_hat, m = layer.grad, layer.y_hat, layer.m
        factor = (layer.gamma / layer.sigma)[:, None]
        total, along = g.sum(dim=1, keepdim=True), dot(g, y_hat)[:, None]
        return Sides(
            left=layer.grad_with_norm,
            right=factor / m * (m * g - total - y_hat * along),
            twin=factor / m * (m * g - total - 1.01 * y_hat * along),
            scale=factor[:, 0].abs() * g.abs().sum(dim=1),
            met=everywhere(layer),
            terms={"<1, g>": total[:, 0], "<g, y_hat>": along[:, 0]},
        )

    return Statement(
        relation="=",
        left="dL_hat/dy_b",
        right="(gamma / (m sigma)) (m g_b - sum_k g_k - y_hat_b sum_k g_k y_hat_k), g = dL_hat/dz",
        planted="its last term is 1 % larger",
        drawn=LAYERS,
        sides=sides,
        random="layers",
        small="layer",
    )


def fact_c2() -> Statement:
    """Fact C.2: d y_hat_b / d y_k = (1/sigma) (1[b=k] - 1/m - y_hat_b y_hat_k / m)."""

    def sides(cases: Cases) -> Sides:
        layer = Layer(cases)
        y_hat, m, sigma = layer.y_hat, layer.m, layer.sigma[:, None, None]
        eye = torch.eye(m, dtype=torch.float64)
        outer = y_hat[:, :, None] * y_hat[:, None, :] / m
        return Sides(
            left=layer.jacobian_of_normalised.flatten(1),
            right=((eye - 1 / m - outer) / sigma).flatten(1),
            twin=((eye - 1 / m - 1.01 * outer) / sigma).flatten(1),
            scale=1 / layer.sigma,
            met=everywhere(layer),
        )

    return Statement(
        relation="=",
        left="d y_hat_b / d y_k",
        right="(1 / sigma) (1[b = k] - 1/m - y_hat_b y_hat_k / m)",
        planted="its last term is 1 % larger",
        drawn=LAYERS,
        sides=sides,
        random="layers",
        small="layer",
    )


def theorem_4_1(*, printed: bool) -> Statement:
    """|dLh/dy|^2 <= (gamma/sigma)^2 (|g|^2 - <1,g>^2/m - <g,y_hat>^2/m); 1/sqrt(m) as printed."""

    def sides(cases: Cases) -> Sides:
        layer = Layer(cases)
        g, m = layer.grad, layer.m
        factor = (layer.gamma / layer.sigma).square()
        size, mean, last = dot(g, g), g.sum(dim=1).square() / m, dot(g, layer.y_hat).square()
        last = last / (m**0.5 if printed else m)
        left = dot(layer.grad_with_norm, layer.grad_with_norm)
        return Sides(
            left=left,
            right=factor * (size - mean - last),
            twin=factor * (size - mean - 1.01 * last),
            scale=left + factor * (size + mean + last),
            met=everywhere(layer),
            terms={"|g|^2": size, "<1, g>^2 / m": mean, f"<g, y_hat>^2 / {_root(printed)}": last},
        )

    return Statement(
        relation="<=",
        left="|dL_hat/dy|^2",
        right=f"(gamma^2 / sigma^2) (|g|^2 - <1, g>^2 / m - <g, y_hat>^2 / {_root(printed)}), "
        "g = dL/dy",
        planted="its last term is 1 % larger",
        drawn=LAYERS,
        sides=sides,
        random="layers",
        small="layer",
    )


def _root(printed: bool) -> str:
    return "sqrt(m)" if printed else "m"


def theorem_4_4(*, reading: str) -> Statement:
    """Theorem 4.4 in one of three readings.

    ``proved``: gh <= (gamma/sigma)^2 (g - lam^2 m mu^2 - (lam^2/m) <g, y_hat>^2) with g, gh the
    squared maxima of |X'g| over |X| <= lam, g = dL/dy, mu its mean. As printed the bracket is
    g^2 - m mu^2 - lam^2 <g, y_hat>^2, where ``squares`` takes g and gh to be squared maxima, as
    the theorem defines them, and ``norms`` maxima of norms, so that the left side is gh^2.
    """

    def sides(cases: Cases) -> Sides:
        layer = Layer(cases)
        g, m, lam2 = layer.grad, layer.m, cases.lam.square()
        factor = (layer.gamma / layer.sigma).square()
        left = largest_gradient(layer.grad_with_norm, cases.lam)
        largest = largest_gradient(g, cases.lam)
        mean, along = m * g.mean(dim=1).square(), dot(g, layer.y_hat).square()
        first = largest.square() if reading == "squares" else largest
        second, third = (mean, lam2 * along)
        if reading == "proved":
            second, third = lam2 * mean, lam2 * along / m
        return Sides(
            left=left,
            right=factor * (first - second - third),
            twin=factor * (first - second - 1.01 * third),
            scale=left + factor * (first + second + third),
            met=everywhere(layer),
            terms={"max |X'g|^2": largest, "m mu^2": mean, "<g, y_hat>^2": along},
        )

    texts = {
        "proved": "(gamma^2 / sigma^2) (max |X'g|^2 - lambda^2 m mu^2 "
        "- (lambda^2 / m) <g, y_hat>^2)",
        "squares": "(gamma^2 / sigma^2) ((max |X'g|^2)^2 - m mu^2 - lambda^2 <g, y_hat>^2)",
        "norms": "(gamma^2 / sigma^2) (max |X'g|^2 - m mu^2 - lambda^2 <g, y_hat>^2)",
    }
    return Statement(
        relation="<=",
        left="max over |X| <= lambda of |X' dL_hat/dy|^2",
        right=f"{texts[reading]}, g = dL/dy, mu its mean",
        planted="its last term is 1 % larger",
        drawn=f"{LAYERS}; lambda from 0.1 to 10",
        sides=sides,
        random="layers",
        small="layer",
        shown=("m", "y", "gamma", "g", "lambda"),
    )
