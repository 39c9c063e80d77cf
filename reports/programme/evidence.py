"""Evidence that is kept: what a store's runs come to, in a folder fit to be committed.

index.html, verdicts.json   the page and the document of the paper's claims
endpoints.csv               every endpoint that a verdict rests on, as ``claims import`` reads it
<family>/...                the same of a further paper, or of a study (``--full``)
benchmark.json              what training cost, where the programme measured it
README.md                   card, versions, n and the commands that repeat it
store-<n>.tar.gz            the runs themselves, where they were asked for
"""

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.bench import Environment
from harness.bench_values import checked_environment, make_bench
from harness.declarations.family import Family, family_folder, find_families, read_family
from harness.errors import OptionError
from harness.runs.files import write_aside
from harness.runs.store import Store
from harness.words import Verdict
from reports.calls import call
from reports.checking.whole import changed, disagreements
from reports.document import Document, load_document
from reports.programme import archive
from reports.programme.evidence_texts import BENCHMARK, endpoints_csv, readme
from reports.programme.parts import report_folder
from reports.programme.slices import RESULTS
from reports.writer import DOCUMENT_NAME, PAGE_NAME

MOST_BYTES = 20 * 2**20
"""A folder of evidence is committed: no more than this."""

JUDGING_S = 3600.0


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
    families: tuple[str, ...] = ()  # names or paths; none: every paper with runs, studies by --full
    pytest_args: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Return where the evidence goes."""
        return self.root / self.out


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """The page, and a line for each family that was left out."""

    page: Path
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """One family's report, aside, and the command that made it."""

    family: Family
    folder: Path
    document: Document
    command: str


def make(asked: Asked) -> Made:
    """Judge the store, train nothing, and write the folder, once all of it is made.

    A family that was not asked for and has no run there is left out. Raises OptionError for a
    folder of something else, where there is nothing to judge, where the session fails, where a
    document does not follow from its own numbers, and for a folder larger than is kept.
    """
    _check_folder(asked.folder)
    if asked.restore is not None:
        archive.unpack(asked.restore, asked.root / asked.store)
    asked.folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{asked.out.name}-", dir=asked.folder.parent) as aside:
        judged, left_out = _judge_all(asked, Path(aside))
        made = _put_together(judged, Path(aside) / "made")
        _keep_benchmark(asked, made)
        if asked.with_runs:
            environments = sorted({one.document["environment"]["name"] for one in judged})
            archive.pack(asked.root / asked.store, made, environments)
        timed = any((folder / BENCHMARK).exists() for folder in (made, asked.folder))
        documents, commands = [o.document for o in judged], [o.command for o in judged]
        text = readme(documents, commands, timed=timed, left_out=left_out)
        write_aside(made / "README.md", text)
        _check_size(made, asked.folder)
        _move(made, asked.folder)
    return Made(page=asked.folder / PAGE_NAME, left_out=tuple(left_out))


def _check_folder(folder: Path) -> None:
    """Raise OptionError where the evidence would take the place of what is none."""
    there = [name for name in ("README.md", PAGE_NAME) if (folder / name).exists()]
    if there and not _is_report(folder / DOCUMENT_NAME):
        raise OptionError(
            f"--out: got {folder}, which has {' and '.join(there)} and no {DOCUMENT_NAME} of ours; "
            "expected a new folder, or one of earlier evidence; give another"
        )


def _is_report(path: Path) -> bool:
    """Return whether a file is a verdicts document, of whatever version."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and {"schema", "claims"} <= found.keys()


def _families(asked: Asked) -> list[Family]:
    """Return the families asked for, or all papers and, with ``--full``, all studies."""
    if asked.families:
        folders = [family_folder(given, asked.root).resolve() for given in asked.families]
        found = [read_family(folder) for folder in dict.fromkeys(folders)]
    else:
        every = (read_family(folder) for folder in find_families(asked.root))
        found = [f for f in every if not f.study or "--full" in asked.pytest_args]
    return sorted(found, key=lambda family: family.study)  # papers first


def _judge_all(asked: Asked, aside: Path) -> tuple[list[_Judged], list[str]]:
    """Return each family's report and what was left out. Raises OptionError where that is all."""
    judged: list[_Judged] = []
    left_out: list[str] = []
    for family in _families(asked):
        one = _judge(asked, family, _environment(asked, family), aside / family.slug)
        if isinstance(one, _Judged):
            judged.append(one)
        elif asked.families:
            raise OptionError(one)
        else:
            left_out.append(one)
    if not judged:
        raise OptionError("; ".join(left_out) or f"{asked.root}: got no family in claims/")
    return judged, left_out


