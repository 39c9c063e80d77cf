"""The ``claims`` console command: what is not a test."""

import argparse
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.declarations.family import family_folder
from harness.errors import ClaimError, ImportedValuesError
from reports.cli_runs import add_evidence, add_programme

OK, FAILED, USAGE, UNSEALED = 0, 1, 2, 3
PASSING_ON = ("plan", "programme", "evidence")
"""The commands whose other arguments are pytest's."""

_ADDITION = (
    "A slug that is not in the register of family.toml is an addition: judged at\nthe same level, "
    "shown as such, outside the error guarantee. The register is complete before\nthe first "
    "verdict: a slug that is entered later changes the level of every claim."
)

FAMILY = "santurkar_2018"
IMPORTED = Path("reports/out/imported")
_FORCE_HELP = "overwrite a fuller report, or another family's"
_FAMILY_HELP = "name of a folder in claims/, or a path to one (default: %(default)s)"

_EXIT_CODES = """exit codes:
  0  done; for check: the verdicts follow from the numbers, and nothing else was changed
  1  check found a disagreement or a change, or a report could not be written
  2  wrong usage, or a file that is no verdicts document, or values that cannot be judged
  3  check: the verdicts follow from the numbers, but a file without a digest (of an
     older version) may have been changed elsewhere
  7  programme: there is more to do; the same command goes on from there
  plan passes on the exit code of pytest"""


