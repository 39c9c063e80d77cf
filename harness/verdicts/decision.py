"""The rules that turn gains into a verdict. Nothing here knows pytest, a bench or a paper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import assert_never

from harness.declarations.declared import is_number
from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    Hypothesis,
    MoreOften,
    NotBelow,
    ShareAbove,
    bound_on_gain_scale,
)
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.statistics import EqualGains, Estimate, ExactShare, OneSided, holm_adjusted, mean_of
from harness.statistics.estimates import numbers_of
from harness.statistics.interval import Interval
from harness.verdicts.evidence import Evidence, refuting_level, why
from harness.words import RefutedKind, Transform, Verdict

LARGEST_GAIN = 1e150
"""Beyond it squares overflow. No measurement is that large; a diverged run is an outcome to
declare."""


def decide(
    gains: Sequence[float],
    hypothesis: Hypothesis,
    alpha: float,
    *,
    cells: int = 1,
    transform: Transform = Transform.IDENTITY,
    unit: str = "",
    paired: bool = True,
) -> Evidence:
    """Return the evidence of one cell, with its verdict.

    ``gains`` holds one number per seed on the transformed scale, positive where the paper is right;
    for ``MoreOften`` it is 1, 0 or -1, and for ``ShareAbove`` 1 (yes) or 0 (no). ``alpha`` is the
    claim's share of the error budget, ``cells`` the number of declared cells. ``unit`` only enters
    the reason, ``paired`` (false for the numbers of one arm) the name of the test.

    SUPPORTED where p <= alpha: the interval of level 1 - 2 alpha lies on the claim's side of the
    bound. REFUTED where p_refute <= alpha / cells: that of level 1 - 2 alpha / cells lies beyond
    the bound; for ``Equivalent`` that of level 1 - alpha / cells, as it may lie beyond either
    margin. Otherwise INCONCLUSIVE, as one seed always is. Raises EvidenceError for no gains, or
    gains that are not finite or not of the declared kind, and ClaimDefinitionError for an alpha, a
    number of cells or a bound that makes no sense.

    >>> points = [5.1, 6.3, 4.9, 5.6, 6.0, 5.2, 5.8, 4.7]  # treatment minus control, one per seed
    >>> str(decide(points, Above(3.0, because="three points show in a figure"), 0.002).verdict)
    'SUPPORTED'
    """
    check_level(alpha, cells)
    _check_words(hypothesis, transform)
    bound = bound_on_gain_scale(hypothesis, transform)
    numbers = _checked_gains(gains, hypothesis)
    estimate = _estimate(numbers, hypothesis)
    asked = partial(
        Evidence,
        hypothesis=hypothesis,
        transform=transform,
        bound=bound,
        alpha=alpha,
        cells=cells,
        test=_test_name(estimate, hypothesis, paired),
        gains=numbers,
        n=len(numbers),
    )
    if estimate is None or len(numbers) == 1:
        evidence = _undecidable(asked, estimate)
    else:
        evidence = _decided(asked, estimate, hypothesis, bound, alpha, cells)
    return replace(evidence, reason=why(evidence, unit))


def combine_cells(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the claim's verdict from those of all its declared cells."""
    seen = set(verdicts)
    if not seen:
        raise ClaimDefinitionError("cells: got no verdict, expected one for every declared cell")
    for word in (Verdict.REFUTED, Verdict.ERROR, Verdict.NOT_RUN, Verdict.INVALID):
        if word in seen:
            return word
    return Verdict.SUPPORTED if seen == {Verdict.SUPPORTED} else Verdict.INCONCLUSIVE


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return Holm's adjusted p value of every slug, in the order of ``p_values``."""
    wrong = {slug: p for slug, p in p_values.items() if not 0 <= p <= 1}
    if wrong:
        raise EvidenceError(
            f"Holm: got {wrong}, expected p values from 0 to 1; leave out the others"
        )
    return dict(zip(p_values, holm_adjusted(tuple(p_values.values())), strict=True))


def p_values(test: OneSided, hypothesis: Hypothesis, bound: float) -> tuple[float, float]:
    """Return the one-sided p values of SUPPORTED and of REFUTED, by whatever test."""
    if not isinstance(hypothesis, Equivalent):
        return test.p_above(bound), test.p_below(bound)
    inside = max(test.p_above(-bound), test.p_below(bound))
    # twice: with a margin far below the standard error either side alone has this chance to refute
    outside = min(1.0, 2 * min(test.p_above(bound), test.p_below(-bound)))
    return inside, outside


def check_level(alpha: float, cells: int) -> None:
    """Raise ClaimDefinitionError for a level or a number of cells that cannot be."""
    if not is_number(alpha) or not 0 < alpha < 0.5:
        raise ClaimDefinitionError(f"alpha: got {alpha}, expected between 0 and 0.5, such as 0.05")
    if not is_number(cells) or cells < 1 or cells != int(cells):
        raise ClaimDefinitionError(f"cells: got {cells}, expected the number declared, at least 1")


