"""How many seeds a process trains together on a card, and how many processes at once: measured.

Each pair of numbers trains BatchNorm with the claims' probes as often as the scale takes them, a
short run and a longer one, in turn with all other pairs. What is chosen is the fastest, or the
least of those that are hardly slower: fewer seeds wait for one another and need less memory. A job
trains all its seeds from start to end, so where a session may last so long and no longer, pairs
whose jobs take more are none to choose.
"""

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from harness.errors import ClaimError
from models.bench import VisionBench
from models.benchmarks import arms
from models.benchmarks.rounds import Block, Seconds, Spread, in_turn

SLOWER = 0.03
"""A share of the rate that is not worth more seeds or processes."""

PARTS = ("few", "more")

ANSWER_S = 300.0
"""In which a process must have trained a block; after that it is held to be lost."""


class Sharing(NamedTuple):
    """Processes on a card at once, and the seeds that each trains together."""

    processes: int
    seeds: int

    @property
    def runs(self) -> int:
        """Return how many runs train at once."""
        return self.processes * self.seeds

    def __str__(self) -> str:
        """Return it in words: of the tables, and the name in the JSON."""
        many = f"{self.processes} processes" if self.processes > 1 else "1 process"
        return f"{many}, {self.seeds} seeds together" if self.seeds > 1 else f"{many}, 1 seed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is compared, how long and where."""

    device: str
    bench_options: Mapping[str, str]
    seeds: Sequence[int]
    processes: Sequence[int]
    steps: int  # between the short run and the longer one
    few: int  # steps of the short run
    rounds: int
    end_at: float  # of time.monotonic(): no round but the first begins later
    longest_job_s: float = float("inf")
    dearest: float = 1.0  # a run of the dearest arm, by one of BatchNorm

    def pairs(self) -> list[Sharing]:
        """Return all pairs, the least first."""
        pairs = {Sharing(p, s) for p in self.processes for s in self.seeds}
        return sorted(pairs, key=lambda pair: (pair.runs, pair.processes))


class CrewError(ClaimError, RuntimeError):
    """A process that trains beside others could not."""


class Crew(AbstractContextManager["Crew"]):
    """Processes of their own, spawned, that train the same block at once."""

    def __init__(self, scale: str, plan: Plan, processes: int) -> None:
        spawned = multiprocessing.get_context("spawn")
        self._members: list[tuple[Any, Connection]] = []
        given = {**plan.bench_options, "--processes-per-card": str(processes)}
        for number in range(processes):
            ours, theirs = spawned.Pipe()
            work = (scale, given, plan.device, number, theirs)
            member = spawned.Process(target=_serve, args=work, daemon=True)
            member.start()
            theirs.close()
            self._members.append((member, ours))

    def train(self, seeds: int, steps: int) -> None:
        """Let every process train so many seeds and steps; return when all have. Raises CrewError.

        Each takes seeds of its own.
        """
        try:
            for _, pipe in self._members:
                pipe.send((seeds, steps))
            for _, pipe in self._members:
                if not pipe.poll(ANSWER_S):
                    raise CrewError(f"a process did not end its block within {ANSWER_S:.0f} s")
                if error := pipe.recv():
                    raise CrewError(error)
        except (OSError, EOFError) as error:
            raise CrewError(f"a process ended: {error!r}") from error

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they do."""
        for member, pipe in self._members:
            pipe.close()
            member.terminate()
            member.join()


def measure(bench: VisionBench, plan: Plan) -> dict[str, Any]:
    """Return the rates of all pairs in the same rounds, and which to take.

    A pair that cannot train (too little memory) is told from the others by why; one that fails
    later ends the comparison.
    """
    failed: dict[Sharing, str] = {}
    with ExitStack() as open_crews:
        crews = {n: open_crews.enter_context(Crew(bench.scale.name, plan, n)) for n in _crews(plan)}
        tried = dict(_tried(bench, plan, crews, failed))
        try:
            seconds = in_turn(
                {
                    f"{pair} {part}": blocks[part]
                    for pair, blocks in tried.items()
                    for part in PARTS
                },
                device=plan.device,
                rounds=plan.rounds,
                warm=(),
                end_at=plan.end_at,
            )
        except ClaimError as error:
            return {"not measured": str(error)}
    found = {pair: _rate(pair, seconds, plan.steps) for pair in tried}
    rates = {pair: rate for pair, rate in found.items() if rate}
    jobs_s = {pair: job_s(bench, plan, pair, rate) for pair, rate in rates.items()}
    short = {pair: rate for pair, rate in rates.items() if jobs_s[pair] <= plan.longest_job_s}
    return {
        "steps_per_s": {str(pair): asdict(rate) for pair, rate in rates.items()},
        "job_s": {str(pair): value for pair, value in jobs_s.items()},
        "failed": {str(pair): why for pair, why in failed.items()},
        "options": options(chosen(short)) if short else {},
    }


def job_s(bench: VisionBench, plan: Plan, pair: Sharing, rate: Spread) -> float:
    """Return the seconds of the dearest arm's job: all its steps, beside those of the others."""
    return plan.dearest * bench.scale.steps * pair.runs / rate.median


