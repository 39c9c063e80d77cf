"""How often a verdict is wrong, as the page says it: what ``make calibration`` simulated."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reports import formats
from reports.document import DocumentError
from reports.drawing.ticks import Axis, Tick, css_percent
from reports.seeds_spent import SeedsSpent, seeds_spent

FILE = Path(__file__).with_name("calibration.json")
RULE, COUNTED = "above, not below", "falsely SUPPORTED"
FAMILY_COUNTED = "any falsely SUPPORTED"
_AXIS = Axis(low=math.log(0.05), high=math.log(60))
_TICKS = (0.1, 1.0, 3.0, 10.0, 30.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """The rate at one n: ``at`` is a CSS percentage; ``style`` picks marker and colour."""

    at: str
    style: int
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LawRow:
    """One law of the gains: its rates over the level, by n."""

    law: str
    promised: bool
    cells: tuple[str, ...]  # one for each n
    dots: tuple[Dot, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """The section of the page."""

    lead: str
    made: str
    ns: tuple[str, ...]
    rows: tuple[LawRow, ...]
    ticks: tuple[Tick, ...]
    one_at: str
    worst: str
    seeds: SeedsSpent | None


def calibration_view(path: Path = FILE) -> Calibration | None:
    """Return the section, None where nothing was simulated. Raises DocumentError."""
    if not path.is_file():
        return None
    found, rates = _read(path)
    level = min(rate["alpha"] for rate in rates if rate["rule"] == RULE)
    chosen = [
        r for r in rates
        if (r["rule"], r["counted"], r["alpha"]) == (RULE, COUNTED, level)
    ]  # fmt: skip
    ns = sorted({rate["n"] for rate in chosen})
    laws = list(dict.fromkeys(rate["law"] for rate in chosen))
    return Calibration(
        lead=_lead(level, rates),
        made=_made(found, rates),
        ns=tuple(str(n) for n in ns),
        rows=tuple(_row(law, ns, [r for r in chosen if r["law"] == law]) for law in laws),
        ticks=tuple(Tick(at=css_percent(_AXIS.share(math.log(t))), text=f"{t:g}") for t in _TICKS),
        one_at=css_percent(_AXIS.share(0.0)),
        worst=_worst(chosen, rates),
        seeds=seeds_spent(found),
    )


@cache
def _read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return found, [dict(zip(found["columns"], row, strict=True)) for row in found["rates"]]
    except (ValueError, KeyError, TypeError) as error:
        raise DocumentError(
            f"{path}: got {error!r}; expected a calibration table; make it with make calibration"
        ) from error


def _row(law: str, ns: Sequence[int], rates: Sequence[Mapping[str, Any]]) -> LawRow:
    by_n = {rate["n"]: rate for rate in rates}
    return LawRow(
        law=law,
        promised=all(rate["limit"] is not None for rate in rates),
        cells=tuple(_over_level(by_n[n]) for n in ns),
        dots=tuple(_dot(by_n[n], style) for style, n in enumerate(ns)),
    )


def _over_level(rate: Mapping[str, Any]) -> str:
    return f"{rate['rate'] / rate['nominal']:.2f}"


def _dot(rate: Mapping[str, Any], style: int) -> Dot:
    over = max(rate["rate"] / rate["nominal"], formats.exponential(_AXIS.low))
    at = css_percent(_AXIS.held(math.log(over)))
    return Dot(at=at, style=style, said=f"n = {rate['n']}: {_over_level(rate)}")


def _lead(level: float, rates: Sequence[Mapping[str, Any]]) -> str:
    promised = [rate for rate in rates if rate["limit"] is not None]
    broken = sum(not rate["kept"] for rate in promised)
    kept = (
        f"All {len(promised)} of them are kept within simulation error"
        if not broken
        else f"{broken} of {len(promised)} of them are broken beyond simulation error"
    )
    return (
        "The rules were simulated where the truth is known, for every kind of hypothesis, for "
        "claims of several cells, for a family and for replications. Error rates are promised for "
        "normal gains, for symmetric ones with heavier tails (mixtures of normal laws, such as t "
        f"with 3 degrees of freedom) and, exactly, for yes/no claims. {kept}. Symmetry alone is "
        "not enough: the table shows how often a claim at its bound is SUPPORTED, over the level "
        f"of {level:.2g} at which each of {0.05 / level:.0f} claims that share 5 % is judged. At "
        "the smaller levels of another attempt, and of a refutation where a claim has cells, skew "
        "does more. No test is chosen by looking at gains."
    )


def _made(found: Mapping[str, Any], rates: Sequence[Mapping[str, Any]]) -> str:
    return (
        f"{len(rates)} rates from {formats.number(found['simulations'])} samples each (those of "
        f"several cells from fewer), numpy {found['numpy']}, scipy {found['scipy']}; "
        "make calibration repeats it, reports/calibration.json holds every rate."
    )


def _worst_with_looks(level: float, rates: Sequence[Mapping[str, Any]]) -> str:
    """Return how the sentence on the worst case goes on; empty where no looks were simulated."""
    looks = f"{RULE}, looks "
    found = [
        r for r in rates
        if r["rule"].startswith(looks) and (r["counted"], r["alpha"]) == (COUNTED, level)
    ]  # fmt: skip
    worst = max(found, key=lambda rate: rate["rate"] / rate["nominal"], default=None)
    if worst is None:
        return ""
    return (
        f"; with looks {worst['rule'].removeprefix(looks)} and gains that are {worst['law']}, in "
        f"{formats.percent(worst['rate'])}"
    )


def _worst(chosen: Sequence[Mapping[str, Any]], rates: Sequence[Mapping[str, Any]]) -> str:
    worst = max(chosen, key=lambda rate: rate["rate"] / rate["nominal"])
    family = max(
        (r for r in rates if r["counted"] == FAMILY_COUNTED), key=lambda rate: rate["rate"]
    )
    return (
        f"Worst case: {worst['law']}, n = {worst['n']}: falsely SUPPORTED in "
        f"{formats.percent(worst['rate'])} of the runs instead of "
        f"{formats.percent(worst['nominal'])}{_worst_with_looks(worst['alpha'], rates)}. "
        f"Of a {family['rule'].partition(',')[0]}, all at their bounds, with gains that are "
        f"{family['law']} and n = {family['n']}, one is falsely SUPPORTED in "
        f"{formats.percent(family['rate'])} of the runs instead of "
        f"{formats.percent(family['nominal'])}. So ratios are judged on the log scale, on which "
        "gains are closer to symmetric, and every seed's gain is drawn on its card."
    )
