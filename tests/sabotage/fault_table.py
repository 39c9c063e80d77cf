"""The table of faults: what is broken, where, how, and which tests must notice.

One ``[[fault]]`` of ``faults/*.toml`` is one edit of one file. Its text must stand in the file
exactly once: a fault that no longer applies is an error, never a fault that is caught.
"""

import ast
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "faults"

MISTAKES = {
    1: "a proxy instead of the definition",
    2: "gradients accumulated between probe points",
    3: "sum instead of difference of gradients",
    4: "beta divided by the wrong distance",
    5: "a probe that changes what it measures",
    6: "G' taken from a network that differs elsewhere",
    7: "gradients measured under a loss scaler",
    8: "an arm recognised by a substring of its name",
    9: "conclusions written as constants",
    10: "best epoch chosen on the test set; curves of unequal length",
    11: "NaN runs filtered silently",
    12: "a dead plateau, or a solved task, taken for smoothness",
    13: "seed pairing lost",
    14: '"paired" in the text, unpaired in the code; population variance in an effect size',
}
"""Mistakes that public re-runs of the paper have made, by number."""


class FaultError(ValueError):
    """A fault that cannot be planted, or that names a test that does not exist."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One edit of one file, and the ids of the tests of which one must fail with it.

    ``mistake`` is a key of ``MISTAKES``, 0 for a fault that is none of them.
    """

    name: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]
    mistake: int = 0

    def __post_init__(self) -> None:
        if self.mistake and self.mistake not in MISTAKES:
            raise FaultError(f"{self.name}: got mistake {self.mistake}; expected 1 to 14, or none")
        if not self.caught_by:
            raise FaultError(f"{self.name}: caught_by: got none; name a test, or write one")

    def planted_in(self, source: str) -> str:
        """Return the file's text with the fault. Raises FaultError where it does not apply."""
        found = source.count(self.old)
        if found != 1:
            raise FaultError(
                f"{self.name}: the fault no longer applies: its text stands {found} times in "
                f"{self.file}, expected once; find what became of it and rewrite the fault"
            )
        broken = source.replace(self.old, self.new)
        if broken == source:
            raise FaultError(f"{self.name}: the fault changes nothing; expected another text")
        try:
            ast.parse(broken)
        except SyntaxError as error:
            raise FaultError(f"{self.name}: {self.file} is no Python with it: {error}") from None
        return broken


def load(folder: Path = FOLDER) -> tuple[Fault, ...]:
    """Return all faults in the order of the files. Raises FaultError for a name used twice."""
    faults = tuple(
        Fault(**row | {"caught_by": tuple(row["caught_by"])})
        for path in sorted(folder.glob("*.toml"))
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    )
    names = [fault.name for fault in faults]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FaultError(f"faults: got {twice} more than once; expected one fault to a name")
    return faults


def missing_tests(fault: Fault, root: Path = ROOT) -> tuple[str, ...]:
    """Return the ids in ``caught_by`` whose file holds no such test."""
    return tuple(one for one in fault.caught_by if not _is_there(root, one))


def _is_there(root: Path, test_id: str) -> bool:
    file, _, name = test_id.partition("::")
    return name.partition("[")[0] in _functions(root / file)


@functools.cache
def _functions(path: Path) -> frozenset[str]:
    """Return the names of a file's functions, none where there is no file."""
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