_UNSEALED = (
    "no digest: an older version wrote the file, or it was taken out. What does not follow from "
    "its numbers may have been changed since; run the claims again for a file that has one."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    # What follows is pytest's, options included: argparse would claim some of it.
    known, rest = parser.parse_known_args(arguments)
    if rest and known.command not in PASSING_ON:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    known.pytest_args = [word for word in rest if word != "--"]
    try:
        code: int = known.run(known)
    except ClaimError as error:
        print(f"claims {known.command}: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"claims {known.command}: {error}", file=sys.stderr)
        return FAILED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="claims",
        description="Work with the verdicts on a paper's claims.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    report = commands.add_parser("report", help="draw the page of a verdicts.json again")
    report.add_argument("document", type=Path, metavar="verdicts.json")
    report.add_argument("--out", type=Path, metavar="DIR", help="folder (default: the file's own)")
    report.add_argument("--force", action="store_true", help=_FORCE_HELP)
    report.set_defaults(run=_report)

    check = commands.add_parser("check", help="reach every verdict of a verdicts.json again")
    check.add_argument("document", type=Path, metavar="verdicts.json")
    check.set_defaults(run=_check)

    _add_import(commands)
    history = commands.add_parser("history", help="list the verdicts of several verdicts.json")
    history.add_argument("documents", type=Path, nargs="+", metavar="verdicts.json")
    history.set_defaults(run=_history)

    new = commands.add_parser("new", help="write a claim file to be filled in")
    new.add_argument("slug", metavar="SLUG")
    new.add_argument("--family", default=FAMILY, metavar="NAME", help=_FAMILY_HELP)
    new.set_defaults(run=_new)

    paper = commands.add_parser(
        "new-paper", help="begin a second paper: its family, its bench, one claim that runs"
    )
    paper.add_argument("slug", metavar="SLUG", help="such as nope_2021: a folder and a module")
    paper.set_defaults(run=_new_paper)

    metrics = commands.add_parser(
        "metrics", help="list what the arms of a family measure: name, unit, what it is"
    )
    metrics.add_argument("--family", default=FAMILY, metavar="NAME", help=_FAMILY_HELP)
    metrics.add_argument("--scale", default="desk", help="(default: %(default)s)")
    metrics.set_defaults(run=_metrics)

    add_programme(commands)
    add_evidence(commands)
    plan = commands.add_parser(
        "plan", help="say what a run would train: pytest claims/ --plan", add_help=False
    )
    plan.set_defaults(run=_plan)
    return parser


def _add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    imported = commands.add_parser("import", help="judge endpoint values that were made elsewhere")
    imported.add_argument(
        "values",
        type=Path,
        metavar="runs.csv",
        help="columns slug, cell (empty where none), role, seed, value",
    )
    imported.add_argument("--family", default=FAMILY, metavar="NAME", help=_FAMILY_HELP)
    imported.add_argument("--scale", default="desk", help="(default: %(default)s)")
    imported.add_argument(
        "--out", type=Path, metavar="DIR", help=f"(default: {IMPORTED}/<name of the family>)"
    )
    imported.add_argument("--force", action="store_true", help=_FORCE_HELP)
    imported.set_defaults(run=_import)


def _report(options: argparse.Namespace) -> int:
    from reports.checking.whole import changed
    from reports.document import load_document
    from reports.writer import write_report

    _check_out(options.out)
    folder = options.out or options.document.parent
    document = load_document(options.document)
    written = write_report(document, folder, force=options.force)
    change = changed(document)
    if change is not None:
        warning = f"{change}; `claims check` says what does not follow from its numbers"
        print(f"claims report: {options.document}: {warning}", file=sys.stderr)
    if written.note:
        print(written.note)
    print(written.page)
    return OK


def _check_out(folder: Path | None) -> None:
    """Raise NotADirectoryError, in words, for a folder to write in that is a file."""
    if folder is not None and folder.exists() and not folder.is_dir():
        raise NotADirectoryError(
            f"--out: got {folder}, which is a file; expected a folder; give another"
        )


def _check(options: argparse.Namespace) -> int:
    from reports.checking.whole import changed, disagreements, sealed
    from reports.document import load_document

    document = load_document(options.document)
    found, change = disagreements(document), changed(document)
    for text in found:
        print(text)
    said = f"{len(found) or 'no'} disagreement{'' if len(found) == 1 else 's'}"
    if change is not None:
        more = f"; and {said}" if found else ", in what does not follow from its numbers"
        said = f"{change}{more}"
    print(f"{options.document}: {said}")
    if found or change:
        return FAILED
    if not sealed(document):
        print(_UNSEALED)
        return UNSEALED
    return OK


def _import(options: argparse.Namespace) -> int:
    from harness.imports.imported_document import Source
    from harness.imports.imported_values import read_values
    from harness.imports.importing import import_document
    from reports.writer import write_report

    _check_out(options.out)
    root = Path.cwd()
    family = family_folder(options.family, root).resolve()
    where = ["--family", options.family, "--scale", options.scale]
    command = shlex.join(["claims", "import", str(options.values), *where])
    source = Source(
        file=options.values.name, family=family, scale=options.scale, root=root, command=command
    )
    values = read_values(options.values)
    try:
        document = import_document(values, source)
    except ImportedValuesError as error:
        raise ImportedValuesError(f"{options.values}, {error}") from None
    folder = options.out or IMPORTED / family.name
    written = write_report(document, folder, force=options.force)
    if written.note:
        print(written.note)
    print(written.page)
    return OK


def _history(options: argparse.Namespace) -> int:
    from reports.document import load_document
    from reports.history import history_lines

    for line in history_lines([load_document(path) for path in options.documents]):
        print(line)
    return OK


def _new(options: argparse.Namespace) -> int:
    from reports.scaffold import write_claim_file

    path = write_claim_file(options.slug, options.family, Path.cwd())
    print(f"{path}\nFill in every TODO. {_ADDITION}")
    return OK


def _new_paper(options: argparse.Namespace) -> int:
    from reports.new_paper import write_paper

    for path in write_paper(options.slug, Path.cwd()):
        print(path)
    print(
        "It runs as it is; then put the paper's own in place of the example, at every TODO:\n"
        f"  pytest claims/{options.slug} --scale quick   # the plumbing\n"
        f"  pytest claims/{options.slug}                 # a verdict\n"
        'What each key and method means: harness/README.md, "A second paper".'
    )
    return OK


def _metrics(options: argparse.Namespace) -> int:
    from reports.measured import metric_lines

    lines, left_out = metric_lines(family_folder(options.family, Path.cwd()), options.scale)
    for line in lines:
        print(line)
    for line in left_out:
        print(f"claims metrics: not asked: {line}", file=sys.stderr)
    return OK


def _plan(options: argparse.Namespace) -> int:
    from reports.planning import command_words

    command = [sys.executable, "-m", "pytest", *command_words(options.pytest_args)]
    return subprocess.run(command, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
