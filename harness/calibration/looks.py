"""Error rates, power and seeds of claims that stop early, by the boundary that they really have."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from math import comb, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.calibration.laws import Law
from harness.calibration.one_cell import p_values
from harness.calibration.rows import Rate, exact, simulated
from harness.declarations.hypotheses import Above, Equivalent, MoreOften, NotBelow, ShareAbove
from harness.declarations.spending import looks_at
from harness.verdicts.decision import decide
from harness.words import Verdict

Floats = NDArray[np.float64]
Alphas = tuple[float, ...]

LOOKS = (6, 10, 16)
NAME = f"looks at {', '.join(map(str, LOOKS))}"
MARGINS_SD = (0.5, 2.0)
EFFECTS_SD = (0.75, 1.0, 1.5, 2.0, 3.0)
CELLS = 4
CORRELATION = 0.8
FIXED = range(3, 25)  # numbers of seeds that a fixed number is looked for among


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeds:
    """What stopping early saves: seeds on average, against a fixed number of equal power."""

    rule: str
    law: str
    alpha: float
    truth: str
    power: float
    seeds: float  # mean over the samples
    fixed: float | None  # between whole numbers by linear interpolation; None beyond 24


def stopped(
    p: list[tuple[Floats, Floats]], alpha: float, cells: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each sample's verdict where it stops (1, -1, 0) and the seeds that it took.

    ``p`` holds the p values of SUPPORTED and REFUTED at each look.
    """
    verdict = np.zeros(len(p[0][0]), dtype=np.int64)
    seeds = np.full(len(verdict), LOOKS[-1], dtype=np.int64)
    for (above, below), look in zip(p, looks_at(LOOKS, alpha), strict=True):
        now = np.where(above <= look.alpha, 1, np.where(below <= look.alpha / cells, -1, 0))
        first = (verdict == 0) & (now != 0)
        verdict[first], seeds[first] = now[first], look.n
    return verdict, seeds


def _at_each_look(
    gains: Floats, hypothesis: Above | NotBelow | Equivalent
) -> list[tuple[Floats, Floats]]:
    return [p_values(gains[:, :n], hypothesis) for n in LOOKS]


def errors(law: Law, noise: Floats, alphas: Alphas) -> Iterator[Rate]:
    """Yield how often a claim at its bound is falsely decided at any look; noise (samples, 16)."""
    cases: list[tuple[str, Floats, Above | Equivalent, str]] = [
        (f"above, not below, {NAME}", noise, Above(0), "at the bound")
    ]
    for margin in MARGINS_SD:
        rule = Equivalent(margin, because="simulated")
        name = f"equivalent, margin {margin:g} SD, {NAME}"
        cases.append((name, noise + margin, rule, "at the margin"))
    for name, gains, hypothesis, truth in cases:
        p = _at_each_look(gains, hypothesis)
        for alpha in alphas:
            verdict, _ = stopped(p, alpha)
            yield from _both(name, law, alpha, truth, verdict)


def _both(
    rule: str, law: Law, alpha: float, truth: str, verdict: NDArray[np.int64]
) -> Iterator[Rate]:
    for word, counted in ((1, "falsely SUPPORTED"), (-1, "falsely REFUTED")):
        yield simulated(
            int((verdict == word).sum()), len(verdict), rule=rule, law=law.name, n=LOOKS[-1],
            alpha=alpha, truth=truth, counted=counted, nominal=alpha,
            limit=alpha if law.guaranteed else None,
        )  # fmt: skip


def cells(rng: np.random.Generator, law: Law, samples: int, alpha: float) -> Iterator[Rate]:
    """Yield how often a claim of several cells, all at their bounds, is falsely REFUTED."""
    own = law.draw(rng, (CELLS, samples, LOOKS[-1]))
    common = law.draw(rng, (1, samples, LOOKS[-1]))
    noise = sqrt(1 - CORRELATION) * own + sqrt(CORRELATION) * common
    words = [stopped(_at_each_look(cell, Above(0)), alpha, CELLS)[0] for cell in noise]
    yield simulated(
        int(np.any([word == -1 for word in words], axis=0).sum()), samples,
        rule=f"claim of {CELLS} cells, correlation {CORRELATION:g}, {NAME}", law=law.name,
        n=LOOKS[-1], alpha=alpha, truth="all at the bound", counted="falsely REFUTED",
        nominal=alpha, limit=alpha if law.guaranteed else None,
    )  # fmt: skip