def _judge(asked: Asked, family: Family, environment: str, folder: Path) -> _Judged | str:
    """Return a family's report, or why it has none: no scale of this name, no run of it."""
    scales = [scale.name for scale in family.bench_class().scales()]
    if asked.scale not in scales:
        return f"{family.slug}: its bench has no scale {asked.scale}; it has {', '.join(scales)}"
    command = _run(asked, family, environment, folder)
    folder = folder / family.slug if family.study else folder  # where the plugin puts a study's
    document = _document(folder)
    if not any(_has_a_verdict(claim) for claim in document["claims"]):
        return (
            f"{asked.store}: got no verdict of {family.slug} at scale {asked.scale}; expected runs "
            f"of {environment} at that scale: give --scale, or the store that holds them"
        )
    return _Judged(family=family, folder=folder, document=document, command=command)


def _put_together(judged: Sequence[_Judged], made: Path) -> Path:
    """Move the reports to where each belongs in one folder, the first paper's into itself."""
    papers = [one.family for one in judged if not one.family.study]
    for one in judged:
        folder = report_folder(made, one.family, papers)
        folder.parent.mkdir(parents=True, exist_ok=True)
        one.folder.rename(folder)
    return made


def _move(made: Path, folder: Path) -> None:
    """Put all files into their place, one by one and each whole, then remove runs they replace.

    What else lies there stays.
    """
    new = [path.relative_to(made) for path in sorted(made.rglob("*")) if path.is_file()]
    for path in new:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).replace(folder / path)
    runs = {folder / path for path in new if path.match(archive.PATTERN)}
    if runs:
        for old in set(folder.glob(archive.PATTERN)) - runs:
            old.unlink()


def _environment(asked: Asked, family: Family) -> str:
    """Return the environment asked for, or the store's only one of the library that a bench uses.

    Raises OptionError.
    """
    there = Store(asked.root / asked.store, "").environments()
    if asked.environment in there:
        return asked.environment
    if not there:
        raise OptionError(f"--store: got {asked.store}, which holds no runs; expected some")
    bench = make_bench(family.bench_class(), *_least_asked(family))
    library = checked_environment(bench, "cpu").library
    own = [name for name in there if Environment.named(name).library == library] or there
    if asked.environment is None and len(own) == 1:
        return own[0]
    got = asked.environment or f"none, and {len(own)} in the store that may be {family.slug}'s"
    raise OptionError(f"--environment: got {got}; expected one of {', '.join(own)}")


def _least_asked(family: Family) -> tuple[str, dict[str, str]]:
    """Return a scale that the family's bench has, and its options' defaults."""
    bench = family.bench_class()
    return bench.scales()[0].name, {option.flag: option.default for option in bench.options()}


def _run(asked: Asked, family: Family, environment: str, folder: Path) -> str:
    """Judge a family's claims and return the command, for a reader. Raises OptionError."""
    where = os.path.relpath(family.folder.resolve(), asked.root.resolve())
    arguments = [
        *(where, "--judge-only", "--environment", environment),
        *("--scale", asked.scale, "--store", str(asked.store), *asked.pytest_args),
    ]
    # By the variable, so that the document's own command, too, names no folder that is gone.
    told = f"--report-dir={folder}", "--report-force", "-p", "no:cacheprovider"
    more = f"{os.environ.get('PYTEST_ADDOPTS', '')} {shlex.join(told)}"
    python = ["env", f"PYTEST_ADDOPTS={more}", sys.executable, "-m", "pytest"]
    code, said = call([*python, *arguments], asked.root, JUDGING_S)
    if code not in (0, 1):  # 1: a verdict that is not SUPPORTED, or not the ledger's
        raise OptionError(
            f"{shlex.join(['pytest', *arguments])}: got exit code {code}; expected verdicts:\n"
            f"{said[-2_000:]}"
        )
    return shlex.join(["pytest", *arguments])


def _document(folder: Path) -> Document:
    """Return a report's document, checked, with its endpoints beside it. Raises OptionError."""
    document = load_document(folder / DOCUMENT_NAME)
    wrong = [*disagreements(document), *filter(None, [changed(document)])]
    if wrong:
        raise OptionError(f"{folder}: {wrong[0]}; expected verdicts that follow from the numbers")
    write_aside(folder / "endpoints.csv", endpoints_csv(document))
    return document


def _has_a_verdict(claim: Mapping[str, Any]) -> bool:
    """Return whether a claim came to a verdict by runs."""
    return claim["uses_p"] and claim["verdict"] not in (Verdict.NOT_RUN, Verdict.ERROR)


def _keep_benchmark(asked: Asked, folder: Path) -> None:
    path = asked.restore / RESULTS if asked.restore is not None else None
    if path is None or not path.exists():
        return
    part = json.loads(path.read_text(encoding="utf-8"))["parts"].get("benchmark")
    if part and part["figures"]:
        write_aside(folder / BENCHMARK, json.dumps(part["figures"], indent=1))


def _check_size(made: Path, folder: Path) -> None:
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    if size > MOST_BYTES:
        raise OptionError(
            f"{folder}: got {size / 2**20:.1f} MB; expected at most {MOST_BYTES / 2**20:.0f} to be "
            "committed: leave --with-runs out"
        )
