"""What an interrupted run has found, so that ``--resume`` goes on where it stopped.

An outcome is kept by its fault, the whole source and the fault's own test files (for answers of
training: those that ask): it is taken over only where none of them changed.
"""

import hashlib
import json
import shutil
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fault_table import ROOT, Fault
from scratch import Outcome

FOLDER = ROOT / ".sabotage"
TRAINING = tuple(
    Path(__file__).with_name(f"{name}.py") for name in ("judge_on_pilots", "pilot_cases")
)
SOURCE = ("claims", "harness", "models", "reports")


class Kept:
    """Outcomes, answers and trained runs in a folder; without ``resume`` it begins empty."""

    def __init__(self, folder: Path = FOLDER, *, resume: bool = False) -> None:
        if not resume:
            shutil.rmtree(folder, ignore_errors=True)
        self._path = folder / "outcomes.json"
        self._lock = threading.Lock()
        self._source = _digest(path for name in SOURCE for path in (ROOT / name).rglob("*.py"))
        self.runs = folder / "runs"  # by run key, which holds the code
        self.runs.mkdir(parents=True, exist_ok=True)
        there = self._path.exists()
        self._by_key = json.loads(self._path.read_text(encoding="utf-8")) if there else {}

    def find(self, fault: Fault) -> Outcome | None:
        """Return the outcome of a fault that was caught, None where it must be tried."""
        row = self._by_key.get(self._key(asdict(fault), _test_files(fault)))
        return Outcome(**row) if row and row["caught"] else None

    def keep(self, fault: Fault, outcome: Outcome) -> None:
        """Write an outcome down at once."""
        self._write(self._key(asdict(fault), _test_files(fault)), asdict(outcome))

    def find_answers(self, asked: object) -> dict[str, Any] | None:
        """Return what training answered to the same questions, None where it must train."""
        found: dict[str, Any] | None = self._by_key.get(self._key(asked, TRAINING))
        return found

    def keep_answers(self, asked: object, answers: dict[str, Any]) -> None:
        """Write answers down at once."""
        self._write(self._key(asked, TRAINING), answers)

    def _write(self, key: str, row: dict[str, Any]) -> None:
        with self._lock:
            self._by_key[key] = row
            self._path.write_text(json.dumps(self._by_key), encoding="utf-8")

    def _key(self, asked: object, files: Iterable[Path]) -> str:
        named = json.dumps([asked, self._source, _digest(files)])
        return hashlib.sha256(named.encode()).hexdigest()


def _test_files(fault: Fault) -> set[Path]:
    return {ROOT / one.partition("::")[0] for one in fault.caught_by}


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
