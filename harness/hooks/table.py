"""The table of claims at the end of a terminal session."""

import textwrap
from collections import Counter
from typing import Any

from harness.words import Verdict

MARKUP: dict[str, dict[str, bool]] = {
    Verdict.SUPPORTED: {"green": True},
    Verdict.REFUTED: {"red": True},
    Verdict.INVALID: {"red": True},
    Verdict.ERROR: {"red": True},
    Verdict.INCONCLUSIVE: {"yellow": True},
}

COUNTED = (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE)
MOST_NAMED = 3
"""Claims without a run that are named; of more it is said how many they are."""
ELSE = (Verdict.INVALID, Verdict.ERROR)


def table_lines(document: dict[str, Any]) -> list[tuple[str, dict[str, bool]]]:
    """Return the lines with their markup: a claim each, those not run in one, then the counts."""
    run = [claim for claim in document["claims"] if claim["cells"]]
    left_out = [claim["slug"] for claim in document["claims"] if not claim["cells"]]
    width = max((len(claim["slug"]) for claim in run), default=0)
    lines = [line for claim in run for line in _claim_lines(claim, width)]
    if left_out:
        lines.append((_not_run(left_out), {}))
    return [*lines, (_counts(document), {"bold": True})]


def without_traceback(text: str) -> str:
    """Return a text with what was raised in place of the whole traceback, where it has one."""
    head, mark, frames = text.partition("Traceback (most recent call last):")
    return f"{head}{frames.strip().splitlines()[-1]}" if mark and frames.strip() else text


def _not_run(slugs: list[str]) -> str:
    """Return how many registered claims were not run, and which where they are few."""
    what = "claim was" if len(slugs) == 1 else "claims were"
    named = f": {', '.join(slugs)}" if len(slugs) <= MOST_NAMED else ""
    return f"{len(slugs)} registered {what} not run{named}"


def _claim_lines(claim: dict[str, Any], width: int) -> list[tuple[str, dict[str, bool]]]:
    kind = f" ({claim['refuted_kind']})" if claim["refuted_kind"] else ""
    fragile = ", FRAGILE" if claim["fragile"] else ""
    added = ", addition" if claim["addition"] else ""
    head = f"{claim['slug']:<{width}}  {claim['verdict']}{kind}{fragile}{added}"
    ledger = f"  [{claim['ledger']['line']}]" if claim["ledger"]["line"] else ""
    reason = textwrap.wrap(
        without_traceback(claim["reason"]),
        width=96,
        initial_indent="    ",
        subsequent_indent="    ",
    )
    lines = [*reason, *_judged_cells(claim)]
    return [(head + ledger, MARKUP.get(claim["verdict"], {})), *((text, {}) for text in lines)]


def _judged_cells(claim: dict[str, Any]) -> list[str]:
    """Return a line for each cell that was judged of a claim whose other cells were not."""
    if claim["verdict"] != Verdict.NOT_RUN:
        return []
    judged = (cell for cell in claim["cells"] if cell["verdict"] != Verdict.NOT_RUN)
    return [f"    {cell['label']}: {cell['verdict']}" for cell in judged]


def _counts(document: dict[str, Any]) -> str:
    """Return how many registered claims have each verdict, and how many additions."""
    claims = document["claims"]
    counts = Counter(claim["verdict"] for claim in claims if not claim["addition"])
    beside = Counter(claim["verdict"] for claim in claims if claim["addition"])
    said = ", ".join(f"{counts[w]} {w}" for w in (*COUNTED, *ELSE) if w in COUNTED or counts[w])
    added = ", ".join(f"{beside[word]} {word}" for word in (*COUNTED, *ELSE) if beside[word])
    return f"{said}; additions: {added}" if added else said
