"""The ``claims`` of a document: an entry for each registered slug, from what its cells said."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness.admission.attempts import Earlier
from harness.declarations.claim_files import file_name
from harness.declarations.family import Family
from harness.documents.document import Plain, run_cost
from harness.documents.merging import (
    Said,
    deciding_cell,
    declared_place,
    figures_of,
    holm_of,
    ledger_lines,
    reason_of,
    refuted_if,
    that_could_contradict,
    worst_ledger,
)
from harness.documents.places import place_of_file
from harness.documents.side_document import readings_summary, scope_map
from harness.verdicts.decision import combine_cells
from harness.words import Verdict


class Entries:
    """Makes the entries of one family's claims from what was said of the cells that were run.

    ``on_record`` returns what the ledger holds of a claim at this scale, which one that was not run
    says.
    """

    def __init__(
        self,
        *,
        family: Family,
        root: Path,
        said: list[Said],
        on_record: Callable[[str], Earlier | None] = lambda _: None,
    ) -> None:
        self.family = family
        self.root = root
        self._on_record = on_record
        self.by_slug: dict[str, list[Said]] = {}
        for one in sorted(said, key=declared_place):  # workers end in any order
            self.by_slug.setdefault(one["slug"], []).append(one)

    def not_judged_here(self, slug: str) -> str | None:
        """Return why this scale cannot judge the claim, where that is why it was not run."""
        said = self.by_slug.get(slug)
        why: str | None = said[0]["claim"]["not_judged_here"] if said else None
        return why

    def claims(self) -> list[Plain]:
        """Return an entry for each registered slug, in order, and for each addition."""
        register = self.family.register
        slugs = [entry.slug for entry in register]
        additions = sorted(set(self.by_slug) - set(slugs))
        claims = [self._claim(slug) for slug in (*slugs, *additions)]
        self._add_holm(claims)
        return claims

    def _claim(self, slug: str) -> Plain:
        said = self.by_slug.get(slug)
        return self._run(slug, said) if said else self._not_run(slug)

    def _run(self, slug: str, said: list[Said]) -> Plain:
        first = said[0]
        cells = self._cells(said)
        verdict = combine_cells(Verdict(cell["verdict"]) for cell in cells)
        deciding = deciding_cell(verdict, cells)
        alternatives = that_could_contradict(verdict, cells)
        contradicting = sum(s["contradicts"] for s in alternatives)
        claim: Plain = first["claim"] | {
            "slug": slug,
            "verdict": str(verdict),
            "refuted_kind": deciding["refuted_kind"],
            "reason": self.not_judged_here(slug) or reason_of(deciding, cells),
            "refuted_if": refuted_if(cells),
            "fragile": contradicting > 0,
            "contradicting": contradicting,
            "alternatives": len(alternatives),
            "ledger": worst_ledger(said, deciding) | {"line": "; ".join(ledger_lines(said))},
            "addition": self.family.registered(slug) is None,
            "uses_p": not any(cell.get("search") for cell in cells),
            "deviations": list(dict.fromkeys(d for one in said for d in one["deviations"])),
            "cells": cells,
            "figures": figures_of(said),
            "readings": readings_summary(verdict, cells),
            "scope": scope_map(said, {cell["id"]: cell["label"] for cell in cells}),
            "cost": run_cost(cells),
        }
        return claim

    def _cells(self, said: list[Said]) -> list[Plain]:
        """Return a cell for each that the claim declares; those not selected are NOT RUN."""
        by_id = {one["cell"]["id"]: one["cell"] for one in said}
        return [by_id.get(cell["id"], cell) for cell in said[0]["declared_cells"]]

    def _not_run(self, slug: str) -> Plain:
        entry = self.family.registered(slug)
        assert entry is not None  # noqa: S101 - only registered slugs come here
        path = self.family.folder / file_name(slug)
        reason = "Not part of this run." if path.exists() else "No file tests this claim."
        if (recorded := self._on_record(slug)) is not None:
            reason += f" On record: {recorded.verdict} of {recorded.date}."
        source = {"section": entry.section, "figure": entry.figure, "quote": None}
        return {
            "slug": slug,
            "statement": entry.statement,
            "title": None,
            "source": source,
            "path": place_of_file(path, self.root) if path.exists() else None,
            "verdict": str(Verdict.NOT_RUN),
            "refuted_kind": None,
            "reason": reason,
            "refuted_if": None,
            "fragile": False,
            "contradicting": 0,
            "alternatives": 0,
            "ledger": {
                "status": "not read",
                "line": "",
                "reason": None,
                "entry": None,
                "cell": None,
            },
            "addition": False,
            "uses_p": entry.uses_p,
            "deviations": [],
            "declaration": {
                "sha256": None,
                "declared": None,
                "first_judged": None,
                "written_knowing": None,
            },
            "cells": [],
            "figures": [],
            "readings": None,
            "scope": None,
            "attempt": None,
            "cost": {"runs": 0, "train_s": 0.0},
            "command": None,
        }

    def _add_holm(self, claims: list[Plain]) -> None:
        """Add Holm's adjusted p values where every registered slug that uses a p has one."""
        adjusted = holm_of(claims, self.family.p_slugs, self.family.alpha_claim)
        for claim in (claim for claim in claims if claim["slug"] in adjusted):
            for cell in claim["cells"]:
                cell["p_holm"] = adjusted[claim["slug"]]


def family_entry(family: Family) -> Plain:
    """Return what a document says of the family: its share of alpha, its register."""
    entry: Plain = {
        "slug": family.slug,
        "title": family.title,
        "citation": family.citation,
        "url": family.url,
        "alpha": family.alpha,
        "registered": len(family.register),
        "p_slugs": family.p_slugs,
        "alpha_claim": family.alpha_claim,
        "register": [{"slug": e.slug, "uses_p": e.uses_p} for e in family.register],
    }
    left_out = [{"what": each.what, "because": each.because} for each in family.not_asked]
    entry |= {"not_asked": left_out} if left_out else {}
    return entry | ({"study": True} if family.study else {})


def harness_version() -> str:
    """Return the version of this project that is installed."""
    try:
        return version("paper-claims")
    except PackageNotFoundError:
        return "not installed"