def chosen(rates: Mapping[Sharing, Spread]) -> Sharing:
    """Return the least pair whose rate is hardly below the greatest."""
    enough = (1 - SLOWER) * max(rate.median for rate in rates.values())
    fast = [pair for pair, rate in rates.items() if rate.median >= enough]
    return min(fast, key=lambda pair: (pair.runs, pair.processes))


def options(pair: Sharing) -> dict[str, str]:
    """Return the options of a session that trains so."""
    return {"--seeds-together": str(pair.seeds), "--processes-per-card": str(pair.processes)}


def _crews(plan: Plan) -> list[int]:
    """Return how many processes crews have: one alone is this one."""
    return sorted({number for number in plan.processes if number > 1})


def _tried(
    bench: VisionBench, plan: Plan, crews: Mapping[int, Crew], failed: dict[Sharing, str]
) -> Iterator[tuple[Sharing, dict[str, Block]]]:
    """Yield the pairs that trained a short run, uncounted, with their blocks; note the others."""
    for pair in plan.pairs():
        steps = {"few": plan.few, "more": plan.few + plan.steps}
        blocks = {part: _block(bench, plan, pair, crews, steps[part]) for part in PARTS}
        try:
            blocks["few"]()
        except ClaimError as error:
            failed[pair] = str(error)
        else:
            yield pair, blocks


def _block(
    bench: VisionBench, plan: Plan, pair: Sharing, crews: Mapping[int, Crew], steps: int
) -> Block:
    if pair.processes > 1:
        return lambda: crews[pair.processes].train(pair.seeds, steps)
    return _training(bench, plan.device, pair.seeds, steps, first=arms.FIRST_SEED)


def _training(bench: VisionBench, device: str, seeds: int, steps: int, first: int) -> Block:
    """Return a block of BatchNorm with its probes as often as the scale has them."""
    return arms.run(
        bench,
        *("batch", seeds, device),
        probes=True,
        first_seed=first,
        steps=steps,
        evaluate_every=arms.NEVER,
    )


def _rate(pair: Sharing, seconds: Seconds, steps: int) -> Spread | None:
    """Return the steps a second of all its runs; None where no round told them from the start."""
    rounds = zip(seconds[f"{pair} more"], seconds[f"{pair} few"], strict=False)
    told = [more - few for more, few in rounds if more > few]
    return Spread.of([pair.runs * steps / one for one in told]) if told else None


def _serve(
    scale: str, given: Mapping[str, str], device: str, number: int, pipe: Connection
) -> None:
    """Train what the pipe asks for until it closes; answer nothing, or what went wrong."""
    bench = VisionBench(scale, given)
    while True:
        try:
            seeds, steps = pipe.recv()
        except (EOFError, OSError):  # closed by the process that measures, or with it
            return
        try:
            first = arms.FIRST_SEED + number * seeds
            _training(bench, device, seeds, steps, first)()
        except ClaimError as error:
            pipe.send(str(error))
        except Exception as error:  # said by the process that measures
            pipe.send(f"{type(error).__name__}: {error}")
        else:
            pipe.send("")
