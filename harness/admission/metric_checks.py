"""Do the arms of a claim measure what it reads of them? Asked when its file is collected."""

import difflib
from collections.abc import Iterable

from harness.bench import Arm, Bench, Metric
from harness.declarations.claim import Question
from harness.declarations.declared import did_you_mean
from harness.declarations.endpoints import Endpoint
from harness.declarations.preconditions import Precondition
from harness.declarations.printed import GAIN, Printed
from harness.declarations.sweeps import arms_of
from harness.errors import ClaimDefinitionError
from harness.words import Role

MOST_NAMES = 5
"""Metrics that an error names: an arm with every probe measures a hundred."""


def check_measured(question: Question, bench: Bench) -> None:
    """Raise ClaimDefinitionError for a metric that an arm it is read of does not measure."""
    endpoints = [question.endpoint, *(a.endpoint for a in question.alternatives)]
    for arm in question.compared_arms:
        for endpoint in endpoints:
            _check_metrics_of(question, endpoint, arm, bench)
    for endpoint in endpoints:
        for name in filter(None, (endpoint.metric, endpoint.relative_to)):
            _check_comparable(question, name, question.compared_arms, bench)
    for figure in question.figures:
        arms = (*question.compared_arms, *figure.extra_arms)
        for name in figure.metrics:
            for arm in arms:
                _check_metric(question, name, arm, bench)
            _check_comparable(question, name, arms, bench)
    for printed in question.printed:
        _check_printed(question, printed, bench)
    for precondition in question.preconditions:
        for arm in _arms_of_rule(question, precondition):
            _check_metrics_of(question, precondition.endpoint, arm, bench)


def _check_printed(question: Question, printed: Printed, bench: Bench) -> None:
    if question.control is None and printed.of != "treatment":
        raise ClaimDefinitionError(
            f"{question.where}: printed: got a number of the {printed.of}, but the claim has no "
            "control"
        )
    of = {"treatment": question.treatment, "control": question.control}
    for side in of.values() if printed.of == GAIN else (of[printed.of],):
        if not isinstance(side, Arm):
            raise ClaimDefinitionError(
                f"{question.where}: printed: got a number beside a sweep; expected one arm a side"
            )
        _check_metrics_of(question, printed.quantity, side, bench)


def _arms_of_rule(question: Question, rule: Precondition) -> tuple[Arm, ...]:
    """Return the arms that a precondition is about: a side's, or the one that it names."""
    if rule.other_arm is not None:
        return (rule.other_arm,)
    side = question.control if rule.role is Role.CONTROL else question.treatment
    if side is None:
        raise ClaimDefinitionError(
            f"{question.where}: precondition on the control, but the claim has none; expected "
            "'treatment', or one arm that the claim does not compare"
        )
    return arms_of(side)


def _check_metrics_of(question: Question, endpoint: Endpoint, arm: Arm, bench: Bench) -> None:
    """Check all that an endpoint reads: its metrics, its phase's, the loss that sets its levels."""
    loss = "train_loss" if endpoint.at_losses else None
    for name in (endpoint.metric, endpoint.relative_to, endpoint.over.metric, loss):
        if name is not None:
            _check_metric(question, name, arm, bench)


def _check_metric(question: Question, name: str, arm: Arm, bench: Bench) -> None:
    metrics = bench.metrics(arm)
    if name not in metrics:
        raise ClaimDefinitionError(
            f"{question.where}: metric: got {name!r}{did_you_mean(name, metrics)}; "
            f"{bench.describe(arm)} measures {_nearest(name, metrics)}"
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the known names, of many those that are most like the one that was asked for."""
    names = sorted(known)
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    near = difflib.get_close_matches(name, names, n=MOST_NAMES, cutoff=0.0)
    return f"{', '.join(near)} and {len(names) - len(near)} others; `claims metrics` lists them"


def _check_comparable(question: Question, name: str, arms: tuple[Arm, ...], bench: Bench) -> None:
    """Refuse a metric that is not the same quantity in all arms: their difference means nothing."""
    first = arms[0]
    ours = bench.metrics(first)[name]
    for arm in arms[1:]:
        theirs = bench.metrics(arm)[name]
        if (ours.unit, ours.low, ours.high) != (theirs.unit, theirs.low, theirs.high):
            raise ClaimDefinitionError(
                f"{question.where}: metric: got {name!r} {_scale(ours)} of {bench.describe(first)} "
                f"and {_scale(theirs)} of {bench.describe(arm)}; expected one unit and the same "
                "limits in all arms that stand side by side; read another metric"
            )


def _scale(metric: Metric) -> str:
    """Return a metric's unit and limits: ``in % (0 to 100)``."""
    low, high = ("no limit" if end is None else f"{end:g}" for end in (metric.low, metric.high))
    return f"{f'in {metric.unit}' if metric.unit else 'without a unit'} ({low} to {high})"
