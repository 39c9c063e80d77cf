"""Error rates and power of the rules for one cell."""

from collections.abc import Callable, Iterator
from math import comb

import numpy as np
from numpy.typing import NDArray

from harness.calibration.laws import Law
from harness.calibration.rows import Rate, exact, simulated
from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    MoreOften,
    NotBelow,
    ShareAbove,
    bound_on_gain_scale,
)
from harness.statistics.many import mean_p_values
from harness.verdicts.decision import decide
from harness.words import Transform, Verdict

Floats = NDArray[np.float64]
Alphas = tuple[float, ...]

EFFECTS_SD = (1.0, 1.5, 2.0)
MARGINS_SD = (0.05, 0.5, 2.0)
DISCORDANT = (0.3, 1.0)
SHARES = (0.5, 0.9)


def p_values(gains: Floats, hypothesis: Above | NotBelow | Equivalent) -> tuple[Floats, Floats]:
    """Return the p values of SUPPORTED and of REFUTED of each row of gains, as ``decide`` does."""
    bound = bound_on_gain_scale(hypothesis, Transform.IDENTITY)
    over, under = mean_p_values(gains, bound)
    if not isinstance(hypothesis, Equivalent):
        return over, under
    over_low, under_low = mean_p_values(gains, -bound)
    outside = np.minimum(1.0, 2 * np.minimum(over, under_low))
    return np.maximum(over_low, under), outside


def above(law: Law, noise: Floats, alphas: Alphas) -> Iterator[Rate]:
    """Yield the rates of ``Above`` and ``NotBelow``, whose bound is 0 here; noise (samples, n)."""
    rule = _says("above, not below", law, noise)
    yield from _errors(rule, law, alphas, p_values(noise, Above(0)), "at the bound")
    for effect in EFFECTS_SD:
        p, _ = p_values(noise + effect, Above(0))
        yield from _found(rule, alphas, p, f"{effect:g} SD above the bound")


def equivalent(law: Law, noise: Floats, alphas: Alphas) -> Iterator[Rate]:
    """Yield the rates of ``Equivalent`` at its margin and at no effect."""
    for margin in MARGINS_SD:
        rule = _says(f"equivalent, margin {margin:g} SD", law, noise)
        hypothesis = Equivalent(margin, because="simulated")
        at_margin = p_values(noise + margin, hypothesis)
        yield from _errors(rule, law, alphas, at_margin, "at the margin")
        yield from _found(rule, alphas, p_values(noise, hypothesis)[0], "no effect")


def _errors(
    rule: Callable[..., Rate], law: Law, alphas: Alphas, p: tuple[Floats, Floats], truth: str
) -> Iterator[Rate]:
    for alpha in alphas:
        said = {"alpha": alpha, "truth": truth, "nominal": alpha}
        limit = alpha if law.guaranteed else None
        yield rule(p[0] <= alpha, counted="falsely SUPPORTED", limit=limit, **said)
        yield rule(p[1] <= alpha, counted="falsely REFUTED", limit=limit, **said)


def _found(rule: Callable[..., Rate], alphas: Alphas, p: Floats, truth: str) -> Iterator[Rate]:
    for alpha in alphas:
        said = {"alpha": alpha, "truth": truth, "nominal": None, "limit": None}
        yield rule(p <= alpha, counted="found", **said)


def _says(rule: str, law: Law, noise: Floats) -> Callable[..., Rate]:
    def rate(happened: NDArray[np.bool_], **said: object) -> Rate:
        return simulated(
            int(happened.sum()),
            len(noise),
            rule=rule,
            law=law.name,
            n=noise.shape[1],
            **said,
        )

    return rate


def yes_or_no(n: int, alpha: float) -> Iterator[Rate]:
    """Yield the exact rates of the yes/no rules: every outcome is listed and decided, once."""
    pairs = [(differ, plus) for differ in range(n + 1) for plus in range(differ + 1)]
    gains = [[1.0] * plus + [-1.0] * (differ - plus) + [0.0] * (n - differ)
             for differ, plus in pairs]  # fmt: skip
    verdicts = _verdicts(gains, MoreOften(), alpha)
    for share in DISCORDANT:
        chances = [_binomial(d, n, share) * _binomial(plus, d, 0.5) for d, plus in pairs]
        said = ("more often", f"{share:.0%} discordant", n, alpha, "half favour the paper")
        yield from _exact_errors(verdicts, chances, said)
    gains = [[1.0] * yes + [0.0] * (n - yes) for yes in range(n + 1)]
    for share in SHARES:
        verdicts = _verdicts(gains, ShareAbove(share, because="simulated"), alpha)
        chances = [_binomial(yes, n, share) for yes in range(n + 1)]
        said = (f"share above {share:g}", "yes or no", n, alpha, "at the share")
        yield from _exact_errors(verdicts, chances, said)


def _verdicts(
    outcomes: list[list[float]], hypothesis: MoreOften | ShareAbove, alpha: float
) -> list[Verdict]:
    return [decide(gains, hypothesis, alpha).verdict for gains in outcomes]


def _exact_errors(
    verdicts: list[Verdict], chances: list[float], said: tuple[str, str, int, float, str]
) -> Iterator[Rate]:
    rule, law, n, alpha, truth = said
    for word in (Verdict.SUPPORTED, Verdict.REFUTED):
        rate = sum(p for verdict, p in zip(verdicts, chances, strict=True) if verdict is word)
        yield exact(
            float(rate), rule=rule, law=law, n=n, alpha=alpha, truth=truth,
            counted=f"falsely {word}", limit=alpha, nominal=alpha,
        )  # fmt: skip


def _binomial(k: int, n: int, p: float) -> float:
    return float(comb(n, k) * p**k * (1 - p) ** (n - k))
