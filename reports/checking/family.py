"""Whether the shares of the error budget, the register and the counts of a document agree."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.documents.document import run_cost
from harness.documents.merging import holm_of
from harness.errors import ClaimError
from harness.words import Verdict
from reports.checking.same import number_differs, word_differs
from reports.document import Document
from reports.sentences import counted_verdicts

Claims = Sequence[Mapping[str, Any]]


def family_disagreements(document: Document) -> Iterator[str]:
    """Return what a document says of the whole family and its claims do not."""
    claims: Claims = document["claims"]
    yield from _counts(document, claims)
    yield from _budget(document["family"])
    yield from _register(document["family"], claims)
    yield from _holm(document["family"], claims)
    yield from _cost(document["cost"], claims)


def _counts(document: Document, claims: Claims) -> Iterator[str]:
    counted = counted_verdicts(claims)
    for verdict in Verdict:
        said = document["counts"].get(str(verdict), 0)
        if said != counted[verdict]:
            yield f"counts: says {said} {verdict}, the claims are {counted[verdict]}"


def _budget(family: Mapping[str, Any]) -> Iterator[str]:
    alpha, slugs, said = (family.get(key) for key in ("alpha", "p_slugs", "alpha_claim"))
    if alpha is None or slugs is None or said is None:
        return
    share = alpha / (slugs or 1)  # in a register of searches alone an addition has the whole
    yield from number_differs("family: alpha_claim", said, share, f"{alpha} / {slugs or 1}")


def _register(family: Mapping[str, Any], claims: Claims) -> Iterator[str]:
    """Every registered slug is listed, once, whether or not it was run."""
    slugs = [claim["slug"] for claim in claims]
    twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if twice:
        yield f"claims: {', '.join(twice)} more than once"
    register = family.get("register")
    if register is None:  # an older document, or one that was made by hand
        return
    uses_p = {entry["slug"]: entry["uses_p"] for entry in register}
    missing = [slug for slug in uses_p if slug not in slugs]
    if missing:
        yield f"claims: the register has {', '.join(missing)}, which no claim is"
    for name, made in (("registered", len(register)), ("p_slugs", sum(uses_p.values()))):
        yield from number_differs(f"family: {name}", family.get(name), made, "its register")
    for claim in claims:
        where, addition = f"{claim['slug']}: ", claim["slug"] not in uses_p
        yield from word_differs(f"{where}addition", claim.get("addition"), addition, "the register")
        if not addition:
            said, made = claim.get("uses_p"), uses_p[claim["slug"]]
            yield from word_differs(f"{where}uses_p", said, made, "the register")


def _holm(family: Mapping[str, Any], claims: Claims) -> Iterator[str]:
    if not family.get("p_slugs"):
        return
    try:
        adjusted = holm_of(claims, family["p_slugs"], family.get("alpha_claim"))
    except (ClaimError, TypeError) as error:
        yield f"Holm: cannot be adjusted again: {error}"
        return
    for claim in claims:
        for cell in claim["cells"]:
            said, made = cell.get("p_holm"), adjusted.get(claim["slug"])
            yield from number_differs(f"{claim['slug']}: p_holm", said, made, "the p values")


def _cost(said: Mapping[str, Any], claims: Claims) -> Iterator[str]:
    """Count the runs of all claims, each once, and the seconds that they took."""
    if any("runs" not in cell for claim in claims for cell in claim["cells"]):
        return
    made = run_cost([cell for claim in claims for cell in claim["cells"]])
    for name, value in made.items():
        yield from number_differs(f"cost: {name}", said.get(name), value, "the runs", scale=1.0)
    if said.get("trained") is not None:
        reused = made["runs"] - said["trained"]
        if "trained_beside" not in said:  # an older document counts those with the trained ones
            reused = max(reused, 0)
        yield from number_differs("cost: reused", said.get("reused"), reused, "the runs")
