"""Whether an attempt's number, level, seeds and forerunners belong together."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.admission.attempts import alpha_of_attempt, seeds_of_attempt
from harness.declarations.hypotheses import Hypothesis
from harness.errors import ClaimError
from harness.verdicts.enough_seeds import least_seeds
from reports.checking.same import number_differs, word_differs
from reports.document import Document


def attempt_number(claim: Mapping[str, Any]) -> int:
    """Return which attempt a claim's entry is."""
    return int((claim.get("attempt") or {}).get("number", 1))


def asked_for(document: Document) -> bool:
    """Return whether every claim has the session's own seeds, whichever attempt it is."""
    settings = document["settings"]
    return bool(settings.get("exploratory") or settings.get("imported"))


def level_of(claim: Mapping[str, Any], document: Document) -> float | None:
    """Return the level that the claim's attempt has of the family's; None in an old document."""
    alpha = document["family"].get("alpha_claim")
    return None if alpha is None else alpha_of_attempt(alpha, attempt_number(claim))


def expected_seeds(
    session: tuple[int, ...],
    attempt: int,
    hypothesis: Hypothesis,
    alpha: float | None,
    ruled: bool,
    looks: tuple[int, ...] = (),
) -> tuple[int, ...]:
    """Return the seeds of a cell in a session with these seeds, by the rule that plans them."""
    if looks and not ruled:
        return seeds_of_attempt(session, attempt, looks[-1])[: looks[-1]]
    if attempt == 1:
        return session
    least = 0 if ruled or alpha is None else least_seeds(hypothesis, alpha)
    return seeds_of_attempt(session, attempt, least)


def attempt_disagreements(claim: Mapping[str, Any], document: Document) -> Iterator[str]:
    """Return what a claim says of its attempt and the rule of attempts does not."""
    said = claim.get("attempt")
    if not said:
        return
    if said["number"] < 2:
        yield f"attempt: says {said['number']}, expected 2 or more where it is said at all"
    try:
        level = level_of(claim, document)
    except ClaimError as error:
        yield f"attempt: {error}"
        return
    yield from number_differs("attempt: alpha", said["alpha"], level, "its number")
    numbers = [one["number"] for one in said["earlier"]]
    made = list(range(1, said["number"]))
    yield from word_differs("attempt: earlier ones", numbers, made, "its number")
    before = {seed for one in said["earlier"] for seed in one["seeds"]}
    again = sorted(before & {seed for cell in claim["cells"] for seed in cell["seeds"]})
    if again and not asked_for(document):
        yield f"attempt: its seeds {again} served an earlier attempt"
    if not (said.get("because") or "").strip():
        yield "attempt: says nothing of why the claim was tried again"
