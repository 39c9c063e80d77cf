"""Fields of a claim as an author writes them: filled in for a cell, and refused in his words."""

import dataclasses
import inspect
import re
from collections.abc import Mapping

from harness.declarations.cells import Cell
from harness.declarations.declared import did_you_mean
from harness.errors import ClaimDefinitionError

_ARM = "an arm of the paper's menu, or sweep(...) of such arms"
WANTED = {
    "treatment": _ARM,
    "control": f"{_ARM}; none for a claim about one arm",
    "endpoint": 'Endpoint, as in mean("train_accuracy")',
    "hypothesis": 'a hypothesis, as in Above(5.0, because="...")',
}
"""What a field takes, as a claim file writes it; the others take a tuple."""

_INIT = re.compile(r"(?P<kind>\w+)\.__init__\(\) (?P<what>missing|got an unexpected)(?P<rest>.*)")


def filled(slug: str, name: str, value: object, cell: Cell) -> object:
    """Return a field's value, or what its function makes of the cell.

    Raises ClaimDefinitionError for a function that takes no cell.
    """
    if not callable(value):
        return value
    try:
        inspect.signature(value).bind(cell)
    except TypeError as error:
        raise ClaimDefinitionError(
            f"{slug}: {name}: got a function that takes no cell ({error}); expected, say, "
            "lambda cell: ..."
        ) from error
    except ValueError:
        pass  # a builtin, which does not say what it takes
    return value(cell)


def listed(value: object) -> list[object]:
    """Return what a field lists; what is no list stands for itself, and is refused by its type."""
    return list(value) if isinstance(value, tuple | list) else [type(value)]


def attempts(declared: object) -> list[object]:
    """Return the numbers of a declared attempt; none but one that is refused for no names."""
    if not isinstance(declared, Mapping):
        return [declared]
    named = all(isinstance(scale, str) for scale in declared)
    return list(declared.values()) if named and declared else [None]


def field_error(error: TypeError, kinds: Mapping[str, object]) -> str | None:
    """Return what is wrong with the fields of a declaration, from what its constructor raised.

    ``kinds`` holds the classes by name; None for an error of anything else.
    """
    match = _INIT.match(str(error))
    kind = kinds.get(match["kind"]) if match else None
    if match is None or not isinstance(kind, type) or not dataclasses.is_dataclass(kind):
        return None
    fields = [field for field in dataclasses.fields(kind) if field.init]
    names, known = re.findall(r"'(\w+)'", match["rest"]), [field.name for field in fields]
    if match["what"] == "missing":
        needed = [f.name for f in fields if _is_needed(f)]
        return f"{kind.__name__}: got no {', '.join(names)}; expected {', '.join(needed)}"
    close = did_you_mean(names[0], known)
    return f"{kind.__name__}: got unknown {names[0]!r}{close}; expected some of {', '.join(known)}"


def _is_needed(field: "dataclasses.Field[object]") -> bool:
    return field.default is field.default_factory is dataclasses.MISSING
