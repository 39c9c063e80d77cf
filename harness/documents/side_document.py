"""What is said of side questions: rows of a cell, and what they come to for the claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.bench import Bench
from harness.declarations.claim import Question
from harness.declarations.readings import Reading
from harness.declarations.scope import Point, Scope
from harness.declarations.searched import AnyQuestion, SearchQuestion
from harness.declarations.side_questions import readings_of
from harness.documents.document import Plain, plain, refuted_kind
from harness.documents.sweep_panel import label_of
from harness.verdicts.decision import combine_cells
from harness.verdicts.judging import Judged
from harness.words import Verdict

NUMBERS = ("estimate", "ci", "ci_refute", "ci95", "p", "p_refute")

LOOKED_AT = (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.INVALID)
"""Verdicts of a side question that was judged; the others say that it was not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of one side question on one cell: judged, or why not."""

    question: Question
    same: bool  # at this scale its arms are the claim's own
    judged: Judged | None = None
    verdict: Verdict = Verdict.NOT_RUN  # where nothing was judged
    note: str = ""

    def row(self, bench: Bench) -> Plain:
        """Return the answer as plain data."""
        evidence = self.judged.evidence if self.judged else None
        results = self.judged.preconditions if self.judged else ()
        arms = {"treatment": self.question.treatment, "control": self.question.control}
        others = [label_of(arm, bench) for arm in dict.fromkeys(self.question.other_arms)]
        row: Plain = plain(
            {
                "verdict": str(self.judged.verdict if self.judged else self.verdict),
                "refuted_kind": refuted_kind(self.judged),
                "reason": self.judged.reason if self.judged else None,
                **{name: getattr(evidence, name, None) for name in NUMBERS},
                "n": evidence.n if evidence else 0,
                "gains": list(evidence.gains) if evidence else [],
                "failed_preconditions": [r.shortfall for r in results if not r.passed],
                "note": self.note or None,
                "same": self.same,
                "arms": {role: label_of(a, bench) if a else None for role, a in arms.items()}
                | {"others": others},
            }
        )
        return row


def reading_row(reading: Reading, answer: Answer, bench: Bench) -> Plain:
    """Return what is said of one reading on one cell."""
    return {
        "name": reading.name,
        "leaves_open": reading.leaves_open,
        "because": reading.because,
        **answer.row(bench),
    }


def scope_row(point: Point, answer: Answer, bench: Bench) -> Plain:
    """Return what is said of one place of the scope on one cell."""
    place: Plain = plain({"row": point.row, "column": point.column})
    return place | answer.row(bench)


def scope_entry(scope: Scope, points: list[Plain], note: str | None = None) -> Plain:
    """Return what is said of a cell's scope: its axes, and an answer for each place, or why not."""
    return {
        "rows": _axis(scope.rows),
        "columns": _axis(scope.columns),
        "points": points,
        "note": note,
    }


def _axis(axis: tuple[str, tuple[Any, ...]]) -> Plain:
    name, values = axis
    axis_said: Plain = plain({"name": name, "values": values})
    return axis_said


def unasked_readings(question: AnyQuestion, bench: Bench, note: str) -> list[Plain]:
    """Return the readings of a cell as declared and not run."""
    return [
        reading_row(reading, Answer(question=asked, same=False, note=note), bench)
        for reading, asked in readings_of(question)
    ]


def unasked_scope(question: AnyQuestion, note: str) -> Plain | None:
    """Return the scope of a cell as declared and not run; None for a claim without one."""
    if isinstance(question, SearchQuestion) or question.scope is None:
        return None
    return scope_entry(question.scope, [], note)


def readings_summary(verdict: Verdict, cells: Sequence[Plain]) -> Plain | None:
    """Return each reading's verdict on the whole claim, and how many say another than its own.

    A cell in which a reading changes nothing keeps its own verdict, beside cells that were judged.
    Of the readings only those are counted that were judged and whose runs are not the claim's own;
    ``other`` is None where the claim itself was not judged.
    """
    names = dict.fromkeys(row["name"] for cell in cells for row in cell.get("readings") or [])
    if not names:
        return None
    rows = [_reading_of_claim(name, cells) for name in names]
    judged = [row for row in rows if row["verdict"] in LOOKED_AT and not row["same"]]
    other = sum(row["verdict"] != verdict for row in judged) if verdict in LOOKED_AT else None
    return {"judged": len(judged), "other": other, "rows": rows}


def _reading_of_claim(name: str, cells: Sequence[Plain]) -> Plain:
    by_cell = [next((r for r in c.get("readings") or [] if r["name"] == name), None) for c in cells]
    rows = [row for row in by_cell if row is not None]
    looked_at = any(row["verdict"] in LOOKED_AT for row in rows)
    answers = [row or cell for row, cell in zip(by_cell, cells, strict=True) if row or looked_at]
    verdict, worst = combined(answers)
    return {
        **{key: rows[0][key] for key in ("name", "leaves_open", "because")},
        "verdict": str(verdict),
        "refuted_kind": worst["refuted_kind"],
        "same": all(row["same"] for row in rows),
        "note": " ".join(dict.fromkeys(row["note"] for row in rows if row["note"])) or None,
    }


def combined(answers: Sequence[Mapping[str, Any]]) -> tuple[Verdict, Mapping[str, Any]]:
    """Return the verdict of all cells, and the worst of those that have it: the largest p."""
    verdict = combine_cells(Verdict(answer["verdict"]) for answer in answers)
    deciding = [answer for answer in answers if answer["verdict"] == verdict]
    return verdict, max(deciding, key=lambda answer: -1.0 if answer["p"] is None else answer["p"])


def scope_map(said: Sequence[Plain], labels: Mapping[str, str]) -> Plain | None:
    """Return the claim's map from what was said of each of its cells (``labels``: all by id).

    A place's verdict is that of all declared cells, as ``combine_cells`` says; its numbers are
    those of its worst cell. Without judged places the map has its axes and says why.
    """
    entries = {one["cell"]["id"]: one["scope"] for one in said if one.get("scope") is not None}
    if not entries:
        return None
    answered = {cell_id: entry["points"] for cell_id, entry in entries.items() if entry["points"]}
    count = max((len(points) for points in answered.values()), default=0)
    first = next(iter(entries.values()))
    return {
        "rows": first["rows"],
        "columns": first["columns"],
        "points": [_point(index, answered, labels) for index in range(count)],
        "note": None if answered else first["note"],
    }


def _point(index: int, answered: Mapping[str, list[Plain]], labels: Mapping[str, str]) -> Plain:
    rows = {cell_id: points[index] for cell_id, points in answered.items()}
    cells = [
        {"id": cell_id, "label": label} | dict(rows.get(cell_id, _NOT_ANSWERED))
        for cell_id, label in labels.items()
    ]
    verdict, worst = combined(cells)
    place = next(iter(rows.values()))
    return {
        "row": place["row"],
        "column": place["column"],
        "own": any(cell["same"] for cell in cells),
        "verdict": str(verdict),
        "refuted_kind": worst["refuted_kind"],
        "worst": worst["id"],
        "estimate": worst["estimate"],
        "cells": cells,
    }


_NOT_ANSWERED: Plain = {
    "verdict": str(Verdict.NOT_RUN), "refuted_kind": None, "reason": None, "n": 0, "gains": [],
    "failed_preconditions": [], "note": "This cell was not judged in this run.", "same": False,
    "arms": {"treatment": None, "control": None, "others": []}, **dict.fromkeys(NUMBERS),
}  # fmt: skip
