"""One cell as text: its facts, its seeds, its alternatives, its preconditions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.seeds import SEEDS_APART
from harness.words import Verdict
from reports import formats, gain, rows
from reports.drawing.forest import cell_scale
from reports.gain import GainScale
from reports.looks import at_a_look
from reports.outcome import kind_said
from reports.rows import Alternative, Arm, Precondition, SeedRow
from reports.searches import SearchView, search_view

Fact = tuple[str, str]  # a term and what it is


@dataclass(frozen=True, kw_only=True, slots=True)
class CellView:
    """All that the page says about one cell."""

    label: str
    verdict: str
    kind: str
    reason: str
    estimate: str
    interval: str
    bound: str
    p: str
    n: str
    endpoint: str
    compared: str
    because: str
    facts: tuple[Fact, ...]
    arms: tuple[Arm, ...]
    seeds: tuple[SeedRow, ...]
    has_control: bool
    has_remarks: bool
    value_unit: str
    gain_unit: str
    alternatives: tuple[Alternative, ...]
    alternatives_line: str
    preconditions: tuple[Precondition, ...]
    runs: tuple[str, ...]  # a line each: arm, seed, key, time
    search: SearchView | None  # of a cell that is decided by search
    power_line: str
    needed_line: str


def cell_view(cell: Mapping[str, Any]) -> CellView:
    """Return a cell of the document as text."""
    scale, hypothesis = cell_scale(cell), cell.get("hypothesis") or {}
    span, estimate = gain.span_of(cell.get(gain.deciding_interval(cell))), cell.get("estimate")
    arms, search = tuple(rows.arms(cell)), search_view(cell)
    alternatives = tuple(rows.alternative(item) for item in cell.get("sensitivity") or [])
    return CellView(
        label=cell.get("label") or cell.get("id") or "the one cell",
        verdict=cell["verdict"],
        kind=kind_said(cell.get("refuted_kind"), [cell]),
        reason=cell.get("reason") or "",
        estimate=scale.with_unit(estimate, width=span[1] - span[0] if span else None),
        interval=scale.interval(span),
        bound="" if search else gain.bound_of(cell, scale),
        p=_p_of_verdict(cell),
        n=rows.whole(cell.get("n")),
        endpoint=_endpoint(cell),
        compared=rows.compared(arms),
        because="" if search else hypothesis.get("because") or "",
        facts=() if search else tuple(_facts(cell, scale, hypothesis)),
        arms=arms,
        seeds=tuple(rows.seed_rows(cell, scale)),
        has_control=bool(cell.get("control")),
        has_remarks=bool(rows.diverged(cell)),
        value_unit=_value_unit(cell),
        gain_unit=scale.unit or scale.saying.value,
        alternatives=alternatives,
        alternatives_line=rows.alternatives_line(alternatives),
        preconditions=tuple(rows.precondition(item) for item in cell.get("preconditions") or []),
        runs=tuple(rows.runs(cell)),
        search=search,
        power_line=_power_line(cell, scale),
        needed_line=_needed_line(cell),
    )


def _p_of_verdict(cell: Mapping[str, Any]) -> str:
    """Return the p value of what the verdict says: a void comparison has none.

    An undecided cell has no verdict to have one of: it is said to be that of SUPPORTED.
    """
    match Verdict(cell["verdict"]):
        case Verdict.INVALID:
            return formats.NOTHING
        case Verdict.REFUTED:
            return formats.p_value(cell.get("p_refute"))
        case Verdict.INCONCLUSIVE:
            p = formats.p_value(cell.get("p"))
            return p if p == formats.NOTHING else f"{p} for SUPPORTED"
        case _:
            return formats.p_value(cell.get("p"))


def _is_void(cell: Mapping[str, Any]) -> bool:
    return bool(cell["verdict"] == Verdict.INVALID)


def shared_facts(cells: Sequence[CellView]) -> tuple[Fact, ...]:
    """Return the facts that several cells have in common, for the card to say once."""
    if len(cells) < 2:
        return ()
    return tuple(fact for fact in cells[0].facts if all(fact in cell.facts for cell in cells))


def without_facts(cell: CellView, facts: Sequence[Fact]) -> CellView:
    """Return the cell without these facts."""
    return replace(cell, facts=tuple(fact for fact in cell.facts if fact not in facts))


def _facts(
    cell: Mapping[str, Any], scale: GainScale, hypothesis: Mapping[str, Any]
) -> Iterator[Fact]:
    yield "Endpoint", _endpoint(cell)
    yield "Hypothesis", hypothesis.get("text") or gain.bound_text(scale, hypothesis)
    yield "Refuted if", hypothesis.get("refuted_if") or ""
    tails = 1 if hypothesis.get("kind") == "equivalent" else 2  # it may lie beyond either margin
    yield "Supporting interval", _with_level(cell, scale, "ci", "alpha", "p", tails=2)
    yield (
        "Refuting interval",
        _with_level(cell, scale, "ci_refute", "alpha_refute", "p_refute", tails=tails),
    )
    yield "95 % interval", scale.interval(gain.span_of(cell.get("ci95")))
    yield "Test", _test(cell)
    if cell.get("p_holm") is not None and not _is_void(cell):
        yield "Holm-adjusted", formats.p_value(cell["p_holm"])
    if cell.get("sd") is not None:
        yield "Spread of the gains", _spread(cell["sd"], scale)
    correlation = cell.get("correlation") or {}
    if correlation.get("r") is not None:
        yield "Correlation of the pairs", _correlation(correlation)


def _endpoint(cell: Mapping[str, Any]) -> str:
    endpoint = cell.get("endpoint") or {}
    text = endpoint.get("text") or endpoint.get("label") or endpoint.get("metric") or ""
    return f"{text}. {endpoint['instead']}" if endpoint.get("instead") else text


def _spread(sd: float, scale: GainScale) -> str:
    if scale.saying in (gain.Saying.FACTOR, gain.Saying.ODDS):
        return f"standard deviation {formats.number(sd)} on the natural logarithm"
    return f"standard deviation {formats.number(sd)} {scale.unit}".rstrip()


def _with_level(
    cell: Mapping[str, Any], scale: GainScale, interval: str, alpha: str, p: str, *, tails: int
) -> str:
    text = scale.interval(gain.span_of(cell.get(interval)))
    notes = []
    if formats.is_number(cell.get(alpha)):
        notes.append(f"level {formats.percent(1 - tails * cell[alpha])}")
    if cell.get(p) is not None and not _is_void(cell):
        notes.append(f"{formats.p_value(cell[p])}{' of this look' if at_a_look(cell) else ''}")
    return f"{text} ({', '.join(notes)})" if notes and text != formats.NOTHING else text


def _test(cell: Mapping[str, Any]) -> str:
    parts = [cell.get("test") or formats.NOTHING]
    whose = " of this look" if at_a_look(cell) else ""
    if cell.get("n"):
        parts.append(f"n = {rows.whole(cell['n'])}")
    if formats.is_number(cell.get("alpha")):
        parts.append(f"alpha {formats.number(cell['alpha'], digits=2)}{whose}")
    return ", ".join(parts)


def _correlation(correlation: Mapping[str, Any]) -> str:
    r = formats.number(correlation["r"], digits=2)
    span = gain.span_of(correlation.get("ci95"))
    if span is None:
        return r
    low, high = (formats.number(end, digits=2) for end in span)
    return f"{r} (95 % interval {low} to {high})"


def _power_line(cell: Mapping[str, Any], scale: GainScale) -> str:
    """Return what this many seeds can find, and how many an undecided cell would need."""
    power = cell.get("power") or {}
    if power.get("detectable") is None:
        return ""
    found = scale.with_unit(power["detectable"])
    chance = formats.short(power.get("power"))
    alone = " at this look alone" if at_a_look(cell) else ""
    seeds = f"With {rows.whole(cell.get('n'))} seeds{alone} and this spread"
    if (cell.get("hypothesis") or {}).get("kind") == "equivalent":
        margin = gain.bound_text(scale, {"kind": "equivalent", "bound": power["detectable"]})
        line = f"{seeds}, arms that do not differ are shown to lie {margin} with power {chance}."
    else:
        line = f"{seeds}, a true mean gain of {found} is found with power {chance}."
    return f"{line} {_needed_line(cell)}".rstrip()


def _needed_line(cell: Mapping[str, Any]) -> str:
    """Return what more seeds would do for an undecided statement; empty for a decided one."""
    power = cell.get("power") or {}
    if cell["verdict"] != Verdict.INCONCLUSIVE or power.get("detectable") is None:
        return ""
    needed = power.get("n_needed")
    if needed is None:
        return "More seeds would not support the statement if the true gain is what was estimated."
    alone = ", in one look at a quarter of this look's level" if at_a_look(cell) else ""
    most = "" if needed <= SEEDS_APART else f" (it may have {SEEDS_APART})"
    return (
        f"If the true gain is what was estimated, another attempt would need some "
        f"{rows.whole(needed)} new seeds{most} to support the statement with power "
        f"{formats.short(power.get('power'))}{alone}."
    )


def _value_unit(cell: Mapping[str, Any]) -> str:
    unit = cell.get("unit") or ""
    return "%" if unit == "points" else unit
