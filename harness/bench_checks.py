"""Is a class the bench that its protocol says? Asked when a family loads it."""

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from harness.bench import Bench, BenchOption, Scale
from harness.errors import BenchError, ClaimError
from harness.seeds import PILOT_SEEDS_FROM

T = TypeVar("T")

OF_CLASS = ("options", "scales")
"""What is asked of the class, before there is an instance."""

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "options": (),
    "scales": (),
    "environment": ("device",),
    "identity": ("arm",),
    "describe": ("arm",),
    "deviations": ("arm", "metric"),
    "metrics": ("arm",),
    "estimate_s": ("arm",),
    "seeds_per_job": ("arm",),
    "prepare": ("arm",),
    "train": ("arm", "seeds", "device", "progress"),
}
OPTIONAL: dict[str, tuple[str, ...]] = {
    "cards": ("device",),
    "processes_per_device": ("device",),
    "fatal": ("error", "device"),
}
SCALE_NAMES = ("quick", "desk", "paper")
FLAG = re.compile(r"--[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_bench(found: object, named: str) -> type[Bench]:
    """Return the class that a family names. Raises BenchError for what is no bench."""
    if not isinstance(found, type):
        raise BenchError(f"{named}: got {found!r}; expected a class with the methods of a Bench")
    absent = [f"{name}({', '.join(ARGUMENTS[name])})" for name in ARGUMENTS if _lacks(found, name)]
    if absent:
        raise BenchError(
            f"{named}: got a class without {', '.join(absent)}; expected every method of "
            "harness.bench.Bench: write it, or correct its name"
        )
    for name, arguments in (ARGUMENTS | OPTIONAL).items():
        _check_call(found, name, arguments, named)
    _check_made(found, named)
    _check_options(_listed(found, "options", BenchOption, named), named)
    _check_scales(_listed(found, "scales", Scale, named), named)
    return found


def _lacks(bench: type, name: str) -> bool:
    return not callable(getattr(bench, name, None))


def _check_call(bench: type, name: str, arguments: tuple[str, ...], named: str) -> None:
    """Refuse a method that cannot be called as the harness calls it."""
    if _lacks(bench, name):
        return  # optional
    static = inspect.getattr_static(bench, name)
    bound = name in OF_CLASS or isinstance(static, classmethod | staticmethod)
    given = arguments if bound else ("self", *arguments)
    try:
        inspect.signature(getattr(bench, name)).bind(*given)
    except TypeError as error:
        decorated = ", decorated with @classmethod" if name in OF_CLASS else ""
        raise BenchError(
            f"{named}: {name}: got {name}{inspect.signature(getattr(bench, name))}; expected "
            f"{name}({', '.join(arguments)}){decorated}, as in harness.bench.Bench: {error}"
        ) from error
    except ValueError:
        return  # a builtin that does not say how it is called


def _check_made(bench: type, named: str) -> None:
    try:
        inspect.signature(bench).bind(scale="", options={})
    except TypeError as error:
        raise BenchError(
            f"{named}: got {bench.__name__}{inspect.signature(bench)}; expected one that is made "
            f"by {bench.__name__}(scale=..., options=...): {error}"
        ) from error
    except ValueError:
        return


def _listed(bench: type, name: str, kind: type[T], named: str) -> Sequence[T]:
    """Return what options() or scales() lists. Raises BenchError."""
    expected = f"expected a tuple of {kind.__name__}"
    try:
        found = getattr(bench, name)()
    except ClaimError:
        raise
    except Exception as error:  # a bench may raise anything
        raise BenchError(f"{named}: {name}() raised {error!r}; {expected}") from error
    parts = found if isinstance(found, tuple | list) else [found]
    wrong = [part for part in parts if not isinstance(part, kind)]
    if wrong:
        raise BenchError(f"{named}: {name}: got {wrong[0]!r}; {expected}")
    return tuple(parts)


def _check_options(options: Sequence[BenchOption], named: str) -> None:
    for option in options:
        words = [option.default, option.help, *option.choices]
        if not isinstance(option.flag, str) or not FLAG.fullmatch(option.flag):
            raise BenchError(f"{named}: options: got {option.flag!r}; expected, say, '--data-dir'")
        if isinstance(option.choices, str) or not all(isinstance(word, str) for word in words):
            raise BenchError(
                f"{named}: options: {option.flag}: got {option}; expected a default, a help and "
                "choices that are texts"
            )
    twice = _twice(option.flag for option in options)
    if twice:
        raise BenchError(f"{named}: options: got {twice} more than once; expected each once")


def _check_scales(scales: Sequence[Scale], named: str) -> None:
    names = [scale.name for scale in scales]
    if not names or _twice(names) or not {*names} <= {*SCALE_NAMES}:
        raise BenchError(
            f"{named}: scales: got the names {names}; expected one or more of "
            f"{', '.join(SCALE_NAMES)}, each once"
        )
    for scale in scales:
        where, seeds = f"{named}: scales: {scale.name}", scale.seeds
        if not isinstance(seeds, tuple) or not seeds or not all(type(s) is int for s in seeds):
            raise BenchError(f"{where}: got seeds {seeds!r}; expected some, as tuple(range(10))")
        if _twice(seeds) or not all(0 <= seed < PILOT_SEEDS_FROM for seed in seeds):
            raise BenchError(
                f"{where}: got seeds {seeds}; expected each once, from 0 on, and below "
                f"{PILOT_SEEDS_FROM}, as those from there on are for pilots"
            )


def _twice(values: Iterable[T]) -> list[T]:
    return [value for value, times in Counter(values).items() if times > 1]
