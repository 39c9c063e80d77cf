"""The simulated rates are those of ``decide``, and stay under what is promised."""

import numpy as np
import pytest

from harness.calibration import many_cells, one_cell, table
from harness.calibration.laws import LAWS
from harness.calibration.rows import simulated
from harness.declarations.hypotheses import Above, Equivalent, NotBelow
from harness.statistics import Summary, welch_p
from harness.statistics.many import mean_p_values, welch_p_values
from harness.verdicts.decision import decide
from harness.words import Verdict

HYPOTHESES = [
    Above(0.0),
    Above(0.7, because="x"),
    NotBelow(-0.4, because="x"),
    Equivalent(0.05, because="x"),
    Equivalent(1.5, because="x"),
]


def awkward_samples(n):
    """Return rows that vary, tie, are equal, lie at a bound, or differ by rounding alone."""
    rng = np.random.default_rng(n)
    spread = rng.normal(0.3, 1, (150, n)), np.round(rng.normal(0.5, 1, (100, n)))
    same = np.repeat([[0.0], [0.7], [-0.4], [1.5], [0.05], [3.0], [-3.0]], n, 1)
    nearly = np.full((1, n), 0.1)
    nearly[0, 0] += 1e-15
    return np.concatenate([*spread, same, nearly])


@pytest.mark.parametrize("hypothesis", HYPOTHESES, ids=str)
@pytest.mark.parametrize("n", [2, 3, 10])
def test_many_samples_are_decided_as_one_is(hypothesis, n):
    """Verdicts and p values, row by row, at two levels."""
    samples = awkward_samples(n)
    p, p_refute = one_cell.p_values(samples, hypothesis)
    for row, supported, refuted in zip(samples, p, p_refute, strict=True):
        for alpha in (0.05, 0.002):
            evidence = decide(tuple(row), hypothesis, alpha)
            assert evidence.p == pytest.approx(supported, abs=1e-12)
            assert evidence.p_refute == pytest.approx(refuted, abs=1e-12)
            word = {(True, False): Verdict.SUPPORTED, (False, True): Verdict.REFUTED}.get(
                (bool(supported <= alpha), bool(refuted <= alpha)), Verdict.INCONCLUSIVE
            )
            assert evidence.verdict is word


def test_many_replications_are_compared_as_one_is():
    """Welch's p from samples is that from their summaries; equal samples differ or do not."""
    rng = np.random.default_rng(1)
    first, second = rng.normal(0, 1, (20, 6)), rng.normal(0.5, 2, (20, 6))
    first[0] = second[0] = 1.0
    first[1], second[1] = 1.0, 2.0
    found = welch_p_values(first, second)
    for a, b, p in zip(first, second, found, strict=True):
        one, other = (
            Summary(estimate=x.mean(), se=x.std(ddof=1) / np.sqrt(len(x)), n=len(x)) for x in (a, b)
        )
        assert p == pytest.approx(welch_p(one, other), abs=1e-12)


def test_laws_have_mean_0_and_variance_1():
    """The effects are in standard deviations, so each law must have the same one."""
    rng = np.random.default_rng(0)
    for law in LAWS:
        sample = law.draw(rng, (400_000,))
        assert sample.mean() == pytest.approx(0, abs=0.01), law.name
        # the variance of t(3)'s and the log-normal's squares is infinite or huge
        rough = "t, 3" in law.name or "log-normal" in law.name
        assert sample.var() == pytest.approx(1, abs=0.25 if rough else 0.02), law.name


