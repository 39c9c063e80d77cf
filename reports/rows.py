"""What lies beneath a cell: its arms, seeds, alternatives, preconditions and runs."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import formats, gain
from reports.gain import GainScale

_ROLES = ("treatment", "control")
_OTHER = "taken for granted"  # the role of an arm that no side compares, to a reader


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedRow:
    """One seed of the table of numbers."""

    seed: str
    treatment: str
    control: str
    gain: str
    remark: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """One other test or definition."""

    name: str
    kind: str
    estimate: str
    interval: str
    p: str
    word: str  # contradicts, agrees, or not available
    contradicts: bool
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Precondition:
    """What the comparison takes for granted, and whether it happened."""

    text: str
    because: str
    word: str
    passed: bool
    share: str
    values: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One side of the comparison, or an arm that a precondition alone is about."""

    role: str
    label: str
    settings: str  # what not all arms share; of all, what they share
    compared: bool = True


def arms(cell: Mapping[str, Any]) -> Iterator[Arm]:
    """Return each arm with the settings that tell it from the rest, and then those of all."""
    said = cell.get("arms") or {}
    present = [(role, said[role]) for role in _ROLES if said.get(role)]
    present += [(_OTHER, arm) for arm in said.get("others") or []]
    settings = [_flat(arm.get("settings") or {}) for _, arm in present]
    every = [set(pairs.items()) for pairs in settings]
    alike = set.intersection(*every) if len(every) > 1 else set()
    for (role, arm), pairs in zip(present, settings, strict=True):
        own = _settings_text(pair for pair in pairs.items() if pair not in alike)
        yield Arm(role=role, label=arm["label"], settings=own, compared=role in _ROLES)
    if alike:
        name = "both" if len(present) == len(_ROLES) else "all"
        yield Arm(role=name, label="", settings=_settings_text(alike), compared=False)


def compared(every: Sequence[Arm]) -> str:
    """Return the arms of both sides in a few words."""
    return " with ".join(arm.label for arm in every if arm.compared and arm.label)


def _flat(settings: Mapping[str, Any], within: str = "") -> dict[str, str]:
    """Return settings by dotted name, as text."""
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{within}{name}.")
        elif value != {}:
            found[f"{within}{name}"] = _plain(value)
    return found


def _settings_text(settings: Iterable[tuple[str, str]]) -> str:
    """Return settings by name, whatever order a document has them in: layer 5 before layer 10."""
    ordered = sorted(settings, key=lambda pair: natural(pair[0]))
    return ", ".join(f"{name} {value}" for name, value in ordered)


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts numbers within names by their size."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.split(name)]


_NUMBERS = re.compile(r"([0-9]+)")


def seed_rows(cell: Mapping[str, Any], scale: GainScale) -> Iterator[SeedRow]:
    """Return every seed with its endpoints and its gain; the columns may differ in length."""
    columns = (cell.get(name) or [] for name in ("seeds", "treatment", "control", "gains"))
    remarks = diverged(cell)
    for seed, treatment, control, gained in itertools.zip_longest(*columns):
        yield SeedRow(
            seed=whole(seed),
            treatment=formats.number(treatment),
            control=formats.number(control),
            gain=_seed_gain(scale, gained),
            remark=remarks.get(seed, ""),
        )


def _seed_gain(scale: GainScale, gained: float | None) -> str:
    if scale.saying is gain.Saying.SHARE:
        return formats.signed(gained)
    return scale.text(gained)


def diverged(cell: Mapping[str, Any]) -> dict[int, str]:
    """Return what to remark on the seeds whose runs diverged."""
    found: dict[int, str] = {}
    for role, run in _role_runs(cell):
        if run.get("diverged_at") is not None:
            where = f" at {run['at']}" if run.get("at") else ""
            text = f"{role}{where} diverged at step {whole(run['diverged_at'])}"
            found[run["seed"]] = ", ".join(filter(None, [found.get(run["seed"]), text]))
    return found


def alternative(item: Mapping[str, Any]) -> Alternative:
    """Return one other test or definition, on its own scale."""
    scale = gain.scale_of(item.get("transform"), item.get("unit"), None)
    span = gain.span_of(item.get("ci95"))
    available, contradicts = item.get("available", True), bool(item.get("contradicts"))
    word = "contradicts" if contradicts else "agrees" if available else "not available"
    return Alternative(
        name=item["name"],
        kind=item.get("kind") or "",
        estimate=scale.with_unit(item.get("estimate"), width=span[1] - span[0] if span else None),
        interval=scale.interval(span),
        p=formats.p_value(item.get("p")),
        word=word,
        contradicts=contradicts,
        note=item.get("note") or "",
    )


def alternatives_line(alternatives: Sequence[Alternative]) -> str:
    """Return how many of the available alternatives contradict."""
    against = sum(item.contradicts for item in alternatives)
    of = sum(item.word != "not available" for item in alternatives)
    return f"{against} of {formats.counted(of, 'alternative')} {_verb(against, 'contradict')}"


def precondition(item: Mapping[str, Any]) -> Precondition:
    """Return a precondition with its outcome."""
    share = formats.percent(item.get("share"))
    required = formats.percent(item.get("required"))
    return Precondition(
        text=item["text"],
        because=item.get("because") or "",
        word="met" if item["passed"] else "failed",
        passed=bool(item["passed"]),
        share=f"{share} of the seeds, {required} required",
        values=", ".join(_plain(value) for value in item.get("values") or []),
    )


def runs(cell: Mapping[str, Any]) -> Iterator[str]:
    """Return a line for each run: arm, seed, key in the store, time, and where it diverged."""
    for role, run in _role_runs(cell):
        step, wall = run.get("diverged_at"), formats.duration(run.get("wall_s"))
        end = "" if step is None else f", diverged at step {whole(step)}"
        where = f" at {run['at']}" if run.get("at") else ""
        yield f"{role}{where}, seed {whole(run['seed'])}: {run['key']}, {wall}{end}"


def _role_runs(cell: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    runs_of = cell.get("runs") or {}
    for role in _ROLES:
        for run in runs_of.get(role) or []:
            yield role, run
    for run in runs_of.get("others") or []:
        yield run["arm"], run


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb


def whole(value: float | None) -> str:
    """Return a count, a seed or a step."""
    return formats.NOTHING if value is None else f"{int(value)}"


def _plain(value: object) -> str:
    """Return a setting or a measured value, whatever its type."""
    if value is None:
        return formats.NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return formats.short(value)
    return ", ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)
