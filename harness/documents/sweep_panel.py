"""What is shown of a sweep: its arms as one side, and how often its rule held, place by place."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from harness.bench import Arm, Bench
from harness.declarations.claim import Question
from harness.declarations.endpoints import Endpoint
from harness.declarations.measuring import measure
from harness.declarations.sweeps import Run, Side, Sweep, by_arm
from harness.records import RunRecord
from harness.statistics import ExactShare, mean_of
from harness.verdicts.judging import Runs

Plain = dict[str, Any]

LEVEL = 0.95


def side_row(side: Side, bench: Bench) -> Plain:
    """Return one side of a comparison: its label and settings.

    A sweep has the settings that its arms share, and each place the rest.
    """
    if isinstance(side, Arm):
        return {"label": bench.describe(side), "settings": dict(bench.identity(side).settings)}
    every = [dict(bench.identity(arm).settings) for arm in side.arms]
    shared = {k: v for k, v in every[0].items() if all(one.get(k) == v for one in every)}
    labels = [bench.describe(arm) for arm in side.arms]
    places = [
        {"at": at, "label": label, "settings": {k: v for k, v in own.items() if k not in shared}}
        for at, label, own in zip(side.places, labels, every, strict=True)
    ]
    return {"label": label_of(side, bench), "settings": shared, "places": places}


def label_of(side: Side, bench: Bench) -> str:
    """Return a side in a few words: its arm's, or those its arms share and the sweep."""
    if isinstance(side, Arm):
        return bench.describe(side)
    low, high = side.places[0], side.places[-1]
    axis = f"{side.axis} {low:.3g} to {high:.3g} ({len(side.places)} places)"
    shared = common([bench.describe(arm) for arm in side.arms])
    return ", ".join(filter(None, [shared, axis]))


def common(labels: Sequence[str]) -> str:
    """Return the words, between commas, that all labels have."""
    parts = [label.split(", ") for label in labels]
    return ", ".join(part for part in parts[0] if all(part in one for one in parts))


def sweep_panel(question: Question, runs: Runs, bench: Bench) -> Plain:
    """Return the panel: at each place the share of seeds in which the rule held, per side."""
    endpoint, sweep = question.endpoint, question.treatment
    assert isinstance(sweep, Sweep)  # noqa: S101 - the caller has looked
    metric = bench.metrics(question.judged_arms[0])[endpoint.metric]
    rule = replace(endpoint, span=None).text(metric).removeprefix("whether the ")
    sides = (("treatment", question.treatment, runs.treatment),
             ("control", question.control, runs.control))  # fmt: skip
    lines = [_line(role, s, found, endpoint, bench) for role, s, found in sides if s is not None]
    return {
        "kind": "sweep",
        "title": f"Seeds in which the {rule}",
        "metric": endpoint.metric,
        "label": "share of the seeds",
        "unit": "%",
        "axis": "linear",
        "sweep": {"axis": sweep.axis, "places": list(sweep.places), "progress": _progress(sweep)},
        "cells": [question.cell.id],
        "lines": lines,
        "paper": [],
        "note": " ".join(_at_the_ends(sweep, lines)) or None,
    }


def _line(role: str, side: Side, runs: Sequence[Run], endpoint: Endpoint, bench: Bench) -> Plain:
    columns = [records for _, _, records in by_arm(side, runs)]
    shares = [ExactShare(_held(endpoint, records), len(records)) for records in columns]
    intervals = [share.interval(LEVEL) for share in shares]
    widths = measure(endpoint, runs, ()).treatment
    width = mean_of(widths)
    assert isinstance(side, Sweep)  # noqa: S101 - both sides are sweeps, or it is refused
    return {
        "label": common([bench.describe(arm) for arm in side.arms]) or role,
        "role": role,
        "progress": _progress(side),
        "mid": [100 * share.value for share in shares],
        "low": [100 * interval.low for interval in intervals],
        "high": [100 * interval.high for interval in intervals],
        "yes": [share.yes for share in shares],
        "n": len(runs),
        "width": {
            "mean": width.value,
            "ci95": list(width.interval(LEVEL)) if len(widths) > 1 else None,
            "unit": "decades",
        },
    }


def _held(endpoint: Endpoint, records: Sequence[RunRecord]) -> int:
    """Return in how many seeds the rule of a span holds at one place."""
    return round(sum(measure(replace(endpoint, span=None), records, ()).treatment))


def _progress(sweep: Sweep) -> list[float]:
    """Return where the places lie on the logarithmic axis, from 0 to 1."""
    logs = [math.log10(place) for place in sweep.places]
    return [(x - logs[0]) / (logs[-1] - logs[0]) for x in logs]


def _at_the_ends(sweep: Sweep, lines: Iterable[Plain]) -> Iterable[str]:
    """Say where the rule holds at an end of the sweep: the true range may go on beyond it."""
    for line in lines:
        for word, place, yes in (
            ("lowest", sweep.places[0], line["yes"][0]),
            ("highest", sweep.places[-1], line["yes"][-1]),
        ):
            if yes:
                yield (
                    f"{line['label']}: holds at the {word} {sweep.axis}, {place:.3g}, in {yes} of "
                    f"{line['n']} seeds, so that its range may go on beyond it."
                )
