"""Other ways to judge a cell, beside its verdict: other tests, other definitions."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from harness.bench import Metric
from harness.declarations.claim import Alternative, Question
from harness.declarations.measuring import measure
from harness.declarations.sweeps import Run
from harness.errors import EvidenceError
from harness.verdicts.gains import gains
from harness.verdicts.sensitivity import Sensitivity, other_definition, other_tests
from harness.words import Verdict


class BothSides(Protocol):
    """The runs of both sides, one for each seed, in the order of the seeds."""

    @property
    def treatment(self) -> tuple[Run, ...]:
        """Return the treatment's."""

    @property
    def control(self) -> tuple[Run, ...]:
        """Return the control's; none for a claim about one arm."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds."""


def sensitivity_of(
    question: Question,
    runs: BothSides,
    metrics: Mapping[str, Metric],
    observed: Sequence[float],
    verdict: Verdict,
) -> tuple[Sensitivity, ...]:
    """Return the other tests of the gains and the claim's other definitions."""
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
    alternative: Alternative, question: Question, runs: BothSides, metric: Metric, verdict: Verdict
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
        note=" ".join(measured.deviations),
    )


def rng_seed_of(slug: str, cell_id: str, seeds: tuple[int, ...]) -> int:
    """Return a seed for the bootstrap that depends on what is judged alone."""
    named = f"{slug} {cell_id} {seeds}"
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:8], "big")
