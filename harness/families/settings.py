"""The options of one session, checked and resolved: what is asked for, at which scale, where."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench import Bench, Scale
from harness.errors import OptionError
from harness.seeds import PILOT_SEEDS_FROM, SEEDS_APART

PAPER = "paper"
"""The scale that --gpu means."""

DEVICE = re.compile(r"cpu|cuda(:(0|[1-9][0-9]*))?")

DEFAULT_STORE = Path(".claims")
"""Where runs are kept, in the root of the project."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the command line asked for. Plain values, equal in every worker."""

    scale: str | None = None  # None: desk, or paper with --gpu
    gpu: bool = False
    device: str | None = None
    seeds: str | None = None
    store: Path = DEFAULT_STORE
    judge_only: bool = False
    environment: str | None = None
    full: bool = False
    scope: bool = False
    plan: bool = False
    no_ledger: bool = False
    update_ledger: bool = False
    stop_after: float | None = None  # seconds since the session began; None: no limit
    bench_options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.environment and not self.judge_only:
            raise OptionError("--environment: got it without --judge-only; give both")
        if self.update_ledger and self.seeds is not None:
            raise OptionError(
                "--update-ledger: got it with --seeds; the ledger holds declared seeds"
            )
        if self.update_ledger and self.no_ledger:
            raise OptionError("--update-ledger: got it with --no-ledger; give one of them")
        if self.stop_after is not None and self.judge_only:
            raise OptionError("--stop-after: got it with --judge-only, which trains nothing")
        if self.device is not None and not DEVICE.fullmatch(self.device):
            raise OptionError(
                f"--device: got {self.device!r}; expected cpu, cuda, or cuda:N, such as cuda:0"
            )
        if self.gpu and self.device == "cpu":
            raise OptionError("--gpu: got it with --device cpu; give one of them")

    @property
    def scale_name(self) -> str:
        """Return the scale asked for: desk by default, paper with --gpu."""
        return self.scale or (PAPER if self.gpu else "desk")

    @property
    def scale_by(self) -> str:
        """Return why this scale is asked for, where nobody named it."""
        if self.scale:
            return ""
        return ", which --gpu implies" if self.gpu else ", the default"

    @property
    def device_name(self) -> str:
        """Return the device asked for: the CPU by default, all visible cards with --gpu."""
        return self.device or ("cuda" if self.gpu else "cpu")

    @property
    def one_unit(self) -> str:
        """Return what trains one job at a time: a core, or a card."""
        return "core" if self.device_name == "cpu" else "card"


def scale_of(bench: type[Bench], name: str, asked_by: str = "") -> Scale:
    """Return the bench's scale of that name. Raises OptionError, which says who asked for it."""
    scales = {scale.name: scale for scale in bench.scales()}
    if name not in scales:
        instead = "; name one with --scale" if asked_by else ""
        raise OptionError(
            f"--scale: got {name!r}{asked_by}; expected one of {', '.join(scales)}{instead}"
        )
    return scales[name]


def parse_seconds(text: str | None) -> float | None:
    """Return the seconds of ``--stop-after``, None where it was not given. Raises OptionError."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise OptionError(f"--stop-after: got {text!r}; expected seconds, such as 3600")
    return seconds


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds of ``0-9`` or ``0,3,5``. Raises OptionError.

    Also for seeds from 100 on: those of a later attempt must not have been looked at before it is
    declared, and pilot seeds are never judged.
    """
    try:
        parts = [part.partition("-") for part in text.split(",")]
        ends = [(int(low), int(high if dash else low)) for low, dash, high in parts]
    except ValueError:
        raise OptionError(f"--seeds: got {text!r}; expected, say, 0-9 or 0,3,5") from None
    for low, high in ends:
        if high < low:
            raise OptionError(f"--seeds: got {low}-{high}; expected the lower first, {high}-{low}")
    largest = max(high for _, high in ends)
    if largest >= SEEDS_APART:  # before the list is made: a typing error can make it endless
        raise OptionError(
            f"--seeds: got {largest}; seeds from {SEEDS_APART} on are kept for declared attempts, "
            f"seeds from {PILOT_SEEDS_FROM} on are for pilots and are never judged; use seeds from "
            f"0 to {SEEDS_APART - 1}"
        )
    seeds = [seed for low, high in ends for seed in range(low, high + 1)]
    if not seeds or len(set(seeds)) != len(seeds):
        raise OptionError(f"--seeds: got {text!r}; expected at least one seed, each once")
    return tuple(seeds)


def seeds_text(seeds: Sequence[int]) -> str:
    """Return seeds in words: ``0 to 9`` where none is left out, else one by one."""
    whole = seeds == tuple(range(seeds[0], seeds[-1] + 1)) and len(seeds) > 1
    return f"{seeds[0]} to {seeds[-1]}" if whole else ", ".join(map(str, seeds))
