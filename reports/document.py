"""The document behind the page: ``verdicts.json``, read strictly and written in one move."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from harness.errors import ClaimError
from harness.runs import files
from reports.shape import first_misfit

SCHEMA = 1

YES_NO = ("more often", "share above")
"""Kinds of hypothesis about endpoints that are yes or no."""

Document = Mapping[str, Any]  # the parsed JSON: plain dicts, lists, strings, numbers, null


class DocumentError(ClaimError, ValueError):
    """A verdicts document cannot be read, written or drawn."""


def load_document(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a verdicts document.

    Raises DocumentError for a file that is missing, truncated, not strict JSON (NaN and Infinity
    are no JSON), of another schema, or whose parts have another shape than the schema says.
    """
    document = _parsed(Path(path))
    if not isinstance(document, dict) or "schema" not in document:
        raise DocumentError(
            f"{path}: got a {type(document).__name__} without a schema, so no verdicts.json; "
            "expected one; give the path of one that pytest claims/ wrote"
        )
    if document["schema"] != SCHEMA:
        raise DocumentError(
            f"{path}: got schema {document['schema']!r}, expected {SCHEMA}; "
            "draw the report again with the version of this project that wrote the file"
        )
    misfit = first_misfit(document)
    if misfit is not None:
        raise DocumentError(f"{path}: {misfit}; run the claims again to write a whole file")
    return document


def write_document(path: str | os.PathLike[str], document: Document) -> None:
    """Write the document with sorted keys, aside and then moved into place.

    Raises DocumentError for a number that strict JSON has no word for.
    """
    try:
        text = json.dumps(document, allow_nan=False, sort_keys=True, indent=1, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise DocumentError(
            f"{path}: got a value that is not strict JSON ({error}), expected numbers, text and "
            "null; put null where a number is undefined"
        ) from error
    write_aside(Path(path), text + "\n")


def write_aside(path: Path, text: str) -> None:
    """Write a text file, and its folder, so that no reader sees half of it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A lone surrogate from a file name has no UTF-8: JSON and a reader can bear its escape.
    files.write_aside(path, text.encode("utf-8", "backslashreplace").decode("utf-8"))


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(
            f"{path}: cannot be read ({error}), expected a verdicts.json; "
            "give the path of one that pytest claims/ wrote"
        ) from error
    try:
        return json.loads(text, parse_constant=_refuse)
    except DocumentError as error:
        raise DocumentError(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(
            f"{path}: got text that is not JSON ({error}), expected a whole document; "
            "the file may be truncated: run the claims again"
        ) from error


def _refuse(token: str) -> NoReturn:
    raise DocumentError(f"got {token}, expected strict JSON; undefined numbers are null")
