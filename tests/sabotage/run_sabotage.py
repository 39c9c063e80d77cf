"""Break the source on purpose, one fault at a time, and say which test or verdict notices.

``make sabotage`` runs every fault of ``faults/*.toml`` in a copy of the source and trains the few
of ``on_pilots.py``. It prints a line for each, writes TABLE.md where all ran, and ends with 1 where
a fault went unnoticed, and with 2 where one no longer applies.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import on_pilots
import scratch
import written
from fault_table import Fault, FaultError, load, missing_tests
from kept import Kept

TABLE = Path(__file__).parent / "TABLE.md"


def checked(faults: Sequence[Fault]) -> None:
    """Raise FaultError for a fault that does not apply or names a test that is not there."""
    for fault in faults:
        fault.planted_in((scratch.ROOT / fault.file).read_text(encoding="utf-8"))
        if missing := missing_tests(fault):
            raise FaultError(f"{fault.name}: got no test {', '.join(missing)}; name another")


def said(label: str, ok: bool, text: str, wall_s: float) -> None:
    print(f"{'ok  ' if ok else 'MISSED'} {label}: {text} ({wall_s:.0f} s)", flush=True)


def try_all(
    pool: ThreadPoolExecutor, faults: Sequence[Fault], kept: Kept
) -> Callable[[], list[tuple[Fault, scratch.Outcome]]]:
    """Begin every fault; return what waits for their outcomes and says them."""

    def one(fault: Fault) -> scratch.Outcome:
        before = kept.find(fault)
        outcome = before or scratch.tried(fault)
        if before is None:
            kept.keep(fault, outcome)
        said(fault.name, outcome.caught, outcome.by, outcome.wall_s)
        if outcome.output:
            print(outcome.output, flush=True)
        return outcome

    futures = [(fault, pool.submit(one, fault)) for fault in faults]
    return lambda: [(fault, future.result()) for fault, future in futures]


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="", metavar="TEXT", help="faults whose name has this in it")
    parser.add_argument(
        "--no-training", action="store_true", help="unit tests alone; TABLE.md says so"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on where a run was interrupted: keeps what holds"
    )
    parser.add_argument("--note", default="", help="about the machine, for TABLE.md")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for and return the exit code."""
    asked, started = parsed(arguments), time.perf_counter()
    try:
        faults = [fault for fault in load() if asked.k in fault.name]
        checked(faults)
    except FaultError as error:
        print(f"sabotage: {error}")
        return 2
    whole = not asked.k and not asked.no_training
    ids = sorted({one for fault in faults for one in fault.caught_by})
    kept = Kept(resume=asked.resume)
    with ThreadPoolExecutor(scratch.PROCESSES) as pool:
        clean: Future[on_pilots.Answers] | None = None
        if whole:
            clean = pool.submit(on_pilots.asked_clean, kept)
        healthy = pool.submit(scratch.sound, ids)
        outcomes = try_all(pool, faults, kept)
        trained = on_pilots.try_all(pool, clean, kept) if clean is not None else None
        sound = healthy.result()
        said(f"sound source, {len(ids)} tests", not sound.caught, sound.by, sound.wall_s)
        found = outcomes()
        on_real_runs = trained() if trained is not None else None
    good = not sound.caught and all(outcome.caught for _, outcome in found)
    if sound.output:
        print(sound.output)
    if on_real_runs is not None:
        for line in on_real_runs.lines():
            print(line)
        good &= on_real_runs.good
    if not asked.k:
        text = written.table(found, on_real_runs, sound, asked.note)
        TABLE.write_text(text, encoding="utf-8")
        print(f"wrote {TABLE}")
    caught = sum(outcome.caught for _, outcome in found)
    print(f"{caught} of {len(found)} faults caught in {time.perf_counter() - started:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
