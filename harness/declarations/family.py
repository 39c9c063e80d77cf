"""A family: the claims of one paper that share an error budget, read from ``family.toml``."""

import importlib
import sys
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench import Bench
from harness.bench_checks import check_bench
from harness.declarations.declared import slug
from harness.declarations.own_lines import own_lines
from harness.errors import ClaimDefinitionError, OptionError

FILE = "family.toml"

FAMILY_KEYS = ("title", "citation", "bench", "register"), ("url", "alpha", "study", "not_asked")
REGISTER_KEYS = ("slug", "statement", "section"), ("figure", "uses_p")
NOT_ASKED_KEYS = ("what", "because"), ()
"""Keys that are needed, and keys that may stand there, of the file and of its tables."""

KINDS: dict[str, type] = {
    "register": list, "not_asked": list, "uses_p": bool, "study": bool, "alpha": object
}  # fmt: skip
"""Types of the keys that are not text; ``_alpha`` looks at its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """One slug of the register, whether or not it has a file."""

    slug: str
    statement: str
    section: str
    figure: str | None = None
    uses_p: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class NotAsked:
    """Something that the paper leaves open and no claim has a reading for, and why not."""

    what: str
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Title, citation, bench, alpha and register of one paper's claims.

    ``not_asked`` is shown beside the readings, so that a reader sees what was left out.
    ``study``: of no paper's, but of a question about our own means. Its report lies in a folder of
    its own, beside that of the paper's claims.
    """

    folder: Path
    title: str
    citation: str
    url: str
    bench: str
    alpha: float
    register: tuple[Registered, ...]
    study: bool = False
    not_asked: tuple[NotAsked, ...] = ()

    @property
    def slug(self) -> str:
        """Return the folder's name."""
        return self.folder.name

    @property
    def p_slugs(self) -> int:
        """Return how many registered slugs use a p value."""
        return sum(entry.uses_p for entry in self.register)

    @property
    def alpha_claim(self) -> float:
        """Return each claim's alpha: the same whatever is selected, in whatever order.

        In a register of searches alone nothing shares it: an addition has the whole.
        """
        searches_alone = bool(self.register) and not self.p_slugs
        return alpha_of_claim(self.alpha, 1 if searches_alone else self.p_slugs)

    def registered(self, slug: str) -> Registered | None:
        """Return the register's entry, or None for an addition."""
        return next((entry for entry in self.register if entry.slug == slug), None)

    def bench_class(self) -> type[Bench]:
        """Import, check and return the family's bench. Raises ClaimDefinitionError.

        It is sought beside ``claims/``, too, as the console commands have no such folder on the
        path and pytest has it by its settings.
        """
        module, _, name = self.bench.partition(":")
        root = str(self.folder.resolve().parent.parent)
        if root not in sys.path:
            sys.path.insert(0, root)
        try:
            found: object = getattr(importlib.import_module(module), name)
        except Exception as error:  # importing a bench may raise anything
            raise ClaimDefinitionError(
                f"{self.folder / FILE}: bench: got {self.bench!r}, which cannot be imported; "
                f'expected "module:Class", a module beside {self.folder.parent}:\n'
                f"{own_lines(error)}"
            ) from error
        return check_bench(found, f"{self.folder / FILE}: bench: {self.bench}")


def alpha_of_claim(family_alpha: float, registered_p_slugs: int | Collection[str]) -> float:
    """Return one claim's alpha: the family's, shared by all registered slugs that use a p value.

    Takes the slugs or their number. What was selected, or in which order, plays no part.
    """
    registered = registered_p_slugs
    count = registered if isinstance(registered, int) else len(set(registered))
    if not 0 < family_alpha < 0.5 or count < 1:
        raise ClaimDefinitionError(
            f"error budget: got alpha {family_alpha} for {count} registered slugs, expected an "
            "alpha between 0 and 0.5 and at least one slug; complete the register in family.toml"
        )
    return family_alpha / count


def read_family(folder: Path) -> Family:
    """Return the family of a folder. Raises ClaimDefinitionError for what is missing or unknown."""
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClaimDefinitionError(f"{path}: cannot be read: {error}") from error
    _check_keys(path, table, *FAMILY_KEYS)
    register = tuple(_registered(path, n, e) for n, e in enumerate(table["register"], start=1))
    slugs = [entry.slug for entry in register]
    twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if twice:
        raise ClaimDefinitionError(f"{path}: register: got {twice} more than once; expected once")
    return Family(
        folder=folder,
        title=table["title"],
        citation=table["citation"],
        url=table.get("url", ""),
        bench=table["bench"],
        alpha=_alpha(path, table.get("alpha", 0.05)),
        register=register,
        study=table.get("study", False),
        not_asked=tuple(_not_asked(path, entry) for entry in table.get("not_asked", ())),
    )


def _not_asked(path: Path, entry: Mapping[str, Any]) -> NotAsked:
    _check_keys(path, entry, *NOT_ASKED_KEYS)
    return NotAsked(**entry)


def _registered(path: Path, number: int, entry: Mapping[str, Any]) -> Registered:
    statement = entry.get("statement") if isinstance(entry, Mapping) else None
    where = f"{path}: [[register]] number {number}{f' ({statement!r})' if statement else ''}"
    _check_keys(where, entry, *REGISTER_KEYS)
    slug(f"{where}: slug", entry["slug"])
    return Registered(**entry)


def _alpha(path: Path, alpha: object) -> float:
    if not isinstance(alpha, float) or not 0.0 < alpha < 0.5:
        quoted = ", a number without quotes" if isinstance(alpha, str) else ""
        raise ClaimDefinitionError(
            f"{path}: alpha: got {alpha!r}; expected between 0 and 0.5{quoted}"
        )
    return alpha


def _check_keys(
    where: object, table: Mapping[str, Any], needed: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    if not isinstance(table, Mapping):
        keys = ", ".join(needed)
        raise ClaimDefinitionError(f"{where}: got {table!r}; expected a table of {keys}")
    missing = [key for key in needed if key not in table]
    unknown = [key for key in table if key not in (*needed, *optional)]
    got = [f"unknown keys {unknown}"] * bool(unknown) + [f"no {missing}"] * bool(missing)
    if got:
        perhaps = f" and perhaps {', '.join(optional)}" if optional else ""
        raise ClaimDefinitionError(
            f"{where}: got {' and '.join(got)}; expected {', '.join(needed)}{perhaps}"
        )
    for key, value in table.items():
        kind = KINDS.get(key, str)
        if not isinstance(value, kind):
            raise ClaimDefinitionError(f"{where}: {key}: got {value!r}; expected {kind.__name__}")


def find_families(start: Path) -> tuple[Path, ...]:
    """Return the folders with a family.toml under the nearest ``claims/`` at or above ``start``."""
    for folder in (start, *start.parents):
        found = sorted(p.parent for p in (folder / "claims").glob(f"*/{FILE}"))
        if found:
            return tuple(found)
    return ()


def family_folder(given: str, root: Path) -> Path:
    """Return the folder of a family that is given by its name or by a path, from ``root``.

    Raises OptionError where there is none, with the names that there are.
    """
    for folder in (root / given, root / "claims" / given):
        if given and (folder / FILE).is_file():
            return folder
    known = ", ".join(folder.name for folder in find_families(root)) or "none yet"
    raise OptionError(
        f"--family: got {given!r}, which is no folder with a {FILE}; expected the name of one in "
        f"claims/ ({known}) or a path to one; `claims new-paper SLUG` makes one"
    )
