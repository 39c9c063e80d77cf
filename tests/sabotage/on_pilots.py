"""Real training on broken code: whether a claim's verdict turns, or a precondition voids it."""

import json
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import scratch
from fault_table import Fault, load
from kept import Kept
from pilot_cases import CASES, Case, questions

LEAST_A_A, MOST_A_A = 0.005, 0.10
"""Share of random pairings of 12 runs of one arm that may be told apart at 0.05: the pairings share
their runs, so no binomial law holds, and runs that are not normal move the rate a little."""
POWER_WITHIN = 0.035  # of 0.8: a binomial of 2,000 has a standard error of 0.009


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What one process answered, and in how long."""

    found: dict[str, Any]
    trained: int
    wall_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A question's verdict on sound and on broken code."""

    question: str
    clean: dict[str, Any]
    broken: dict[str, Any]
    must: bool

    @property
    def turned(self) -> bool:
        """Return whether the verdict is another."""
        return bool(self.clean["verdict"] != self.broken["verdict"])


@dataclass(frozen=True, kw_only=True, slots=True)
class OnRealRuns:
    """All that was trained: turns by case, and the negative controls."""

    turns: tuple[tuple[Case, Answers, tuple[Turn, ...]], ...]
    clean: Answers
    controls: dict[str, Any]

    @property
    def good(self) -> bool:
        """Return whether all turned that must, and nothing was found where there is nothing."""
        turned = all(turn.turned for _, _, turns in self.turns for turn in turns if turn.must)
        return turned and self.told_apart_as_declared and self.power_as_promised

    @property
    def told_apart_as_declared(self) -> bool:
        """Return whether an arm is told apart from itself about as often as alpha says."""
        share = self.controls["told_apart"] / self.controls["splits"]
        blocks = self.controls["blocks"]["verdict"]
        return LEAST_A_A <= share <= MOST_A_A and blocks != "SUPPORTED"

    @property
    def power_as_promised(self) -> bool:
        """Return whether a planted effect is found as often as its power promises."""
        return abs(self.controls["found"] / self.controls["simulated"] - 0.8) <= POWER_WITHIN

    def lines(self) -> tuple[str, ...]:
        """Return a line for each turn and control."""
        found = []
        for case, _, turns in self.turns:
            for turn in turns:
                ok = "ok  " if turn.turned or not turn.must else "MISSED"
                found.append(
                    f"{ok} {case.fault}: {turn.question} {turn.clean['verdict']} -> "
                    f"{turn.broken['verdict']}"
                )
        ok = "ok  " if self.told_apart_as_declared else "MISSED"
        found.append(f"{ok} A/A: {self.controls['told_apart']} of {self.controls['splits']}")
        ok = "ok  " if self.power_as_promised else "MISSED"
        found.append(f"{ok} power: {self.controls['found']} of {self.controls['simulated']}")
        return tuple(found)


def asked(kept: Kept, names: tuple[str, ...], fault: Fault | None = None) -> Answers:
    """Return the answers of a copy of the source, with the fault if there is one."""
    question = [asdict(fault) if fault else None, names]
    before = kept.find_answers(question)
    if before is None:
        before = asdict(_asked(kept.runs, names, fault))
        kept.keep_answers(question, before)
    return Answers(**before)


def _asked(runs: Path, names: tuple[str, ...], fault: Fault | None) -> Answers:
    started = time.perf_counter()
    with scratch.copy() as root:
        if fault is not None:
            scratch.plant(fault, root)
        out = root / "answers.json"
        done = scratch.run_python(
            root, "tests/sabotage/judge_on_pilots.py", str(runs), str(out), *names
        )
        if done.returncode:
            raise RuntimeError(f"{fault.name if fault else 'sound source'}: {done.stderr[-2000:]}")
        plain = json.loads(out.read_text(encoding="utf-8"))
    return Answers(
        found=plain["found"],
        trained=plain["trained"],
        wall_s=time.perf_counter() - started,
    )


def asked_clean(kept: Kept) -> Answers:
    """Return the answers of sound source to every question, and the negative controls."""
    first, second = asked(kept, questions()), asked(kept, ())
    return Answers(
        found=first.found | second.found,
        trained=first.trained + second.trained,
        wall_s=first.wall_s + second.wall_s,
    )


def try_all(
    pool: ThreadPoolExecutor, clean: Future[Answers], kept: Kept
) -> Callable[[], OnRealRuns]:
    """Begin every case once sound source has answered; return what waits for them."""
    faults = {fault.name: fault for fault in load()}

    def one(case: Case) -> Answers:
        clean.result()  # its runs are taken over where a fault does not touch them
        return asked(kept, (*case.turns, *case.shown), faults[case.fault])

    futures = [(case, pool.submit(one, case)) for case in CASES]

    def wait() -> OnRealRuns:
        sound = clean.result()
        done = [(case, future.result()) for case, future in futures]
        return OnRealRuns(
            turns=tuple((case, found, _turns(case, sound, found)) for case, found in done),
            clean=sound,
            controls=sound.found["controls"],
        )

    return wait


def _turns(case: Case, sound: Answers, broken: Answers) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            question=name,
            clean=sound.found[name],
            broken=broken.found[name],
            must=name in case.turns,
        )
        for name in (*case.turns, *case.shown)
    )
