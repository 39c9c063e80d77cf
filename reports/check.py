"""Whether a document's verdicts follow from its own numbers: each is reached a second time."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.decision import combine_cells, decide
from harness.errors import ClaimError
from harness.evidence import Evidence
from harness.hypotheses import Above, Equivalent, Hypothesis, MoreOften, NotBelow, ShareAbove
from harness.words import Transform, Verdict
from reports.check_search import search_disagreements
from reports.check_side import side_disagreements
from reports.document import Document, DocumentError
from reports.printed import printed_disagreements
from reports.sentences import counted_verdicts, undecided_by_rule

_SAME = 1e-6  # relative: a document carries doubles, so that only another computation differs more
_NUMBERS = ("estimate", "p", "p_refute")
_INTERVALS = ("ci", "ci_refute", "ci95")
_RULED = (Verdict.INVALID, Verdict.ERROR, Verdict.NOT_RUN)  # by other things than the gains


def disagreements(document: Document) -> tuple[str, ...]:
    """Return what the document says and its own numbers do not: a sentence each, or nothing.

    Recomputes each cell's gains (where no transform or floor is between), estimate, intervals, p
    values and verdict, each claim's verdict and alternatives, the answers of readings and scope,
    the intervals beside the paper's numbers, the counts and the shares of alpha.
    """
    found = [*_counts(document), *_budget(document)]
    ruled = undecided_by_rule(document)
    for claim in document["claims"]:
        found += (f"{claim['slug']}: {text}" for text in _claim(claim, ruled))
    return tuple(found)


def _counts(document: Document) -> Iterator[str]:
    counted = counted_verdicts(document["claims"])
    for verdict in Verdict:
        said = document["counts"].get(str(verdict), 0)
        if said != counted[verdict]:
            yield f"counts: says {said} {verdict}, the claims are {counted[verdict]}"


def _budget(document: Document) -> Iterator[str]:
    family = document["family"]
    alpha, slugs, said = (family.get(key) for key in ("alpha", "p_slugs", "alpha_claim"))
    if alpha is None or not slugs or said is None:
        return
    if not math.isclose(said, alpha / slugs, rel_tol=_SAME):
        yield f"family: says alpha_claim {said}, {alpha} / {slugs} is {alpha / slugs}"
    for claim in document["claims"]:
        for cell in claim["cells"]:
            if cell["alpha"] is not None and cell["alpha"] > said * (1 + _SAME):
                yield f"{claim['slug']}: judged at alpha {cell['alpha']}, more than its {said}"


def _claim(claim: Mapping[str, Any], ruled: bool) -> Iterator[str]:
    for cell in claim["cells"]:
        where = f"{cell['label'] or cell['id']}: " if len(claim["cells"]) > 1 else ""
        yield from (where + text for text in _cell(cell, ruled))
        yield from (where + text for text in printed_disagreements(cell))
    if claim["cells"]:
        combined = combine_cells(Verdict(cell["verdict"]) for cell in claim["cells"])
        if combined != claim["verdict"]:
            yield f"says {claim['verdict']}, its cells make {combined}"
    yield from side_disagreements(claim, ruled, _cell)
    against = sum(bool(s.get("contradicts")) for c in claim["cells"] for s in _sensitivity(c))
    if claim.get("contradicting") not in (None, against):
        yield f"says {claim['contradicting']} alternatives contradict, its cells list {against}"
    if claim["fragile"] != (against > 0):
        yield f"says fragile {claim['fragile']}, with {against} contradicting alternatives"


def _sensitivity(cell: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return cell.get("sensitivity") or []


def _cell(cell: Mapping[str, Any], ruled: bool) -> Iterator[str]:
    if cell.get("search"):
        yield from search_disagreements(cell, ruled)
        return
    yield from _gains(cell)
    if not cell["gains"] or cell["alpha"] is None or None in cell["gains"]:
        if cell["verdict"] in (Verdict.SUPPORTED, Verdict.REFUTED) and cell["alpha"] is not None:
            yield f"says {cell['verdict']} without the gains of all seeds"
        return
    try:
        evidence = _decided(cell)
    except ClaimError as error:
        yield f"cannot be decided again: {error}"
        return
    yield from _evidence(cell, evidence)
    if cell["verdict"] in _RULED or (ruled and cell["verdict"] == Verdict.INCONCLUSIVE):
        return
    if cell["verdict"] != evidence.verdict:
        yield f"says {cell['verdict']}, its gains make {evidence.verdict}"
    elif (cell["refuted_kind"] or None) != evidence.refuted_kind:
        yield f"says refuted {cell['refuted_kind']}, its gains make {evidence.refuted_kind}"


def _gains(cell: Mapping[str, Any]) -> Iterator[str]:
    """Untransformed gains against the endpoints that they are differences of."""
    arms = cell["treatment"], cell["control"], cell["gains"]
    if cell["transform"] != "identity" or not all(arms) or len({len(arm) for arm in arms}) != 1:
        return
    turn = -1 if cell["better"] == "lower" else 1
    for index, (treatment, control, gain) in enumerate(zip(*arms, strict=True)):
        if None in (treatment, control, gain):
            continue
        expected = turn * (treatment - control)
        if not math.isclose(expected, gain, rel_tol=_SAME, abs_tol=1e-9):
            yield f"gain {index}: says {gain}, its endpoints make {expected}"


def _decided(cell: Mapping[str, Any]) -> Evidence:
    return decide(
        cell["gains"],
        _hypothesis(cell["hypothesis"], cell["transform"]),
        cell["alpha"],
        cells=_cells_declared(cell),
        transform=Transform(cell["transform"]),
        unit=cell["unit"] or "",
    )


def _cells_declared(cell: Mapping[str, Any]) -> int:
    return round(cell["alpha"] / cell["alpha_refute"]) if cell.get("alpha_refute") else 1


def _hypothesis(said: Mapping[str, Any], transform: str) -> Hypothesis:
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


def _evidence(cell: Mapping[str, Any], evidence: Evidence) -> Iterator[str]:
    for name in _NUMBERS:
        yield from _number(name, cell.get(name), getattr(evidence, name))
    for name in _INTERVALS:
        said, made = cell.get(name) or (None, None), getattr(evidence, name) or (None, None)
        yield from _number(f"{name} low", said[0], made[0])
        yield from _number(f"{name} high", said[1], made[1])


def _number(name: str, said: float | None, made: float | None) -> Iterator[str]:
    if said is None or made is None:
        if said is not made:
            yield f"{name}: says {said}, its gains make {made}"
    elif not math.isclose(said, made, rel_tol=_SAME, abs_tol=1e-12):
        yield f"{name}: says {said}, its gains make {made}"
