"""``verdicts.json`` as a whole: an entry for each registered slug, from what its cells said."""

import platform
import time
from collections import Counter
from datetime import UTC, datetime

from harness.declarations.lookalikes import lookalikes
from harness.documents.commit import commit_of
from harness.documents.digest import sealed
from harness.documents.document import SCHEMA, Plain, plain, run_cost, seconds_of_runs
from harness.documents.entries import Entries, family_entry, harness_version
from harness.documents.merging import Said
from harness.families.context import FamilyContext
from harness.hooks.session import ClaimSession
from harness.words import Verdict


class Assembly:
    """Makes the document of one family from what was said of the cells that were run."""

    def __init__(
        self, session: ClaimSession, context: FamilyContext, said: list[Said], command: str
    ) -> None:
        self._session = session
        self._context = context
        self._command = command
        self._entries = Entries(
            family=context.family, root=session.root, said=said, on_record=context.on_record
        )

    def document(self) -> Plain:
        """Return the content of ``verdicts.json``: strict JSON types only."""
        claims = self._entries.claims()
        counts = Counter(claim["verdict"] for claim in claims)
        body = {
            "schema": SCHEMA,
            "family": family_entry(self._context.family),
            "scale": self._context.scale.name,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": self._settings(),
            "environment": self._environment(),
            "cost": self._cost(claims),
            "counts": {str(word): counts.get(str(word), 0) for word in Verdict},
            "notices": self._notices(),
            "claims": claims,
        }
        return sealed(plain(body))

    def _notices(self) -> list[str]:
        misspelt = lookalikes(self._context.family)
        return [*self._session.notices, *misspelt, *self._damaged(), *self._trained_again()]

    def _settings(self) -> Plain:
        register = [entry.slug for entry in self._context.family.register]
        missing = [slug for slug in register if slug not in self._entries.by_slug]
        elsewhere = [slug for slug in register if self._entries.not_judged_here(slug)]
        run, scale = len(register) - len(missing) - len(elsewhere), self._context.scale.name
        partial = f"{run} of {len(register)} registered claims were run."
        if elsewhere:
            partial += f" {len(elsewhere)} cannot be judged at scale {scale}."
        return {
            "seeds": list(self._context.seeds),
            "exploratory": self._context.exploratory,
            "options": dict(self._context.options),
            "changed_options": list(self._context.changed_options),
            "command": self._command,
            "judge_only": self._session.settings.judge_only,
            "partial": partial if missing or elsewhere else False,
        }

    def _environment(self) -> Plain:
        trained = self._context.judged_environment
        return {
            "name": self._context.store.environment,
            "harness": harness_version(),
            "commit": commit_of(self._session.root),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "library": f"{trained.library} {trained.version}",
            "torch": trained.version if trained.library == "torch" else None,
            "numpy": self._hardware("numpy") or None,
            "cuda": trained.cuda,
            "card": self._hardware("card") or None,
            "cpu": self._hardware("cpu") or None,
            "precision": trained.precision,
            "engine": trained.engine,
        }

    def _hardware(self, part: str) -> str:
        """Return what the judged runs were trained on, as their records say."""
        said = (one for cells in self._entries.by_slug.values() for one in cells)
        return "; ".join(sorted({one["hardware"][part] for one in said} - {""}))

    def _cost(self, claims: list[Plain]) -> Plain:
        """Return what the runs that verdicts rest on took, and which of them were trained here."""
        cells = [cell for claim in claims for cell in claim["cells"]]
        judged = seconds_of_runs(cells).keys()
        trained = self._session.board(self._context).trained_runs()
        return run_cost(cells) | {
            "trained": len(judged & trained),
            "reused": len(judged - trained),
            "trained_beside": len(trained - judged),
            "wall_s": time.monotonic() - self._session.started,
        }

    def _trained_again(self) -> list[str]:
        same = self._session.board(self._context).all_kept()
        if not same:
            return []
        text = (
            f"{len(same)} stored runs were trained again with the rest of their block of seeds, "
            f"{sum(same)} with the same numbers: the store keeps the first record of each."
        )
        return [text]

    def _damaged(self) -> list[str]:
        """Return a line for each record of this family's plan that was set aside."""
        planned = self._session.board(self._context).planned_runs()
        return [
            f"A damaged record was set aside in the store's damaged folder: {name}."
            for name in self._context.store.damaged(self._session.started_ns)
            if name.partition(".")[0] in planned
        ]
