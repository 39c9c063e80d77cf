"""``verdicts.json`` as a whole: an entry for each registered slug, from what its cells said."""

import platform
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness.context import FamilyContext
from harness.decision import combine_cells
from harness.digest import sealed
from harness.document import SCHEMA, Plain, plain, run_cost
from harness.merging import (
    Said,
    declared_place,
    figures_of,
    holm_of,
    ledger_lines,
    reason_of,
    refuted_if,
    that_could_contradict,
    worst_ledger,
)
from harness.session import ClaimSession
from harness.side_document import readings_summary, scope_map
from harness.words import Verdict


class Assembly:
    """Makes the document of one family from what was said of the cells that were run."""

    def __init__(
        self, session: ClaimSession, context: FamilyContext, said: list[Said], command: str
    ) -> None:
        self._session = session
        self._context = context
        self._command = command
        self._by_slug: dict[str, list[Said]] = {}
        for one in sorted(said, key=declared_place):  # workers end in any order
            self._by_slug.setdefault(one["slug"], []).append(one)

    def document(self) -> Plain:
        """Return the content of ``verdicts.json``: strict JSON types only."""
        claims = self._claims()
        counts = Counter(claim["verdict"] for claim in claims)
        body = {
            "schema": SCHEMA,
            "family": self._family(),
            "scale": self._context.scale.name,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": self._settings(),
            "environment": self._environment(),
            "cost": self._cost(claims),
            "counts": {str(word): counts.get(str(word), 0) for word in Verdict},
            "notices": [*self._session.notices, *self._damaged()],
            "claims": claims,
        }
        return sealed(plain(body))

    def _family(self) -> Plain:
        family = self._context.family
        return {
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

    def _settings(self) -> Plain:
        register = [entry.slug for entry in self._context.family.register]
        missing = [slug for slug in register if slug not in self._by_slug]
        elsewhere = [slug for slug in register if self._not_judged_here(slug)]
        run, scale = len(register) - len(missing) - len(elsewhere), self._context.scale.name
        partial = f"{run} of {len(register)} registered claims were run."
        if elsewhere:
            partial += f" Scale {scale} cannot judge {len(elsewhere)} of the others."
        return {
            "seeds": list(self._context.seeds),
            "exploratory": self._context.exploratory,
            "options": dict(self._session.settings.bench_options),
            "command": self._command,
            "judge_only": self._session.settings.judge_only,
            "partial": partial if missing or elsewhere else False,
        }

    def _not_judged_here(self, slug: str) -> str | None:
        """Return why this scale cannot judge the claim, where that is why it was not run."""
        said = self._by_slug.get(slug)
        why: str | None = said[0]["claim"]["not_judged_here"] if said else None
        return why

    def _environment(self) -> Plain:
        trained = self._context.judged_environment
        return {
            "name": self._context.store.environment,
            "harness": _version("paper-claims"),
            "commit": _commit(self._session.root),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "torch": trained.torch,
            "cuda": trained.cuda,
            "card": self._hardware("card") or None,
            "cpu": self._hardware("cpu") or None,
            "precision": trained.precision,
            "engine": trained.engine,
        }

    def _hardware(self, part: str) -> str:
        """Return what the judged runs were trained on, as their records say."""
        said = (one for cells in self._by_slug.values() for one in cells)
        return "; ".join(sorted({one["hardware"][part] for one in said} - {""}))

    def _cost(self, claims: list[Plain]) -> Plain:
        cost = run_cost([cell for claim in claims for cell in claim["cells"]])
        board = self._session.board(self._context)
        trained = sum(note["runs"] for note in board.all_trained().values())
        wall_s = time.monotonic() - self._session.started
        reused = max(cost["runs"] - trained, 0)
        return cost | {"trained": trained, "reused": reused, "wall_s": wall_s}

    def _damaged(self) -> list[str]:
        return [
            f"A damaged record was set aside in the store's damaged folder: {name}."
            for name in self._context.store.damaged(self._session.started_ns)
        ]

    def _claims(self) -> list[Plain]:
        register = self._context.family.register
        slugs = [entry.slug for entry in register]
        additions = sorted(set(self._by_slug) - set(slugs))
        claims = [self._claim(slug) for slug in (*slugs, *additions)]
        self._add_holm(claims)
        return claims

    def _claim(self, slug: str) -> Plain:
        said = self._by_slug.get(slug)
        return self._run(slug, said) if said else self._not_run(slug)

    def _run(self, slug: str, said: list[Said]) -> Plain:
        first = said[0]
        cells = self._cells(said)
        verdict = combine_cells(Verdict(cell["verdict"]) for cell in cells)
        deciding = next((c for c in cells if c["verdict"] == str(verdict)), cells[0])
        alternatives = that_could_contradict(verdict, cells)
        contradicting = sum(s["contradicts"] for s in alternatives)
        claim: Plain = first["claim"] | {
            "slug": slug,
            "verdict": str(verdict),
            "refuted_kind": deciding["refuted_kind"],
            "reason": self._not_judged_here(slug) or reason_of(deciding, cells),
            "refuted_if": refuted_if(cells),
            "fragile": contradicting > 0,
            "contradicting": contradicting,
            "alternatives": len(alternatives),
            "ledger": worst_ledger(said) | {"line": "; ".join(ledger_lines(said))},
            "addition": self._context.family.registered(slug) is None,
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
        entry = self._context.family.registered(slug)
        assert entry is not None  # noqa: S101 - only registered slugs come here
        path = self._context.family.folder / f"test_{slug.replace('-', '_')}.py"
        reason = "Not part of this run." if path.exists() else "No file tests this claim yet."
        source = {"section": entry.section, "figure": entry.figure, "quote": None}
        return {
            "slug": slug,
            "statement": entry.statement,
            "title": None,
            "source": source,
            "path": str(path.relative_to(self._session.root)) if path.exists() else None,
            "verdict": str(Verdict.NOT_RUN),
            "refuted_kind": None,
            "reason": reason,
            "refuted_if": None,
            "fragile": False,
            "contradicting": 0,
            "alternatives": 0,
            "ledger": {"status": "not read", "line": "", "reason": None, "entry": None},
            "addition": False,
            "uses_p": entry.uses_p,
            "deviations": [],
            "declaration": {"sha256": None, "declared": None, "first_judged": None},
            "cells": [],
            "figures": [],
            "readings": None,
            "scope": None,
            "cost": {"runs": 0, "train_s": 0.0},
            "command": None,
        }

    def _add_holm(self, claims: list[Plain]) -> None:
        """Add Holm's adjusted p values where every registered slug that uses a p has one."""
        adjusted = holm_of(claims, self._context.family.p_slugs)
        for claim in (claim for claim in claims if claim["slug"] in adjusted):
            for cell in claim["cells"]:
                cell["p_holm"] = adjusted[claim["slug"]]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _commit(root: Path) -> str | None:
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            command, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
