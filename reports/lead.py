"""The first sentences of the page: which claims hold, and what of the rest was not run."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from harness.words import Verdict
from reports import formats
from reports.sentences import changed_options, undecided_by_rule, verdicts_of


def lead(document: Mapping[str, Any]) -> str:
    """Which registered claims hold: those judged by seeds in a sentence, searched ones in one."""
    by_seeds, searched = (_registered(document, uses_p=uses_p) for uses_p in (True, False))
    judged = by_seeds.total() + searched.total()
    place = _place(document)
    if judged == 0:
        return f"{place}, no registered claim was run."
    if undecided_by_rule(document):
        return (
            f"{place}, {formats.counted(judged, 'claim')} {_was(judged)} tried out, and by rule "
            "none is decided."
        )
    if not by_seeds:
        return f"{place}, {_searched(searched, 'registered statement')}."
    claims = "registered claim" + (" about training" if searched else "")
    first = f"{place}, {_outcomes(by_seeds, claims)}."
    return f"{first} {_searched(searched, 'statement of theory')}." if searched else first


def beside(document: Mapping[str, Any]) -> str:
    """Return how many registered claims were not run, and what became of additions."""
    unrun = verdicts_of(document, addition=False)[Verdict.NOT_RUN]
    said = [f"{formats.counted(unrun, 'registered claim')} {_was(unrun)} not run."] if unrun else []
    return " ".join([*said, *_additions(document)])


def _place(document: Mapping[str, Any]) -> str:
    stored = document["settings"].get("judge_only")
    where = "From stored runs" if stored else "On this machine"
    if document["settings"].get("imported"):
        where = "From imported values"
    changed = changed_options(document)
    return f"{where} at {document['scale']} scale{f' with {changed}' if changed else ''}"


def _additions(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what became of the claims that the register does not list."""
    by_seeds, searched = (_of(document, addition=True, uses_p=uses_p) for uses_p in (True, False))
    judged = by_seeds.total() + searched.total()
    if undecided_by_rule(document) and judged:
        yield f"Beside the register {_was(judged)} {formats.counted(judged, 'addition')}."
        return
    if by_seeds:
        count = by_seeds.total()
        added = f"Beside the register {_was(count)} {formats.counted(count, 'addition')}"
        yield f"{added}: {_ended(by_seeds, count)}."
    if searched:
        yield f"Beside the register {_searched(searched, 'addition')}."


def _registered(document: Mapping[str, Any], *, uses_p: bool) -> Counter[Verdict]:
    return _of(document, addition=False, uses_p=uses_p)


def _of(document: Mapping[str, Any], *, addition: bool, uses_p: bool) -> Counter[Verdict]:
    """How many of these claims that were run have which verdict."""
    alike = [c for c in document["claims"] if bool(c["uses_p"]) is uses_p]
    counts = verdicts_of({"claims": alike}, addition=addition)
    del counts[Verdict.NOT_RUN]
    return counts


def _searched(counts: Mapping[Verdict, int], what: str) -> str:
    """Return in how many statements a search found a counterexample; that none is no proof."""
    count, refuted = sum(counts.values()), counts.get(Verdict.REFUTED, 0)
    held = counts.get(Verdict.SUPPORTED, 0)
    said = []
    if refuted:
        said.append(f"{refuted} {'has' if refuted == 1 else 'have'} one")
    if held:
        of = f"in {held} " if held < count else ""
        said.append(f"{of}none was found, which is no proof")
    rest = Counter({v: n for v, n in counts.items() if v not in _DECIDED})
    searched = f"{formats.counted(count, what, _plural(what))} {_was(count)} searched for"
    return f"{searched} a counterexample: {'; '.join([*said, *_endings(rest)])}"


_DECIDED = (Verdict.SUPPORTED, Verdict.REFUTED)


def _outcomes(counts: Mapping[Verdict, int], claims: str) -> str:
    judged, held = sum(counts.values()), counts.get(Verdict.SUPPORTED, 0)
    if held == judged:
        every = {
            1: f"the one {claims} that was run holds",
            2: f"both {_plural(claims)} that were run hold",
        }
        return every.get(judged, f"all {judged} {_plural(claims)} that were run hold")
    of = f"the {formats.counted(judged, claims, _plural(claims))} that {_was(judged)} run"
    rest = Counter(counts)
    del rest[Verdict.SUPPORTED]
    first = f"{held or 'none'} of {of} {'holds' if held < 2 else 'hold'}"
    return formats.listed([first, *_endings(rest)])


def _plural(what: str) -> str:
    """``claims about training``, ``statements of theory``."""
    first, rest = re.fullmatch(r"(.*?)( (?:about|of) .*)?", what).groups("")  # type: ignore[union-attr]
    return f"{first}s{rest}"


def _ended(counts: Mapping[Verdict, int], judged: int) -> str:
    held = counts.get(Verdict.SUPPORTED, 0)
    if held == judged:
        return "it holds" if judged == 1 else "all hold"
    return formats.listed(_endings(counts))


def _endings(counts: Mapping[Verdict, int]) -> list[str]:
    """Return how many ended in which way; nothing of what was not run."""
    endings = (
        (Verdict.SUPPORTED, "holds", "hold"),
        (Verdict.REFUTED, "is refuted", "are refuted"),
        (Verdict.INCONCLUSIVE, "could not be decided", "could not be decided"),
        (Verdict.INVALID, "is void", "are void"),
        (Verdict.ERROR, "failed to run", "failed to run"),
    )
    found = ((counts.get(verdict, 0), one, many) for verdict, one, many in endings)
    return [f"{count} {one if count == 1 else many}" for count, one, many in found if count]


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
