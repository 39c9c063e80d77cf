"""The parts of a card's programme: what each runs, and what its exit code means."""

import importlib.util
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from harness.declarations.claim_files import file_name
from harness.declarations.family import Family, find_families, read_family
from harness.hooks import stopping
from reports.calls import call

SMOKE_S, BENCHMARK_S = 150.0, 210.0
"""At most: six minutes of a card for both."""

SMOKE_WORKERS = 8
"""Processes with tests on one card at once: they wait for compilers and for Python, and each holds
a context of some 0.5 GB. In one process alone the 150 tests would take longer than they may."""

BENCHMARK_BEGINS = 0.7
"""Of its time, in which parts and rounds of a benchmark may begin; the last ones end after it."""

ON_A_CARD = (
    *("--rounds", "2", "--norms", "none", "batch", "noisy-batch", "l2"),
    *("--compare-seeds", "1", "2", "5", "--compare-processes", "1", "2"),
)
"""What the benchmark is asked for there, where a start, with its graphs, takes seconds.

Less than all by default: three rounds, all six norms, and 1, 2, 5 and 10 seeds together. One seed
is trained before two at once: should two hang, that is known of one."""

A_FAILURE = re.compile(r"\b(FAILED|ERROR)\b")
"""What ``pytest -v`` says of a test that failed, as soon as it has."""

STARTING_S = 120.0
"""A session that had less than this for new jobs may have had none: it plans and imports first."""

TAIL = 2_000  # characters of a part's output in the results; all of it is in its log


class State(StrEnum):
    """What a part has come to."""

    DONE = "done"
    MORE = "more to do"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part's end: its state, its wall time, the last that it said, figures if it has any."""

    state: State
    wall_s: float
    said: str
    figures: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What every part needs to know."""

    root: Path
    store: Path
    pages: Path  # where reports go
    scale: str
    device: str
    workers: int
    last_job_s: float  # no job of a paper's claims is begun in the last so many seconds
    last_study_job_s: float  # nor one of a study in these: its runs are shorter
    pytest_args: tuple[str, ...] = ()
    sharing: Mapping[str, str] = field(default_factory=dict)  # options that the benchmark found

    @property
    def on_card(self) -> bool:
        """Return whether the device is one."""
        return self.device.partition(":")[0] != "cpu"

    def log(self, part: str) -> Path:
        """Return the file that all output of a part goes to, slice after slice."""
        return self.pages / f"{part}.log"

    def families(self, *, study: bool) -> list[Family]:
        """Return the studies, or the families that are papers'."""
        found = (read_family(folder) for folder in find_families(self.root))
        return [family for family in found if family.study is study]

    def judged(self, *, study: bool) -> list[Family]:
        """Return those of them whose benches have the scale."""
        return [family for family in self.families(study=study) if _has(family, self.scale)]

    def bench_args(self) -> list[str]:
        """Return those of the arguments for pytest that the benches declare, with their values."""
        families = [*self.families(study=True), *self.families(study=False)]
        flags = {o.flag for family in families for o in family.bench_class().options()}
        words = self._given()
        pairs = zip(words, [*words, ""][1:], strict=True)
        return [word for flag, value in pairs if flag in flags for word in (flag, value)]

    def sharing_args(self, family: Family) -> list[str]:
        """Return how the benchmark found a card to be shared best; what was asked for stands.

        Nothing for a bench that has no such options.
        """
        flags = {option.flag for option in family.bench_class().options()} - {*self._given()}
        pairs = ((flag, value) for flag, value in self.sharing.items() if flag in flags)
        return [word for pair in pairs for word in pair]

    def _given(self) -> list[str]:
        return [part for word in self.pytest_args for part in word.split("=", 1)]


def report_dir(base: Path, family: Family, papers: Sequence[Family]) -> Path:
    """Return what --report-dir is to be, so that no family's report replaces another's."""
    return base if family.study or family in papers[:1] else base / family.slug


