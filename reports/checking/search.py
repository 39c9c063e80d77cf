"""Whether the verdict of a search follows from its own numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.documents.search_document import slack_edges
from harness.words import Verdict
from reports.checking.same import alike

_RULED = (Verdict.ERROR, Verdict.NOT_RUN)


def search_disagreements(cell: Mapping[str, Any], ruled: bool) -> Iterator[str]:
    """Return what a searched cell says and its counts do not.

    Recomputes the number of violations and of draws from the histogram, whether the statement holds
    as an equality, whether the counterexample is one, and the verdict. ``ruled``: every verdict of
    the run is INCONCLUSIVE whatever was found.
    """
    search = cell["search"]
    if search["met"] is None:
        if cell["verdict"] not in _RULED:
            yield f"says {cell['verdict']} without a search"
        return
    yield from _counted(search)
    case = search["counterexample"]
    if case is not None and not _violates(case, search):
        yield f"its counterexample is none: {case['left']} {search['relation']} {case['right']}"
    made = Verdict.INCONCLUSIVE if ruled else _verdict(search)
    if cell["verdict"] not in (made, Verdict.ERROR):
        yield f"says {cell['verdict']}, its search makes {made}"


def _counted(search: Mapping[str, Any]) -> Iterator[str]:
    counts = search["histogram"]["counts"]
    edges = slack_edges(search["tolerance"])
    pairs = zip(search["histogram"]["edges"], edges, strict=False)
    if len(counts) != len(edges) + 1 or not all(alike(said, made) for said, made in pairs):
        yield f"histogram: its edges are not the decades from -1 to -{search['tolerance']:g}"
    middle = len(counts) // 2
    below = sum(counts[:middle])
    if sum(counts) != search["met"]:
        yield f"says {search['met']} draws met the conditions, its histogram has {sum(counts)}"
    if below != search["violations"]:
        yield f"says {search['violations']} violations, its histogram has {below}"
    least = next((row["slack"] for row in search["quantiles"] or [] if row["at"] == 0.0), None)
    if least is not None and (least < -search["tolerance"]) != (below > 0):
        yield f"says a least slack of {least}, with {below} violations"
    equal = sum(counts) > 0 and counts[middle] == sum(counts)
    if bool(search.get("equality")) != equal:
        yield f"says equality {search.get('equality')}, its histogram makes {equal}"


def _violates(case: Mapping[str, Any], search: Mapping[str, Any]) -> bool:
    left, right, scale = case["left"], case["right"], case["scale"]
    if None in (left, right, scale):
        return False
    gap = right - left if search["relation"] == "<=" else -abs(right - left)
    return bool(gap < -search["tolerance"] * scale)


def _verdict(search: Mapping[str, Any]) -> Verdict:
    if search["violations"] or search["counterexample"] is not None:
        return Verdict.REFUTED
    if search["met"] < max(search["needed"], 1) or not search["twin_violations"]:
        return Verdict.INVALID
    return Verdict.SUPPORTED
