"""Whether what a cell says follows from its gains: decided a second time, by the same rule."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    Hypothesis,
    MoreOften,
    NotBelow,
    ShareAbove,
    as_written,
)
from harness.documents.document import OTHER, plain
from harness.documents.merging import JUDGED
from harness.errors import ClaimError
from harness.seeds import is_enough
from harness.statistics import correlation
from harness.verdicts.decision import decide
from harness.verdicts.evidence import Evidence
from harness.verdicts.power import power_of
from harness.words import Transform, Verdict
from reports.checking.attempt import expected_seeds
from reports.checking.looks import (
    declared_looks,
    level_of_look,
    looks_disagreements,
    seeds_of_look,
)
from reports.checking.pairs import pair_disagreements, sits_at_a_limit
from reports.checking.printed import printed_disagreements
from reports.checking.same import alike, interval_differs, number_differs, word_differs
from reports.checking.search import search_disagreements
from reports.checking.sensitivity import sensitivity_disagreements
from reports.document import YES_NO, DocumentError

_INTERVALS = ("ci", "ci_refute", "ci95")
_BY_GAINS = "its gains"


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What a cell is judged in: its claim, the family's level, the run's seeds."""

    slug: str
    cells: int  # declared
    alpha: float | None  # the claim's: its attempt's part of the family's for each
    seeds: tuple[int, ...]  # of the session; another attempt's are made from them
    ruled: bool  # every verdict is INCONCLUSIVE by rule
    attempt: int = 1


def cell_disagreements(cell: Mapping[str, Any], around: Around) -> Iterator[str]:
    """Return what a cell says and its own endpoints, gains and values do not."""
    if cell.get("search"):
        yield from search_disagreements(cell, around.ruled)
        return
    yield from _levels(cell, around)
    yield from _pairs(cell, around)
    yield from _preconditions(cell)
    yield from printed_disagreements(cell)
    try:
        yield from _declared_words(cell)
        evidence = _decided(cell)
    except (ClaimError, OverflowError) as error:
        yield f"cannot be decided again: {error}"
        return
    yield from decision_disagreements(cell, around.ruled)
    yield from looks_disagreements(cell, around.alpha, around.cells, around.ruled, hypothesis_of)
    if evidence is not None:
        yield from _beside(cell, evidence)
        hypothesis = evidence.hypothesis
        yield from sensitivity_disagreements(cell, hypothesis, hypothesis_of, around.slug)


def _pairs(cell: Mapping[str, Any], around: Around) -> Iterator[str]:
    seeds = around.seeds
    try:
        rule = hypothesis_of(cell["hypothesis"], cell["transform"])
        seeds = expected_seeds(
            seeds, around.attempt, rule, around.alpha, around.ruled, declared_looks(cell)
        )
    except (ClaimError, OverflowError) as error:
        yield f"seeds: cannot be made again: {error}"
    yield from pair_disagreements(cell, seeds_of_look(cell, seeds))


def decision_disagreements(cell: Mapping[str, Any], ruled: bool) -> Iterator[str]:
    """Return where numbers, verdict and reason are not what ``decide`` makes of the gains.

    Also for an answer to a side question, put in the place of its cell's own numbers.
    """
    verdict = Verdict(cell["verdict"])
    void = _void(cell)
    try:
        evidence = _decided(cell)
    except (ClaimError, OverflowError) as error:
        yield f"cannot be decided again: {error}"
        return
    if evidence is None:
        yield from _without_gains(cell, verdict, void)
        return
    yield from _numbers(cell, evidence)
    made = evidence.verdict
    if ruled:
        made = Verdict.INCONCLUSIVE
    elif void or (void is None and verdict is Verdict.INVALID):
        made = Verdict.INVALID
    yield from word_differs("verdict", str(verdict), str(made), _BY_GAINS)
    kind = evidence.refuted_kind if made is Verdict.REFUTED else None
    said_kind = cell.get("refuted_kind") or None
    yield from word_differs("refuted kind", said_kind, str(kind) if kind else None, _BY_GAINS)
    if verdict in JUDGED and not (cell["reason"] or "").endswith(evidence.reason):
        yield f"reason: says {cell['reason']!r}, its gains make {evidence.reason!r}"


def hypothesis_of(said: Mapping[str, Any], transform: str) -> Hypothesis:
    """Return the hypothesis, from its bound on the gain scale: the number that decides."""
    bound = said["bound"]
    if bound is None:
        raise DocumentError("hypothesis: got no bound, expected a number; run the claim again")
    written, because = bound if transform == "identity" else math.exp(bound), "as declared"
    match said["kind"]:
        case "above":
            return Above(written, because=because)
        case "not below":
            return NotBelow(written, because=because)
        case "equivalent":
            return Equivalent(written, because=because)
        case "more often":
            return MoreOften()
        case "share above":
            return ShareAbove(bound, because=because)
        case other:
            raise DocumentError(f"hypothesis: got kind {other!r}, expected one of the five")


def _decided(cell: Mapping[str, Any]) -> Evidence | None:
    """Return the evidence again, None where the gains of all seeds are not there."""
    if not cell["gains"] or cell["alpha"] is None or None in cell["gains"]:
        return None
    return decide(
        tuple(cell["gains"]),
        hypothesis_of(cell["hypothesis"], cell["transform"]),
        cell["alpha"],
        cells=round(cell["alpha"] / cell["alpha_refute"]) if cell.get("alpha_refute") else 1,
        transform=Transform(cell["transform"]),
        unit=cell["unit"] or "",
        paired=(cell.get("arms") or {}).get("control") is not None,
    )


