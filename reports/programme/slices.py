"""A card's whole programme in slices of a few minutes: ``claims programme``.

Four parts in their order: a smoke test; the benchmark; the studies (families that are no paper's);
the claims of the papers, seeds outermost. A slice does as much as fits and leaves all that it has
in one folder; a later slice goes on from there, on the same machine or on another of its kind:

    programme.json      what each part came to, the benchmark's figures, the end of each output
    reports.tar.gz      the pages and verdicts.json of what was judged, all output of each part
    store-<n>.tar.gz    the runs
"""

import hashlib
import json
import tarfile
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import OptionError
from harness.families.family_ledger import LEDGER
from harness.hooks import stopping
from harness.runs.files import write_aside
from reports.programme import archive
from reports.programme.parts import PARTS, Part, State, Task, sharing_of, stored

RESULTS, PAGES = "programme.json", "reports.tar.gz"
DONE, FAILED, MORE = 0, 1, stopping.EXIT_CODE
KEPT = ("index.html", "verdicts.json")
MOST_ARCHIVES = 6
"""With the two files above, a folder holds at most eight."""

PACKING_S = 20.0
"""Kept for the archives at the end of a slice: 100 MB of records take some 10 s."""

LEAST_S = 30.0
"""A part is not begun with less: importing torch and planning take half of it.

One that trains needs ``--last-job`` (or ``--last-study-job``) beside it, or it would begin none.
"""

TRAINING = ("study", "suite")
CHECKS = ("smoke", "benchmark")


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """What one call is to do, and where its results and those of earlier ones are."""

    out: Path
    restore: Path
    minutes: float
    task: Task
    parts: tuple[str, ...] = tuple(PARTS)
    environment: str | None = None  # of the store; None: all of the device's kind
    keep_going: bool = False  # past a part that failed

    def __post_init__(self) -> None:
        unknown = sorted(set(self.parts) - set(PARTS))
        if unknown or not self.parts:
            raise OptionError(f"--parts: got {unknown or 'none'}; expected some of {list(PARTS)}")
        if not 0 < self.minutes < float("inf"):
            raise OptionError(f"--minutes: got {self.minutes:g}; expected a number above 0")

    def least_s(self, part: str) -> float:
        """Return the seconds with less than which a part is not begun."""
        job_s = {"study": self.task.last_study_job_s, "suite": self.task.last_job_s}
        return LEAST_S + job_s.get(part, 0.0)

    def passes(self, part: str, results: Mapping[str, Part]) -> bool:
        """Return whether a part is left out, for what the parts have come to so far.

        What is done; and a check that failed and keeps nothing from being trained, while there is
        something to train: trying it again would take the time of that.
        """
        if part not in results:
            return False
        failed = results[part].state is State.FAILED
        given_up = failed and part in CHECKS and not self._stops(part) and self._trains(results)
        return results[part].state is State.DONE or given_up

    def ends_with(self, part: str, state: State) -> bool:
        """Return whether a slice begins no other part after one that came to this."""
        return state is State.MORE or (state is State.FAILED and self._stops(part))

    def _stops(self, part: str) -> bool:
        """Return whether nothing follows a part that failed."""
        return not self.keep_going and part != "benchmark"

    def _trains(self, results: Mapping[str, Part]) -> bool:
        """Return whether a part that trains is asked for and not done."""
        asked = [part for part in self.parts if part in TRAINING]
        return any(part not in results or results[part].state is not State.DONE for part in asked)

    def task_after(self, results: Mapping[str, Part]) -> Task:
        """Return the task with what the parts so far have found for the later ones."""
        return replace(self.task, sharing=sharing_of(results.get("benchmark")))

    @property
    def fingerprint(self) -> str:
        """Return what earlier results must agree in: the code, the scale and the device.

        Not the ledgers: a verdict that is recorded there changes nothing that a part has found.
        """
        digest = hashlib.sha256(f"{self.task.scale} {self.task.device}".encode())
        for name in ("harness", "models", "claims", "benches"):
            for path in sorted((self.task.root / name).rglob("*")):
                if path.suffix in (".py", ".toml") and path.name != LEDGER:
                    digest.update(path.relative_to(self.task.root).as_posix().encode())
                    digest.update(path.read_bytes())
        return digest.hexdigest()


