"""Statements about second derivatives: Theorems 4.2 and C.1.

Left sides are automatic derivatives; right sides are the paper's. H = d2L/dy dy, g = dL/dy,
G = dLh/dy, all of one unit.
"""

import torch
from torch import Tensor

from models.theory.ball import largest_form
from models.theory.gradients import LAYERS, dot, everywhere
from models.theory.layer import Cases, Layer
from models.theory.statement import Sides, Statement

PRESERVING = "H is positive semi-definite and G'HG / |G|^2 = g'Hg / |g|^2"
SMALL_GAMMA = "0 < gamma <= sigma"
MILD = f"{PRESERVING}, <g, y_hat> >= 0 and {SMALL_GAMMA}"

_SAME = 1e-9  # relative: the condition is built into the draws, up to rounding
LOCAL = (
    "one unit with any outputs (batches of 3 to 16, sigma at least 1/20 of the largest), any g, "
    "gamma of either sign from 0.1 to 10; "
)


def form(a: Tensor, v: Tensor) -> Tensor:
    """Return v'Av: (n, m, m) and (n, m) give (n,)."""
    return (v[:, None, :] @ a @ v[..., None])[:, 0, 0]


def theorem_4_2_first() -> Statement:
    """G'(d2Lh/dy dy)G <= (gamma/sigma)^2 G'HG - (gamma / (m sigma^2)) <g, y_hat> |G|^2."""

    def sides(cases: Cases) -> Sides:
        layer = Layer(cases)
        big, factor = layer.grad_with_norm, (layer.gamma / layer.sigma).square()
        curved, apart = factor * form(layer.hessian, big), _apart(layer)
        return Sides(
            left=form(layer.hessian_with_norm, big),
            right=curved - apart,
            twin=curved - 1.01 * apart,
            scale=_scale(layer),
            met=everywhere(layer),
            terms={
                "G": big,
                "G'HG": form(layer.hessian, big),
                "<g, y_hat>": dot(layer.grad, layer.y_hat),
            },
        )

    return Statement(
        relation="<=",
        left="G' (d2L_hat/dy dy) G",
        right="(gamma^2 / sigma^2) G'HG - (gamma / (m sigma^2)) <g, y_hat> |G|^2",
        planted="its last term is 1 % larger",
        drawn=LAYERS,
        sides=sides,
        random="layers",
        small="curved",
        shown=("m", "y", "gamma", "g", "diagonal of H"),
    )


def theorem_4_2_second(*, condition: str) -> Statement:
    """G'(d2Lh/dy dy)G <= (gamma/sigma)^2 (g'Hg - (1/(m gamma)) <g, y_hat> |G|^2).

    ``condition``: ``none``; ``preserving``: H preserves the relative norms of g and G; or
    ``small-gamma``: that, and gamma at most sigma.
    """

    def sides(cases: Cases) -> Sides:
        layer = Layer(cases)
        factor, big = (layer.gamma / layer.sigma).square(), layer.grad_with_norm
        curved, apart = factor * form(layer.hessian, layer.grad), _apart(layer)
        return Sides(
            left=form(layer.hessian_with_norm, big),
            right=curved - apart,
            twin=0.5 * curved - apart,
            scale=_scale(layer) + curved.abs(),
            met=_met(layer, condition),
            terms={
                "G": big,
                "g'Hg": form(layer.hessian, layer.grad),
                "G'HG": form(layer.hessian, big),
                "<g, y_hat>": dot(layer.grad, layer.y_hat),
                "|G|^2": dot(big, big),
                "|g|^2": dot(layer.grad, layer.grad),
            },
        )

    conditions = {"none": "", "preserving": PRESERVING}
    kinds = {
        "none": f"{LOCAL}any symmetric H",
        "preserving": f"{LOCAL}H positive semi-definite, built to meet the condition",
        "small-gamma": f"{LOCAL}H positive semi-definite, built to meet the condition; gamma from "
        "0.1 sigma to sigma",
    }
    return Statement(
        relation="<=",
        left="G' (d2L_hat/dy dy) G",
        right="(gamma^2 / sigma^2) (g'Hg - (1 / (m gamma)) <g, y_hat> |G|^2)",
        planted="g'Hg is halved",
        conditions=conditions.get(condition, f"{PRESERVING}, and {SMALL_GAMMA}"),
        drawn=kinds[condition],
        sides=sides,
        random=condition,
        small={"none": "curved", "preserving": "round", "small-gamma": "mild"}[condition],
        shown=("m", "y", "gamma", "g", "diagonal of H"),
    )


