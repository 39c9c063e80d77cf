"""What became of a claim's cells, in a line, and which alternatives contradict it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.documents.merging import that_could_contradict
from harness.words import RefutedKind, Verdict
from reports import formats
from reports.naming import cells_named, grouped

_WORDS = {
    Verdict.SUPPORTED: "hold",
    Verdict.REFUTED: "refuted",
    Verdict.INCONCLUSIVE: "undecided",
    Verdict.INVALID: "void",
    Verdict.ERROR: "failed to run",
    Verdict.NOT_RUN: "not run",
}


def cells_line(verdict: str, cells: Sequence[str]) -> str:
    """Return how many cells have which verdict: that of the claim first, ``2 of 3 cells hold``."""
    counts = Counter(map(Verdict, cells))
    present = [word for word in (Verdict(verdict), *Verdict) if counts[word]]
    first, *rest = dict.fromkeys(present)
    line = f"{counts[first]} of {len(cells)} cells {_said(first, counts[first])}"
    return ", ".join([line, *(f"{counts[word]} {_said(word, counts[word])}" for word in rest)])


def cells_sentence(verdict: str, cells: Sequence[tuple[str, str]]) -> str:
    """Return the same in words, with the names of the cells that made the claim's verdict.

    ``cells`` are (label, verdict); of one cell there is nothing to say.
    """
    if len(cells) < 2:
        return ""
    counts = Counter(Verdict(one) for _, one in cells)
    if len(counts) == 1:
        return f"All {len(cells)} cells {_verb(next(iter(counts)), len(cells))}."
    first = next(word for word in (Verdict(verdict), *Verdict) if counts[word])
    labels = [label for label, one in cells if one == first]
    named = cells_named(labels, [label for label, _ in cells])
    which = f": {named}" if counts[first] <= _MOST_NAMED else ""
    others = (word for word in Verdict if word is not first and counts[word])
    rest = [f"{counts[word]} {_verb(word, counts[word])}" for word in others]
    told = f"{counts[first]} of {len(cells)} cells {_verb(first, counts[first])}{which}"
    return f"{told}; {formats.listed(rest)}."


_MOST_NAMED = 4


def _verb(verdict: Verdict, count: int) -> str:
    if verdict is Verdict.SUPPORTED:
        return "holds" if count == 1 else "hold"
    if verdict is Verdict.ERROR:
        return _WORDS[verdict]
    return f"{'is' if count == 1 else 'are'} {_WORDS[verdict]}"


def kind_said(kind: str | None, cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the kind of a refutation by these cells, as a reader takes it.

    Of "not more than 2 points below" the opposite would be "above": it is beyond the margin.
    """
    margins = {(cell.get("hypothesis") or {}).get("kind") for cell in cells}
    return BEYOND if kind == RefutedKind.OPPOSITE and margins == {"not below"} else kind or ""


def refuted_cells(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the cells that refute a claim."""
    return [cell for cell in cells if cell["verdict"] == Verdict.REFUTED]


BEYOND = "beyond the margin"


def _said(verdict: Verdict, count: int) -> str:
    return "holds" if verdict is Verdict.SUPPORTED and count == 1 else _WORDS[verdict]


def attempt_marks(claim: Mapping[str, Any]) -> tuple[str, ...]:
    """Return ``attempt 2`` and what the earlier ones ended in; nothing of a first attempt."""
    attempt = claim.get("attempt")
    if not attempt:
        return ()
    ended = [one for one in attempt["earlier"] if one.get("verdict")]
    marks = [f"{_nth(one['number'])}: {one['verdict']}" for one in ended]
    return (f"attempt {attempt['number']}", *marks)


def _nth(number: int) -> str:
    return "first" if number == 1 else f"attempt {number}"


def seeds_of_attempts(claims: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the seeds of each later attempt, with the claims that were tried again on them."""
    again: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for claim in claims:
        if attempt := claim.get("attempt"):
            key = (attempt["number"], tuple(attempt["seeds"]))
            again.setdefault(key, []).append(claim["slug"])
    for (number, seeds), slugs in again.items():
        yield f"Seeds of attempt {number}", f"{formats.consecutive(seeds)} ({', '.join(slugs)})"


def alternatives_line(claim: Mapping[str, Any]) -> str:
    """Return how many of how many contradict, and which, with their cells where there are some."""
    against, of = claim.get("contradicting") or 0, claim.get("alternatives") or 0
    if not of:
        return ""
    verb = "contradicts" if against == 1 else "contradict"
    line = f"{against or 'None'} of {formats.counted(of, 'alternative')} {verb}"
    names = "; ".join(_contradicting(Verdict(claim["verdict"]), claim["cells"]))
    return f"{line}: {names}" if names else line


def _contradicting(verdict: Verdict, cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the names of the rows that were counted, with the cells that have them."""
    counted = [cell for cell in cells if cell["verdict"] == verdict]
    found = [(cell.get("label") or cell["id"], _names(verdict, cell)) for cell in counted]
    groups = grouped(found)
    for where, names in groups:
        if names:
            everywhere = len(groups) == 1 and len(counted) == len(cells)
            yield names if everywhere else f"{names} in {where}"


def _names(verdict: Verdict, cell: Mapping[str, Any]) -> str:
    rows = that_could_contradict(verdict, [{**cell, "sensitivity": cell["sensitivity"] or []}])
    return formats.listed([row["name"] for row in rows if row["contradicts"]])
