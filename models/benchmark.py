"""What training and measuring cost here: ``make bench``, or ``python -m models.benchmark``.

Of each norm: steps and probe points per second, the share of the device's own rate of matrix
products that training reaches, runs per hour with probes and evaluations, and how many times as
fast as a public re-run's loop it is; how many seeds and processes share a card best; and the deep
linear network, all seeds at once, beside ten loops of one seed each. Everything takes turns, round
after round. What is measured is written after each part, so that a process that is ended loses only
what came after.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from harness.errors import ClaimError
from models import dln_benchmark, machine
from models.bench import VisionBench
from models.benchmarks import fused, linear, rounds, sharing, vision
from models.benchmarks.arms import PROBES_OF, Lengths
from models.menu import vgg
from models.numerics import numerics

USAGE = 2

VISION_SHARE = 0.4
"""Of the minutes in which rounds of the image networks may begin, where other parts follow them.

The last round, and one more run of each norm for its memory, end after it.
"""

COMPARED_SEEDS, COMPARED_PROCESSES = (1, 2, 5, 10), (1, 2)

SO_FAR = "seconds so far"
"""In place of the image networks' figures while their first round is not over."""

Found = dict[str, Any]
Keep = Callable[[Found, str | None], None]
"""Gets all figures that there are, and which part has just come to them (None: part of a part)."""


def environment(bench: VisionBench, args: argparse.Namespace) -> dict[str, Any]:
    """Return where the figures come from."""
    here = bench.environment(args.device)
    return {
        "card": here.card,
        "cpu": here.cpu,
        "device": args.device,
        "torch": torch.__version__,
        "cuda": here.cuda,
        "cudnn": torch.backends.cudnn.version() if here.cuda else None,
        "python": platform.python_version(),
        "scale": args.scale,
        "dataset": bench.dataset,
        "precision": args.precision,
        "engine": here.engine,
        "steps_per_block": steps_of(args),
        "steps_per_linear_block": linear_steps_of(args),
        "rounds_asked": args.rounds,
    }


