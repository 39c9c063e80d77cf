"""Copies of the source in which a fault is planted and tests are run; the tree itself stays."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fault_table import ROOT, Fault

PROCESSES = 2
COPIED = ("benches", "claims", "harness", "models", "reports", "tests")
FILES = ("conftest.py", "pyproject.toml", "README.md")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "out", ".*")
TIMEOUT_S = 1500  # of one process; the longest trains 30 desk runs
SLIPS = (
    "NameError", "AttributeError", "ImportError", "ModuleNotFoundError", "SyntaxError",
    "IndentationError", "UnboundLocalError",
)  # fmt: skip
"""What a fault raises that is miswritten: no test has noticed anything then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a fault, or the sound source, fared."""

    caught: bool
    by: str  # the first test that failed, or why none did
    wall_s: float
    output: str = ""


@contextmanager
def copy() -> Iterator[Path]:
    """Yield a folder with a copy of the source, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        root = Path(folder)
        for package in COPIED:
            shutil.copytree(ROOT / package, root / package, ignore=LEFT_OUT)
        for name in FILES:
            shutil.copy(ROOT / name, root / name)
        yield root


def plant(fault: Fault, root: Path) -> None:
    """Plant the fault in a copy. Raises FaultError where it does not apply."""
    path = root / fault.file
    path.write_text(fault.planted_in(path.read_text(encoding="utf-8")), encoding="utf-8")


def run_python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a copy so that it imports the copy alone; compiled files are not kept."""
    own = {
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",  # a fault of the same length in the same second
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "400",  # pytest cuts the reasons of its summary to the width
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


def run_tests(root: Path, ids: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run tests of a copy up to the first that fails."""
    options = ("-x", "-q", "-rf", "-p", "no:cacheprovider", "--tb=line")
    return run_python(root, "-m", "pytest", *ids, *options)


def tried(fault: Fault) -> Outcome:
    """Plant one fault in a copy of its own and return whether one of its tests fails."""
    started = time.perf_counter()
    with copy() as root:
        plant(fault, root)
        done = run_tests(root, fault.caught_by)
    caught, by = verdict_of(done.returncode, done.stdout)
    return Outcome(
        caught=caught,
        by=by,
        wall_s=time.perf_counter() - started,
        output="" if caught else done.stdout[-3000:] + done.stderr[-1000:],
    )


def verdict_of(returncode: int, stdout: str) -> tuple[bool, str]:
    """Return whether pytest says that a test failed for a reason of its own, and which.

    The last that it says: a test that runs pytest on a project prints what failed in there before.
    """
    failed = re.findall(r"^FAILED (\S+(?:\[.*?\])?)(?: - (.*))?$", stdout, flags=re.MULTILINE)
    if returncode == 0:
        return False, "nothing: all its tests passed"
    if returncode != 1 or not failed:
        return False, f"nothing: pytest ended with {returncode} and no failed test"
    for _, why in failed:
        if why.startswith(SLIPS):
            return False, f"nothing: the fault is miswritten ({why})"
    return True, failed[-1][0]


def sound(ids: Sequence[str]) -> Outcome:
    """Run tests on a copy without a fault: all must pass, or a red test would prove nothing."""
    started = time.perf_counter()
    with copy() as root:
        where = run_python(root, "-c", "import harness, models; print(harness.__file__)")
        if not where.stdout.startswith(str(root)):
            raise RuntimeError(
                f"copy: got harness from {where.stdout.strip() or where.stderr[-500:]}; expected "
                f"{root}: the copy is not what is tested"
            )
        done = run_tests(root, ids)
    return Outcome(
        caught=done.returncode != 0,
        by=done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "nothing ran",
        wall_s=time.perf_counter() - started,
        output=done.stdout[-3000:] if done.returncode else "",
    )
