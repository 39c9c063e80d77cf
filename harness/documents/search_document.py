"""What a worker says of one cell of a searched claim, as plain data, beside all other cells."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from harness.declarations.claim import Question
from harness.declarations.searched import AnyQuestion, SearchQuestion
from harness.declarations.searches import Counterexample, Searched, SearchPlan
from harness.documents.document import EVIDENCE, CellWriter, Plain, plain
from harness.verdicts.judging import Judged, Runs
from harness.verdicts.search_judging import AnyJudged, JudgedSearch, is_equality, violated

KIND = "no counterexample"
QUANTILES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)


class AnyCellWriter:
    """Writes cells of either kind: judged by gains, or by search."""

    def __init__(self, writer: CellWriter, scale: str) -> None:
        self._writer = writer
        self._scale = scale

    def cell(self, judged: AnyJudged, runs: Runs, alpha: float) -> Plain:
        """Return one entry of a claim's ``cells``."""
        if isinstance(judged, Judged):
            return self._writer.cell(judged, runs, alpha)
        said = {"verdict": str(judged.verdict), "reason": judged.reason}
        found = {"search": _found(judged.question, judged.plan, judged.found)}
        entry: Plain = plain(_empty(judged.question, judged.plan) | said | found)
        return entry

    def without_verdict(
        self, question: AnyQuestion, verdict: str, reason: str, alpha: float
    ) -> Plain:
        """Return the entry of a cell that was not judged (ERROR, NOT RUN)."""
        if isinstance(question, Question):
            return self._writer.without_verdict(question, verdict, reason, alpha)
        plan = question.search.plan(self._scale)
        said = {"verdict": verdict, "reason": reason, "search": _found(question, plan, None)}
        entry: Plain = plain(_empty(question, plan) | said)
        return entry

    def deviations(self, question: AnyQuestion, judged: AnyJudged | None) -> list[str]:
        """Return how this differs from the paper: a search does in nothing but its reading."""
        if isinstance(question, SearchQuestion) or isinstance(judged, JudgedSearch):
            return []
        return self._writer.deviations(question, judged)


def slack_edges(tolerance: float) -> list[float]:
    """Return the histogram's inner edges: decades from -1 to -tolerance, and their mirror image."""
    decades = [tolerance * 10.0**k for k in range(max(round(-math.log10(tolerance)), 0) + 1)]
    return [*(-edge for edge in reversed(decades)), *decades]


def slack_counts(edges: Sequence[float], slacks: Sequence[float]) -> list[int]:
    """Return how many slacks lie below, between and above the edges.

    A slack of just minus the tolerance is rounding and counts in the middle.
    """
    counts = [0] * (len(edges) + 1)
    for slack in slacks:
        counts[bisect_right(edges, slack)] += 1
    return counts


def _empty(question: SearchQuestion, plan: SearchPlan) -> Plain:
    """Return what a search shares with the cells that are judged by p values: nothing is known."""
    lists = ("gains", "treatment", "control", "seeds", "sensitivity", "preconditions")
    condition = f"{plan.left} {plan.relation} {plan.right}"
    refuted_if = f"any case violates it by more than {plan.tolerance:g} of the scale"
    return {
        "id": question.cell.id,
        "label": question.cell.label,
        **dict.fromkeys(("endpoint", "unit", "better", "arms", "correlation", "power")),
        "transform": "identity",
        "hypothesis": {
            "kind": KIND,
            "bound": None,
            "written": None,
            "because": plan.because,
            "text": condition,
            "refuted_if": refuted_if,
        },
        "refuted_kind": None,
        **dict.fromkeys(EVIDENCE),
        **{name: [] for name in lists},
        "runs": {"treatment": [], "control": []},
    }


def _found(question: SearchQuestion, plan: SearchPlan, found: Searched | None) -> Plain:
    declared = asdict(plan) | {"reading": question.reading or None}
    if found is None:
        names = ("met", "violations", "twin_violations", "equality", "quantiles", "histogram")
        return declared | dict.fromkeys((*names, "counterexample"))
    edges = slack_edges(plan.tolerance)
    case = found.counterexample
    return declared | {
        "draws": found.draws,
        "met": len(found.slacks),
        "violations": violated(plan, found.slacks),
        "twin_violations": found.twin_violations,
        "equality": is_equality(plan, found.slacks),
        "quantiles": [
            {"at": at, "slack": value}
            for at, value in zip(QUANTILES, _quantiles(found.slacks), strict=False)
        ],
        "histogram": {"edges": edges, "counts": slack_counts(edges, found.slacks)},
        "counterexample": _case(case) if case is not None else None,
    }


def _case(case: Counterexample) -> Plain:
    """Return the case with its numbers in the order in which they are to be read."""
    rows = {
        name: [{"name": each, "value": value} for each, value in getattr(case, name).items()]
        for name in ("given", "worked_out")
    }
    return asdict(case) | rows


def _quantiles(slacks: Sequence[float]) -> list[float]:
    return [float(value) for value in np.quantile(slacks, QUANTILES)] if slacks else []
