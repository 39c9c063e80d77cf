"""From records to a verdict on one cell: endpoint, preconditions, decision, what is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.bench import Metric
from harness.declarations.claim import Question
from harness.declarations.measuring import Measured, measure
from harness.declarations.preconditions import OtherRuns, PreconditionResult, check_precondition
from harness.declarations.sweeps import Run, Sweep
from harness.errors import EvidenceError
from harness.statistics import Correlation, correlation
from harness.verdicts.beside_printed import Beside, beside
from harness.verdicts.decision import decide
from harness.verdicts.evidence import Evidence
from harness.verdicts.gains import gains
from harness.verdicts.limits import at_a_limit
from harness.verdicts.looked import Looked
from harness.verdicts.other_ways import sensitivity_of
from harness.verdicts.power import Power, power_of
from harness.verdicts.sensitivity import Sensitivity
from harness.words import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """All that one cell's verdict rests on."""

    question: Question
    verdict: Verdict
    reason: str
    seeds: tuple[int, ...]
    evidence: Evidence | None = None  # None where none could be computed
    measured: Measured | None = None
    preconditions: tuple[PreconditionResult, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    power: Power | None = None
    correlation: Correlation | None = None
    printed: tuple[Beside, ...] = ()
    looks: Looked | None = None

    @property
    def alpha(self) -> float | None:
        """Return the level of the verdict, None where nothing could be computed."""
        if self.looks is not None and self.looks.rows:
            return self.looks.level
        return self.evidence.alpha if self.evidence is not None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """The runs of both sides, one for each seed, in the order of the seeds.

    ``others`` are those of arms that preconditions alone are about.
    """

    treatment: tuple[Run, ...]
    control: tuple[Run, ...] = ()
    others: tuple[OtherRuns, ...] = ()

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds. Raises EvidenceError where the arms are not paired by seed."""
        seeds = tuple(run.seed for run in self.treatment)
        beside = (self.control, *(other.runs for other in self.others))
        paired = [tuple(run.seed for run in runs) for runs in beside if runs]
        if any(other != seeds for other in paired) or len(set(seeds)) != len(seeds):
            said = " and ".join(map(str, (seeds, *paired)))
            raise EvidenceError(f"unpaired: got seeds {said}; expected the same, once")
        return seeds

    def first(self, n: int) -> "Runs":
        """Return the runs of the first n seeds."""
        others = tuple(replace(other, runs=other.runs[:n]) for other in self.others)
        return Runs(treatment=self.treatment[:n], control=self.control[:n], others=others)

    def hardware(self, part: str) -> str:
        """Return what the runs say trained them, such as their ``cpu``; several joined by ``;``."""
        runs = (*self.treatment, *self.control, *(r for other in self.others for r in other.runs))
        return "; ".join(sorted({run.hardware[part] for run in runs if part in run.hardware}))


def judge_cell(
    question: Question,
    runs: Runs,
    *,
    metrics: Mapping[str, Metric],
    alpha: float,
    withheld: str | None = None,
    shown: bool = True,
) -> Judged:
    """Return the verdict on one cell.

    ``withheld`` is why no verdict may be given (quick scale, seeds other than declared): then it is
    INCONCLUSIVE with the evidence beside it. What cannot be computed is ERROR, with the reason.
    Without ``shown`` all that never decides is left out.
    """
    try:
        results = tuple(
            check_precondition(p, runs.treatment, runs.control, runs.others)
            for p in question.preconditions
        )
    except EvidenceError as error:
        return _without_evidence(question, runs, Verdict.ERROR, str(error))
    try:
        decided = _decided(question, runs, metrics, alpha, withheld, results)
        return _with_all_shown(decided, runs, metrics) if shown else decided
    except EvidenceError as error:
        void = _void(results)
        if void is None or withheld is not None:
            return _without_evidence(question, runs, Verdict.ERROR, str(error), results)
        return _without_evidence(question, runs, Verdict.INVALID, f"{void} ({error})", results)


def _without_evidence(
    question: Question,
    runs: Runs,
    verdict: Verdict,
    reason: str,
    results: tuple[PreconditionResult, ...] = (),
) -> Judged:
    seeds = tuple(run.seed for run in runs.treatment)
    return Judged(
        question=question, verdict=verdict, reason=reason, seeds=seeds, preconditions=results
    )


def _decided(
    question: Question,
    runs: Runs,
    metrics: Mapping[str, Metric],
    alpha: float,
    withheld: str | None,
    results: tuple[PreconditionResult, ...],
) -> Judged:
    metric = metrics[question.endpoint.metric]
    measured = measure(question.endpoint, runs.treatment, runs.control)
    evidence = evidence_of(question, measured, metric, alpha)
    verdict, reason = verdict_of(question, evidence, results, measured, metric, withheld)
    return Judged(
        question=question,
        verdict=verdict,
        reason=reason,
        seeds=runs.seeds,
        evidence=evidence if verdict is evidence.verdict else evidence.ruled(verdict, reason),
        measured=measured,
        preconditions=results,
    )


def _with_all_shown(decided: Judged, runs: Runs, metrics: Mapping[str, Metric]) -> Judged:
    """Return the verdict with all that is shown beside it and never decides it."""
    question, evidence, measured = decided.question, decided.evidence, decided.measured
    if evidence is None or measured is None:
        return decided
    metric = metrics[question.endpoint.metric]
    unruled = evidence_of(question, measured, metric, evidence.alpha)
    return replace(
        decided,
        sensitivity=sensitivity_of(question, runs, metrics, evidence.gains, decided.verdict),
        power=power_of(unruled),
        correlation=correlation_of(question, measured),
        printed=tuple(
            beside(one, runs.treatment, runs.control, metrics) for one in question.printed
        ),
    )


def evidence_of(question: Question, measured: Measured, metric: Metric, alpha: float) -> Evidence:
    """Return what a cell's endpoints say. Raises EvidenceError where they cannot be judged."""
    return decide(
        gains(question.endpoint, measured, metric),
        question.hypothesis,
        alpha,
        cells=question.cells,
        transform=question.endpoint.transform,
        unit=question.endpoint.unit(metric),
        paired=question.control is not None,
    )


def verdict_of(
    question: Question,
    evidence: Evidence,
    preconditions: Sequence[PreconditionResult],
    measured: Measured,
    metric: Metric,
    withheld: str | None,
) -> tuple[Verdict, str]:
    """Return the verdict and its reason: what is withheld or void comes before what was decided."""
    void, reason = _void(preconditions), f"{_alike(evidence, measured)}{evidence.reason}"
    if withheld is not None:
        return Verdict.INCONCLUSIVE, f"{withheld} {reason}"
    if void is not None:
        return Verdict.INVALID, void
    if _no_room(question, measured, metric):
        what = "the sweep" if isinstance(question.treatment, Sweep) else metric.label
        return Verdict.INVALID, (
            f"The comparison is void: in both arms every seed sits at a limit of {what}."
        )
    return evidence.verdict, reason


def _alike(evidence: Evidence, measured: Measured) -> str:
    """Return what both arms answer where they answer alike on every seed, else nothing."""
    if evidence.estimate is not None or not measured.control:
        return ""
    yes, n = int(sum(measured.treatment)), evidence.n
    answers = {n: "yes on every seed", 0: "no on every seed"}
    return f"Both arms answer {answers.get(yes, f'yes on the same {yes} of {n} seeds')}. "


def _void(preconditions: Sequence[PreconditionResult]) -> str | None:
    """Return why the comparison is void, or None where every precondition holds."""
    failed = [result for result in preconditions if not result.passed]
    if not failed:
        return None
    said = "; ".join(f"{result.shortfall} ({result.precondition.because})" for result in failed)
    return f"The comparison is void: {said}."


def _no_room(question: Question, measured: Measured, metric: Metric) -> bool:
    """Return whether both arms sit at a floor or ceiling; yes/no endpoints have only those."""
    endpoint = question.endpoint
    if endpoint.is_yes_no or not measured.control:
        return False
    if isinstance(question.treatment, Sweep):
        return at_a_limit(measured.treatment, measured.control, 0.0, question.treatment.decades)
    limits = endpoint.limits(metric)
    return at_a_limit(measured.treatment, measured.control, *limits, endpoint.if_diverged)


def correlation_of(question: Question, measured: Measured) -> Correlation | None:
    """Return how the pairs of seeds go together; None for yes/no and for one arm."""
    if question.endpoint.is_yes_no or not measured.control:
        return None
    return correlation(measured.treatment, measured.control)