def report_folder(base: Path, family: Family, papers: Sequence[Family]) -> Path:
    """Return where the report of a family then lies: the first paper's in the folder itself."""
    return base if family in papers[:1] else base / family.slug


def smoke(task: Task, seconds: float) -> Part:
    """Run the tests that need a card, and the first claim of each paper at scale quick on it.

    The first that is written: a register may be ahead of its files. What fails ends neither: all
    that was found is said at once. A session that is cut off before anything has failed says
    nothing against the card: a fresh machine reads and compiles slowly.
    """
    started, said = time.monotonic(), ""
    ends_at, wrong, cut = started + min(seconds, SMOKE_S), [], []
    for what, arguments in _smoke_sessions(task):
        left_s = ends_at - time.monotonic()
        code, output = call(_pytest(*arguments), task.root, left_s, task.log("smoke"))
        said += output
        if code is None and not A_FAILURE.search(output):
            cut.append(f"{what}: {_why(code)}")
        elif code != 0:
            wrong.append(f"{what}: {_why(code)}")
    ended = "; ".join([*wrong, *cut])
    return _ended(State.FAILED if wrong else State.DONE, started, f"{said}\n{ended}".rstrip())


def _smoke_sessions(task: Task) -> Iterator[tuple[str, list[str]]]:
    """Yield what each session of pytest is about, and its arguments.

    Tests that time a card or fill its memory run alone. Each test's name is said as it ends: the
    session may be cut off.
    """
    tests = task.root / "tests" / "gpu"
    each = ["-v", "--tb=short", "--durations=15", str(tests)]
    if tests.is_dir() and _several():
        beside = ["-n", str(SMOKE_WORKERS), "--dist", "worksteal"]
        yield "tests beside each other", [*each, "-m", "not alone", *beside]
        yield "tests alone", [*each, "-m", "alone"]
    elif tests.is_dir():
        yield "tests", each
    store, pages = task.pages / "smoke" / "store", task.pages / "smoke"
    quick = ["--scale", "quick", "--store", str(store), "--report-dir", str(pages)]
    for family in task.families(study=False):
        for first in _written(task, family)[:1]:
            yield first, [first, *quick, *_where(task)]


def benchmark(task: Task, seconds: float) -> Part:
    """Measure what training costs; where that is cut off, keep the figures that there are."""
    started, allowed_s = time.monotonic(), min(seconds, BENCHMARK_S)
    path = task.pages / "benchmark.json"
    path.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "models.benchmark", "--scale", task.scale),
        *("--device", task.device, "--minutes", f"{BENCHMARK_BEGINS * allowed_s / 60:g}"),
        *("--compile", "--json", str(path)),  # none: it would take half the time
        *("--longest-job", f"{task.last_job_s:g}"),
        *(ON_A_CARD if task.on_card else ()),
        *task.bench_args(),
    ]
    code, said = call(command, task.root, allowed_s, task.log("benchmark"))
    figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if code is None and "vision" in figures:
        there = ", ".join(name for name in figures if name != "environment")
        said += f"\ncut short after {allowed_s:.0f} s: the figures are those of {there}"
    elif code != 0:
        return _ended(State.FAILED, started, f"{said}\n{_why(code)}", figures or None)
    return _ended(State.DONE, started, said, figures)


def sharing_of(benchmark: Part | None) -> dict[str, str]:
    """Return the options by which a card is shared best, as far as a benchmark came to them."""
    figures: Any = benchmark.figures if benchmark else None
    return dict((figures or {}).get("sharing", {}).get("options", {}))


def study(task: Task, seconds: float) -> Part:
    """Train and judge the studies, those of full cost included."""
    own = replace(task, last_job_s=task.last_study_job_s)
    return _judged(own, seconds, task.judged(study=True), task.log("study"), "--full")


def suite(task: Task, seconds: float) -> Part:
    """Train and judge the papers' claims. A family whose bench lacks the scale is left out."""
    started, papers = time.monotonic(), task.judged(study=False)
    left_out = [f.slug for f in task.families(study=False) if f not in papers]
    said = f"no scale {task.scale}, left out: {', '.join(left_out)}\n" if left_out else ""
    print(said, end="")
    if left_out and not papers:
        return _ended(State.FAILED, started, f"{said}expected a scale that a paper's bench has")
    part = _judged(task, seconds, papers, task.log("suite"))
    return replace(part, said=f"{said}{part.said}")


