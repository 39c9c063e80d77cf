"""Puts the document and its page into a folder, and never a poorer report over a fuller one."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.words import Verdict
from reports.document import Document, DocumentError, load_document, write_aside, write_document
from reports.render import render

DOCUMENT_NAME = "verdicts.json"
PAGE_NAME = "index.html"
PARTIAL_FOLDER = "partial"
OVERWRITES = "--report-force (of `claims report` and `claims import`: --force) overwrites it"
SCALES = ("quick", "desk", "paper")  # ascending; quick decides nothing, so it replaces nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """Where a report went, and why not where it was asked for."""

    page: Path
    document: Path
    note: str = ""


def write_report(
    document: Document, folder: str | os.PathLike[str], *, force: bool = False
) -> Written:
    """Write ``verdicts.json`` and ``index.html`` into the folder, the document first.

    A folder that holds a fuller report of the same family (more claims judged, or as many at a
    larger scale), or another family's with any claim judged, is left alone unless ``force``: the
    report then goes into its subfolder ``partial``, or into one of the family's name, and the note
    says so. A run that gives no verdicts by rule, at scale quick or with other seeds than declared,
    takes the place of none that gives some.

    Raises DocumentError for a document that cannot be written or drawn, OSError for the folder.
    """
    target, note = _target(document, Path(folder), force)
    written = Written(page=target / PAGE_NAME, document=target / DOCUMENT_NAME, note=note)
    write_document(written.document, document)
    write_aside(written.page, _drawn(document, written.document))
    return written


def judged_count(document: Mapping[str, Any]) -> int:
    """How many claims of a document have a verdict that says something: not NOT RUN, not ERROR."""
    silent = (Verdict.NOT_RUN, Verdict.ERROR)
    return sum(claim["verdict"] not in silent for claim in document["claims"])


def _target(document: Document, folder: Path, force: bool) -> tuple[Path, str]:
    there = None if force else _judged_there(folder / DOCUMENT_NAME)
    if there is None:
        return folder, ""
    slug, other = document["family"]["slug"], there["family"]["slug"]
    if other != slug:
        target, _ = _target(document, folder / _folder_name(slug), force)
        return target, (
            f"{folder} keeps its report of {other} ({_extent(there)}; this run is of {slug}); "
            f"{OVERWRITES}"
        )
    if _fullness(there) <= _fullness(document):
        return folder, ""
    return folder / PARTIAL_FOLDER, (
        f"{folder} keeps its fuller report ({_extent(there)}; this run: {_extent(document)}); "
        f"{OVERWRITES}"
    )


def _judged_there(path: Path) -> dict[str, Any] | None:
    """Return the report already there if a claim of it was judged; else there is none to keep."""
    if not path.exists():
        return None
    try:
        there = load_document(path)
    except DocumentError:
        return None  # an unreadable report is nothing to keep
    return there if judged_count(there) > 0 else None


def _folder_name(slug: str) -> str:
    """Return a family's name as that of a folder: a document may come from anywhere."""
    return re.sub(r"[^\w-]", "_", slug) or "_"


def _fullness(document: Mapping[str, Any]) -> tuple[int, int, int]:
    count, rank = judged_count(document), 0 if _is_exploratory(document) else _rank(document)
    return count if rank > 0 else 0, rank, count


def _rank(document: Mapping[str, Any]) -> int:
    scale = document["scale"]
    return SCALES.index(scale) if scale in SCALES else len(SCALES)


def _is_exploratory(document: Mapping[str, Any]) -> bool:
    return bool(document["settings"].get("exploratory"))


def _extent(document: Mapping[str, Any]) -> str:
    seeds = " with other seeds than declared" if _is_exploratory(document) else ""
    return f"{judged_count(document)} claims judged at scale {document['scale']}{seeds}"


def _drawn(document: Document, kept: Path) -> str:
    try:
        return render(document)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise DocumentError(
            f"the page could not be drawn ({type(error).__name__}: {error}), expected a document "
            f"that fits the schema; the verdicts are in {kept}: see `claims check {kept}`"
        ) from error
