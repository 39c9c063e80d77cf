"""The digest of the source that decides a run's numbers: an arm's modules and what they import."""

import ast
import hashlib
import importlib.util
import io
import tokenize
from collections.abc import Container, Iterable, Iterator
from functools import cache
from pathlib import Path

from harness.errors import ArmError


def source_digest(modules: Iterable[str]) -> str:
    """Return the sha256 over the modules and all that they import inside their own package.

    Comments and docstrings are cut out as text, so that explaining code does not retrain it; an AST
    dump would differ between Python versions. Raises ArmError for a module that cannot be found.
    """
    digest = hashlib.sha256()
    for name in sorted(closure(modules)):
        digest.update(f"{name}\n{_bare_source(_path_of(name))}\n".encode())
    return digest.hexdigest()


def closure(modules: Iterable[str]) -> frozenset[str]:
    """Return the dotted names of the modules and of all they import, directly or not."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_imported_by(name))
    return frozenset(found)


@cache
def _imported_by(name: str) -> tuple[str, ...]:
    """Return the modules of the same top-level package that one module imports."""
    package = name.partition(".")[0]
    tree = ast.parse(_path_of(name).read_text(encoding="utf-8"))
    names = (n for node in ast.walk(tree) for n in _names(node))
    inside = {n for n in names if n.partition(".")[0] == package and _exists(n)}
    parents = {name.rpartition(".")[0]} - {""}
    return tuple(sorted(inside | parents))


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            raise ArmError(
                f"source: got a relative import of {node.module!r}; expected absolute imports "
                "inside a bench's package, so that its digest can follow them"
            )
        if node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _exists(name: str) -> bool:
    return _find(name) is not None


def _path_of(name: str) -> Path:
    path = _find(name)
    if path is None:
        raise ArmError(f"source: got module {name!r}, which cannot be found; check Bench.identity")
    return path


@cache
def _find(name: str) -> Path | None:
    """Return a module's file, found by path: importing it could import torch."""
    top, *rest = name.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        return None
    if not rest:
        return Path(spec.origin)
    if spec.submodule_search_locations is None:
        return None
    stem = Path(spec.origin).parent.joinpath(*rest)
    candidates = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def _bare_source(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return bare(text)


@cache  # 12 ms a file, and arms share their files: of 179 arms in one plan 20 s were spent here
def bare(text: str) -> str:
    """Return Python source without comments, docstrings and blank lines."""
    lines = text.split("\n")  # as Python counts them: splitlines would split at form feeds, too
    docstrings = list(_docstrings(text, lines))
    whole = _rows_inside_strings(text, docstrings)
    for (top, left), (bottom, right) in sorted([*docstrings, *_comments(text)], reverse=True):
        kept = lines[top][:left] + lines[bottom][right:]
        lines[top : bottom + 1] = [kept, *[""] * (bottom - top)]
    kept_lines = ((row in whole, line) for row, line in enumerate(lines))
    return "\n".join(line if inside else line.rstrip() for inside, line in kept_lines
                     if inside or line.strip())  # fmt: skip


Span = tuple[tuple[int, int], tuple[int, int]]
"""Where something starts and ends, as (row, column) from 0."""

STRINGS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


def _tokens(text: str, kinds: Container[int]) -> Iterator[Span]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in kinds:
            yield (token.start[0] - 1, token.start[1]), (token.end[0] - 1, token.end[1])


def _comments(text: str) -> Iterator[Span]:
    return _tokens(text, {tokenize.COMMENT})


def _rows_inside_strings(text: str, docstrings: Iterable[Span]) -> set[int]:
    """Return the rows whose end lies inside a string: there blanks and blank lines are code."""
    cut = {row for (top, _), (bottom, _) in docstrings for row in range(top, bottom + 1)}
    spans = _tokens(text, STRINGS)
    return {row for (top, _), (bottom, _) in spans for row in range(top, bottom)} - cut


def _docstrings(text: str, lines: list[str]) -> Iterator[Span]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _docstring(node, lines)


def _docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]
) -> Iterator[Span]:
    if ast.get_docstring(node, clean=False) is None:
        return
    first = node.body[0]
    top, bottom = first.lineno - 1, (first.end_lineno or first.lineno) - 1
    left = _column(lines[top], first.col_offset)
    yield (top, left), (bottom, _column(lines[bottom], first.end_col_offset or 0))


def _column(line: str, offset: int) -> int:
    """Return a column in characters; the AST counts bytes of UTF-8."""
    return len(line.encode()[:offset].decode())
