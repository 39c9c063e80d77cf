"""Synthetic verdict documents: plausible in shape, with numbers that no training made."""

import itertools
import math
import random
import statistics
from typing import Any

from asides import ICS, VGG, with_readings, with_scope, with_unrun_readings

WORDS = ("SUPPORTED", "REFUTED", "INCONCLUSIVE", "INVALID", "ERROR", "NOT RUN")
SEEDS = list(range(10))


def _seeded(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311 - numbers to look at, nothing secret


def a_cell(cell_id: str = "", **changes: Any) -> dict[str, Any]:
    """One judged cell; ``mean``, ``spread``, ``control_level`` steer its numbers."""
    mean, spread = changes.pop("mean", 24.0), changes.pop("spread", 2.0)
    level, wobble = changes.pop("control_level", 52.0), _seeded(f"{cell_id}{mean}")
    gains = [mean + spread * wobble.gauss(0, 1) for _ in SEEDS]
    control = [level + wobble.gauss(0, 1) * 0.03 * level for _ in SEEDS]
    transform, better = changes.get("transform", "identity"), changes.get("better", "higher")
    turn = 1 if better == "higher" else -1
    if transform == "log":
        treatment = [c * math.exp(turn * g) for c, g in zip(control, gains, strict=True)]
    else:
        treatment = [c + turn * g for c, g in zip(control, gains, strict=True)]
    estimate, sd = statistics.mean(gains), statistics.stdev(gains)

    def around(width: float) -> list[float]:
        return [estimate - width * sd, estimate + width * sd]

    cell: dict[str, Any] = {
        "id": cell_id,
        "label": cell_id.replace("-", ", "),
        "verdict": "SUPPORTED",
        "refuted_kind": None,
        "reason": "The supporting interval lies above the bound.",
        "endpoint": {
            "metric": "train_accuracy",
            "label": "training accuracy",
            "aggregate": "mean",
            "phase": "whole",
            "text": "mean training accuracy over the whole of training",
        },
        "unit": "points",
        "better": better,
        "transform": transform,
        "hypothesis": a_hypothesis(),
        "n": 10,
        "estimate": estimate,
        "sd": sd,
        "se": sd / math.sqrt(10),
        "ci": around(1.2),
        "ci_refute": around(1.35),
        "ci95": around(0.715),
        "p": 1.2e-9,
        "p_refute": 1.0,
        "p_holm": None,
        "alpha": 0.05 / 26,
        "alpha_refute": 0.05 / 26,
        "test": "paired t",
        "gains": gains,
        "treatment": treatment,
        "control": control,
        "seeds": SEEDS,
        "correlation": {"r": 0.41, "ci95": [-0.29, 0.83]},
        "sensitivity": some_alternatives(estimate, around(0.8)),
        "power": {
            "sd": sd,
            "power": 0.8,
            "detectable": changes.get("hypothesis", a_hypothesis())["bound"] + 1.5 * sd,
            "n_needed": 7,
        },
        "preconditions": [
            {
                "text": "the control learns: last training accuracy at least 30 %",
                "because": "A control that never learned has dead gradients.",
                "passed": True,
                "share": 1.0,
                "required": 0.9,
                "values": [61.0 + seed / 3 for seed in SEEDS],
            }
        ],
        "printed": [],
        "arms": {
            "treatment": {"label": "VGG-A, BatchNorm", "settings": {"norm": "batch", "lr": 0.1}},
            "control": {"label": "VGG-A, standard", "settings": {"norm": "none", "lr": 0.1}},
        },
        "runs": {"treatment": some_runs("batch"), "control": some_runs("none")},
    }
    return cell | changes


def a_hypothesis(kind: str = "above", bound: float = 5.0, **changes: Any) -> dict[str, Any]:
    """Return a hypothesis with its bound on the gain scale."""
    return {
        "kind": kind,
        "bound": bound,
        "written": bound,
        "because": "Five points is what a reader of the figure would call faster.",
        "text": f"mean gain {kind} {bound}",
        "refuted_if": f"the interval of the mean gain lies below {bound}",
    } | changes


def some_alternatives(estimate: float, interval: list[float]) -> list[dict[str, Any]]:
    """Three tests and a definition, one of which contradicts."""
    common = {"transform": "identity", "unit": "points", "available": True, "note": None}
    return [
        {"name": name, "kind": kind, "estimate": value, "ci95": interval, "p": p}
        | {"contradicts": contradicts}
        | common
        for name, kind, value, p, contradicts in (
            ("exact sign flip", "test", estimate, 0.00098, False),
            ("Wilcoxon", "test", estimate * 0.98, 0.00098, False),
            ("BCa bootstrap", "test", estimate, None, False),
            ("last third of training", "definition", estimate * 0.1, 0.31, True),
        )
    ]


def some_runs(arm: str) -> list[dict[str, Any]]:
    return [
        {"seed": seed, "key": f"{arm}-s{seed}-3f9a1c27e0b4", "wall_s": 8.4, "diverged_at": None}
        for seed in SEEDS
    ]


def a_figure(**changes: Any) -> dict[str, Any]:
    """Our two curves under the paper's two."""
    at = [i / 40 for i in range(41)]

    def curve(top: float, rate: float) -> list[float]:
        return [10 + (top - 10) * (1 - math.exp(-rate * x)) for x in at]

    def ours(label: str, role: str, top: float, rate: float) -> dict[str, Any]:
        mid = curve(top, rate)
        low, high = [m - 3 for m in mid], [m + 2.5 for m in mid]
        return {"label": label, "role": role, "progress": at, "mid": mid, "low": low, "high": high}

    def paper(label: str, role: str, top: float, rate: float) -> dict[str, Any]:
        line = {"label": label, "role": role, "progress": at, "mid": curve(top, rate)}
        return line | {"low": None, "high": None, "file": "fig01a_train_acc.csv"}

    return {
        "kind": "curve",
        "title": "Training accuracy",
        "metric": "train_accuracy",
        "label": "training accuracy",
        "unit": "%",
        "axis": "linear",
        "cells": [""],
        "lines": [
            ours("VGG-A, BatchNorm", "treatment", 92, 7),
            ours("VGG-A, standard", "control", 74, 3),
        ],
        "paper": [
            paper("paper: BatchNorm", "treatment", 99, 9),
            paper("paper: standard", "control", 98, 4),
        ],
        "note": "The paper plots the accuracy of one batch of 128.",
    } | changes


def a_band(**changes: Any) -> dict[str, Any]:
    """Return a landscape figure on a log axis: bands, and bands of the paper."""
    at = [i / 60 for i in range(61)]
    wave = _seeded("band")

    def band(label: str, role: str, level: float, width: float) -> dict[str, Any]:
        low = [level * math.exp(-1.5 * x) * wave.uniform(0.9, 1.0) for x in at]
        high = [value * width * wave.uniform(1.0, 1.4) for value in low]
        return {
            "label": label, "role": role, "progress": at, "mid": None, "low": low, "high": high
        }  # fmt: skip

    return (
        a_figure(
            kind="band",
            title="Loss along the gradient",
            label="loss",
            unit="",
            axis="log",
            lines=[
                band("VGG-A, BatchNorm", "treatment", 1.3, 1.2),
                band("VGG-A, standard", "control", 2.2, 3.0),
            ],
            paper=[
                band("paper: BatchNorm", "treatment", 1.8, 1.2) | {"file": "fig04a.csv"},
                band("paper: standard", "control", 2.4, 2.5) | {"file": "fig04a.csv"},
            ],
            note=None,
        )
        | changes
    )


def a_printed(**changes: Any) -> dict[str, Any]:
    """Return a number of the paper that lies inside our interval."""
    values = [70.0, 74.0, 72.0, 71.0, 73.0]
    sd = math.sqrt(2.5)
    half = 2.7764451051977987 * sd * math.sqrt(1.2)  # Student's t, 4 degrees of freedom, 97.5 %
    return {
        "of": "treatment",
        "arm": "VGG-A, BatchNorm, LR 0.1",
        "where": "Figure 1a, step 500",
        "read_off": True,
        "value": 72.0,
        "text": "training accuracy of the batch at 3.33 % of training",
        "unit": "%",
        "transform": "identity",
        "limits": [0.0, 100.0],
        "values": values,
        "mean": 72.0,
        "interval": [72.0 - half, 72.0 + half],
        "inside": True,
        "note": "",
    } | changes


def a_ridge(**changes: Any) -> dict[str, Any]:
    """Return distributions of three arms over training; one is clipped, one lacks a moment."""
    edges = [-5 + i / 4 for i in range(41)]

    def normal(mean: float, sd: float) -> list[float]:
        middles = [(a + b) / 2 for a, b in itertools.pairwise(edges)]
        heights = [math.exp(-(((m - mean) / sd) ** 2) / 2) for m in middles]
        total = sum(heights) / 4
        return [height / total for height in heights]

    def ridges(label: str, role: str, sds: list[float | None]) -> dict[str, Any]:
        density = [None if sd is None else normal(0.1 * i, sd) for i, sd in enumerate(sds)]
        progress = [i / len(sds) for i in range(len(sds))]
        line = {"label": label, "role": role, "progress": progress, "edges": edges}
        return line | {
            "density": density,
            "outside": [row and [row[0], row[-1]] for row in density],
        }

    lines = [
        ridges("VGG-A, BatchNorm, LR 0.1", "treatment", [1.0] * 9),
        ridges("VGG-A, no norm, LR 0.1", "control", [1 + i / 5 for i in range(9)]),
        ridges("noisy BatchNorm", "other", [1.0, 1.1, None, 0.3]),
    ]
    words = {"kind": "ridge", "title": "Layer inputs, layer 3", "metric": "activations_layer3"}
    axes = {"axis": "linear", "label": "", "unit": "", "x_label": "input of the ReLU"}
    return words | axes | {"cells": [""], "lines": lines, "paper": [], "note": None} | changes


def a_profile(**changes: Any) -> dict[str, Any]:
    """Return a metric against the step size, two arms and one of the paper."""
    x = [0.05, 0.1, 0.2, 0.4]

    def line(label: str, role: str, mid: list[float | None]) -> dict[str, Any]:
        low, high = ([m and m * by for m in mid] for by in (0.5, 2.0))
        return {"label": label, "role": role, "x": x, "mid": mid, "low": low, "high": high}

    ours = [
        line("VGG-A, BatchNorm", "treatment", [2.0, 3.0, 4.0, 5.0]),
        line("VGG-A, standard", "control", [3.0, 5.0, 9.0, None]),
    ]
    words = {"kind": "profile", "title": "Change by step size", "label": "change", "unit": ""}
    axes = {"axis": "log", "metric": "change_at_x0.5", "x_label": "step size"}
    paper = [line("paper: standard", "control", [10.0, 12.0, 19.0, 47.0]) | {"file": "fig11.csv"}]
    return words | axes | {"cells": [""], "lines": ours, "paper": paper, "note": None} | changes


def a_claim(slug: str = "bn-trains-faster", **changes: Any) -> dict[str, Any]:
    """Return a judged claim with one cell and one figure."""
    claim = {
        "slug": slug,
        "statement": "With BatchNorm the mean training accuracy over the whole of training is at "
        "least 5 points above the standard network's.",
        "source": {"section": "1", "figure": "1a", "quote": "a drastic improvement"},
        "path": f"claims/santurkar_2018/test_{slug.replace('-', '_')}.py",
        "title": "BatchNorm trains faster (Section 1, Figure 1a).",
        "verdict": "SUPPORTED",
        "refuted_kind": None,
        "reason": "The supporting interval lies above the bound of 5 points.",
        "refuted_if": "the interval of the mean gain lies below 5 points",
        "fragile": True,
        "contradicting": 1,
        "alternatives": 4,
        "ledger": {
            "status": "same",
            "line": "SUPPORTED (ledger: SUPPORTED, same)",
            "reason": None,
            "entry": {
                "verdict": "SUPPORTED",
                "date": "2026-11-01",
                "n": 10,
                "environment": "cpu-torch2.13.0-fp32-eager",
            },
        },
        "addition": False,
        "uses_p": True,
        "deviations": [
            "earlier phase than the paper: training accuracy ends at 92 %, the paper's at 99 %",
            "scikit-learn's digits, jittered, instead of CIFAR-10",
        ],
        "declaration": {
            "sha256": "9b74c9897bac770ffc029102a200c5de" * 2,
            "shown_sha256": "0d5f10c7b8f0a0a0c1d9aa5c3f6d2e41" * 2,
            "declared": "2026-11-01",
            "first_judged": "2026-11-20",
        },
        "cells": [a_cell()],
        "figures": [a_figure()],
        "cost": {"runs": 20, "train_s": 168.0},
        "command": f"pytest claims/santurkar_2018/test_{slug.replace('-', '_')}.py --scale desk",
    }
    return claim | changes


def an_unrun_claim(slug: str, **changes: Any) -> dict[str, Any]:
    """Return a registered slug that this run did not judge."""
    return (
        a_claim(
            slug,
            statement=f"{slug} (registered)",
            verdict="NOT RUN",
            fragile=False,
            contradicting=0,
            alternatives=0,
            reason="No claim file for this slug yet.",
            path=None,
            title=None,
            refuted_if=None,
            cells=[],
            figures=[],
            deviations=[],
            ledger={"status": "none", "line": "no entry", "reason": None, "entry": None},
            cost={"runs": 0, "train_s": 0.0},
            command=None,
        )
        | changes
    )


def a_broken_cell(cell_id: str = "layer10", **changes: Any) -> dict[str, Any]:
    """Return a cell whose runs failed: every number is null."""
    none = dict.fromkeys(
        ("estimate", "sd", "se", "p", "p_refute", "p_holm", "alpha", "alpha_refute", "test")
    )
    empty: dict[str, Any] = {
        "gains": [],
        "treatment": [],
        "control": [],
        "seeds": [],
        "sensitivity": [],
        "preconditions": [],
    }
    nothing = {"ci": None, "ci_refute": [None, None], "ci95": None, "correlation": None}
    rest = {"power": None, "arms": None, "runs": {"treatment": [], "control": []}, "n": 0}
    words = {"verdict": "ERROR", "reason": "Run batch-s3 failed: the loss was not finite."}
    return a_cell(cell_id) | none | empty | nothing | rest | words | changes


def a_document(claims: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a whole document, with its counts computed."""
    judged = [a_claim()] if claims is None else claims
    document: dict[str, Any] = {
        "schema": 1,
        "family": {
            "slug": "santurkar_2018",
            "title": "How Does Batch Normalization Help Optimization?",
            "citation": "Santurkar, Tsipras, Ilyas, Madry. NeurIPS 2018.",
            "url": "https://arxiv.org/abs/1805.11604",
            "alpha": 0.05,
            "registered": 36,
            "p_slugs": 26,
            "alpha_claim": 0.05 / 26,
        },
        "scale": "desk",
        "created": "2026-11-20T19:00:00+00:00",
        "settings": {
            "seeds": SEEDS,
            "exploratory": None,
            "options": {"--dataset": "auto"},
            "command": "pytest claims/ --scale desk -n 2",
            "judge_only": False,
            "partial": False,
        },
        "environment": {
            "name": "cpu-torch2.13.0-fp32-eager",
            "harness": "0.1.0",
            "commit": "abc1234",
            "python": "3.11.9",
            "torch": "2.13.0",
            "cuda": None,
            "card": None,
            "cpu": "AMD EPYC 9B14, 2 cores",
            "precision": "fp32",
            "engine": "eager",
            "platform": "Linux 6.1 x86_64",
        },
        "cost": {"runs": 100, "trained": 80, "reused": 20, "train_s": 850.0, "wall_s": 440.0},
        "counts": {word: sum(c["verdict"] == word for c in judged) for word in WORDS},
        "notices": ["One damaged record was set aside and trained again: batch-s4."],
        "claims": judged,
    }
    return document | changes


def a_log_cell(cell_id: str = "", **changes: Any) -> dict[str, Any]:
    """Return a cell judged in factors: lower is better, bound 1.25."""
    hypothesis = a_hypothesis("above", math.log(1.25), written=1.25)
    endpoint = {
        "metric": "loss_range_ratio",
        "label": "loss variation along the gradient",
        "aggregate": "geometric mean",
        "phase": "late",
        "text": "geometric mean of the max/min ratio of the loss, late in training",
    }
    defaults = {"transform": "log", "better": "lower", "mean": 2.1, "spread": 0.25, "unit": ""}
    rest = {"control_level": 1.67, "hypothesis": hypothesis, "endpoint": endpoint}
    return a_cell(cell_id, **(defaults | rest | changes))


def the_full_document() -> dict[str, Any]:
    """Return a page with every verdict, transform, kind of hypothesis and figure."""
    ics = [
        _ics_cell("layer5-lr0.1-l2", -0.2, "SUPPORTED"),
        _ics_cell("layer5-lr0.01-l2", 0.9, "REFUTED"),
        _ics_cell("layer10-lr0.1-l2", 0.05, "INCONCLUSIVE"),
        _ics_cell("layer10-lr0.01-l2", 1.3, "REFUTED"),
    ]
    claims = [
        a_claim(),
        a_claim(
            "bn-trains-at-high-lr",
            statement="At a learning rate of 0.5 BatchNorm trains and the standard network stays "
            "at chance.",
            source={"section": "1", "figure": "1a", "quote": None},
            cells=[_yes_no_cell()],
            figures=[],
            fragile=False,
            contradicting=0,
            alternatives=0,
        ),
        a_claim(
            "noisy-bn-matches-bn",
            statement="With noise after every BatchNorm layer, late training accuracy stays within "
            "2 points of BatchNorm's.",
            source={"section": "2.1", "figure": "2", "quote": "almost non-existent"},
            verdict="REFUTED",
            refuted_kind="opposite",
            reason="The whole interval lies outside the margins of 2 points.",
            refuted_if="the interval of the mean gain lies wholly outside 2 points either way",
            cells=[
                a_cell(
                    mean=-6.1,
                    spread=1.1,
                    verdict="REFUTED",
                    refuted_kind="opposite",
                    reason="The whole interval lies outside the margins.",
                    hypothesis=a_hypothesis("equivalent", 2.0),
                    p=1.0,
                )
            ],
            ledger={"status": "no entry", "line": "no entry in the ledger", "reason": None}
            | {"entry": None},
        ),
        a_claim(
            "bn-does-not-reduce-ics-vgg",
            statement="Gradient ICS with BatchNorm is not lower than three quarters of the "
            "standard network's, at layers 5 and 10 and both learning rates.",
            source={"section": "2.2", "figure": "3a", "quote": "similar or even worse"},
            verdict="REFUTED",
            refuted_kind="too small",
            reason="2 of 4 cells are refuted: layer5, lr0.01, l2 and layer10, lr0.01, l2.",
            fragile=True,
            contradicting=3,
            alternatives=16,
            cells=ics,
            figures=[a_figure(title="Layer 5, LR 0.1"), a_ridge()],
        ),
        a_claim(
            "bn-smooths-loss-vgg",
            statement="Along the gradient the loss varies at least 1.25 times less with "
            "BatchNorm than without.",
            source={"section": "3.1", "figure": "4a", "quote": None},
            figures=[a_band(), a_profile()],
            cells=[a_log_cell(printed=[a_printed(), a_printed(value=99.0, inside=False)])],
        ),
        a_claim(
            "lp-norms-match-bn-vgg",
            statement="Networks with l1, l2 or max normalisation train at most 3 points worse.",
            source={"section": "3.3", "figure": "5a", "quote": "comparable performance"},
            verdict="INCONCLUSIVE",
            reason="The interval of lp1 includes the bound: more seeds could decide.",
            cells=[_lp_cell("lp1", -2.4, "INCONCLUSIVE"), _lp_cell("lp2", 0.4), _lp_cell("max", 1)],
        ),
        a_claim(
            "gradients-are-smaller",
            statement="Gradient magnitudes are smaller with BatchNorm.",
            verdict="INVALID",
            reason="The control did not learn in 4 of 10 seeds; the comparison is void.",
            cells=[_void_cell()],
            figures=[],
        ),
        a_claim(
            "bn-lowers-beta-vgg",
            statement="The effective beta-smoothness is lower with BatchNorm.",
            verdict="ERROR",
            reason="Cell layer10 could not be judged: a run failed.",
            cells=[a_cell("layer5"), a_broken_cell()],
            figures=[],
        ),
        a_claim(
            "theorem-4-1-as-proved",
            statement="The gradient bound of Theorem 4.1 with 1/m on its last term holds.",
            addition=True,
            uses_p=False,
            cells=[_searched_cell()],
            figures=[],
        ),
        *(an_unrun_claim(f"registered-claim-{i}") for i in range(1, 8)),
        an_unrun_claim(
            "augmentation-results", path="claims/x/test_a.py", reason="Only at scale paper."
        ),
    ]
    claims[0] = with_scope(with_readings(claims[0]))
    claims[1] = with_readings(claims[1], VGG[:4])
    claims[2] = with_unrun_readings(claims[2])
    claims[3] = with_scope(with_readings(claims[3], (*VGG, *ICS)))
    claims[4] = with_scope(claims[4])
    claims[5] = with_readings(claims[5], ("sum of squares", "last layer normalised"))
    return a_document(claims)


def a_hostile_document() -> dict[str, Any]:
    """Tags, quotes, right-to-left text and endless words in every string."""

    def poisoned(value: Any, key: str = "") -> Any:
        keep = {
            "verdict",
            "refuted_kind",
            "kind",
            "better",
            "transform",
            "axis",
            "slug",
            "role",
            "of",
        }
        if isinstance(value, dict):
            return {name: poisoned(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [poisoned(item, key) for item in value]
        if isinstance(value, str) and key not in keep:
            long = "x" * 120
            return f"<script>alert('{key}')</script>\"'&{{{{7*7}}}} \u05e9\u05dc\u05d5\u05dd {long}"
        return value

    document: dict[str, Any] = poisoned(the_full_document())
    for index, claim in enumerate(document["claims"]):
        claim["slug"] = f'"><img src=x onerror=alert({index})> {index}'
    return document


def _ics_cell(cell_id: str, mean: float, verdict: str = "SUPPORTED") -> dict[str, Any]:
    gain = -mean
    return a_cell(
        cell_id,
        mean=gain,
        spread=0.3,
        control_level=0.86,
        transform="log",
        unit="",
        verdict=verdict,
        refuted_kind="too small" if verdict == "REFUTED" else None,
        reason=f"Read against the bound: {verdict}.",
        hypothesis=a_hypothesis("not below", math.log(0.75), written=0.75),
    )


def _lp_cell(cell_id: str, mean: float, verdict: str = "SUPPORTED") -> dict[str, Any]:
    hypothesis = a_hypothesis("not below", -3.0)
    words = {"verdict": verdict, "reason": f"Read against the bound: {verdict}."}
    return a_cell(cell_id, mean=mean, spread=1.2, hypothesis=hypothesis, **words)


def _yes_no_cell() -> dict[str, Any]:
    interval = {"ci": [0.53, 1.0], "ci_refute": [0.53, 1.0], "ci95": [0.69, 1.0]}
    numbers = {"gains": [1.0] * 10, "treatment": [1.0] * 10, "control": [0.0] * 10, "estimate": 1.0}
    words = {"unit": "", "test": "exact McNemar", "p": 0.00098, "correlation": None, "sd": None}
    hypothesis = a_hypothesis("more often", 0.5)
    return a_cell(hypothesis=hypothesis, sensitivity=[], power=None, **interval, **numbers, **words)


def _void_cell() -> dict[str, Any]:
    failed = {"text": "the control learns", "because": None, "passed": False, "share": 0.6}
    failed |= {"required": 0.9, "values": [1.0, 0.0, None, 1.0]}
    return a_cell(verdict="INVALID", reason="A precondition failed.", preconditions=[failed])


def _searched_cell() -> dict[str, Any]:
    cell = a_broken_cell("")
    words = {"verdict": "SUPPORTED", "reason": "No counterexample in 20 000 random cases."}
    return cell | words | {"test": "search", "label": ""}