@pytest.fixture(scope="module")
def rates():
    """Return a small table: n = 3 and 10, the laws for which something is promised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "SEEDS", (3, 10))
        patch.setattr(table, "LAWS", [law for law in LAWS if law.guaranteed])
        return list(table.rates(40_000))


def test_every_promised_rate_is_kept(rates):
    """No error is more frequent than its level, within simulation error."""
    broken = [rate for rate in rates if rate.kept is False]
    assert broken == []
    promised = [rate for rate in rates if rate.kept]
    assert {rate.counted for rate in promised} >= {
        "falsely SUPPORTED", "falsely REFUTED", "any falsely SUPPORTED", "falsely drift",
    }  # fmt: skip


def test_the_levels_are_used_and_effects_are_found(rates):
    """A judge that never decides would keep every promise, too."""
    by = {(r.rule, r.law, r.n, round(r.alpha, 4), r.truth, r.counted): r.rate for r in rates}
    bound = ("above, not below", "normal", 10, 0.05, "at the bound", "falsely SUPPORTED")
    assert by[bound] == pytest.approx(0.05, abs=0.005)
    # R 4.2.2: power.t.test(n = 10, delta = 1.5, sd = 1, sig.level = 0.05 / 26,
    #                       type = "one.sample", alternative = "one.sided")$power is 0.7708302
    effect = ("above, not below", "normal", 10, 0.0019, "1.5 SD above the bound", "found")
    assert by[effect] == pytest.approx(0.7708, abs=0.01)
    same = ("equivalent, margin 2 SD", "normal", 10, 0.05, "no effect", "found")
    assert by[same] > 0.99


def test_one_side_alone_would_refute_equivalence_twice_as_often():
    """With a margin far below the standard error both sides count: hence the factor 2."""
    rng = np.random.default_rng(2)
    noise, margin, alpha = rng.standard_normal((40_000, 10)), 0.05, 0.05
    over, _ = mean_p_values(noise + margin, margin)
    _, under = mean_p_values(noise + margin, -margin)
    assert (np.minimum(over, under) <= alpha).mean() > 1.5 * alpha
    _, p_refute = one_cell.p_values(noise + margin, Equivalent(margin, because="x"))
    assert (p_refute <= alpha).mean() < 1.05 * alpha


def test_skewed_gains_break_the_level():
    """The table can show a broken promise: with a long lower tail SUPPORTED comes too often."""
    law = next(law for law in LAWS if "log-normal" in law.name)
    noise = law.draw(np.random.default_rng(3), (40_000, 10))
    first = next(iter(one_cell.above(law, noise, (0.05,))))
    assert first.low > 3 * first.alpha
    assert first.limit is None


def test_a_rate_above_its_limit_is_not_kept():
    """The interval of the rate lies above the limit."""
    said = {"rule": "r", "law": "l", "n": 3, "alpha": 0.05, "truth": "t", "counted": "c"}
    assert simulated(900, 10_000, limit=0.05, nominal=0.05, **said).kept is False
    assert simulated(510, 10_000, limit=0.05, nominal=0.05, **said).kept is True
    assert simulated(900, 10_000, limit=None, nominal=0.05, **said).kept is None


def test_yes_or_no_rates_are_exact():
    """All five outcomes of four heads or more in five throws, by hand: 1/32 at level 0.05."""
    rates = [r for r in one_cell.yes_or_no(5, 0.05) if r.rule == "share above 0.5"]
    assert rates[0].rate == pytest.approx(1 / 32)
    assert all(r.rate <= r.alpha for n in (3, 8, 20) for r in one_cell.yes_or_no(n, 0.05))


def test_an_outcome_is_decided_once(monkeypatch):
    """Five pairs have 21 outcomes, whatever share of them differs; five throws have six."""
    decided = []
    monkeypatch.setattr(one_cell, "decide", lambda *one: decided.append(one) or decide(*one))
    assert len(list(one_cell.yes_or_no(5, 0.05))) == 8
    assert len(decided) == 21 + 6 * len(one_cell.SHARES)


def test_correlated_cells_keep_their_law():
    """A part of the noise is common; each cell has mean 0 and variance 1 all the same."""
    noise = many_cells._noise(np.random.default_rng(4), LAWS[0], 20_000, 3, 5, 0.8)
    assert noise.var() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1] == pytest.approx(0.8, abs=0.01)