def run(asked: Slice) -> int:
    """Do as much as fits; return 0 where all is done, 1 where a part failed, 7 for more to do.

    What there is is kept after each part: the process may be ended in the next. Runs that lie in
    the folder stay there, whoever has trained them. Raises StoreError where they are damaged.
    """
    ends_at = time.monotonic() + 60 * asked.minutes - PACKING_S
    asked.out.mkdir(parents=True, exist_ok=True)
    asked.task.pages.mkdir(parents=True, exist_ok=True)
    store = asked.task.store
    restored = sum(archive.unpack(folder, store) for folder in (asked.restore, asked.out))
    print(f"programme: {restored} runs restored, {stored(store)} in the store", flush=True)
    results = _earlier(asked)
    more, kept = False, False
    for name in asked.parts:
        if asked.passes(name, results):
            continue
        left_s = ends_at - time.monotonic()
        more = left_s < asked.least_s(name)
        if more:
            break
        results[name] = _run_part(asked.task_after(results), name, left_s)
        _keep(asked, results)
        more, kept = results[name].state is State.MORE, True
        if asked.ends_with(name, results[name].state):
            break
    if not kept:
        _keep(asked, results)
    return _code(asked, results, more)


def _run_part(task: Task, name: str, left_s: float) -> Part:
    """Run a part, which says what it does, and say what it came to."""
    print(f"programme: {name}: begun, with {left_s:.0f} s left", flush=True)
    if name in TRAINING and task.sharing:
        found = " ".join(word for pair in task.sharing.items() for word in pair)
        print(f"programme: {name}: {found}, as the benchmark found", flush=True)
    started = time.monotonic()
    try:
        part = PARTS[name](task, left_s)
    except Exception:  # a mistake of the part's own: said as its end, and nothing else is lost
        why, wall_s = traceback.format_exc(), time.monotonic() - started
        part = Part(state=State.FAILED, wall_s=wall_s, said=why)
        print(why)
    print(f"programme: {name}: {part.state} after {part.wall_s:.0f} s")
    print(part.said.rstrip().rpartition("\n")[2], flush=True)
    return part


def _code(asked: Slice, results: dict[str, Part], more: bool) -> int:
    left = [n for n in asked.parts if n not in results or results[n].state is not State.DONE]
    if more:
        print(f"programme: more to do ({', '.join(left)}): the same command goes on from there")
        return MORE
    if left:
        print(f"programme: not done: {', '.join(left)}")
        return FAILED
    print("programme: done")
    return DONE


def _earlier(asked: Slice) -> dict[str, Part]:
    """Return what an earlier slice came to, and its pages, if it ran the same code."""
    path = asked.restore / RESULTS
    if not path.exists():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        same = found["fingerprint"] == asked.fingerprint
        results = {
            name: Part(**(part | {"state": State(part["state"])}))
            for name, part in found["parts"].items()
        }
    except (ValueError, KeyError, TypeError) as error:
        raise OptionError(
            f"{path}: cannot be read: {error!r}; expected what an earlier slice has left; remove "
            "it to begin anew (the runs are in the other files)"
        ) from error
    if not same:
        print("programme: code, scale or device have changed: parts begin anew, runs are kept")
        return {}
    if (asked.restore / PAGES).exists():
        with tarfile.open(asked.restore / PAGES) as pages:
            pages.extractall(asked.task.pages, filter="data")
    return results


def _keep(asked: Slice, results: dict[str, Part]) -> None:
    """Write all that a later slice needs into the folder."""
    parts = archive.pack(asked.task.store, asked.out, tuple(_environments(asked)))
    aside = asked.out / f"{PAGES}.aside"
    with tarfile.open(aside, mode="w:gz") as pages:
        for path in sorted(asked.task.pages.rglob("*")):
            if path.is_file() and (path.name in KEPT or path.suffix == ".log"):
                pages.add(path, path.relative_to(asked.task.pages).as_posix())
    aside.replace(asked.out / PAGES)
    written = {name: asdict(part) for name, part in results.items()}
    kept = {
        "fingerprint": asked.fingerprint,
        "scale": asked.task.scale,
        "device": asked.task.device,
        "runs": stored(asked.task.store),
        "parts": written,
    }
    write_aside(asked.out / RESULTS, json.dumps(kept, indent=1))
    if len(parts) > MOST_ARCHIVES:
        print(
            f"programme: {len(parts)} archives of runs; expected at most {MOST_ARCHIVES}: name one "
            "--environment, an empty --store and a new --out"
        )


def _environments(asked: Slice) -> Iterator[str]:
    """Yield the environments whose runs are kept."""
    kind = asked.task.device.partition(":")[0]
    for folder in sorted((asked.task.store / "runs").glob("*")):
        wanted = folder.name == asked.environment if asked.environment else None
        if wanted or (wanted is None and folder.name.startswith(f"{kind}-")):
            yield folder.name
