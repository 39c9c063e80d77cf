"""Evidence that is kept: what a store's runs come to, in a folder fit to be committed.

index.html, verdicts.json   the page and the document of the paper's claims
endpoints.csv               every endpoint that a verdict rests on, as ``claims import`` reads it
<study>/...                 the same of a study, where one was judged (``--full``)
benchmark.json              what training cost, where the programme measured it
README.md                   card, versions, n and the commands that repeat it
store-<n>.tar.gz            the runs themselves, where they were asked for
"""

import csv
import io
import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.declarations.family import Family, find_families, read_family
from harness.errors import OptionError
from harness.imports.imported_values import COLUMNS
from harness.runs.files import write_aside
from harness.runs.store import Store
from harness.words import Verdict
from reports import archive
from reports.calls import call
from reports.check import changed, disagreements
from reports.document import Document, load_document
from reports.programme import RESULTS
from reports.programme_parts import report_dir, report_folder
from reports.writer import DOCUMENT_NAME

MOST_BYTES = 20 * 2**20
"""A folder of evidence is committed: no more than this."""

JUDGING_S = 3600.0

BENCHMARK = "benchmark.json"
"""Of the programme, or put there by hand from ``make bench ARGS="--json ..."``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is judged, and where the evidence goes. Paths are written down as they are given."""

    root: Path
    store: Path
    restore: Path | None  # a folder that the programme has left: unpacked into the store first
    out: Path
    scale: str
    environment: str | None  # None: the store's only one
    with_runs: bool
    pytest_args: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Return where the evidence goes."""
        return self.root / self.out


def make(asked: Asked) -> Path:
    """Judge the store, train nothing, write the folder and return its page.

    Raises OptionError where there is nothing to judge, where the session fails, where a document
    does not follow from its own numbers, and for a folder larger than is kept.
    """
    if asked.restore is not None:
        archive.unpack(asked.restore, asked.root / asked.store)
    environment = _environment(asked)
    families = [read_family(folder) for folder in find_families(asked.root)]
    papers = [family for family in families if not family.study]
    studies = [family for family in families if family.study and "--full" in asked.pytest_args]
    commands, documents = [], []
    for family in (*papers, *studies):
        given = report_dir(asked.out, family, papers)
        folder = report_folder(asked.folder, family, papers)
        (folder / DOCUMENT_NAME).unlink(missing_ok=True)  # an earlier one must not pass for this
        commands.append(_judged(asked, family, environment, given))
        documents.append(_document(asked, family, folder))
    _keep_benchmark(asked)
    if asked.with_runs:
        archive.pack(asked.root / asked.store, asked.folder, [environment])
    timed = (asked.folder / BENCHMARK).exists()
    write_aside(asked.folder / "README.md", readme(documents, commands, timed=timed))
    _check_size(asked.folder)
    return asked.folder / "index.html"


def _environment(asked: Asked) -> str:
    """Return the environment asked for, or the only one. Raises OptionError."""
    there = Store(asked.root / asked.store, "").environments()
    if asked.environment in there:
        return asked.environment
    if asked.environment is None and len(there) == 1:
        return there[0]
    got = asked.environment or f"{len(there)} in the store and none named"
    raise OptionError(
        f"--environment: got {got}; expected one of {', '.join(there) or 'none: no runs there'}"
    )


def _judged(asked: Asked, family: Family, environment: str, folder: Path) -> str:
    """Judge a family's claims and return the command, for a reader. Raises OptionError."""
    arguments = [
        *(f"claims/{family.slug}", "--judge-only", "--environment", environment),
        *("--scale", asked.scale, "--store", str(asked.store), *asked.pytest_args),
    ]
    told = ["--report-dir", str(folder), "--report-force", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *arguments, *told]
    code, said = call(command, asked.root, JUDGING_S)
    if code not in (0, 1):  # 1: a verdict that is not SUPPORTED, or not the ledger's
        raise OptionError(
            f"{shlex.join(['pytest', *arguments])}: got exit code {code}; expected verdicts:\n"
            f"{said[-2_000:]}"
        )
    return shlex.join(["pytest", *arguments])


def _document(asked: Asked, family: Family, folder: Path) -> Document:
    """Return a family's document, checked, with its endpoints beside it. Raises OptionError."""
    document = load_document(folder / DOCUMENT_NAME)
    wrong = [*disagreements(document), *filter(None, [changed(document)])]
    if wrong:
        raise OptionError(f"{folder}: {wrong[0]}; expected verdicts that follow from the numbers")
    if not any(_has_a_verdict(claim) for claim in document["claims"]):
        raise OptionError(
            f"{asked.store}: got no verdict of {family.slug} at scale {asked.scale}; expected runs "
            "of that scale: give --scale, or the store that holds them"
        )
    write_aside(folder / "endpoints.csv", endpoints_csv(document))
    return document


def _has_a_verdict(claim: Mapping[str, Any]) -> bool:
    """Return whether a claim came to a verdict by runs."""
    return claim["uses_p"] and claim["verdict"] not in (Verdict.NOT_RUN, Verdict.ERROR)


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


def _keep_benchmark(asked: Asked) -> None:
    path = asked.restore / RESULTS if asked.restore is not None else None
    if path is None or not path.exists():
        return
    part = json.loads(path.read_text(encoding="utf-8"))["parts"].get("benchmark")
    if part and part["figures"]:
        write_aside(asked.folder / BENCHMARK, json.dumps(part["figures"], indent=1))


def readme(documents: Sequence[Document], commands: Sequence[str], *, timed: bool = False) -> str:
    """Return what a reader must know of the evidence: where, with what, how many, how again."""
    first = documents[0]
    where = first["environment"]
    counts = ", ".join(f"{n} {word}" for word, n in first["counts"].items() if n)
    rows = {
        "trained on": where["card"] or where["cpu"],
        "environment": where["name"],
        "precision, engine": f"{where['precision']}, {where['engine']}",
        "torch": where["torch"],
        "scale": first["scale"],
        "seeds of an arm": f"{len(first['settings']['seeds'])}",
        "runs": f"{first['cost']['runs']} ({first['cost']['train_s'] / 3600:.2f} h of training)",
        "judged by": f"harness {where['harness']}, commit {where['commit'] or 'unknown'}, Python "
        f"{where['python']}, {first['created']}",
        "verdicts": counts,
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    repeated = "\n".join(f"    {command}" for command in commands)
    bench = (
        f"`{BENCHMARK}` is what training costs there, as `make bench` writes it.\n" if timed else ""
    )
    return (
        f"# Evidence: {first['family']['title']}\n\n"
        f"| | |\n|---|---|\n{table}\n\n"
        "`index.html` is the page of `verdicts.json`; `endpoints.csv` holds each value that a "
        "verdict rests on,\nin the columns of `claims import` (which takes claims of equal seeds "
        f"together).\n{bench}From the store of the runs it was made by\n\n"
        f"{repeated}\n\n"
        "and whether the verdicts follow from the numbers says\n\n"
        "    claims check verdicts.json\n"
    )


def _check_size(folder: Path) -> None:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > MOST_BYTES:
        raise OptionError(
            f"{folder}: got {size / 2**20:.1f} MB; expected at most {MOST_BYTES / 2**20:.0f} to be "
            "committed: leave --with-runs out"
        )