PARTS: dict[str, Callable[[Task, float], Part]] = {
    "smoke": smoke,
    "benchmark": benchmark,
    "study": study,
    "suite": suite,
}


def _judged(task: Task, seconds: float, families: Sequence[Family], log: Path, *more: str) -> Part:
    started, before = time.monotonic(), stored(task.store)
    ends_at, said = started + seconds, ""
    for family in families:
        left_s = ends_at - time.monotonic()
        code, output = call(_session(task, family, left_s, *more), task.root, left_s, log)
        said += output
        if code in (None, stopping.EXIT_CODE):
            return _cut_short(task, started, before, said, seconds)
        if code not in (0, 1):  # 1: verdicts that are not SUPPORTED, or not the ledger's
            return _ended(State.FAILED, started, f"{said}\n{_why(code)}")
        if errors := list(_errors(task, family)):
            return _ended(State.FAILED, started, f"{said}\nverdict ERROR: {', '.join(errors)}")
    return _ended(State.DONE, started, said)


def _session(task: Task, family: Family, left_s: float, *more: str) -> list[str]:
    stop_after_s = max(0.0, left_s - task.last_job_s)
    folder = report_dir(task.pages, family, task.judged(study=False))
    return _pytest(
        _path(family),
        *("--scale", task.scale, "--store", str(task.store), "--report-dir", str(folder)),
        *("--report-force", "--stop-after", f"{stop_after_s:.1f}"),
        *(*_where(task), *task.sharing_args(family), *more),
    )


def _cut_short(task: Task, started: float, before: int, said: str, seconds: float) -> Part:
    """Return that there is more to do; or, where time enough brought no run, that it failed."""
    new = stored(task.store) - before
    if new or seconds <= task.last_job_s + STARTING_S:
        return _ended(State.MORE, started, f"{said}\n{new} new runs")
    why = (
        f"no run ended in {seconds:.0f} s; expected one: a job takes longer than "
        f"{task.last_job_s:.0f} s. Give more --minutes and a longer --last-job (of a study "
        "--last-study-job)"
    )
    return _ended(State.FAILED, started, f"{said}\n{why}")


def _errors(task: Task, family: Family) -> Iterator[str]:
    """Yield the slugs with verdict ERROR in the family's document."""
    path = report_folder(task.pages, family, task.judged(study=False)) / "verdicts.json"
    if path.exists():
        claims = json.loads(path.read_text(encoding="utf-8"))["claims"]
        yield from (claim["slug"] for claim in claims if claim["verdict"] == "ERROR")


def _pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]


def _several() -> bool:
    """Return whether pytest can run in several processes here."""
    return importlib.util.find_spec("xdist") is not None


def _where(task: Task) -> list[str]:
    workers = ["-n", str(task.workers)] if task.workers and _several() else []
    return ["--device", task.device, *workers, *task.pytest_args]


def _written(task: Task, family: Family) -> list[str]:
    """Return the files of the registered claims that have one, in the register's order."""
    files = [f"{_path(family)}/{file_name(entry.slug)}" for entry in family.register]
    return [file for file in files if (task.root / file).is_file()]


def _has(family: Family, scale: str) -> bool:
    return any(there.name == scale for there in family.bench_class().scales())


def _path(family: Family) -> str:
    return f"claims/{family.slug}"


def _why(code: int | None) -> str:
    return "stopped: out of time" if code is None else f"exit code {code}"


def _ended(state: State, started: float, said: str, figures: Any = None) -> Part:
    wall_s = time.monotonic() - started
    return Part(state=state, wall_s=wall_s, said=said[-TAIL:], figures=figures)


def stored(store: Path) -> int:
    """Return how many runs a store holds."""
    return len(list(store.glob("runs/*/*.json")))
