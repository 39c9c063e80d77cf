"""When a process trains, plans or leaves it, and what the header says of it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from harness.declarations.family import find_families, read_family
from harness.declarations.lookalikes import lookalikes
from harness.declarations.searched import AnyClaim, AnyQuestion, SearchQuestion
from harness.errors import ClaimDefinitionError, ClaimError, DeviceLostError, OptionError
from harness.families.context import FamilyContext
from harness.hooks import crashes, stopping
from harness.hooks.announcing import Listener
from harness.hooks.collecting import question_of
from harness.hooks.display import Display, plan_lines
from harness.hooks.session import MAIN, SESSION, ClaimSession


def is_controller(config: pytest.Config) -> bool:
    """Return whether this process hands tests to others and runs none itself."""
    return config.pluginmanager.hasplugin("dsession")


def check_environment(session: ClaimSession, families: Iterable[Path]) -> None:
    """Raise OptionError at once where the scale or the device asked for is not to be had.

    Or where no family has runs that could be judged; where one has none and others have,
    ``before_tests`` says it, once it is known whose claims were selected.
    """
    asked = session.settings
    given = (asked.scale, asked.gpu, asked.device, asked.seeds is not None, asked.judge_only)
    if not any(given):
        return
    contexts = list(_contexts(session, families))
    for context in contexts:
        _ = context.seeds if asked.judge_only else (context.seeds, context.environment)
    if asked.judge_only:
        errors = [error for context in contexts if (error := _store_error(context)) is not None]
        if errors and len(errors) == len(contexts):
            raise errors[0]


def _contexts(session: ClaimSession, families: Iterable[Path]) -> Iterator[FamilyContext]:
    for folder in families:
        with suppress(ClaimDefinitionError):  # refused where its claims are collected
            yield session.context(folder)


def _store_error(context: FamilyContext) -> OptionError | None:
    try:
        _ = context.store
    except OptionError as error:
        return error
    return None


def asked_families(config: pytest.Config, start: Path) -> list[Path]:
    """Return the families at ``start`` of which pytest was asked to collect something.

    Only those: another paper's bench may know no such scale, and its runs may lie elsewhere.
    """
    asked = [(start / str(arg).partition("::")[0]).resolve() for arg in config.args]
    return [folder for folder in find_families(start) if _is_asked(folder.resolve(), asked)]


def _is_asked(folder: Path, asked: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) or folder.is_relative_to(path) for path in asked)


def register_listeners(config: pytest.Config, session: ClaimSession) -> None:
    """Show progress and hear verdicts in the process that the user sees."""
    if session.worker == MAIN:
        config.pluginmanager.register(Display(config, session), "claims-display")
        config.pluginmanager.register(Listener(session), "claims-listener")
        config.pluginmanager.register(stopping.Stopper(claims=session), "claims-stopper")
        config.pluginmanager.register(crashes.Crashes(), "claims-crashes")


def header(config: pytest.Config, session: ClaimSession) -> list[str]:
    """Return the header's lines."""
    settings = session.settings
    where = f"scale {settings.scale_name}, device {settings.device_name}, store {settings.store}"
    lines = [f"claims: {where}", *(f"claims: {line}" for line in _misspelt(config))]
    if settings.judge_only or settings.plan:
        return lines
    shared = session.sharing()
    if shared:
        return [*lines, *(f"claims: {line}" for line in shared)]
    cores = os.cpu_count() or 1
    if not is_controller(config) and cores > 1:
        lines.append(f"claims: one process trains; -n {cores} would train on all {cores} cores")
    return lines


def _misspelt(config: pytest.Config) -> Iterator[str]:
    """Yield what may be misspelt in the registers at hand, before hours of training end in it."""
    for folder in asked_families(config, Path.cwd()):
        with suppress(ClaimDefinitionError):  # refused where its claims are collected
            yield from lookalikes(read_family(folder))


def before_tests(session: pytest.Session) -> bool | None:
    """Train the plan, or print it; True ends the session before any test runs."""
    config = session.config
    claims = config.stash[SESSION]
    if is_controller(config) or config.option.collectonly:
        return None
    if _collection_failed(session):
        return _stopped(session) if claims.worker != MAIN else None
    known = [q for item in session.items if (q := question_of(item)) is not None]
    asked = [(c, question) for c, claim, question in known if not _not_run(c, claim)]
    if claims.settings.plan:
        not_run = {f"{q[1].slug}: NOT RUN. {why}" for q in known if (why := _not_run(q[0], q[1]))}
        searched = {f"{q.slug}: searched, trains nothing" for _, q in asked if _is_searched(q)}
        lines = plan_lines(claims.plan(asked), claims.settings.one_unit)
        return _print_plan(config, [*lines, *sorted(searched), *sorted(not_run)])
    try:
        left = claims.train(asked)
    except ClaimError as error:
        if isinstance(error, DeviceLostError) and claims.worker != MAIN:
            crashes.die(f"{claims.worker}: {error}")
        session.shouldstop = str(error)
        return _stopped(session)
    return stopping.stop(session, left) if left is not None else None


def _is_searched(question: AnyQuestion) -> bool:
    return isinstance(question, SearchQuestion)


def _not_run(context: FamilyContext, claim: AnyClaim) -> str | None:
    return claim.not_judged_at(context.scale.name)


def _collection_failed(session: pytest.Session) -> bool:
    return bool(session.testsfailed) and not session.config.option.continue_on_collection_errors


def _stopped(session: pytest.Session) -> bool:
    """End this process's part without running a test; the controller ends the session."""
    if not session.shouldstop:
        session.shouldstop = "errors during collection"
    if session.config.stash[SESSION].worker == MAIN:
        raise session.Interrupted(str(session.shouldstop))
    return True


def _print_plan(config: pytest.Config, lines: list[str]) -> bool:
    terminal = config.pluginmanager.getplugin("terminalreporter")
    for text in lines:
        terminal.write_line(text)
    return True
