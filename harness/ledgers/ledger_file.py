"""The ledger's file: one TOML table for each entry, read strictly and written in one form."""

import json
import tomllib
from pathlib import Path

from harness.errors import LedgerError
from harness.ledgers.ledger import FINDINGS, Ledger, LedgerEntry
from harness.runs.files import write_aside
from harness.words import Verdict

SCHEMA = 1

HEADER = "Verdicts on record. Written by pytest --update-ledger; only `reason` is yours to fill in."

KEYS: dict[str, type] = {
    "slug": str,
    "scale": str,
    "cell": str,
    "verdict": str,
    "estimate": float,
    "se": float,
    "n": int,
    "seeds": list,
    "environment": str,
    "hardware": str,
    "declaration": str,
    "sources": str,
    "first_judged": str,
    "date": str,
    "reason": str,
    "attempt": int,
    "looks": list,
    "looks_power": int,
    "written_knowing": str,
    "remeasured": str,
}
OPTIONAL: dict[str, object] = {
    "estimate": None,
    "se": None,
    "attempt": 1,
    "looks": (),
    "looks_power": 0,
    "written_knowing": "",
    "remeasured": "",
}
"""What a key counts as that is not written: a number that is not defined, the first attempt, no
looks, nothing known, nothing measured anew."""


def read_ledger(path: Path) -> Ledger:
    """Return the ledger at ``path``, an empty one where there is no file.

    Raises LedgerError for a file that is not TOML, lacks a key, or has one too many.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Ledger()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LedgerError(f"{path}: got {error}, expected a ledger in TOML; restore it") from error
    rows = content.pop("entry", [])
    if content != {"schema": SCHEMA} or not isinstance(rows, list):
        raise LedgerError(
            f"{path}: got top-level {content}, expected schema = {SCHEMA} and [[entry]] tables; "
            "restore the file, or write it with --update-ledger"
        )
    try:
        return Ledger(entries=tuple(_entry_from(row) for row in rows))
    except LedgerError as error:
        raise LedgerError(f"{path}: {error}") from error


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Write the ledger aside and move it into place. The same ledger gives the same bytes.

    Raises LedgerError where the file cannot be written, or a text has no UTF-8 form.
    """
    tables = [f"# {HEADER}\nschema = {SCHEMA}\n", *(_table(entry) for entry in ledger.entries)]
    try:
        write_aside(path, "\n".join(tables))
    except (OSError, UnicodeEncodeError) as error:
        raise LedgerError(f"{path}: got {error}, expected to write it; check it") from error


def _entry_from(row: object) -> LedgerEntry:
    if not isinstance(row, dict):
        raise LedgerError(f"entry: got {row!r}, expected a table; write it as [[entry]]")
    name = f"entry {row.get('slug', '?')!r}"
    missing = [key for key in KEYS if key not in row and key not in OPTIONAL]
    unknown = [key for key in row if key not in KEYS]
    wrong = [key for key in row if key in KEYS and not _has_type(row[key], KEYS[key])]
    if missing or unknown or wrong:
        raise LedgerError(
            f"{name}: got missing keys {missing}, unknown keys {unknown}, keys of a wrong type "
            f"{wrong}; expected the keys {', '.join(KEYS)}; restore it from version control"
        )
    lists = {key: tuple(row[key]) for key in ("seeds", "looks") if key in row}
    values = {**OPTIONAL, **row, **lists}
    try:
        values["verdict"] = Verdict(row["verdict"])
    except ValueError as error:
        raise LedgerError(f"{name}: got {error}; expected one of {', '.join(FINDINGS)}") from error
    return LedgerEntry(**values)


def _has_type(value: object, kind: type) -> bool:
    if kind is list:
        return isinstance(value, list) and all(type(each) is int for each in value)
    return type(value) is kind or (kind is float and type(value) is int)


def _table(entry: LedgerEntry) -> str:
    values = {key: getattr(entry, key) for key in KEYS}
    written = {k: v for k, v in values.items() if k not in OPTIONAL or v != OPTIONAL[k]}
    lines = [f"{key} = {_toml(value)}" for key, value in written.items()]
    return "\n".join(["[[entry]]", *lines, ""])


def _toml(value: object) -> str:
    """Return a TOML value; JSON strings are TOML's, but for DEL, which TOML wants escaped."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
