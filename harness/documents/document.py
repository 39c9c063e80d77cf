"""``verdicts.json`` as plain data: what a worker says of one cell."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.bench import Arm, Bench, Metric
from harness.declarations.claim import Question
from harness.declarations.endpoints import Endpoint
from harness.declarations.hypotheses import as_written, bound_on_gain_scale
from harness.declarations.preconditions import Precondition, PreconditionResult
from harness.declarations.printed import GAIN
from harness.declarations.sweeps import Run, Side, Sweep, by_arm
from harness.documents.look_document import looks_entry
from harness.documents.sweep_panel import label_of, side_row
from harness.runs.keys import KeyMaker
from harness.verdicts.beside_printed import Beside
from harness.verdicts.judging import Judged, Runs
from harness.verdicts.looked import Looked
from harness.verdicts.sensitivity import Sensitivity
from harness.words import Role

SCHEMA = 1

OTHER = "other"
"""The role of an arm that no side compares and a precondition is about."""

Plain = dict[str, Any]


def plain(value: Any) -> Any:
    """Return a value as strict JSON types: tuples as lists, non-finite numbers as None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class CellWriter:
    """Writes what is said of one cell of a claim at one scale."""

    bench: Bench
    keys: KeyMaker

    def cell(self, judged: Judged, runs: Runs, alpha: float) -> Plain:
        """Return one entry of a claim's ``cells``."""
        question = judged.question
        metric = self._metric(question)
        asked = self._question(question, metric)
        asked["endpoint"]["instead"] = " ".join(
            judged.measured.deviations if judged.measured else ()
        )
        entry: Plain = plain(
            {
                **asked,
                "verdict": str(judged.verdict),
                "refuted_kind": refuted_kind(judged),
                "reason": judged.reason,
                **_evidence(judged, judged.alpha or alpha),
                "seeds": list(judged.seeds),
                "looks": looks_entry(judged.looks),
                "correlation": asdict(judged.correlation) if judged.correlation else None,
                "sensitivity": [_sensitivity(s) for s in judged.sensitivity],
                "power": asdict(judged.power) if judged.power else None,
                "preconditions": [self._precondition(question, p) for p in judged.preconditions],
                "printed": [self._printed(question, one) for one in judged.printed],
                "runs": self._runs(question, runs),
            }
        )
        return entry

    def without_verdict(self, question: Question, verdict: str, reason: str, alpha: float) -> Plain:
        """Return the entry of a cell that could not be judged (ERROR, NOT RUN)."""
        metric = self._metric(question)
        empty = dict.fromkeys(EVIDENCE) | {"n": 0, "alpha": alpha}
        lists: Plain = {"gains": [], "treatment": [], "control": [], "seeds": [], "sensitivity": []}
        looks = Looked(declared=question.looks) if question.looks else None
        rest: Plain = {
            "looks": looks_entry(looks),
            "correlation": None,
            "power": None,
            "preconditions": [],
            "printed": [],
        }
        said = {"verdict": verdict, "refuted_kind": None, "reason": reason}
        runs: Plain = {"runs": {"treatment": [], "control": [], "others": []}}
        entry: Plain = plain(self._question(question, metric) | said | empty | lists | rest | runs)
        return entry

    def _metric(self, question: Question) -> Metric:
        return self.bench.metrics(question.judged_arms[0])[question.endpoint.metric]

    def _question(self, question: Question, metric: Metric) -> Plain:
        endpoint = question.endpoint
        return {
            "id": question.cell.id,
            "label": question.cell.label,
            "endpoint": _endpoint(endpoint, question.treatment, metric),
            "unit": endpoint.unit(metric),
            "better": str(endpoint.better),
            "transform": str(endpoint.transform),
            "hypothesis": _hypothesis(question, endpoint.unit(metric)),
            "arms": {
                "treatment": side_row(question.treatment, self.bench),
                "control": side_row(question.control, self.bench) if question.control else None,
                "others": [side_row(a, self.bench) for a in dict.fromkeys(question.other_arms)],
            },
        }

    def _precondition(self, question: Question, result: PreconditionResult) -> Plain:
        """Return how a precondition came out and whose it is: a side's or another arm's."""
        of = result.precondition.role
        sides = {Role.TREATMENT: question.treatment, Role.CONTROL: question.control}
        side = of if isinstance(of, Arm) else sides[of]
        return _precondition(result) | {
            "role": OTHER if isinstance(of, Arm) else str(of),
            "arm": label_of(side, self.bench) if side is not None else None,
        }

    def _printed(self, question: Question, one: Beside) -> Plain:
        printed, prediction = one.printed, one.prediction
        arm = question.control if printed.of == "control" else question.treatment
        assert isinstance(arm, Arm)  # noqa: S101 - else refused when the claim was collected
        metric = self.bench.metrics(arm)[printed.quantity.metric]
        gain, better = printed.of == GAIN, printed.quantity.better
        return {
            "of": printed.of,
            "arm": f"between the arms, {better} with the treatment"
            if gain
            else self.bench.describe(arm),
            "where": printed.where,
            "read_off": printed.read_off,
            "value": printed.value,
            "text": printed.quantity.text(metric),
            "unit": printed.quantity.unit(metric) if gain else metric.unit,
            "transform": str(printed.quantity.transform),
            "limits": list(one.limits),
            "values": list(one.values),
            "mean": prediction.mean if prediction else None,
            "interval": list(prediction.interval) if prediction else None,
            "inside": one.inside,
            "note": one.note,
        }

    def _runs(self, question: Question, runs: Runs) -> Plain:
        control = self._run_rows(question.control, runs.control) if question.control else []
        others = [
            {"arm": other.label} | row
            for other in runs.others
            for row in self._run_rows(other.arm, other.runs)
        ]
        treatment = self._run_rows(question.treatment, runs.treatment)
        return {"treatment": treatment, "control": control, "others": others}

    def _run_rows(self, side: Side, runs: Sequence[Run]) -> list[Plain]:
        return [
            {
                "seed": record.seed,
                "at": at or None,  # where on a sweep's axis
                "key": self.keys.key(arm, record.seed).name,
                "wall_s": record.wall_s,
                "diverged_at": record.diverged_at,
            }
            for at, arm, records in by_arm(side, runs)
            for record in records
        ]

    def deviations(self, question: Question, judged: Judged | None) -> list[str]:
        """Return how this differs from the paper, the phase first, each once."""
        phase = judged.measured.deviations if judged and judged.measured else ()
        read = [(arm, question.endpoint.metric) for arm in question.compared_arms]
        rules = [(rule.other_arm, rule.endpoint.metric) for rule in question.preconditions]
        read += [(arm, metric) for arm, metric in rules if arm is not None]
        scale = (text for arm, metric in read for text in self.bench.deviations(arm, metric))
        return list(dict.fromkeys((*phase, *scale)))