def table(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the figures, medians over the rounds."""
    if "vision" in found:
        yield from _vision_lines(found["vision"])
    if "sharing" in found:
        yield from _sharing_lines(found["sharing"])
    for norm, of in found.get("kernels", {}).get("norms", {}).items():
        yield (
            f"{norm}: fused {of['fused_ms']:.3g} ms, plain {of['plain_ms']:.3g} ms a step of all "
            f"layers, {of['times_as_fast']:.3g} times as fast"
        )
    if why := found.get("kernels", {}).get("not measured"):
        yield f"fused kernels not measured: {why}"
    if why := found.get("linear", {}).get("not measured"):
        yield f"linear network not measured: {why}"
    elif "linear" in found:
        for part, values in found["linear"].items():
            yield part
            for name, value in values.items():
                yield f"  {name:46} {value if isinstance(value, str) else round(value, 2)}"


def _vision_lines(vision: dict[str, Any]) -> Iterator[str]:
    rate = vision["matrix"]["flops_per_s"]
    yield (
        f"matrix products in {vision['matrix']['precision']}: {rate['median'] / 1e12:.3g} TFLOP/s "
        f"({rate['low'] / 1e12:.3g} to {rate['high'] / 1e12:.3g}, {vision['rounds']} rounds)"
    )
    yield (
        f"{'norm':12} {'seeds':>5} {'steps/s':>9} {'of matrix':>9} {'probes/s':>9} "
        f"{'runs/h':>8} {'10 seeds':>9} {'MiB':>8}"
    )
    for norm, of in vision["arms"].items():
        share = of["share_of_matrix_rate"]
        yield (
            f"{norm:12} {of['seeds_together']:5} {_shown(of['steps_per_s'])} "
            f"{'-' if share is None else format(share, '9.1%'):>9} "
            f"{_shown(of['probe_points_per_s'])} {_shown(of['runs_per_h'], 8)} "
            f"{of['ten_seeds_s']:8.0f}s {_shown(of['peak_memory_mib'], 8)}"
        )
    for norm, against in vision["public"].items():
        yield f"{norm}: {_times(against)}"


def _sharing_lines(found: dict[str, Any]) -> Iterator[str]:
    if why := found.get("not measured"):
        yield f"sharing not measured: {why}"
        return
    for pair, rate in found["steps_per_s"].items():
        spread = f"{rate['low']:.4g} to {rate['high']:.4g}, {rate['n']} rounds"
        yield (
            f"batch, {pair}: {rate['median']:.4g} steps/s in all, probes included ({spread}); "
            f"longest job {found['job_s'][pair]:.0f} s"
        )
    for pair, why in found["failed"].items():
        yield f"batch, {pair}: {why}"
    if options := found["options"]:
        yield f"fastest: {' '.join(part for pair in options.items() for part in pair)}"
    elif found["steps_per_s"]:
        yield "fastest: none whose jobs are as short as was asked for"


def _times(against: dict[str, Any]) -> str:
    step_ms, times = 1e3 * against["step_s"]["median"], against["times_as_fast"]
    loop = (
        f"a public re-run's loop ({step_ms:.3g} ms a step; one seed, eager, DataLoader with "
        f"{against['workers']} workers, {against['precision']})"
    )
    if times is None:
        return f"not told from {loop}: ask for more --steps"
    return (
        f"{times['median']:.3g} times ({times['low']:.3g} to {times['high']:.3g}) as fast as {loop}"
    )


def _shown(value: float | None, width: int = 9) -> str:
    return f"{'-' if value is None else format(value, '.4g'):>{width}}"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="all", choices=("all", "vgg", "dln"))
    parser.add_argument("--norms", nargs="+", default=list(PROBES_OF), choices=list(PROBES_OF))
    parser.add_argument("--scale", default="desk")
    parser.add_argument("--device", default="cpu")
    for option in VisionBench.options():
        parser.add_argument(
            option.flag, default=option.default, choices=option.choices or None, help=option.help
        )
    for what, default in (("seeds", COMPARED_SEEDS), ("processes", COMPARED_PROCESSES)):
        parser.add_argument(
            f"--compare-{what}",
            type=_count,
            nargs="*",
            metavar="N",
            help=f"numbers of {what} on a card at once to compare (default there "
            f"{' '.join(map(str, default))}, on a CPU none)",
        )
    parser.add_argument(
        "--longest-job",
        type=float,
        default=float("inf"),
        metavar="SECONDS",
        help="name no way to share a card with which a job of the dearest arm takes longer",
    )
    parser.add_argument("--workers", type=int, default=2, help="of the public loop's DataLoader")
    parser.add_argument("--steps", type=int, help="steps in a block (10 on a CPU, 500 on a card)")
    parser.add_argument("--points", type=int, help="probe points in one (2 on a CPU, 10 on a card)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="begin no part and no round after these"
    )
    parser.add_argument(
        "--compile",
        nargs="*",
        default=("batch",),
        choices=dln_benchmark.NORMS,
        metavar="NORM",
        help="norms of the linear network to time compiled, too, half a minute each",
    )
    parser.add_argument("--json", type=Path)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected 1 or more")
    return int(text)


def steps_of(args: argparse.Namespace) -> int:
    """Return the steps of a block: more on a card, where they are short and graphs are captured.

    A start takes seconds there, and what two of them differ by must be little beside the steps.
    """
    given: int | None = args.steps
    return given or (500 if machine.device_kind(args.device) == "cuda" else 10)


def points_of(args: argparse.Namespace) -> int:
    """Return the probe points of a block: more on a card, as its steps are."""
    given: int | None = args.points
    return given or (10 if machine.device_kind(args.device) == "cuda" else 2)


def few_of(args: argparse.Namespace) -> int:
    """Return the steps of a short run: past those for which a card's libraries choose kernels."""
    return 5 if machine.device_kind(args.device) == "cuda" else 1


def linear_steps_of(args: argparse.Namespace) -> int:
    """Return the steps of a linear network's block: on a card a 25th of the others'.

    Nothing is captured for them, and ten loops of one seed are ten times as many calls.
    """
    steps = steps_of(args)
    return max(1, steps // 25) if machine.device_kind(args.device) == "cuda" else steps


def plan_of(bench: VisionBench, args: argparse.Namespace) -> vision.Plan:
    """Return the plan for the image networks, with the device's defaults filled in."""
    return vision.Plan(
        device=args.device,
        precision=args.precision,
        data_dir=args.data_dir,
        norms=args.norms,
        seeds=bench.seeds_per_job(vgg()),
        workers=args.workers,
        lengths=Lengths(steps=steps_of(args), points=points_of(args), few=few_of(args)),
        rounds=args.rounds,
        minutes=args.minutes * (VISION_SHARE if args.network == "all" else 1),
    )


def sharing_plan_of(args: argparse.Namespace, found: Found, end_at: float) -> sharing.Plan | None:
    """Return the plan for comparing how a card is shared; None where nothing is to be compared.

    ``found`` are the figures so far: what other arms cost.
    """
    on_card = machine.device_kind(args.device) == "cuda"
    seeds, processes = args.compare_seeds, args.compare_processes
    if seeds is None:
        seeds = COMPARED_SEEDS if on_card else (1,) if processes else ()
    if processes is None:
        processes = COMPARED_PROCESSES if on_card else (1,)
    if not seeds or not processes:
        return None
    return sharing.Plan(
        device=args.device,
        bench_options=_bench_options(args),
        seeds=seeds,
        processes=processes,
        steps=steps_of(args),
        few=few_of(args),
        rounds=args.rounds,
        end_at=end_at,
        longest_job_s=args.longest_job,
        dearest=_dearest(found.get("vision", {}).get("arms", {})),
    )


def _dearest(arms_found: dict[str, Any]) -> float:
    """Return how many times as long as BatchNorm's a run of the dearest norm takes, 1 or more."""
    runs_s = {norm: of["ten_seeds_s"] for norm, of in arms_found.items()}
    return max([1.0, *(one / runs_s["batch"] for one in runs_s.values() if "batch" in runs_s)])


def measure(args: argparse.Namespace, keep: Keep = lambda _found, _part: None) -> Found:
    """Return all figures that were asked for. Raises ClaimError.

    ``keep`` gets them after each part. No part but the first begins after the minutes that were
    given; it is then said in its place.
    """
    end_at = time.monotonic() + 60 * args.minutes
    bench = VisionBench(args.scale, _bench_options(args))
    found: Found = {"environment": environment(bench, args)}

    def note(seconds: rounds.Seconds) -> None:
        keep(found | {SO_FAR: seconds}, None)

    for number, (name, part) in enumerate(_parts(bench, args, found, note, end_at)):
        late = number and time.monotonic() >= end_at
        found[name] = {"not measured": f"{args.minutes:g} minutes were over"} if late else part()
        keep(found, name)
    return found


def _parts(
    bench: VisionBench,
    args: argparse.Namespace,
    found: Found,
    note: Callable[[rounds.Seconds], None],
    end_at: float,
) -> Iterator[tuple[str, Callable[[], Found]]]:
    """Yield the parts that were asked for by name: what measures them."""
    if args.network in ("all", "vgg"):
        yield "vision", lambda: vision.measure(bench, plan_of(bench, args), note)
        if plan := sharing_plan_of(args, found, end_at):
            yield "sharing", lambda: sharing.measure(bench, plan)
        if machine.device_kind(args.device) == "cuda":
            yield "kernels", lambda: fused.measure(args.device)
    if args.network in ("all", "dln"):
        yield "linear", lambda: _linear(bench, args, end_at)


def _linear(bench: VisionBench, args: argparse.Namespace, end_at: float) -> Found:
    with numerics(args.device, args.precision):
        return linear.measure(
            bench,
            args.device,
            steps=linear_steps_of(args),
            rounds=args.rounds,
            compile_norms=args.compile,
            end_at=end_at,
        )


def _bench_options(args: argparse.Namespace) -> dict[str, str]:
    flags = [option.flag for option in VisionBench.options()]
    return {flag: getattr(args, flag.removeprefix("--").replace("-", "_")) for flag in flags}


def write(path: Path, found: Found) -> None:
    """Write the figures as strict JSON, aside and then into place: whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.aside")
    aside.write_text(json.dumps(found, indent=1, allow_nan=False), encoding="utf-8")
    aside.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table and write JSON where asked; return the exit code."""
    args = parser().parse_args(arguments)

    def keep(found: Found, part: str | None) -> None:
        if args.json:
            write(args.json, found)
        for line in table({part: found[part]}) if part else ():
            print(line, flush=True)

    try:
        measure(args, keep)
    except ClaimError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return USAGE
    return 0


if __name__ == "__main__":
    sys.exit(main())
