"""Evidence: a verdict together with everything that it was reached from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.declarations.hypotheses import (
    Equivalent,
    Hypothesis,
    MoreOften,
    ShareAbove,
    on_reader_scale,
)
from harness.errors import EvidenceError
from harness.statistics.interval import Interval
from harness.words import RefutedKind, Transform, Verdict

MOST_FEW_VALUES = 3
"""Gains of so few values come from a coarse grid, not from measurements that happen to agree."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What one cell's gains say about its hypothesis. All numbers are raw and on the gain scale.

    ``estimate`` is the mean gain (for yes/no hypotheses the share, see ``hypothesis.estimand``),
    ``sd`` the gains' sample standard deviation, ``se`` the standard error of the estimate. ``ci``
    has level 1 - 2 alpha and decides SUPPORTED; ``ci_refute`` has 1 - 2 alpha/cells (equivalence:
    1 - alpha/cells) and decides REFUTED; ``ci95`` is for readers. ``p`` is the one-sided p value of
    SUPPORTED (for two tests the larger), ``p_refute`` that of REFUTED (for two twice the smaller).
    None stands where a number is not defined (one seed; no discordant seed).
    """

    hypothesis: Hypothesis
    transform: Transform
    bound: float  # on the gain scale; for Equivalent the upper margin
    alpha: float
    cells: int
    test: str
    gains: tuple[float, ...]
    n: int
    estimate: float | None
    sd: float | None
    se: float | None
    ci: Interval | None
    ci_refute: Interval | None
    ci95: Interval | None
    p: float | None
    p_refute: float | None
    verdict: Verdict
    refuted_kind: RefutedKind | None
    reason: str  # why this verdict, with the numbers

    def __post_init__(self) -> None:
        self._require(
            self.n == len(self.gains), f"n {self.n} for {len(self.gains)} gains", "as many"
        )
        self._require(
            (self.verdict is Verdict.REFUTED) == (self.refuted_kind is not None),
            f"{self.verdict.value} with refuted_kind {self.refuted_kind}",
            "a refuted_kind beside REFUTED and nowhere else",
        )
        decided = self.verdict in (Verdict.SUPPORTED, Verdict.REFUTED)
        self._require(
            not decided or None not in (self.p, self.p_refute, self.ci, self.ci_refute),
            f"{self.verdict.value} without p values or intervals",
            "both",
        )
        numbers = (self.estimate, self.sd, self.se, self.p, self.p_refute, self.bound)
        intervals = (self.ci or ()) + (self.ci_refute or ()) + (self.ci95 or ())
        finite = all(x is None or math.isfinite(x) for x in numbers + intervals + self.gains)
        self._require(finite, "a number that is not finite", "finite numbers, None if undefined")

    def ruled(self, verdict: Verdict, reason: str) -> "Evidence":
        """Return the same numbers under a rule's verdict: a void comparison, a quick run."""
        return replace(self, verdict=verdict, refuted_kind=None, reason=reason)

    @staticmethod
    def _require(holds: bool, got: str, expected: str) -> None:
        if not holds:
            raise EvidenceError(f"evidence: got {got}, expected {expected}; make it with decide()")


def refuting_level(hypothesis: Hypothesis, alpha: float, cells: int) -> float:
    """Return the level of the interval that decides REFUTED: one tail, or two for equivalence."""
    tails = 1 if isinstance(hypothesis, Equivalent) else 2
    return 1 - tails * alpha / cells


def why(evidence: Evidence, unit: str) -> str:
    """Return the sentence that says why the verdict is what it is, with the numbers it rests on."""
    if evidence.estimate is None:
        return f"The arms differ on none of the {evidence.n} seeds, so none favours either."
    if evidence.ci is None or evidence.ci_refute is None:
        return "One seed has no spread, so it decides nothing."
    if evidence.verdict is Verdict.INCONCLUSIVE and _are_few_equal(evidence):
        return _why_few_equal(evidence, unit)
    sided = "one-sided p"
    if evidence.verdict is Verdict.REFUTED:
        share, ci, p = evidence.alpha / evidence.cells, evidence.ci_refute, evidence.p_refute
        level = refuting_level(evidence.hypothesis, evidence.alpha, evidence.cells)
        if isinstance(evidence.hypothesis, Equivalent):
            sided = "p of either side"
    else:
        share, ci, p = evidence.alpha, evidence.ci, evidence.p
        level = 1 - 2 * share
    interval = on_reader_scale(*ci, unit=unit, transform=evidence.transform)
    return (
        f"The {100 * level:.6g} % interval of the {evidence.hypothesis.estimand}, "
        f"{interval}, {_place(evidence, unit)} ({evidence.test}, n = {evidence.n}, "
        f"{sided} = {p:.3g} at level {share:.3g}).{_few_values(evidence)}"
    )


def _are_few_equal(evidence: Evidence) -> bool:
    """Return whether all gains are equal, away from the bound: their interval is a point."""
    return evidence.sd == 0.0 and (evidence.p != 1.0 or evidence.p_refute != 1.0)


def _why_few_equal(evidence: Evidence, unit: str) -> str:
    """Return why equal gains that lie beside the bound decide nothing: there are too few."""
    assert evidence.p is not None  # noqa: S101 - more than one seed has both
    assert evidence.p_refute is not None  # noqa: S101
    for_claim = evidence.p < evidence.p_refute
    p = evidence.p if for_claim else evidence.p_refute
    share = evidence.alpha if for_claim else evidence.alpha / evidence.cells
    needed = evidence.n + math.ceil(math.log2(p / share))  # each further one halves p
    gain = on_reader_scale(*evidence.gains[:1], unit=unit, transform=evidence.transform)
    return (
        f"All {evidence.n} gains are {gain}. Equal gains have no spread, so the exact sign test "
        f"decides, and {evidence.n} of them cannot reach the level ({evidence.test}, n = "
        f"{evidence.n}, p = {p:.3g} at level {share:.3g}); {needed} could."
        f"{_few_values(evidence)}"
    )


def are_few_values(gains: Sequence[float]) -> bool:
    """Return whether gains take so few values that Student's t keeps no level for them.

    As many values as seeds are not few, however few seeds there are.
    """
    values = len(set(gains))
    return values <= MOST_FEW_VALUES and values < len(gains)


def _few_values(evidence: Evidence) -> str:
    """Return a warning where the gains of a t test take few values."""
    yes_no = isinstance(evidence.hypothesis, MoreOften | ShareAbove)
    if yes_no or not are_few_values(evidence.gains):
        return ""
    values = len(set(evidence.gains))
    taken = "one value" if values == 1 else f"{values} values"
    return f" The gains take only {taken}: for such the level is not guaranteed."


def _place(evidence: Evidence, unit: str) -> str:
    if isinstance(evidence.hypothesis, Equivalent):
        limits: tuple[float, ...] = (-evidence.bound, evidence.bound)
        places = {Verdict.SUPPORTED: "lies within", Verdict.REFUTED: "lies outside"}
    else:
        limits = (evidence.bound,)
        places = {Verdict.SUPPORTED: "lies above", Verdict.REFUTED: "lies below"}
    place = places.get(evidence.verdict, "does not decide against")
    return f"{place} {on_reader_scale(*limits, unit=unit, transform=evidence.transform)}"
