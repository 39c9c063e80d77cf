"""What became of a cell's looks: a row for each, and how the cell came to stop."""

from dataclasses import dataclass

from harness.declarations.spending import Look
from harness.statistics.interval import Interval
from harness.verdicts.evidence import Evidence
from harness.words import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedAt:
    """One look at one cell. The numbers are None where none could be computed (ERROR, INVALID)."""

    look: Look
    verdict: Verdict
    gains: tuple[float, ...]
    estimate: float | None = None
    ci: Interval | None = None
    ci_refute: Interval | None = None
    p: float | None = None
    p_refute: float | None = None

    @classmethod
    def of(cls, look: Look, verdict: Verdict, evidence: Evidence | None) -> "LookedAt":
        """Return the row of a look whose verdict rests on this evidence."""
        if evidence is None:
            return cls(look=look, verdict=verdict, gains=())
        return cls(
            look=look,
            verdict=verdict,
            gains=evidence.gains,
            estimate=evidence.estimate,
            ci=evidence.ci,
            ci_refute=evidence.ci_refute,
            p=evidence.p,
            p_refute=evidence.p_refute,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """The looks that a cell declares and those that were taken, the last one deciding or last."""

    declared: tuple[int, ...]
    rows: tuple[LookedAt, ...] = ()  # none where the session uses no looks

    @property
    def level(self) -> float:
        """Return the level of the last look taken."""
        return self.rows[-1].look.alpha

    @property
    def decided(self) -> bool:
        """Return whether the last look taken decides the cell."""
        return self.rows[-1].verdict in (Verdict.SUPPORTED, Verdict.REFUTED)

    @property
    def stopped_by_another(self) -> bool:
        """Return whether looks are left because another cell has refuted the claim."""
        left = len(self.rows) < len(self.declared)
        return left and not self.decided and self.rows[-1].verdict is not Verdict.ERROR

    @property
    def prefix(self) -> str:
        """Return which look a verdict is of, as the beginning of its reason."""
        where = f"look {len(self.rows)} of {len(self.declared)}"
        if self.stopped_by_another:
            return f"Stopped at {where}, where another cell refutes the claim. "
        return f"{where.capitalize()}. "
