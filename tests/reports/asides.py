"""Readings and scopes for synthetic documents: gains by chance, decided as their cell is."""

import math
import random
from typing import Any

from harness.declarations.hypotheses import Above, Equivalent, MoreOften, NotBelow
from harness.documents.side_document import combined, readings_summary
from harness.verdicts.decision import decide
from harness.words import Transform, Verdict

HYPOTHESES = {"above": Above, "not below": NotBelow, "equivalent": Equivalent}

NUMBERS = ("estimate", "p", "p_refute", "n")
INTERVALS = ("ci", "ci_refute", "ci95")

VGG = ("momentum 0.9", "L2 term 5e-4", "Glorot, uniform", "Glorot, normal", "VGG-13", "VGG-19",
       "BN after convolutions only", "half of it")  # fmt: skip
ICS = ("the norm steps with its layer",)


def an_answer(cell: dict[str, Any], mean: float, *, spread: float = 1.0, **changes: Any) -> Any:
    """Return what a side question about the cell found: normal gains, decided by its rule."""
    chance = random.Random(f"{cell['id']} {mean}")  # noqa: S311 - numbers to look at
    transform = Transform(cell["transform"])
    said = cell["hypothesis"]
    if said["kind"] == "more often":
        hypothesis: Any = MoreOften()
        gains = [float(chance.random() < mean) for _ in range(10)]
    else:
        written = said["bound"] if transform == "identity" else math.exp(said["bound"])
        hypothesis = HYPOTHESES[said["kind"]](written, because="x")
        gains = [mean + spread * chance.gauss(0, 1) for _ in range(10)]
    cells = round(cell["alpha"] / cell["alpha_refute"])
    level, unit = cell["alpha"], cell["unit"] or ""
    evidence = decide(gains, hypothesis, level, cells=cells, transform=transform, unit=unit)
    kind = str(evidence.refuted_kind) if evidence.refuted_kind else None
    answer = {name: getattr(evidence, name) for name in NUMBERS}
    answer |= {k: list(v) if (v := getattr(evidence, k)) else None for k in INTERVALS}
    answer |= {"verdict": str(evidence.verdict), "refuted_kind": kind, "gains": gains}
    answer |= {"reason": evidence.reason, "failed_preconditions": [], "note": None, "same": False}
    return answer | {"arms": {"treatment": "VGG-A, BatchNorm", "control": "VGG-A"}} | changes


def no_answer(verdict: str = "NOT RUN", note: str = "Not run (--full).") -> dict[str, Any]:
    """Return what is said of a side question without runs."""
    empty = dict.fromkeys((*NUMBERS, *INTERVALS)) | {"n": 0, "gains": [], "refuted_kind": None}
    rest = {"reason": None, "failed_preconditions": [], "same": False, "arms": None}
    return {"verdict": verdict, "note": note} | empty | rest


def void(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer as one whose control did not learn."""
    why = "train_accuracy of the control is at least 50 in only 40% of the seeds, 90% are needed"
    return answer | {"verdict": "INVALID", "refuted_kind": None, "failed_preconditions": [why]}


def a_reading(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return a reading of a cell."""
    return {
        "name": name,
        "leaves_open": f"The paper does not state it: {name}.",
        "because": "It is usual for such networks.",
        **answer,
    }


def with_readings(claim: dict[str, Any], names: tuple[str, ...] = VGG) -> dict[str, Any]:
    """Return the claim with these readings, from strong to void, in each of its cells."""
    for place, cell in enumerate(claim["cells"]):
        bound, own = cell["hypothesis"]["bound"], cell["estimate"]
        rows = []
        for index, name in enumerate(names):
            share = (1.0, 0.9, 0.5, 0.12, -0.4, 1.2, 0.8, 0.05)[(index + place) % 8]
            mean = bound + share * (own - bound)
            answer = an_answer(cell, mean, spread=0.12 * abs(own - bound))
            if index % 8 == 5:
                answer = void(answer)
            elif index % 8 == 6:
                answer |= {"same": True, "gains": cell["gains"]} | {
                    key: cell[key]
                    for key in ("verdict", "refuted_kind", "reason", *NUMBERS, *INTERVALS)
                }
            rows.append(a_reading(name, answer))
        cell["readings"] = rows
    return claim | {"readings": readings_summary(Verdict(claim["verdict"]), claim["cells"])}


def with_unrun_readings(claim: dict[str, Any], names: tuple[str, ...] = VGG) -> dict[str, Any]:
    """Return the claim with readings that were declared and not run."""
    for cell in claim["cells"]:
        cell["readings"] = [a_reading(name, no_answer()) for name in names]
    return claim | {"readings": readings_summary(Verdict(claim["verdict"]), claim["cells"])}


def with_scope(claim: dict[str, Any]) -> dict[str, Any]:
    """Return the claim with a map of networks by learning rates, its own place at the second."""
    networks, rates = ("vgg-a", "vgg-13", "vgg-16"), (0.02, 0.05, 0.1, 0.2, 0.5)
    points = [
        _point(claim, network, rate, row, column)
        for row, network in enumerate(networks)
        for column, rate in enumerate(rates)
    ]
    axes = {
        "rows": {"name": "network", "values": list(networks)},
        "columns": {"name": "lr", "values": list(rates)},
    }
    return claim | {"scope": axes | {"points": points, "note": None}}


def _point(
    claim: dict[str, Any], network: str, rate: float, row: int, column: int
) -> dict[str, Any]:
    cells = []
    own = (row, column) == (0, 2)
    for cell in claim["cells"]:
        bound, estimate = cell["hypothesis"]["bound"], cell["estimate"]
        mean = bound + (estimate - bound) * (1.1 - 0.3 * row - 0.25 * abs(column - 2))
        answer = an_answer(cell, mean, spread=0.15 * abs(estimate - bound), same=own)
        if column == 4:
            answer = void(answer)
        elif (row, column) == (2, 0):
            answer = no_answer("ERROR", "training VGG-16 failed: the machine ran out of memory")
        cells.append({"id": cell["id"], "label": cell["label"], **answer})
    verdict, worst = combined(cells)
    return {
        "row": network,
        "column": rate,
        "own": own,
        "verdict": str(verdict),
        "refuted_kind": worst["refuted_kind"],
        "worst": worst["id"],
        "estimate": worst["estimate"],
        "cells": cells,
    }
