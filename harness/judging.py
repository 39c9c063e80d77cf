"""From records to a verdict on one cell: endpoint, preconditions, decision, what is shown."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.bench import Metric
from harness.claim import Alternative, Question
from harness.decision import at_a_limit, decide
from harness.endpoints import Endpoint, Measured, levels_reached, measure
from harness.errors import EvidenceError
from harness.evidence import Evidence
from harness.gains import gains
from harness.power import Power, power_of
from harness.preconditions import PreconditionResult, check_precondition
from harness.printed import Beside, beside
from harness.records import RunRecord
from harness.sensitivity import Sensitivity, fragile, other_definition, other_tests
from harness.statistics import Correlation, correlation
from harness.sweeps import Run, Sweep, single_runs
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

    @property
    def fragile(self) -> bool:
        """Whether a reasonable alternative contradicts the verdict."""
        return fragile(self.sensitivity)


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """The runs of both sides, one for each seed, in the order of the seeds."""

    treatment: tuple[Run, ...]
    control: tuple[Run, ...] = ()

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds. Raises EvidenceError where the arms are not paired by seed."""
        seeds = tuple(run.seed for run in self.treatment)
        control = tuple(run.seed for run in self.control)
        if (control and control != seeds) or len(set(seeds)) != len(seeds):
            raise EvidenceError(
                f"unpaired: got seeds {seeds} and {control}; expected the same, once"
            )
        return seeds

    def hardware(self, part: str) -> str:
        """Return what the runs say trained them, such as their ``cpu``; several joined by ``;``."""
        runs = (*self.treatment, *self.control)
        return "; ".join(sorted({run.hardware[part] for run in runs if part in run.hardware}))


def judge_cell(
    question: Question,
    runs: Runs,
    *,
    metrics: Mapping[str, Metric],
    alpha: float,
    withheld: str | None = None,
) -> Judged:
    """Return the verdict on one cell.

    ``withheld`` is why no verdict may be given (quick scale, seeds other than declared): then it is
    INCONCLUSIVE with the evidence beside it. What cannot be computed is ERROR, with the reason.
    """
    try:
        results = tuple(
            check_precondition(p, runs.treatment, runs.control) for p in question.preconditions
        )
    except EvidenceError as error:
        return _without_evidence(question, runs, Verdict.ERROR, str(error))
    try:
        return _judged(question, runs, metrics, alpha, withheld, results)
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


def _judged(
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
        sensitivity=_sensitivity(question, runs, metrics, evidence.gains, verdict),
        power=power_of(evidence),
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
    void = _void(preconditions)
    if withheld is not None:
        return Verdict.INCONCLUSIVE, f"{withheld} {evidence.reason}"
    if void is not None:
        return Verdict.INVALID, void
    if _no_room(question, measured, metric):
        what = "the sweep" if isinstance(question.treatment, Sweep) else metric.label
        return Verdict.INVALID, (
            f"The comparison is void: in both arms every seed sits at a limit of {what}."
        )
    return evidence.verdict, evidence.reason


def _void(preconditions: Sequence[PreconditionResult]) -> str | None:
    """Return why the comparison is void, or None where every precondition holds."""
    failed = [result for result in preconditions if not result.passed]
    if not failed:
        return None
    said = "; ".join(f"{result.shortfall} ({result.precondition.because})" for result in failed)
    return f"The comparison is void: {said}."


def _no_room(question: Question, measured: Measured, metric: Metric) -> bool:
    """Return whether both arms sit at a floor or ceiling; yes/no endpoints have only those."""
    if question.endpoint.is_yes_no or not measured.control:
        return False
    low, high = metric.low, metric.high
    if isinstance(question.treatment, Sweep):
        low, high = 0.0, question.treatment.decades
    return at_a_limit(measured.treatment, measured.control, low, high)


def _sensitivity(
    question: Question,
    runs: Runs,
    metrics: Mapping[str, Metric],
    observed: Sequence[float],
    verdict: Verdict,
) -> tuple[Sensitivity, ...]:
    tests = other_tests(
        observed,
        question.hypothesis,
        question.endpoint.transform,
        question.endpoint.unit(metrics[question.endpoint.metric]),
        verdict=verdict,
        rng_seed=rng_seed_of(question.slug, question.cell.id, runs.seeds),
    )
    others = (
        _definition(a, question, runs, metrics[a.endpoint.metric], verdict)
        for a in question.alternatives
    )
    return (*tests, *others)


def _definition(
    alternative: Alternative, question: Question, runs: Runs, metric: Metric, verdict: Verdict
) -> Sensitivity:
    endpoint = alternative.endpoint
    hypothesis = alternative.hypothesis or question.hypothesis
    try:
        measured = measure(endpoint, runs.treatment, runs.control)
        values = gains(endpoint, measured, metric)
    except EvidenceError as error:
        return Sensitivity(
            name=alternative.name,
            kind="definition",
            transform=endpoint.transform,
            available=False,
            note=str(error),
        )
    return other_definition(
        alternative.name,
        values,
        hypothesis,
        endpoint.transform,
        endpoint.unit(metric),
        verdict=verdict,
        note=_levels_note(endpoint, single_runs((*runs.treatment, *runs.control))),
    )


def _levels_note(endpoint: Endpoint, runs: Sequence[RunRecord]) -> str:
    """Return which declared loss levels were used, where some seed does not pass them all."""
    used = levels_reached(endpoint, runs)
    if len(used) == len(endpoint.at_losses):
        return ""
    left_out = ", ".join(f"{level:g}" for level in endpoint.at_losses if level not in used)
    return (
        f"At a loss of {', '.join(f'{level:g}' for level in used)} alone: not every seed passes "
        f"{left_out} from above."
    )


def rng_seed_of(slug: str, cell_id: str, seeds: tuple[int, ...]) -> int:
    """Return a seed for the bootstrap that depends on what is judged alone."""
    named = f"{slug} {cell_id} {seeds}"
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:8], "big")


def correlation_of(question: Question, measured: Measured) -> Correlation | None:
    """Return how the pairs of seeds go together; None for yes/no and for one arm."""
    if question.endpoint.is_yes_no or not measured.control:
        return None
    return correlation(measured.treatment, measured.control)
