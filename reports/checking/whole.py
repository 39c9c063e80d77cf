"""Whether a document's verdicts follow from its own numbers: each is reached a second time."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.documents.digest import KEY, digest_of
from harness.documents.document import run_cost
from harness.documents.merging import deciding_cell, reason_of, refuted_if, that_could_contradict
from harness.verdicts.decision import combine_cells
from harness.words import Verdict
from reports.checking.attempt import (
    asked_for,
    attempt_disagreements,
    attempt_number,
    level_of,
)
from reports.checking.cell import Around, cell_disagreements, decision_disagreements
from reports.checking.family import family_disagreements
from reports.checking.looks import stopping_disagreements
from reports.checking.same import number_differs, word_differs
from reports.checking.side import side_disagreements
from reports.document import Document
from reports.sentences import undecided_by_rule

_BY_CELLS = "its cells"


def disagreements(document: Document) -> tuple[str, ...]:
    """Return what the document says and its own numbers do not: a sentence each, or nothing.

    Makes anew each cell's gains from its endpoints, and from the gains estimate, spread, intervals,
    p values, verdict, reason, power, the other tests and definitions; each precondition from its
    values; each claim's verdict, alternatives and FRAGILE; the answers of readings and scope; the
    intervals beside the paper's numbers; counts, costs, shares of alpha and Holm's p values. Finds
    seeds that are pilots, twice there or unpaired, and registered claims that are not listed.
    """
    return tuple(each_disagreement(document))


def each_disagreement(document: Document) -> Iterator[str]:
    """Yield the disagreements one by one, those of the claims first, in their order."""
    for claim in document["claims"]:
        yield from (f"{claim['slug']}: {text}" for text in _claim(claim, document))
    yield from family_disagreements(document)


def changed(document: Document) -> str | None:
    """Return that the document was changed after it was written, or None where it was not.

    None, too, for a document without a digest: ``sealed`` says whether it has one.
    """
    said = document.get(KEY)
    if said is None or said == digest_of(document):
        return None
    return (
        f"changed after it was written: its digest is {said[:12]}..., its content makes "
        f"{digest_of(document)[:12]}..."
    )


def sealed(document: Document) -> bool:
    """Say whether the document has a digest: those of older versions have none."""
    return document.get(KEY) is not None


def _claim(claim: Mapping[str, Any], document: Document) -> Iterator[str]:
    around = Around(
        slug=claim["slug"],
        cells=len(claim["cells"]),
        alpha=level_of(claim, document),
        seeds=tuple(document["settings"]["seeds"]),
        ruled=undecided_by_rule(document),
        attempt=1 if asked_for(document) else attempt_number(claim),
    )
    yield from attempt_disagreements(claim, document)
    for cell in claim["cells"]:
        where = f"{cell['label'] or cell['id']}: " if len(claim["cells"]) > 1 else ""
        yield from (where + text for text in cell_disagreements(cell, around))
    yield from stopping_disagreements(claim["cells"])
    yield from _cells(claim)
    yield from side_disagreements(claim, around.ruled, decision_disagreements)
    yield from _alternatives(claim)
    if all("runs" in cell for cell in claim["cells"]) and claim.get("cost"):
        for name, made in run_cost(claim["cells"]).items():
            said = claim["cost"].get(name)
            yield from number_differs(f"cost: {name}", said, made, "its runs", scale=1.0)


def _cells(claim: Mapping[str, Any]) -> Iterator[str]:
    """Yield which of a claim's words its declared cells do not make."""
    cells = claim["cells"]
    ids = [cell["id"] for cell in cells]
    if len(set(ids)) < len(ids):
        yield f"cells: says {ids}, expected each once"
    if not cells:
        yield from word_differs("verdict", claim["verdict"], str(Verdict.NOT_RUN), "no cells")
        yield from word_differs("refuted kind", claim.get("refuted_kind"), None, "no cells")
        return
    verdict = combine_cells(Verdict(cell["verdict"]) for cell in cells)
    yield from word_differs("verdict", claim["verdict"], str(verdict), _BY_CELLS)
    deciding = deciding_cell(Verdict(verdict), cells)
    said = claim.get("refuted_kind")
    yield from word_differs("refuted kind", said, deciding.get("refuted_kind"), _BY_CELLS)
    searched = any(cell.get("search") for cell in cells)
    yield from word_differs("uses_p", claim.get("uses_p"), not searched, _BY_CELLS)
    reason = claim.get("not_judged_here") or reason_of(deciding, cells)
    yield from word_differs("reason", claim.get("reason"), reason, _BY_CELLS)
    yield from word_differs("refuted_if", claim.get("refuted_if"), refuted_if(cells), _BY_CELLS)


def _alternatives(claim: Mapping[str, Any]) -> Iterator[str]:
    rows = that_could_contradict(Verdict(claim["verdict"]), claim["cells"])
    against = sum(bool(row["contradicts"]) for row in rows)
    if claim.get("contradicting") not in (None, against):
        yield f"says {claim['contradicting']} alternatives contradict, its cells list {against}"
    if claim.get("alternatives") not in (None, len(rows)):
        yield f"says {claim['alternatives']} alternatives, its cells list {len(rows)}"
    if claim["fragile"] != (against > 0):
        yield f"says fragile {claim['fragile']}, with {against} contradicting alternatives"
