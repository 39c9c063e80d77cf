"""What a folder of evidence says beside page and document: its endpoints, and how it was made."""

import csv
import io
from collections.abc import Iterator, Sequence

from harness.imports.imported_values import COLUMNS
from harness.words import Verdict
from reports.document import Document
from reports.sentences import setting, verdicts_of

BENCHMARK = "benchmark.json"
"""Of the programme, or put there by hand from ``make bench ARGS="--json ..."``."""


def endpoints_csv(document: Document) -> str:
    """Return every endpoint that a verdict rests on, a line for each arm and seed of each cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(document))
    return text.getvalue()


def _rows(document: Document) -> Iterator[tuple[str, str, str, int, float]]:
    for claim in document["claims"]:
        for cell in claim["cells"]:
            for role in ("treatment", "control"):
                for seed, value in zip(cell["seeds"], cell.get(role) or (), strict=False):
                    yield claim["slug"], cell["id"], role, seed, value


def readme(
    documents: Sequence[Document],
    commands: Sequence[str],
    *,
    timed: bool = False,
    left_out: Sequence[str] = (),
) -> str:
    """Return what a reader must know of the evidence: where, with what, how many, how again."""
    first = documents[0]
    where = first["environment"]
    rows = {
        "trained on": where["card"] or where["cpu"] or "unknown",
        "environment": where["name"],
        "precision, engine": f"{where['precision']}, {where['engine']}",
        "library": where["library"],
        "scale": setting(first),
        "seeds of an arm": f"{len(first['settings']['seeds'])}",
        "runs": f"{first['cost']['runs']} ({first['cost']['train_s'] / 3600:.2f} h of training)",
        "judged by": f"harness {where['harness']}, commit {where['commit'] or 'unknown'}, Python "
        f"{where['python']}, {first['created']}",
        "registered claims": _counted(first, addition=False),
        "additions": _counted(first, addition=True),
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    repeated = "\n".join(f"    {command}" for command in commands)
    bench = (
        f"`{BENCHMARK}` is what training costs there, as `make bench` writes it.\n" if timed else ""
    )
    others = f"\nNot judged: {'; '.join(left_out)}.\n" if left_out else ""
    return (
        f"# Evidence: {first['family']['title']}\n\n"
        f"| | |\n|---|---|\n{table}\n\n"
        "`index.html` is the page of `verdicts.json`; `endpoints.csv` holds each value that a "
        "verdict rests on,\nin the columns of `claims import` (which takes claims of equal seeds "
        f"together).\n{bench}From the store of the runs it was made by\n\n"
        f"{repeated}\n\n"
        "and whether the verdicts follow from the numbers says\n\n"
        f"    claims check verdicts.json\n{others}"
    )


def _counted(document: Document, *, addition: bool) -> str:
    """Return how many of the registered claims, or of the additions, have which verdict."""
    counts = verdicts_of(document, addition=addition)
    return ", ".join(f"{counts[word]} {word}" for word in Verdict if counts[word]) or "none"
