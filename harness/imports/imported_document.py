"""What a document says of a claim whose values were imported: what is known of it, and what not."""

from dataclasses import dataclass
from pathlib import Path

from harness.admission.declaration import shown_hash
from harness.bench import Bench
from harness.declarations.claim import Claim, Question
from harness.documents.attempt_document import attempt_entry
from harness.documents.document import Plain
from harness.documents.places import place_of_file
from harness.families.context import FamilyContext
from harness.imports.claims import path_of

IMPORTED = "imported, not trained here"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where values come from and what they are to be judged by."""

    file: str  # its name, for a reader
    family: Path
    scale: str
    root: Path
    command: str | None = None


def unchecked(question: Question, bench: Bench) -> list[str]:
    """Return what must be known of numbers whose runs are not here."""
    rules = "; ".join(
        f"{p.endpoint.name} of {p.whose(bench.describe)}"
        + (f" at least {p.at_least:g}" if p.at_least is not None else "")
        + (f" at most {p.at_most:g}" if p.at_most is not None else "")
        for p in question.preconditions
    )
    checked = f"Preconditions not checked: imported ({rules})." if rules else ""
    what = f"{IMPORTED.capitalize()}: how these values were made is not known here."
    return [text for text in (what, checked) if text]


def claim_entry(context: FamilyContext, claim: Claim, source: Source) -> Plain:
    """Return the entry of a claim: its words and where they stand, and nothing of runs."""
    path = path_of(context, claim.slug)
    return {
        "statement": claim.statement,
        "title": None,
        "source": {
            "section": claim.source.section,
            "figure": claim.source.figure,
            "quote": claim.source.quote,
        },
        "path": place_of_file(path, source.root),
        "declaration": {
            "sha256": context.declaration(claim),
            "shown_sha256": shown_hash(claim),
            "declared": claim.declared,
            "first_judged": None,
            "written_knowing": claim.written_knowing or None,
        },
        "attempt": attempt_entry(claim, context.budget, context.ledger),
        "not_judged_here": None,
        "imported": IMPORTED,
        "command": source.command,
    }
