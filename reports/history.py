"""How the verdicts of one family came out over several runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.words import Verdict
from reports import formats
from reports.document import Document, DocumentError


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """One claim's verdict in one run."""

    slug: str
    scale: str
    created: str
    verdict: Verdict
    environment: str


def moments(documents: Sequence[Document]) -> tuple[Moment, ...]:
    """Every verdict of every run, by slug and scale and then by time; NOT RUN is left out.

    Raises DocumentError for documents of more than one family.
    """
    families = {document["family"]["slug"] for document in documents}
    if len(families) > 1:
        raise DocumentError(
            f"history: got the families {formats.listed(sorted(families))}, expected one; "
            "list each on its own"
        )
    found = (moment for document in documents for moment in _moments(document))
    return tuple(sorted(found, key=lambda moment: (moment.slug, moment.scale, moment.created)))


def history_lines(documents: Sequence[Document]) -> Iterator[str]:
    """Return a line for each verdict, with a mark where it differs from the one before."""
    before: Moment | None = None
    for now in moments(documents):
        same_claim = before is not None and (before.slug, before.scale) == (now.slug, now.scale)
        if not same_claim:
            yield f"{now.slug} ({now.scale})"
        changed = same_claim and before is not None and before.verdict != now.verdict
        mark = f"  was {before.verdict}" if changed and before is not None else ""
        yield f"  {formats.moment(now.created)}  {now.verdict:<12}  {now.environment}{mark}"
        before = now


def _moments(document: Document) -> Iterator[Moment]:
    for claim in document["claims"]:
        verdict = Verdict(claim["verdict"])
        if verdict is not Verdict.NOT_RUN:
            yield Moment(
                slug=claim["slug"],
                scale=document["scale"],
                created=document["created"],
                verdict=verdict,
                environment=document["environment"].get("name") or "",
            )
