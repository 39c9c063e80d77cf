"""``claims plan``: which of the words that are handed on to pytest are tests."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from harness.hooks.options import add_options
from reports import plugin

OF_PYTEST = (
    *("-k", "-m", "-n", "-p", "-c", "-o", "-W", "-r", "--basetemp", "--confcutdir"),
    *("--config-file", "--deselect", "--ignore", "--junit-xml", "--junitxml", "--rootdir"),
)
"""Options of pytest whose value may be the name of a file or folder. Its parser is private."""


class _Listed:
    """Stands in for pytest's parser: notes the options that take a value."""

    def __init__(self) -> None:
        self.flags: list[str] = []

    def getgroup(self, *_: str) -> "_Listed":
        """Return itself: groups are for the help text."""
        return self

    def addoption(self, flag: str, **declared: object) -> None:
        """Note an option, unless it is a switch."""
        if "action" not in declared:
            self.flags.append(flag)


def command_words(words: Sequence[str]) -> list[str]:
    """Return pytest's arguments: with claims/ where none of the words names tests."""
    return [*([] if any(_tests(words)) else ["claims/"]), "--plan", *words]


def _tests(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that are paths, of a file, folder or test, and no option's value."""
    with_value = {*OF_PYTEST, *_ours()}
    for before, word in zip(["", *words], words, strict=False):
        if not word.startswith("-") and before not in with_value and _is_there(word):
            yield word


def _is_there(word: str) -> bool:
    return Path(word.partition("::")[0]).exists()


def _ours() -> list[str]:
    """Return the options with a value of the harness, of the benches here and of the report."""
    listed = _Listed()
    for add in (add_options, plugin.pytest_addoption):
        add(cast("pytest.Parser", listed))
    return listed.flags
