"""Train and judge questions of the paper on pilot seeds, in the copy of the source this runs in.

    python tests/sabotage/judge_on_pilots.py RUNS OUT QUESTION ...

Prints nothing; OUT is a JSON object by question. RUNS is a folder of records by run key: a run
whose code a fault does not touch has the key that it has in sound source, and is not trained again.
Run with no QUESTION it makes the A/A comparison instead.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pilot_cases
from pilot_cases import ALPHA, OTHER_SEEDS, SEEDS

from harness.bench import Arm
from harness.declarations.claim import Question
from harness.declarations.hypotheses import Above
from harness.declarations.measuring import measure
from harness.records import RunRecord
from harness.runs.codec import decode, encode
from harness.runs.keys import KeyMaker
from harness.verdicts.decision import decide
from harness.verdicts.judging import Runs, judge_cell
from harness.verdicts.power import power_of
from harness.words import Verdict
from models.bench import VisionBench

CLAIMS = Path(__file__).parents[2] / "claims" / "santurkar_2018"
SPLITS = 2000
SIMULATED = 2000


def question(name: str) -> Question:
    """Return a question by ``slug`` or ``slug/cell``, without all that never decides."""
    slug, _, cell = name.partition("/")
    path = CLAIMS / f"test_{slug.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (found,) = (q for q in module.CLAIM.questions() if q.cell.id == cell)
    return replace(found, alternatives=(), figures=(), printed=(), readings=(), scope=None)


class Laboratory:
    """Desk runs on pilot seeds, with no more probes than all cases together need."""

    def __init__(self, runs: Path, scale: str) -> None:
        self.bench, self.runs = VisionBench(scale), runs
        self.keys = KeyMaker(self.bench)
        self.asked = {name: question(name) for name in pilot_cases.questions()}
        self.trained = 0

    def records(self, arm: Arm, seeds: Sequence[int]) -> tuple[RunRecord, ...]:
        return tuple(self._record(arm, seed) for seed in seeds)

    def _record(self, arm: Arm, seed: int) -> RunRecord:
        path = self.runs / f"{self.keys.key(arm, seed).name.replace('/', '_')}.json"
        if path.exists():
            return decode(path.read_text(encoding="utf-8"))[0]
        (record,) = self.bench.train(arm, [seed], "cpu", lambda *_: None)
        path.write_text(encode(record, {}), encoding="utf-8")
        self.trained += 1
        return record

    def lean(self, arm: Arm) -> Arm:
        """Return the arm with those of its probes alone that some question reads."""
        read = {
            metric
            for q in self.asked.values()
            if arm in q.judged_arms
            for metric in (q.endpoint.metric, *(p.endpoint.metric for p in q.preconditions))
        }
        bare = self.bench.metrics(arm.replaced(probes=()))
        probes = tuple(
            probe
            for probe in arm["probes"]
            if read & set(self.bench.metrics(arm.replaced(probes=(probe,)))) - set(bare)
        )
        return arm.replaced(probes=probes)

    def judged(self, name: str) -> dict[str, Any]:
        """Return verdict, reason and numbers of a question."""
        asked = self.asked[name]
        arms = [self.lean(arm) for arm in (asked.treatment, asked.control)]
        sides = [self.records(arm, SEEDS) for arm in arms]
        judged = judge_cell(
            asked,
            Runs(treatment=sides[0], control=sides[1]),
            metrics=self.bench.metrics(arms[0]),
            alpha=ALPHA,
        )
        evidence = judged.evidence
        return {
            "verdict": str(judged.verdict),
            "kind": str(evidence.refuted_kind) if evidence and evidence.refuted_kind else "",
            "reason": judged.reason,
            "transform": str(asked.endpoint.transform),
            "estimate": evidence.estimate if evidence else None,
            "ci": list(evidence.ci) if evidence and evidence.ci else None,
        }

    def controls(self) -> dict[str, Any]:
        """Return the A/A comparison of the standard network, and how often an effect is found."""
        asked = self.asked[pilot_cases.FASTER]
        arm = self.lean(asked.control)
        runs = self.records(arm, (*SEEDS, *OTHER_SEEDS))
        finals = np.array(measure(asked.endpoint, runs, ()).treatment)
        n = len(SEEDS)
        blocks = decide(finals[:n] - finals[n:], asked.hypothesis, ALPHA)
        gains = self.gains(asked)
        pilot = decide(gains, asked.hypothesis, ALPHA)
        promised = power_of(pilot, 0.8)
        draw = np.random.default_rng(0)
        rows = draw.normal(promised.detectable, promised.sd, (SIMULATED, n))
        return {
            "blocks": {"verdict": str(blocks.verdict), "estimate": blocks.estimate},
            "splits": SPLITS,
            "told_apart": _told_apart(finals, draw),
            "simulated": SIMULATED,
            "sd": promised.sd,
            "effect": promised.detectable,
            "found": _supported(rows, asked.hypothesis),
        }

    def gains(self, asked: Question) -> np.ndarray:
        arms = [self.records(self.lean(arm), SEEDS) for arm in asked.compared_arms]
        measured = measure(asked.endpoint, *arms)
        return np.array(measured.treatment) - np.array(measured.control)


def _told_apart(finals: np.ndarray, draw: np.random.Generator) -> int:
    """Return how many random pairings of one arm's runs are SUPPORTED as a difference above 0."""
    half = len(finals) // 2
    shuffled = (draw.permutation(finals) for _ in range(SPLITS))
    rows = [order[:half] - order[half:] for order in shuffled]
    return _supported(rows, Above(0.0, because="any difference counts"))


def _supported(rows: Sequence[np.ndarray] | np.ndarray, hypothesis: Any) -> int:
    return sum(decide(row, hypothesis, ALPHA).verdict is Verdict.SUPPORTED for row in rows)


def answers(runs: Path, names: Sequence[str], scale: str = "desk") -> Mapping[str, Any]:
    """Return what was asked for, with the number of runs that were trained for it."""
    laboratory = Laboratory(runs, scale)
    if names:
        found = {name: laboratory.judged(name) for name in names}
    else:
        found = {"controls": laboratory.controls()}
    return {"trained": laboratory.trained, "found": found}


if __name__ == "__main__":
    folder, out, *asked_for = sys.argv[1:]
    Path(out).write_text(json.dumps(answers(Path(folder), asked_for)), encoding="utf-8")
