"""TABLE.md: what was broken, what noticed, and how long that took."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from math import exp
from platform import python_version
from typing import Any

from fault_table import MISTAKES, Fault
from on_pilots import OnRealRuns
from pilot_cases import ALPHA, OTHER_SEEDS, SEEDS
from scratch import PROCESSES, Outcome

from models.machine import cpu_name

LIBRARIES = ("torch", "numpy", "scipy", "pytest")
UNTRAINED = """## Verdicts on real training

This run tried the unit tests alone (`--no-training`): which verdicts turn was not part of it.
"""
Found = Sequence[tuple[Fault, Outcome]]


def table(found: Found, real: OnRealRuns | None, sound: Outcome, note: str) -> str:
    """Return the page of one whole run; ``real`` is None where nothing was trained."""
    seconds = [outcome.wall_s for _, outcome in found] + [sound.wall_s]
    if real is not None:
        seconds += [real.clean.wall_s, *(answers.wall_s for _, answers, _ in real.turns)]
    wall_s = sum(seconds) / PROCESSES
    parts = [
        _head(found, sound.by, wall_s, note),
        _unit(found),
        _mistakes(found),
        *((_turns(real), _controls(real)) if real is not None else (UNTRAINED,)),
    ]
    return "\n".join(parts)


def _head(found: Found, sound: str, wall_s: float, note: str) -> str:
    caught = sum(outcome.caught for _, outcome in found)
    machine = f"{cpu_name()}, {os.cpu_count()} cores" + (f", {note}" if note else "")
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"""# What breaking the source turns red

Written by `make sabotage` on {datetime.now(UTC).date().isoformat()}: {machine}; Python \
{python_version()}, {libraries}; about {wall_s / 60:.0f} minutes in two processes.

{caught} of {len(found)} faults were caught, each planted alone in a copy of the source. Without a
fault the tests that caught them pass ({sound.strip("= ")}).
"""


def _unit(found: Found) -> str:
    rows = [
        f"| {fault.name} | {fault.mistake or ''} | `{fault.file}` | {_caught(outcome)} | "
        f"{outcome.wall_s:.1f} |"
        for fault, outcome in found
    ]
    head = "| fault | mistake | file | caught by | seconds |\n|---|---|---|---|---|\n"
    return "## Unit tests\n\n" + head + "\n".join(rows) + "\n"


def _caught(outcome: Outcome) -> str:
    if not outcome.caught:
        return f"**{outcome.by}**"
    return f"`{outcome.by.removeprefix('tests/').replace('|', '/')}`"


def _mistakes(found: Found) -> str:
    rows = []
    for number, words in MISTAKES.items():
        of = [outcome for fault, outcome in found if fault.mistake == number]
        rows.append(f"| {number} | {words} | {len(of)} | {sum(o.caught for o in of)} |")
    return (
        "The numbers are those of mistakes that public re-runs of the paper have made:\n\n"
        "| | mistake | faults | caught |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _turns(real: OnRealRuns) -> str:
    head = (
        "## Verdicts on real training\n\n"
        f"Desk arms on pilot seeds {SEEDS[0]} to {SEEDS[-1]}, judged by each claim's own rule at "
        f"alpha {ALPHA}: no verdict on\nthe paper. Where a verdict need not turn, a unit test is "
        f"what notices. On sound source {real.clean.trained} runs\ntook "
        f"{real.clean.wall_s:.0f} s; a run that a fault does not touch is not trained again.\n\n"
        "| fault | question | sound | broken | turned | runs trained | seconds |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    rows = []
    for case, answers, turns in real.turns:
        for i, turn in enumerate(turns):
            cost = f"{answers.trained} | {answers.wall_s:.0f}" if i == 0 else " | "
            word = "yes" if turn.turned else ("**NO**" if turn.must else "no, and need not")
            rows.append(
                f"| {case.fault if i == 0 else ''} | {turn.question} | {_said(turn.clean)} | "
                f"{_said(turn.broken)} | {word} | {cost} |"
            )
    return head + "\n".join(rows) + "\n"


def _said(answer: dict[str, Any]) -> str:
    word = answer["verdict"] + (f" ({answer['kind']})" if answer["kind"] else "")
    if answer["estimate"] is None:
        return word
    factors = answer["transform"] == "log"
    numbers = [exp(x) if factors else x for x in (answer["estimate"], *(answer["ci"] or ()))]
    text = [f"{x:.3g}" + (" times" if factors else "") for x in numbers]
    return f"{word}: {text[0]}" + (
        f" ({numbers[1]:.3g} to {numbers[2]:.3g})" if answer["ci"] else ""
    )


def _controls(real: OnRealRuns) -> str:
    found = real.controls
    share = found["told_apart"] / found["splits"]
    return (
        "## Negative controls on real training\n\n"
        f"- A/A: the standard network's accuracy on seeds {SEEDS[0]} to {SEEDS[-1]} less that on "
        f"{OTHER_SEEDS[0]} to {OTHER_SEEDS[-1]}, by the rule of\n  bn-trains-faster: "
        f"{found['blocks']['verdict']} at {found['blocks']['estimate']:.2g} points. Of "
        f"{found['splits']} random pairings of these 12 runs {share:.1%} are\n  SUPPORTED as a "
        f"difference above 0, at alpha {ALPHA:.0%}.\n"
        f"- Power: with the SD of that claim's gains on pilot seeds, {found['sd']:.3g} points, an "
        f"effect of {found['effect']:.3g} points\n  (its bound is 3) should be found in 80 % of "
        f"runs of {len(SEEDS)} seeds: it was in {found['found'] / found['simulated']:.1%} of "
        f"{found['simulated']} simulated ones.\n"
    )
