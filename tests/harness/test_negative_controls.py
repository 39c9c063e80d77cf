"""Negative controls: where there is nothing the judge finds nothing, where there is something it.

The toy bench's arms have a known law: a run's final accuracy is its arm's plus 0.7 sd (common part
of the seed) plus 0.7 sd (the arm's own part), both standard normal. So arms that share seeds are
correlated by exactly 1/2 and the gains have a standard deviation of 0.7 sqrt(2) sd.
"""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from toy_numbers import numbers
from toy_records import METRICS, PLAIN, UP, run

from harness.declarations.cells import Cell
from harness.declarations.claim import Question
from harness.declarations.endpoints import end, mean
from harness.declarations.hypotheses import Above
from harness.declarations.measuring import Measured
from harness.verdicts.decision import decide
from harness.verdicts.gains import gains
from harness.verdicts.judging import Runs, judge_cell
from harness.verdicts.power import power_of
from harness.words import Verdict

ALPHA = 0.05
SEEDS = 10
GAIN_SD = 0.7 * math.sqrt(2)  # of arms with sd 1
FINAL = mean("train_accuracy", over=end)
ANYTHING = Above(0.0, because="any difference counts")


def finals(name, seeds, accuracy=60.0, sd=1.0):
    """Return the toy bench's final accuracies: 2 steps, of which the last is the final one."""
    settings = {"name": name, "accuracy": accuracy, "sd": sd}
    return np.array([numbers(settings, seed, 2)[0][-1] for seed in seeds])


def blocks(count):
    """Return disjoint blocks of pilot seeds."""
    return np.arange(1000, 1000 + count * SEEDS).reshape(count, SEEDS)


def between(count, of, rate):
    """Say whether a count lies within the binomial law's middle 99.98 %."""
    low, high = stats.binom.interval(0.9998, of, rate)
    return low <= count <= high


def found(rows, hypothesis, alpha=ALPHA):
    return sum(decide(row, hypothesis, alpha).verdict is Verdict.SUPPORTED for row in rows)


def test_one_arm_on_other_seeds_is_no_other_arm():
    """A/A: an arm against itself on disjoint seeds is told apart at the declared rate alone.

    A claim whose treatment is its control is refused, so the gains are made by hand.
    """
    pairs = blocks(2000).reshape(1000, 2, SEEDS)
    rows = [finals("one", a) - finals("one", b) for a, b in pairs]
    assert between(found(rows, ANYTHING), 1000, ALPHA)
    refuted = sum(decide(row, ANYTHING, ALPHA).verdict is Verdict.REFUTED for row in rows)
    assert between(refuted, 1000, ALPHA)


def test_one_arm_on_other_seeds_shows_no_effect_that_matters():
    """With a bound that matters to a reader, 2 SD here, an A/A comparison is never SUPPORTED."""
    pairs = blocks(400).reshape(200, 2, SEEDS)
    rows = [finals("one", a) - finals("one", b) for a, b in pairs]
    assert found(rows, Above(2.0, because="it matters")) == 0


def test_a_planted_effect_is_found_as_often_as_its_power_promises():
    """The effect that the observed SD promises to find in 80 % of runs is found in 80 %.

    The SD is observed on one block of seeds. Arms with that SD and that effect are then judged on
    600 others.
    """
    first, *others = blocks(601)
    hypothesis = Above(3.0, because="as a claim about accuracy")
    pilot = decide(finals("up", first, 66.0) - finals("plain", first), hypothesis, ALPHA)
    promised = power_of(pilot, 0.8)
    assert promised.sd == pytest.approx(GAIN_SD, rel=0.6)
    sd = promised.sd / GAIN_SD
    rows = [
        finals("up", seeds, 60.0 + promised.detectable, sd) - finals("plain", seeds, 60.0, sd)
        for seeds in others
    ]
    assert between(found(rows, hypothesis), 600, 0.8)


def test_the_interval_of_the_correlation_covers_it():
    """Arms that share seeds correlate by 1/2; 95 % of the reported intervals hold that number."""
    holding = 0
    for seeds in blocks(150):
        judged = judge_cell(asked(), records(seeds), metrics=METRICS, alpha=ALPHA)
        interval = judged.correlation.ci95
        holding += interval.low <= 0.5 <= interval.high
        assert interval.low < judged.correlation.r < interval.high
    assert between(holding, 150, 0.95)


def test_shuffling_the_pairs_widens_the_interval_by_the_root_of_two():
    """At correlation rho shuffled gains have sqrt(1 / (1 - rho)) times the SD: 1.41 at 1/2.

    Widths are averaged over 400 comparisons of 10 seeds. A control rolled by three seeds is a
    shuffle that pairs no run with its own.
    """
    paired, shuffled = [], []
    for seeds in blocks(400):
        treatment, control = finals("up", seeds), finals("plain", seeds)
        for widths, other in ((paired, control), (shuffled, np.roll(control, 3))):
            measured = Measured(treatment=tuple(treatment), control=tuple(other))
            interval = decide(gains(FINAL, measured, METRICS["train_accuracy"]), ANYTHING, ALPHA).ci
            widths.append(interval.high - interval.low)
    # the mean of 400 widths of 10 seeds has a standard error of 1.2 %
    assert np.mean(shuffled) / np.mean(paired) == pytest.approx(math.sqrt(2), rel=0.05)


def test_gains_are_the_pairs_own_differences():
    """The SD of the gains is that of pairs: 0.99 and not what sorted or unpaired arms would have.

    Sorted, the two arms' order statistics go together and the SD is far smaller.
    """
    sds = []
    for seeds in blocks(60):
        judged = judge_cell(asked(), records(seeds), metrics=METRICS, alpha=ALPHA)
        differences = finals("up", seeds) - finals("plain", seeds)
        assert judged.evidence.gains == pytest.approx(tuple(differences))
        sds.append(judged.evidence.sd**2)
    assert math.sqrt(np.mean(sds)) == pytest.approx(GAIN_SD, rel=0.1)


def asked():
    return Question(
        slug="toy", statement="It rises.", cell=Cell(), cells=1, treatment=UP, control=PLAIN,
        endpoint=FINAL, hypothesis=ANYTHING,
    )  # fmt: skip


def records(seeds):
    """Return the records of both arms with their seeds."""
    arms = [
        tuple(
            run(int(seed), steps=1, train_accuracy=[value])
            for seed, value in zip(seeds, finals(name, seeds), strict=True)
        )
        for name in ("up", "plain")
    ]
    return Runs(treatment=arms[0], control=arms[1])


def test_blocks_share_no_seed():
    """An A/A comparison of overlapping blocks would hide the noise that it is about."""
    chosen = blocks(20)
    for a, b in itertools.combinations(chosen, 2):
        assert not set(a) & set(b)