def theorem_c_1(*, condition: str) -> Statement:
    """Theorem C.1: max (X'G)'(X'HhX)(X'G) <= (gamma/sigma)^2 (max (X'g)'(X'HX)(X'g) - lam^4 k).

    Maxima over |X| <= lam with sigma, y_hat, g, H and Hh = d2Lh/dy dy held fixed; k is 4.2's
    separation <g, y_hat> |G|^2 / (m gamma). ``condition``: ``none``, or ``mild``: all that the
    paper asks for anywhere around 4.2, and gamma at most sigma.
    """

    def sides(cases: Cases) -> Sides:
        layer = Layer(cases)
        factor, lam4 = (layer.gamma / layer.sigma).square(), cases.lam.pow(4)
        left = largest_form(layer.hessian_with_norm, layer.grad_with_norm, cases.lam)
        most, apart = largest_form(layer.hessian, layer.grad, cases.lam), lam4 * _apart(layer)
        return Sides(
            left=left,
            right=factor * most - apart,
            twin=0.5 * factor * most - apart,
            scale=lam4 * _scale(layer) + factor * most.abs() + lam4 * _reach(layer),
            met=_met(layer, condition),
            terms={
                "G": layer.grad_with_norm,
                "max (X'g)' X'HX (X'g)": most,
                "lambda^4 kappa": apart / factor,
                "<g, y_hat>": dot(layer.grad, layer.y_hat),
            },
        )

    return Statement(
        relation="<=",
        left="max over |X| <= lambda of (X'G)' X' (d2L_hat/dy dy) X (X'G)",
        right="(gamma^2 / sigma^2) (max over |X| <= lambda of (X'g)' X'HX (X'g) - lambda^4 kappa), "
        "kappa = <g, y_hat> |G|^2 / (m gamma)",
        planted="its first term is halved",
        conditions=MILD if condition == "mild" else "",
        drawn=f"{LAYERS}; lambda from 0.1 to 10"
        if condition == "none"
        else f"{LOCAL}all built to meet the conditions; lambda from 0.1 to 10",
        sides=sides,
        random="layers" if condition == "none" else "mild",
        small="curved" if condition == "none" else "mild",
        shown=("m", "y", "gamma", "g", "diagonal of H", "lambda"),
    )


def _apart(layer: Layer) -> Tensor:
    """Return the separation (gamma / (m sigma^2)) <g, y_hat> |G|^2, (n,)."""
    big = layer.grad_with_norm
    along = dot(layer.grad, layer.y_hat)
    return layer.gamma / (layer.m * layer.sigma.square()) * along * dot(big, big)


def _scale(layer: Layer) -> Tensor:
    """Return the size of what cancels: G is what is left of gamma/sigma times g."""
    factor = (layer.gamma / layer.sigma).square()
    whole = factor * dot(layer.grad, layer.grad)  # |G|^2 before the projection
    along = dot(layer.grad.abs(), layer.y_hat.abs())
    curved = factor * torch.linalg.matrix_norm(layer.hessian)
    return whole * (curved + layer.gamma.abs() * along / (layer.m * layer.sigma.square()))


def _reach(layer: Layer) -> Tensor:
    """Return the size of Hh along G, were G not projected, (n,)."""
    whole = (layer.gamma / layer.sigma).square() * dot(layer.grad, layer.grad)
    return whole * torch.linalg.matrix_norm(layer.hessian_with_norm)


def _met(layer: Layer, condition: str) -> Tensor:
    if condition == "none":
        return everywhere(layer)
    small, big, h = layer.grad, layer.grad_with_norm, layer.hessian
    ratio, other = form(h, small) / dot(small, small), form(h, big) / dot(big, big)
    size = torch.linalg.matrix_norm(h)
    positive = torch.linalg.eigvalsh(h)[:, 0] >= -_SAME * size
    met = positive & ((ratio - other).abs() <= _SAME * size)  # NaN where g or G is 0: not met
    if condition == "preserving":
        return met
    met &= (layer.gamma > 0) & (layer.gamma <= layer.sigma)
    return met & (dot(small, layer.y_hat) >= 0) if condition == "mild" else met