def seeds_spent(law: Law, noise: Floats, alphas: Alphas) -> Iterator[Seeds]:
    """Yield power and mean seeds with looks, and the fixed number of seeds that has that power.

    ``noise`` has the shape (samples, 24).
    """
    cases: list[tuple[str, Floats, Above | Equivalent, str]] = [
        (f"above, not below, {NAME}", noise + e, Above(0), f"{e:g} SD above the bound")
        for e in EFFECTS_SD
    ]
    margin = Equivalent(2.0, because="simulated")
    cases.append((f"equivalent, margin 2 SD, {NAME}", noise, margin, "no effect"))
    for name, gains, hypothesis, truth in cases:
        p = {n: p_values(gains[:, :n], hypothesis) for n in FIXED}
        for alpha in alphas:
            verdict, seeds = stopped([p[n] for n in LOOKS], alpha)
            power = float((verdict == 1).mean())
            fixed = {n: float((of_n[0] <= alpha).mean()) for n, of_n in p.items()}
            yield Seeds(
                rule=name, law=law.name, alpha=alpha, truth=truth, power=power,
                seeds=float(seeds.mean()), fixed=_fixed(fixed, power),
            )  # fmt: skip


def _fixed(power_of: dict[int, float], power: float) -> float | None:
    """Return the number of seeds with this power, by linear interpolation between whole ones."""
    reached = next((n for n, found in power_of.items() if found >= power), None)
    if reached is None or reached == FIXED[0]:
        return None if reached is None else float(reached)
    below, above = power_of[reached - 1], power_of[reached]
    return reached - 1 + (power - below) / (above - below)


def yes_or_no(alpha: float) -> Iterator[Rate]:
    """Yield the exact rates of the yes/no rules: every way through the looks is followed."""
    cases: list[tuple[str, str, MoreOften | ShareAbove, dict[float, float], str]] = [
        (f"more often, {NAME}", f"{share:.0%} discordant", MoreOften(),
         {1.0: share / 2, -1.0: share / 2, 0.0: 1 - share}, "half favour the paper")
        for share in (0.3, 1.0)
    ]  # fmt: skip
    for share in (0.5, 0.9):
        rule = ShareAbove(share, because="simulated")
        chances = {1.0: share, 0.0: 1 - share}
        cases.append((f"share above {share:g}, {NAME}", "yes or no", rule, chances, "at the share"))
    for name, law, hypothesis, chances, truth in cases:
        for word, rate in _followed(hypothesis, chances, alpha).items():
            yield exact(
                rate, rule=name, law=law, n=LOOKS[-1], alpha=alpha, truth=truth,
                counted=f"falsely {word}", limit=alpha, nominal=alpha,
            )  # fmt: skip


def _followed(
    hypothesis: MoreOften | ShareAbove, chances: dict[float, float], alpha: float
) -> dict[Verdict, float]:
    """Return the chance of each verdict over all ways through the looks, exactly."""
    found = {Verdict.SUPPORTED: 0.0, Verdict.REFUTED: 0.0}
    open_ways, seen = {(0, 0): 1.0}, 0  # (gains of 1, gains of -1) so far: their chance
    for look in looks_at(LOOKS, alpha):
        ways: dict[tuple[int, int], float] = {}
        for (plus, minus), chance in open_ways.items():
            for (more, less), step in _ways(look.n - seen, chances).items():
                place = plus + more, minus + less
                ways[place] = ways.get(place, 0.0) + chance * step
        open_ways, seen = {}, look.n
        for (plus, minus), chance in ways.items():
            verdict = _verdict(hypothesis, plus, minus, look.n, look.alpha)
            if verdict in found:
                found[verdict] += chance
            else:
                open_ways[plus, minus] = chance
    return found


@cache  # the same counts are met on many ways
def _verdict(
    hypothesis: MoreOften | ShareAbove, plus: int, minus: int, n: int, alpha: float
) -> Verdict:
    gains = [1.0] * plus + [-1.0] * minus + [0.0] * (n - plus - minus)
    return decide(gains, hypothesis, alpha).verdict


def _ways(n: int, chances: dict[float, float]) -> dict[tuple[int, int], float]:
    """Return the chance of so many gains of 1 and of -1 among n."""
    up, down, same = (chances.get(gain, 0.0) for gain in (1.0, -1.0, 0.0))
    ways = {
        (plus, minus): comb(n, plus) * comb(n - plus, minus)
        * up**plus * down**minus * same ** (n - plus - minus)
        for plus in range(n + 1)
        for minus in range(n - plus + 1)
    }  # fmt: skip
    return {way: chance for way, chance in ways.items() if chance}


def table(found: list[Seeds]) -> dict[str, Any]:
    """Return what stopping early saves, as plain data."""
    return {"looks": list(LOOKS), "rows": [asdict(row) for row in found]}