def _without_gains(cell: Mapping[str, Any], verdict: Verdict, void: bool | None) -> Iterator[str]:
    if verdict in JUDGED and cell["alpha"] is not None:
        yield f"says {verdict} without the gains of all seeds"
    if verdict is Verdict.INVALID and void is False:
        yield "says INVALID, its preconditions all hold"
    for name in ("estimate", "p", *_INTERVALS):
        if cell.get(name) not in (None, [None, None]):
            yield f"{name}: says {cell[name]} without the gains of all seeds"


def _void(cell: Mapping[str, Any]) -> bool | None:
    """Return whether the comparison is void; None where the document is too old to say."""
    failed = [p for p in cell.get("preconditions") or [] if not p.get("passed")]
    if "failed_preconditions" in cell:  # an answer to a side question, whose endpoints are not kept
        nothing_moved = not any(cell["gains"])
        return bool(cell["failed_preconditions"]) or (None if nothing_moved else False)
    values = cell["treatment"], cell["control"]
    if failed:
        return True
    if "low" not in (cell.get("endpoint") or {}):
        return None
    if cell["hypothesis"]["kind"] in YES_NO or not all(values) or None in (*values[0], *values[1]):
        return False
    return sits_at_a_limit(cell, *values)


def _levels(cell: Mapping[str, Any], around: Around) -> Iterator[str]:
    said, level = cell["alpha"], level_of_look(cell, around.alpha)
    if level is not None and not alike(said, level):
        yield f"alpha: judged at {said}, each claim's share is {level}"
    if said is not None and (cell.get("alpha_refute") is not None or cell["gains"]):
        made = said / around.cells
        yield from number_differs("alpha_refute", cell.get("alpha_refute"), made, "its cells")


def _numbers(cell: Mapping[str, Any], evidence: Evidence) -> Iterator[str]:
    size = max(map(abs, evidence.gains))
    yield from number_differs(
        "estimate", cell["estimate"], evidence.estimate, _BY_GAINS, scale=size
    )
    for name in _INTERVALS:
        made = getattr(evidence, name)
        yield from interval_differs(name, cell.get(name), made, _BY_GAINS, scale=size)
    for name in ("p", "p_refute"):
        yield from number_differs(name, cell.get(name), getattr(evidence, name), _BY_GAINS)
    if cell["n"] != evidence.n:
        yield f"n: says {cell['n']}, it has {evidence.n} gains"


def _beside(cell: Mapping[str, Any], evidence: Evidence) -> Iterator[str]:
    """Check what stands beside the decision: spread, name of the test, power, correlation."""
    size = max(map(abs, evidence.gains))
    for name in ("sd", "se"):
        made = getattr(evidence, name)
        yield from number_differs(name, cell.get(name), made, _BY_GAINS, scale=size)
    yield from word_differs("test", cell.get("test"), evidence.test, _BY_GAINS)
    power = asdict(power_of(evidence))
    said = cell.get("power") or dict.fromkeys(power)
    for name, value in power.items():
        yield from number_differs(f"power: {name}", said.get(name), plain(value), _BY_GAINS)
    yield from _correlation(cell)


def _correlation(cell: Mapping[str, Any]) -> Iterator[str]:
    arms = cell["treatment"], cell["control"]
    made, said = None, cell.get("correlation")
    if cell["hypothesis"]["kind"] not in YES_NO and all(arms) and len(arms[0]) == len(arms[1]):
        found = correlation(*map(tuple, arms))
        made = plain(asdict(found)) if found else None
    if said is None or made is None:
        yield from word_differs("correlation", said, made, "its endpoints")
        return
    yield from number_differs("correlation", said["r"], made["r"], "its endpoints", scale=1.0)
    ends = said.get("ci95"), made["ci95"]
    yield from interval_differs("correlation", *ends, "its endpoints", scale=1.0)


def _declared_words(cell: Mapping[str, Any]) -> Iterator[str]:
    """Check the hypothesis in words, which a reader takes for the bound."""
    said, transform = cell["hypothesis"], Transform(cell["transform"])
    hypothesis, unit = hypothesis_of(said, cell["transform"]), cell["unit"] or ""
    written = as_written(said["bound"], transform)
    yield from number_differs("hypothesis: written", said.get("written"), written, "its bound")
    for name, made in (
        ("text", hypothesis.text(unit, transform)),
        ("refuted_if", hypothesis.refuted_if(unit, transform)),
    ):
        yield from word_differs(f"hypothesis: {name}", said.get(name), made, "its bound and unit")


def _preconditions(cell: Mapping[str, Any]) -> Iterator[str]:
    for row in cell.get("preconditions") or []:
        values: Sequence[float | None] = row.get("values") or []
        if "at_least" not in row or not values:
            continue
        where = f"precondition {row['text']!r}"
        if "role" in row and row["arm"] not in _labels(cell, row["role"]):
            yield f"{where}: of the {row['role']} {row['arm']!r}, which is none of its cell's arms"
        if len(values) != len(cell["seeds"]):
            yield f"{where}: {len(values)} values of {len(cell['seeds'])} seeds"
        share = sum(_within(value, row["at_least"], row["at_most"]) for value in values)
        share_held = share / len(values)
        yield from number_differs(f"{where}: share", row["share"], share_held, "its values")
        passed = is_enough(share_held, row["required"])
        yield from word_differs(f"{where}: passed", row["passed"], passed, "its values")


def _labels(cell: Mapping[str, Any], role: str) -> list[str]:
    """Return what the arms of a role are called: one, or those that no side compares."""
    arms = cell.get("arms") or {}
    found = arms.get("others") if role == OTHER else [arms.get(role)]
    return [arm["label"] for arm in found or [] if arm]


def _within(value: float | None, low: float | None, high: float | None) -> bool:
    if value is None:
        return False
    return (low is None or value >= low) and (high is None or value <= high)
