"""A claim from its cells: one reason, one line of the ledger, panels that cells share."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.documents.document import Plain
from harness.ledgers.ledger_rules import LedgerStatus
from harness.verdicts.decision import holm
from harness.words import RefutedKind, Verdict

Said = dict[str, Any]
"""What a worker says of one cell: strict JSON types only."""

JUDGED = (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE)
"""Verdicts whose p values are of a comparison that is not void."""

WORST_FIRST = (
    LedgerStatus.DRIFT,
    LedgerStatus.REASON_OWED,
    LedgerStatus.NO_ENTRY,
    LedgerStatus.OTHER_DECLARATION,
    LedgerStatus.DIFFERS_AGREEING,
)
"""Of a claim's cells the first of these that one has is the claim's status."""

AS_RECORDED = {LedgerStatus.SAME, LedgerStatus.REPLICATES}


def that_could_contradict(verdict: Verdict, cells: list[Plain]) -> list[Plain]:
    """Return the alternatives of the cells that make the verdict, where the claim is decided.

    A refuted claim rests on its refuted cells: that another one is doubtful contradicts nothing.
    Beside INCONCLUSIVE or INVALID nothing is said that could be contradicted.
    """
    if verdict not in (Verdict.SUPPORTED, Verdict.REFUTED):
        return []
    rows = (row for cell in cells if cell["verdict"] == verdict for row in cell["sensitivity"])
    return [row for row in rows if row["available"]]


def deciding_cell(verdict: Verdict, cells: list[Plain]) -> Plain:
    """Return the cell that speaks for the claim: of refuted ones the first that is opposite."""
    same = [cell for cell in cells if cell["verdict"] == verdict] or cells
    return next((cell for cell in same if cell["refuted_kind"] == RefutedKind.OPPOSITE), same[0])


def reason_of(deciding: Plain, cells: list[Plain]) -> str:
    """Return why the claim has its verdict: the deciding cell's reason, and how many share it."""
    where = f"{deciding['label']}: " if len(cells) > 1 else ""
    same = sum(cell["verdict"] == deciding["verdict"] for cell in cells)
    of = f" ({same} of {len(cells)} cells are {deciding['verdict']}.)" if len(cells) > 1 else ""
    return f"{where}{deciding['reason']}{of}"


def refuted_if(cells: list[Plain]) -> str:
    """Return what would refute the claim, over all its cells."""
    texts = list(dict.fromkeys(cell["hypothesis"]["refuted_if"] for cell in cells))
    return "in any one cell, " + " or ".join(texts) if len(cells) > 1 else texts[0]


def declared_place(one: Said) -> tuple[str, int]:
    """Return where a cell stands: by its claim, then by its place among the declared cells."""
    ids = [cell["id"] for cell in one["declared_cells"]]
    return one["slug"], ids.index(one["cell"]["id"])


def worst_ledger(said: list[Said], deciding: Plain) -> Plain:
    """Return what the ledger says of the cell that needs a reader most, else of the deciding one.

    ``cell`` names it where there are several.
    """
    worst = (one for word in WORST_FIRST for one in said if one["ledger"]["status"] == word)
    own = (one for one in said if one["cell"]["id"] == deciding["id"])
    shown = next(worst, next(own, said[0]))
    several = len(shown["declared_cells"]) > 1
    ledger: Plain = shown["ledger"] | {"cell": shown["cell"]["label"] if several else None}
    return ledger


def ledger_lines(said: list[Said]) -> list[str]:
    """Return what the ledger says of the cells: each line once, or one where all agree with it."""
    lines = list(dict.fromkeys(one["ledger"]["line"] for one in said if one["ledger"]["line"]))
    statuses = {one["ledger"]["status"] for one in said}
    if len(lines) > 1 and len(statuses) == 1 and statuses <= AS_RECORDED:
        return [f"each of {len(said)} cells as in the ledger, {LedgerStatus(*statuses).in_line}"]
    return lines


def figures_of(said: list[Said]) -> list[Plain]:
    """Return the panels of all cells; cells that draw the same panel share it."""
    panels: dict[str, Plain] = {}
    for panel in (panel for one in said for panel in one["figures"]):
        key = f"{panel['title']} {panel['metric']} {[line['label'] for line in panel['lines']]}"
        if key in panels:
            panels[key]["cells"] += panel["cells"]
        else:
            panels[key] = panel
    return list(panels.values())


def holm_of(
    claims: Sequence[Mapping[str, Any]], p_slugs: int, alpha_claim: float | None = None
) -> dict[str, float]:
    """Return Holm's adjusted p value of each judged claim; none unless all ``p_slugs`` have a p.

    A claim's p is the largest of its cells'. Where a cell was judged at a part of the claim's
    ``alpha_claim`` (another attempt), its p counts as many times as that part fits into it. A claim
    that this scale cannot judge, or whose comparison is void, counts with p = 1: the others' values
    only grow by it. An addition does not count.
    """
    registered = [claim for claim in claims if claim["uses_p"] and not claim["addition"]]
    p_of: dict[str, float] = {
        claim["slug"]: max(_p_of_share(cell, alpha_claim) for cell in claim["cells"])
        for claim in registered
        if claim["cells"]
        and all(cell["p"] is not None and cell["verdict"] in JUDGED for cell in claim["cells"])
    }
    judged = set(p_of)
    p_of |= {claim["slug"]: 1.0 for claim in registered if _counts_as_one(claim)}
    if len(p_of) != p_slugs:
        return {}
    return {slug: p for slug, p in holm(p_of).items() if slug in judged}


def _counts_as_one(claim: Mapping[str, Any]) -> bool:
    """Return whether a claim has no p of its own though all its cells came to their end."""
    verdicts = {cell["verdict"] for cell in claim["cells"]}
    void = Verdict.INVALID in verdicts and verdicts <= {Verdict.INVALID, *JUDGED}
    return void or claim.get("not_judged_here") is not None


def _p_of_share(cell: Mapping[str, Any], alpha_claim: float | None) -> float:
    """Return a cell's p as if it had been judged at the claim's whole share of alpha."""
    p: float = cell["p"]
    if alpha_claim is None or not cell.get("alpha"):
        return p
    times: float = max(1.0, alpha_claim / cell["alpha"])
    return min(1.0, p * times)
