"""The command-line options, and the settings that they become."""

import argparse
from pathlib import Path

import pytest

from harness.bench import BenchOption
from harness.declarations.family import find_families, read_family
from harness.errors import ClaimDefinitionError, OptionError
from harness.families.settings import DEFAULT_STORE, Settings, parse_seconds

DISTRIBUTIONS = ("no", "load", "worksteal")
REPORT_OPTIONS = ("--report-dir", "--report-force")
"""Those of ``reports.plugin``, which is loaded later and may not be imported from here."""


def add_options(parser: pytest.Parser) -> None:
    """Add the harness's own options and those of every bench that a family here names."""
    group = parser.getgroup("claims", "whether a paper's claims hold")
    group.addoption("--scale", help="quick, desk (default) or paper")
    group.addoption("--gpu", action="store_true", help="scale paper on all visible CUDA cards")
    group.addoption("--device", help="cpu (default), cuda or cuda:N")
    group.addoption("--seeds", help="exploratory: seeds other than declared, as in 0-4 or 0,2")
    group.addoption("--store", metavar="DIR", help="folder of run records (default .claims)")
    group.addoption("--plan", action="store_true", help="print what would be trained, and end")
    group.addoption("--judge-only", action="store_true", help="judge the store, train nothing")
    group.addoption("--environment", help="with --judge-only: the environment to judge")
    group.addoption(
        "--full", action="store_true", help="also claims left out for their cost, and readings"
    )
    group.addoption(
        "--scope", action="store_true", help="also where claims hold: the grids that they declare"
    )
    group.addoption("--no-ledger", action="store_true", help="everything but SUPPORTED fails")
    group.addoption("--update-ledger", action="store_true", help="record this run's verdicts")
    group.addoption(
        "--stop-after", metavar="SECONDS", help="begin no run later than this; go on another time"
    )
    for option in bench_options():
        _add_bench_option(group, option)


def _add_bench_option(group: pytest.OptionGroup, option: BenchOption) -> None:
    """Add one option. Raises OptionError where pytest, a plugin of its or we have it."""
    help_text = f"{option.help} (default {option.default})".replace("%", "%%")
    if option.flag in REPORT_OPTIONS:
        raise _taken(option.flag, "the report's")
    try:
        group.addoption(
            option.flag, default=option.default, choices=option.choices or None, help=help_text
        )
    except (ValueError, argparse.ArgumentError) as error:
        raise _taken(option.flag, error) from error


def _taken(flag: str, why: object) -> OptionError:
    return OptionError(
        f"{flag}: got a bench's option that pytest, a plugin or the harness has, too; expected "
        f"another name; rename it in the bench's options() ({why})"
    )


def bench_options() -> tuple[BenchOption, ...]:
    """Return the options of the benches of the families at or above the working folder.

    Raises OptionError where two benches declare one differently.
    """
    found: dict[str, tuple[BenchOption, Path]] = {}
    for folder in find_families(Path.cwd()):
        for option in _options_of(folder):
            other, where = found.setdefault(option.flag, (option, folder))
            if other != option:
                raise OptionError(
                    f"{option.flag}: the benches of {where.name} and {folder.name} declare it "
                    "differently; expected one declaration; rename it in one of them, or make "
                    "default, choices and help the same"
                )
    return tuple(option for option, _ in found.values())


def _options_of(folder: Path) -> tuple[BenchOption, ...]:
    try:
        return tuple(read_family(folder).bench_class().options())
    except ClaimDefinitionError:
        return ()  # a broken family is refused where its claims are collected, not at every start


def settings_from(config: pytest.Config) -> Settings:
    """Return the session's settings. Raises OptionError."""
    value = config.getoption
    return Settings(
        scale=value("--scale"),
        gpu=value("--gpu"),
        device=value("--device"),
        seeds=value("--seeds"),
        store=_store(config),
        judge_only=value("--judge-only"),
        environment=value("--environment"),
        full=value("--full"),
        scope=value("--scope"),
        plan=value("--plan"),
        no_ledger=value("--no-ledger"),
        update_ledger=value("--update-ledger"),
        stop_after=parse_seconds(value("--stop-after")),
        bench_options={o.flag: str(value(o.flag)) for o in bench_options()},
    )


def _store(config: pytest.Config) -> Path:
    """Return the folder asked for, from where pytest was called; else the default in the root."""
    asked: str | None = config.getoption("--store")
    return DEFAULT_STORE if asked is None else Path(config.invocation_params.dir, asked)


def check_distribution(config: pytest.Config) -> None:
    """Raise OptionError for ways of distributing tests that would part a claim from its plan."""
    dist = config.getoption("dist", "no")
    if dist not in DISTRIBUTIONS:
        raise OptionError(
            f"--dist: got {dist!r}; expected load (the default with -n) or worksteal, which any "
            "worker can judge any claim under"
        )
