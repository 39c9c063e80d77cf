"""A claim file that was begun and not filled in: what `claims new` has left open is refused."""

import re
from collections.abc import Iterator

from harness.declarations.claim import Claim
from harness.declarations.searched import AnyClaim
from harness.errors import ClaimDefinitionError

MARK = re.compile(r"\bTODO\b")
"""What `claims new` writes where an author's words belong."""


def check_filled_in(claim: AnyClaim, docstring: str) -> None:
    """Raise ClaimDefinitionError where a reader would be shown the mark."""
    texts = [("docstring", docstring), *_texts(claim)]
    open_ones = list(dict.fromkeys(what for what, text in texts if MARK.search(text or "")))
    if open_ones:
        raise ClaimDefinitionError(
            f"{claim.slug}: got TODO in {', '.join(open_ones)}; expected the words of its author; "
            "fill in every TODO before the claim is judged"
        )


def _texts(claim: AnyClaim) -> Iterator[tuple[str, str | None]]:
    source = claim.source
    yield "statement", claim.statement
    yield from (("source", text) for text in (source.section, source.figure, source.quote))
    if not isinstance(claim, Claim):
        yield "reading", claim.reading
        return
    for name in ("only_because", "because_again", "written_knowing"):
        yield name, getattr(claim, name)
    for question in claim.questions():
        rules = [question.hypothesis, *(a.hypothesis for a in question.alternatives)]
        yield from (("hypothesis: because", rule.because) for rule in rules if rule is not None)
        yield from (("precondition: because", rule.because) for rule in question.preconditions)
    yield from (("reading: because", reading.because) for reading in claim.readings)
