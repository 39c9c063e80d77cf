"""The commands with which a reader repeats a run, or one claim of it, in any shell."""

import shlex
from collections.abc import Iterable

import pytest

from harness.declarations.searched import AnyClaim
from harness.families.context import FamilyContext
from harness.families.settings import PAPER


def whole_run(config: pytest.Config) -> str:
    """Return the command of this session as it was given."""
    return shlex.join(["pytest", *map(str, config.invocation_params.args)])


def one_claim(claim: AnyClaim, path: str, context: FamilyContext) -> str:
    """Return the command that asks one claim as this session did, or at a scale that can judge it.

    Where runs are kept and where data lie is left to who repeats it.
    """
    there = context.where_judged(claim)
    no_card = there is context and context.judged_environment.device_kind == "cpu"
    words = ["pytest", path, *scale_words(there.scale.name, no_card=no_card)]
    if there.scale.name in claim.full:
        words.append("--full")
    if there is context:
        words += _as_asked(context)
    return shlex.join(words)


def scale_words(scale: str, *, no_card: bool = False) -> list[str]:
    """Return the option of a scale: the paper's own means a card, too, unless asked without."""
    return ["--gpu"] if scale == PAPER and not no_card else ["--scale", scale]


def _as_asked(context: FamilyContext) -> Iterable[str]:
    """Yield the options that change numbers, of those that this session has not left alone."""
    settings, kind = context.settings, context.judged_environment.device_kind
    if kind != ("cuda" if context.scale.name == PAPER else "cpu"):
        yield from ("--device", kind)
    if settings.seeds is not None and context.exploratory:
        yield from ("--seeds", settings.seeds)
    yield from context.changed_options