def _check_words(hypothesis: object, transform: object) -> None:
    if not isinstance(hypothesis, Hypothesis):
        raise ClaimDefinitionError(
            f"hypothesis: got {hypothesis!r}; expected Above, NotBelow, Equivalent, MoreOften or "
            'ShareAbove, as in Above(5.0, because="...")'
        )
    if not isinstance(transform, Transform):
        raise ClaimDefinitionError(
            f"transform: got {transform!r}; expected a Transform, as in Transform.LOG"
        )


def _checked_gains(gains: Sequence[float], hypothesis: Hypothesis) -> tuple[float, ...]:
    numbers = numbers_of(gains, "gains")
    if not numbers:
        raise EvidenceError("gains: got none, expected one for every seed; check that runs exist")
    if not all(abs(gain) <= LARGEST_GAIN for gain in numbers):  # NaN fails this, too
        raise EvidenceError(
            f"gains: got {numbers}, expected finite numbers of at most {LARGEST_GAIN:g}; declare "
            "what a diverged run counts as"
        )
    allowed = _yes_no_values(hypothesis)
    if allowed and not allowed.issuperset(numbers):
        raise EvidenceError(
            f"gains: got {numbers}, expected only {sorted(allowed)} for {hypothesis.kind!r}; use a "
            "yes/no endpoint"
        )
    return numbers


def _yes_no_values(hypothesis: Hypothesis) -> frozenset[float]:
    match hypothesis:
        case MoreOften():
            return frozenset({-1.0, 0.0, 1.0})
        case ShareAbove():
            return frozenset({0.0, 1.0})
        case Above() | Equivalent() | NotBelow():
            return frozenset()
        case _:
            assert_never(hypothesis)


def _estimate(gains: tuple[float, ...], hypothesis: Hypothesis) -> Estimate | None:
    """Return the estimate, or None for a paired yes/no claim without a discordant seed."""
    if isinstance(hypothesis, ShareAbove):
        return ExactShare(gains.count(1.0), len(gains))
    if not isinstance(hypothesis, MoreOften):
        return mean_of(gains)
    discordant = sum(gain != 0 for gain in gains)
    return ExactShare(gains.count(1.0), discordant) if discordant else None


def _test_name(estimate: Estimate | None, hypothesis: Hypothesis, paired: bool) -> str:
    match hypothesis:
        case MoreOften():
            return "exact McNemar"
        case ShareAbove():
            return "exact binomial"
        case Above() | NotBelow() | Equivalent():
            t_test = "paired t" if paired else "one-sample t"
            name = "sign test (equal gains)" if isinstance(estimate, EqualGains) else t_test
            return f"{name}, two one-sided" if isinstance(hypothesis, Equivalent) else name
        case _:
            assert_never(hypothesis)


def _undecidable(asked: "partial[Evidence]", estimate: Estimate | None) -> Evidence:
    """Return evidence of one seed, or of none that is discordant (where the exact p value is 1)."""
    p = 1.0 if estimate is None else None
    return asked(
        estimate=None if estimate is None else estimate.value,
        sd=None,
        se=None,
        ci=None,
        ci_refute=None,
        ci95=None,
        p=p,
        p_refute=p,
        verdict=Verdict.INCONCLUSIVE,
        refuted_kind=None,
        reason="",
    )


def _decided(
    asked: "partial[Evidence]",
    estimate: Estimate,
    hypothesis: Hypothesis,
    bound: float,
    alpha: float,
    cells: int,
) -> Evidence:
    p, p_refute = p_values(estimate, hypothesis, bound)
    ci_refute = estimate.interval(refuting_level(hypothesis, alpha, cells))
    verdict, refuted_kind = Verdict.INCONCLUSIVE, None
    if p <= alpha:
        verdict = Verdict.SUPPORTED
    elif p_refute <= alpha / cells:
        verdict, refuted_kind = Verdict.REFUTED, _refuted_kind(hypothesis, ci_refute)
    return asked(
        estimate=estimate.value,
        sd=estimate.sd,
        se=estimate.se,
        ci=estimate.interval(1 - 2 * alpha),
        ci_refute=ci_refute,
        ci95=estimate.interval(0.95),
        p=p,
        p_refute=p_refute,
        verdict=verdict,
        refuted_kind=refuted_kind,
        reason="",
    )


def _refuted_kind(hypothesis: Hypothesis, ci_refute: Interval) -> RefutedKind:
    """Return *opposite* where the interval excludes no effect, on the wrong side.

    An equivalence has no wrong side. A refuted non-inferiority is always opposite: its margin lies
    below no effect. A share of one arm has no "no effect", so it is too small.
    """
    match hypothesis:
        case Above():
            return RefutedKind.OPPOSITE if ci_refute.high < 0 else RefutedKind.TOO_SMALL
        case Equivalent():
            return RefutedKind.TOO_DIFFERENT
        case NotBelow() | MoreOften():
            return RefutedKind.OPPOSITE
        case ShareAbove():
            return RefutedKind.TOO_SMALL
        case _:
            assert_never(hypothesis)