EVIDENCE = (
    "n", "estimate", "sd", "se", "ci", "ci_refute", "ci95", "p", "p_refute", "p_holm", "alpha",
    "alpha_refute", "test",
)  # fmt: skip


def _evidence(judged: Judged, alpha: float) -> Plain:
    evidence, measured = judged.evidence, judged.measured
    if evidence is None or measured is None:
        lists: Plain = {"gains": [], "treatment": [], "control": []}
        return dict.fromkeys(EVIDENCE) | {"n": len(judged.seeds), "alpha": alpha} | lists
    numbers = {name: getattr(evidence, name, None) for name in EVIDENCE}
    return numbers | {
        "alpha_refute": alpha / judged.question.cells,
        "gains": list(evidence.gains),
        "treatment": list(measured.treatment),
        "control": list(measured.control),
    }


def refuted_kind(judged: Judged | None) -> str | None:
    """Return how a verdict is REFUTED: *opposite* or *too small*; None for any other."""
    kind = judged.evidence.refuted_kind if judged and judged.evidence else None
    return str(kind) if kind is not None else None


def _endpoint(endpoint: Endpoint, side: Side, metric: Metric) -> Plain:
    swept = isinstance(side, Sweep)
    low, high = (0.0, side.decades) if isinstance(side, Sweep) else (metric.low, metric.high)
    return {
        "metric": endpoint.metric,
        "label": f"range of the {endpoint.span.axis}" if endpoint.span else metric.label,
        "unit": "decades" if endpoint.span else metric.unit,
        "aggregate": str(endpoint.aggregate),
        "phase": endpoint.over.name,
        "instead": "",
        "text": endpoint.text(metric),
        "low": low,
        "high": high,
        "floor": endpoint.floor,
        "ceiling": endpoint.ceiling,
        "if_diverged": None if swept else endpoint.if_diverged,
        "against": endpoint.against,
    }


def _hypothesis(question: Question, unit: str) -> Plain:
    hypothesis, transform = question.hypothesis, question.endpoint.transform
    bound = bound_on_gain_scale(hypothesis, transform)
    return {
        "kind": hypothesis.kind,
        "bound": bound,
        "written": as_written(bound, transform),
        "because": hypothesis.because,
        "text": hypothesis.text(unit, transform),
        "refuted_if": hypothesis.refuted_if(unit, transform),
    }


def _sensitivity(sensitivity: Sensitivity) -> Plain:
    row = asdict(sensitivity)
    return row | {"transform": str(sensitivity.transform)}


def _precondition(result: PreconditionResult) -> Plain:
    p: Precondition = result.precondition
    least = f" at least {p.at_least:g}" if p.at_least is not None else ""
    most = f" at most {p.at_most:g}" if p.at_most is not None else ""
    whose = p.role if p.other_arm is None else result.whose
    return {
        "text": f"{whose}: {p.rule} over {p.endpoint.over.name}:{least}{most}",
        "because": p.because,
        "at_least": p.at_least,
        "at_most": p.at_most,
        "passed": result.passed,
        "share": result.share,
        "required": p.share,
        "values": list(result.values),
    }


def seconds_of_runs(cells: Sequence[Plain]) -> dict[str, float]:
    """Return the runs that the cells rest on, each once, and the seconds it took to train them."""
    rows = (row for cell in cells for runs in cell["runs"].values() for row in runs)
    return {row["key"]: row["wall_s"] for row in rows}


def run_cost(cells: Sequence[Plain]) -> Plain:
    """Return how many runs the cells rest on and the seconds it took to train them."""
    seconds = seconds_of_runs(cells)
    return {"runs": len(seconds), "train_s": sum(seconds.values())}
