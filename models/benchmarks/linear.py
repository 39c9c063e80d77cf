"""The deep linear network's part of the benchmark: medians, ratios, and what compiling costs."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from models import dln_benchmark, dln_spec
from models.bench import VisionBench
from models.benchmarks.rounds import seconds


def measure(
    bench: VisionBench,
    device: str,
    *,
    steps: int,
    rounds: int,
    compile_norms: Sequence[str],
    end_at: float = float("inf"),
) -> dict[str, Any]:
    """Return milliseconds per step of ten seeds by name, their ratios, and core-seconds compiling.

    A ratio is the median over rounds of two blocks of the same round. No round but the first begins
    once ``time.monotonic()`` has passed ``end_at``.
    """
    found = dln_benchmark.step_times(
        bench,
        device,
        steps=steps,
        rounds=rounds,
        seconds=seconds,
        compile_norms=compile_norms,
        end_at=end_at,
    )
    times = found.times
    lengths = (dln_spec.SCALES[name].steps for name in ("desk", "paper"))
    return {
        "ms_per_step": {name: median(values) for name, values in times.items()},
        "ratio": {
            f"{name} / {other}": median(
                a / b for a, b in zip(times[name], times[other], strict=True)
            )
            for name, other in found.pairs()
        },
        "torch.compile": found.compiling(*lengths),
    }
